"""The build: byte for byte, sha, layout of memory, tables."""

import hashlib

import pytest

from dreamer_jax.cartridge import build, codegen, maps, tables, text, wram
from dreamer_jax.game import memory


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
  line = "_DATA                               0000DA80    00000900 =  2304."
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
  assert len(tables.SPECIES) >= 8
  for species in tables.SPECIES:
    assert len(species.name) <= 8
    assert all(1 <= move <= len(tables.MOVES) for move in species.moves)
  assert len({s.name for s in tables.SPECIES}) == len(tables.SPECIES)


def test_every_thing_has_a_script():
  for m in maps.MAPS.values():
    for thing in (*m.people, *m.signs):
      number = codegen.script_id(thing.script)
      assert number < codegen.SCRIPT_BASE or thing.script in codegen.SCRIPTS
