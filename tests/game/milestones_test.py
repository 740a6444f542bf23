from dreamer_jax.game import milestones
from dreamer_jax.games.red import names as red_names


def test_nothing_means_anything_before_play(make_ram):
  ram = make_ram(wStatusFlags6=0, wObtainedBadges=255)
  assert milestones.reached(ram, {}) == ["power-on"]


def test_names_what_holds_in_the_order_of_a_game(make_ram):
  ram = make_ram(
    wPokedexOwned=[0b11111],
    wObtainedBadges=0b11,
    wEventFlags=[0, 0, 0, 0, 0b100000, *[0] * 9, 0b10000000],
  )
  names = milestones.reached(ram, red_names.EVENTS)
  assert names[:6] == [
    "play begins", "starter", "2 species", "5 species", "badge 1", "badge 2",
  ]  # fmt: skip
  assert set(names[6:]) == {"Got Pokedex", "Beat Brock"}


def test_owned_bits_count_once_the_starter_is_got(make_ram):
  ram = make_ram(wPokedexOwned=[0x4B], wStatusFlags4=0)
  assert milestones.reached(ram, {}) == ["play begins"]
