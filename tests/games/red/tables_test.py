from dreamer_jax.games.red import make_tables, maps, names


def test_names_by_the_ids_of_the_ram():
  assert (
    names.MAPS[0] == "Pallet Town" and names.MAPS[54] == "Pewter Gym"
  )
  assert names.SPECIES[153] == "Bulbasaur" and names.DEX[153] == 1
  assert names.SPECIES[84] == "Pikachu" and names.DEX[84] == 25
  assert names.ITEMS[4] == "Poke Ball"
  assert names.MOVES[1] == "Pound" and names.MOVES[165] == "Struggle"
  assert names.BADGES[0] == ("Boulder Badge", "Pewter City")
  assert len(names.BADGES) == 8


def test_tables_are_whole():
  assert sorted(names.DEX.values()) == list(range(1, 152))
  assert set(names.DEX) == set(names.SPECIES)
  assert set(names.MAPS) == set(maps.SIZES)
  assert len(names.EVENTS) == len(set(names.EVENTS.values())) == 105
  assert all(0 <= bit < 2560 for bit in names.EVENTS.values())


def test_warps_lie_on_their_maps():
  for map_id, x, y, target, to_x, to_y in maps.WARPS:
    width, height = maps.SIZES[map_id]
    assert x < width and y < height, (map_id, x, y)
    width, height = maps.SIZES[target]
    assert to_x < width and to_y < height, (target, to_x, to_y)


def test_committed_modules_are_those_of_the_facts(facts):
  for module, text in [
    (names, make_tables.names(facts)),
    (maps, make_tables.world(facts)),
  ]:
    with open(module.__file__, encoding="utf-8") as file:
      assert file.read() == text


def test_lines_are_filled_to_eighty_columns():
  lines = list(make_tables.fill(f"{i}: {i}" for i in range(100)))
  assert all(len(line) <= 80 for line in lines) and len(lines[0]) > 70
  assert "".join(lines).count(",") == 100
