from dreamer_jax.game import make_red_tables, red_names, red_world


def test_names_by_the_ids_of_the_ram():
  assert (
    red_names.MAPS[0] == "Pallet Town" and red_names.MAPS[54] == "Pewter Gym"
  )
  assert red_names.SPECIES[153] == "Bulbasaur" and red_names.DEX[153] == 1
  assert red_names.SPECIES[84] == "Pikachu" and red_names.DEX[84] == 25
  assert red_names.ITEMS[4] == "Poke Ball"
  assert red_names.MOVES[1] == "Pound" and red_names.MOVES[165] == "Struggle"
  assert red_names.BADGES[0] == ("Boulder Badge", "Pewter City")
  assert len(red_names.BADGES) == 8


def test_tables_are_whole():
  assert sorted(red_names.DEX.values()) == list(range(1, 152))
  assert set(red_names.DEX) == set(red_names.SPECIES)
  assert set(red_names.MAPS) == set(red_world.SIZES)
  assert len(red_names.EVENTS) == len(set(red_names.EVENTS.values())) == 105
  assert all(0 <= bit < 2560 for bit in red_names.EVENTS.values())


def test_warps_lie_on_their_maps():
  for map_id, x, y, target, to_x, to_y in red_world.WARPS:
    width, height = red_world.SIZES[map_id]
    assert x < width and y < height, (map_id, x, y)
    width, height = red_world.SIZES[target]
    assert to_x < width and to_y < height, (target, to_x, to_y)


def test_committed_modules_are_those_of_the_facts(facts):
  for module, text in [
    (red_names, make_red_tables.names(facts)),
    (red_world, make_red_tables.world(facts)),
  ]:
    with open(module.__file__, encoding="utf-8") as file:
      assert file.read() == text


def test_lines_are_filled_to_eighty_columns():
  lines = list(make_red_tables.fill(f"{i}: {i}" for i in range(100)))
  assert all(len(line) <= 80 for line in lines) and len(lines[0]) > 70
  assert "".join(lines).count(",") == 100
