"""Experience for all that fought, levels, moves, evolution."""

from dreamer_jax.lantern_isle.world import tables

EXP = 14  # offset in a party struct


def _until_play(game, button="a"):
  for _ in range(40):
    if game.act(button).can_act:
      return game.ram()
  raise AssertionError("still busy")


def _battle(game, states, *members):
  """A wild battle with a foe that falls to any blow."""
  game.load(states["grass"])
  for slot, (species, level) in enumerate(members):
    game.put_mon(slot, species, level)
  game.meet_wild()
  game["wEnemyMonHP"] = 1
  game["wEnemyMonAttack"] = 1
  game["wBattleMonSpeed"] = 200


def test_all_that_faced_the_foe_share(game, states):
  _battle(game, states, ("FERNGARD", 20), ("GALEWING", 20), ("LUMOLL", 20))
  before = game.ram().party_exp[:3]
  foe = tables.SPECIES[game["wEnemyMonSpecies"] - 1]
  game.press("right a down a")  # GALEWING goes in
  game.until_menu()
  assert game["wPartyGainExpFlags"] == 0b11
  ram = _until_play(game)
  share = foe.xp * int(ram.enemy_level) // 2
  assert (ram.party_exp[:3] - before).tolist() == [share, share, 0]


def test_the_fainted_get_nothing(game, states):
  _battle(game, states, ("FERNGARD", 20), ("GALEWING", 20))
  before = game.ram().party_exp[:2]
  game.press("right a down a")
  game.until_menu()
  game.set_mon(0, 1, 0, 0)
  ram = _until_play(game)
  gains = (ram.party_exp[:2] - before).tolist()
  assert gains[0] == 0 < gains[1]


def test_level_teaches_a_move_at_once(game, states):
  _battle(game, states, ("FERNUB", 7))
  game.set_mon(0, EXP, 0, *(8**3 - 1).to_bytes(2, "big"))
  texts = set()
  for _ in range(20):
    ram = game.act("a")
    texts.add((game.words(14), game.words(16)))
    if ram.can_act:
      break
  assert ram.party_level[0] == 8
  assert ram.party_moves[0].tolist() == [
    tables.NUDGE, tables.BRAMBLE, tables.SIP, 0,
  ]  # fmt: skip
  assert ram.party_pp[0, 2] == tables.MOVES[tables.SIP - 1].pp
  assert ("FERNUB learned", "SIP!") in texts
  assert any("to level 8!" in text for _, text in texts)


def _to_level_ten(game, states):
  _battle(game, states, ("WICKIT", 9))
  game.set_mon(0, EXP, 0, *(10**3 - 1).to_bytes(2, "big"))
  game.poke("wPokedexOwned", 1, 0)


def test_level_ten_evolves_before_the_battle_ends(game, states):
  _to_level_ten(game, states)
  before = game.ram()
  species_in_battle = set()
  for _ in range(20):
    ram = game.act("a")
    if ram.in_battle:
      species_in_battle.add(int(ram.party_species[0]))
    if ram.can_act:
      break
  wickhowl = tables.species_id("WICKHOWL")
  assert species_in_battle == {1, wickhowl}
  assert ram.party_species[0] == wickhowl
  assert game.peek("wPartySpecies", 0) == wickhowl
  assert ram.owned[wickhowl - 1]
  assert ram.party_id[0] == before.party_id[0]
  assert ram.party_max_hp[0] > before.party_max_hp[0]
  assert ram.party_hp[0] <= ram.party_max_hp[0]
  assert game["wEvolutionOccurred"] == 1
  game.press("start down a")
  assert game.words(1).startswith("WICKHOWL")


def test_b_stops_an_evolution(game, states):
  _to_level_ten(game, states)
  for _ in range(20):
    ram = game.act("a" if game.words(16) != "to shine..." else "b")
    if ram.can_act:
      break
  assert ram.party_level[0] == 10
  assert ram.party_species[0] == tables.species_id("WICKIT")
  assert game["wEvolutionOccurred"] == 0


def test_levels_end_at_thirty(game, states):
  _battle(game, states, ("FERNGARD", 30))
  ram = _until_play(game)
  assert ram.party_level[0] == tables.MAX_LEVEL
  assert ram.party_exp[0] == tables.MAX_LEVEL**3
