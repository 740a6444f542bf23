import csv
import itertools

import numpy as np
import pytest

from dreamer_jax.game import memory

TABLE = {**memory.SNAPSHOT, **memory.UNREAD}


def test_snapshot_reads_each_variable_at_its_address():
  space = np.random.default_rng(0).integers(0, 256, 0x10000, dtype=np.uint8)
  ram = memory.snapshot(lambda start, stop: space[start:stop].tolist())
  assert ram.shape == (memory.RAM_SIZE,) and ram.dtype == np.uint8
  for name, (address, size) in memory.SNAPSHOT.items():
    want = space[address : address + size]
    np.testing.assert_array_equal(ram[memory.OFFSETS[name]], want, name)


def test_build_places_named_values():
  ram = memory.build(wEnemyMonHP=0x0102, wPartySpecies=[1, 2, 0xFF])
  assert ram[memory.OFFSETS["wEnemyMonHP"]].tolist() == [1, 2]
  assert ram[memory.OFFSETS["wPartySpecies"]].tolist() == [1, 2, 255] + [0] * 4
  assert np.count_nonzero(ram) == 5


def test_build_refuses_too_many_bytes_and_unknown_names():
  with pytest.raises(ValueError, match="holds 2 bytes"):
    memory.build(wEnemyMonHP=[1, 2, 3])
  with pytest.raises(KeyError):
    memory.build(wNoSuchThing=1)


def test_variables_do_not_overlap():
  # The text arrow is one tile of the tile map.
  spans = sorted(
    (address, address + size, name)
    for name, (address, size) in TABLE.items()
    if name != "wTextArrow"
  )
  for (_, end, first), (start, _, second) in itertools.pairwise(spans):
    assert end <= start, f"{first} runs into {second}"


# Ours -> the fact table's, where they are named or cut differently.
ALIASES = {
  "wSpritePlayerFacing": "wSpritePlayerStateData1FacingDirection",
  "wTextArrow": "wTileMap+row16col18",
  "wPartyMons": "wPartyMon1",
  "wPartyMonOT": "wPartyMon1OT",
  "wPartyMonNicks": "wPartyMon1Nick",
  "wEnemyMons": "wEnemyMon1Species",
}
# Ours are whole arrays of the fact table's.
COUNTS = {
  "wPartyMons": 6, "wPartyMonOT": 6, "wPartyMonNicks": 6, "wEnemyMons": 264,
}  # fmt: skip


def test_addresses_and_sizes_agree_with_the_fact_table(facts):
  with (facts / "ram_map.csv").open() as file:
    rows = {row["symbol"]: row for row in csv.DictReader(file)}
  for name, (address, size) in TABLE.items():
    row = rows.get(ALIASES.get(name, name))
    assert row is not None, f"{name} is not in the fact table"
    assert int(row["address_hex"], 16) == address, name
    assert int(row["size_bytes"]) * COUNTS.get(name, 1) == size, name


def test_find_knows_all_variables():
  assert memory.find("wCurMap") == memory.SNAPSHOT["wCurMap"]
  assert memory.find("wTileMap") == memory.UNREAD["wTileMap"]
  with pytest.raises(KeyError):
    memory.find("wNoSuchThing")
