import numpy as np
import pytest

from dreamer_jax.game import memory
from dreamer_jax.game.ram import decode


def test_decodes_every_encoding(make_member):
  ram = decode(
    memory.build(
      wCurMap=37,
      wXCoord=5,
      wYCoord=6,
      wSpritePlayerFacing=8,
      wCurMapWidth=10,
      wCurMapHeight=9,
      wPlayerMoney=[0x12, 0x34, 0x56],
      wObtainedBadges=0b101,
      wPokedexOwned=[0b10000001, 0b1],
      wNumBagItems=1,
      wBagItems=[4, 9, 20, 1, 0xFF],
      wEnemyMonHP=300,
      wEventFlags=[0, 0b100],
      wPlayTimeMinutes=2,
      wPlayTimeSeconds=3,
      wPlayTimeFrames=4,
      wPartyCount=2,
      wPartyMons=make_member(
        hp=258, max_hp=300, level=50, exp=70000, otid=2, dvs=3
      ),
    )
  )
  assert (ram.map_id, ram.x, ram.y, ram.facing) == (37, 5, 6, 2)
  assert (ram.map_width, ram.map_height) == (20, 18)
  assert ram.money == 123456
  assert ram.badge_count == 2
  assert np.flatnonzero(ram.owned).tolist() == [0, 7, 8]
  assert ram.owned_count == 3
  assert ram.bag[0].tolist() == [4, 9] and not ram.bag[1:].any()
  assert ram.enemy_hp == 300
  assert ram.event(10) and not ram.event(9)
  assert ram.play_time_frames == (123 * 60) + 4
  assert (ram.party_hp[0], ram.party_max_hp[0]) == (258, 300)
  assert (ram.party_level[0], ram.party_exp[0]) == (50, 70000)
  assert ram.party_id[0] == 2 * 65536 + 3


def test_leading_shapes_share_one_path():
  rng = np.random.default_rng(0)
  raw = rng.integers(0, 256, (2, 3, memory.RAM_SIZE), dtype=np.uint8)
  many = decode(raw)
  for index in np.ndindex(2, 3):
    one, picked = decode(raw[index]), many[index]
    for name in vars(one):
      want = getattr(one, name)
      np.testing.assert_array_equal(getattr(picked, name), want, name)
    np.testing.assert_array_equal(many.live_party_hp[index], one.live_party_hp)


def test_another_layout_is_refused():
  with pytest.raises(ValueError, match="another version"):
    decode(np.zeros(7, np.uint8))


def test_dialog_needs_play_and_no_battle(make_ram):
  assert not make_ram().dialog_open
  assert make_ram(wFontLoaded=1).dialog_open
  assert make_ram(hWY=0).dialog_open
  assert not make_ram(hWY=0, wIsInBattle=1).dialog_open
  assert not make_ram(hWY=0, wStatusFlags6=0).dialog_open  # the title


@pytest.mark.parametrize(
  "busy",
  [
    dict(wIsInBattle=1),
    dict(wIsInBattle=0xFF),
    dict(wFontLoaded=1),
    dict(hWY=0),
    dict(wWalkCounter=3),
    dict(wJoyIgnore=0xFF),
    dict(wSimulatedJoypadStatesIndex=1),
    dict(wNPCMovementScriptPointerTableNum=1),
    dict(wStatusFlags5=1),
    dict(wStatusFlags5=1 << 5),
    dict(wStatusFlags5=1 << 7),
    dict(wStatusFlags6=0),
    dict(wMiscFlags=1),  # seen by a trainer
    dict(wStatusFlags7=1 << 3),  # the trainer wants a battle
    dict(wStatusFlags7=1 << 4),  # talked to, the trainer begins one
  ],
)
def test_can_act(make_ram, busy):
  assert make_ram().can_act
  assert not make_ram(**busy).can_act


def test_cannot_act_under_an_exclamation_mark(make_ram):
  """All else is as in free play while a trainer's "!" is shown."""
  free = dict(
    wJoyIgnore=0, wFontLoaded=0, hWY=0x90, wStatusFlags6=1, wIsInBattle=0
  )
  assert make_ram(**free).can_act
  assert not make_ram(**free, wMiscFlags=1, wStatusFlags7=8).can_act
  # A turn, a boulder that was pushed, a silent map: the pad works.
  assert make_ram(**free, wMiscFlags=0b11000100, wStatusFlags7=0b10).can_act


def test_live_hp_comes_from_the_battle_where_it_is_valid(make_ram, make_member):
  party = [make_member(dvs=1), make_member(dvs=2, species=8)]
  fight = dict(
    wIsInBattle=1, wPlayerMonNumber=1, wBattleMonHP=7, wBattleMonMaxHP=20
  )
  live = lambda **v: make_ram(party, **v).live_party_hp[:2].tolist()
  assert live() == [20, 20]
  assert live(**fight, wBattleMonSpecies=8) == [20, 7]
  assert live(**fight, wBattleMonSpecies=0) == [20, 20]  # none sent out yet
  assert live(**fight, wBattleMonSpecies=9) == [20, 20]  # the one before


def test_members_moves_uses_and_status(make_member):
  struct = bytearray(make_member())
  struct[4] = 0b1000  # poison
  struct[8:12] = [1, 45, 0, 0]
  struct[29:33] = [35, 0b01000101, 0, 0]  # one PP Up on the second
  party = make_member(dvs=2) + bytes(struct)
  ram = decode(memory.build(wPartyCount=2, wPartyMons=party))
  assert ram.party_moves[1].tolist() == [1, 45, 0, 0]
  assert ram.party_pp[1].tolist() == [35, 5, 0, 0]
  assert ram.party_status.tolist() == [0, 8, 0, 0, 0, 0]
  assert decode(ram.raw[None, None]).party_moves.shape == (1, 1, 6, 4)


def test_fighters_moves(make_ram):
  ram = make_ram(wBattleMonMoves=[3, 0, 0, 9], wBattleMonPP=[0xC1, 0, 0, 2])
  assert ram.active_moves.tolist() == [3, 0, 0, 9]
  assert ram.active_pp.tolist() == [1, 0, 0, 2]


def test_enemy_fields_are_stale_until_a_trainer_sends_one_out(make_ram):
  unsent = dict(wEnemyMonPartyPos=0xFF)
  assert not make_ram().enemy_is_out
  assert make_ram(wIsInBattle=1, **unsent).enemy_is_out  # wild ones just are
  assert not make_ram(wIsInBattle=2, **unsent).enemy_is_out
  assert make_ram(wIsInBattle=2, wEnemyMonPartyPos=0).enemy_is_out


def test_blackout_on_foot(make_ram):
  assert make_ram(wOutOfBattleBlackout=0xFF).blacked_out_on_foot
  assert not make_ram(wOutOfBattleBlackout=1).blacked_out_on_foot  # a menu's
  fight = make_ram(wOutOfBattleBlackout=0xFF, wIsInBattle=1)
  assert not fight.blacked_out_on_foot


def test_any_variable_by_name(make_ram):
  ram = make_ram(wNumHoFTeams=1, wTownVisitedFlag=[0b101, 0b1])
  assert ram.is_finished and not make_ram().is_finished
  assert ram.value("wTownVisitedFlag") == 0b101 * 256 + 1
  with pytest.raises(KeyError):
    ram.value("wTileMap")  # not in a snapshot
