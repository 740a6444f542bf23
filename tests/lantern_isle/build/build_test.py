"""The build: byte for byte, sha, layout of memory, tables."""

import hashlib

import pytest

from dreamer_jax.game import memory
from dreamer_jax.lantern_isle.build import banks, build, records, wram
from dreamer_jax.lantern_isle.world import maps, tables, text, trainers


def test_rom_matches_its_sha():
  digest = hashlib.sha256(build.ROM.read_bytes()).hexdigest()
  assert build.ROM_SHA.read_text().split()[0] == digest
  assert build.ROM.stat().st_size == build.ROM_SIZE


@pytest.mark.skipif(
  build.PINNED_SDCC not in build.sdcc_version(),
  reason=f"needs SDCC {build.PINNED_SDCC}",
)
def test_rebuild_is_byte_for_byte(tmp_path):
  assert build.build(tmp_path) == build.ROM.read_bytes()


def test_missing_compiler_is_explained(tmp_path, monkeypatch):
  monkeypatch.setattr(build, "sdcc_version", lambda: "")
  with pytest.raises(build.BuildError, match="apt-get install sdcc"):
    build.build(tmp_path)


def test_variables_do_not_overlap():
  wram.check_wram(wram.wram_table())
  clash = {"one": memory.Var(0xD100, 4), "two": memory.Var(0xD103, 1)}
  with pytest.raises(ValueError, match="one and two overlap"):
    wram.check_wram(clash)


def test_areas_outside_their_span_are_refused():
  line = "_DATA                               0000C000    00000900 =  2304."
  with pytest.raises(build.BuildError, match="_DATA"):
    build._check_areas(line)


def test_texts_fit_and_misfits_are_refused():
  for words in text.TEXTS.values():
    assert text.encode_text(words)[-1] == text.END
  with pytest.raises(ValueError, match="18"):
    text.encode_text("This line is too long.")
  with pytest.raises(ValueError, match="two lines"):
    text.encode_text("one\ntwo\nthree")


def test_text_codes_are_red_s():
  assert text.encode("Az09 ") == bytes([0x80, 0xB9, 0xF6, 0xFF, 0x7F])


def test_names_fit_and_moves_exist():
  assert len(tables.SPECIES) >= 16
  for species in tables.SPECIES:
    assert len(species.name) <= 8
    assert len(species.learns) == 4
    assert species.learns[0][0] == 1  # a newborn knows a move
    assert all(1 <= move <= len(tables.MOVES) for _, move in species.learns)
    level, into = species.evolves
    if level:  # the same moves: an evolved one never needs a fifth place
      assert tables.SPECIES[into - 1].learns == species.learns
  assert len({s.name for s in tables.SPECIES}) == len(tables.SPECIES)


def test_damage_cannot_overflow_sixteen_bits():
  strongest = max(s.stats[1] for s in tables.SPECIES)
  level = tables.MAX_LEVEL
  attack = strongest * 2 * level // 100 + 5
  power = max(m.power for m in tables.MOVES)
  assert (2 * level // 5 + 2) * power * attack < 1 << 16


def test_types_make_a_triangle():
  chart = tables.CHART
  ring = (tables.EMBER, tables.MOSS, tables.TIDE)
  for strong, weak in zip(ring, (*ring[1:], ring[0]), strict=True):
    assert chart[strong, weak] == 2.0
    assert chart[weak, strong] == 0.5


def test_every_thing_has_a_script():
  for m in maps.MAPS.values():
    for thing in (*m.people, *m.signs):
      kind, number = records.script_code(thing.script)
      assert 0 <= kind <= 3 and 0 <= number <= 255


def test_wild_slots_use_every_throw():
  assert sum(trainers.SLOT_CHANCES) == 256
  for m in maps.MAPS.values():
    assert len(m.wild.bytes()) == 21
    assert bool(m.wild.rate) == bool(m.grass.any())


def test_assets_never_straddle_a_bank():
  data = banks.DataBanks()
  assert data.add(bytes(0x3FF0)) == 0
  assert data.add(b"x" * 0x20) == 0x4000
  assert data.add(b"y", slack=0x3FDF) == 0x4020
  assert data.add(b"z") == 0x4021
  with pytest.raises(ValueError, match="does not fit"):
    data.add(bytes(0x4001))
