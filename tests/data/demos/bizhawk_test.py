import io
import json
import zipfile

import numpy as np
import pytest

from dreamer_jax.data.demos import import_movies
from dreamer_jax.data.demos.import_movies import ImportProblem
from dreamer_jax.game.human import pad

SUBFRAME = "LogKey:#Input Length|Up|Down|Left|Right|Start|Select|B|A|Power|"
CYCLES = "LogKey:#Input Cycle|#P1 Up|P1 A|P1 B|P1 Power|"
IDLE = "|.........|"
PRESS = "|.......A.|"


@pytest.fixture
def read(rom, write, movie):
  def read(*args, name="x.bk2", **kwargs):
    return import_movies.read(write(name, movie(*args, **kwargs)), rom)

  return read


@pytest.fixture
def refused(read):
  def refused(reason, *args, **kwargs):
    with pytest.raises(ImportProblem, match=reason):
      read(*args, **kwargs)

  return refused


def settings(**values):
  return {"SyncSettings.json": json.dumps({"o": values})}


def test_a_movie_gives_its_inputs(rom, read, movie):
  inputs = pad.parse_script("A2 .3 URs1 DSLB2 .1")
  header = f"Author somebody\nCore Gambatte\nSHA1 {rom.sha1.upper()}\n"
  play = read(movie.rows(inputs), header)
  np.testing.assert_array_equal(play.inputs, inputs)
  assert play.meta["by"] == "somebody, BizHawk movie (Gambatte)"
  assert play.meta["source"] == "import" and not play.battery


# Text.


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end(read, encoding, end):
  header = end.join(
    ["MovieVersion BizHawk v2.0.0", "Platform GB", "Author René, the 1st",
     "GameName Pokémon, Red – any%", "rerecordCount 12", ""]
  )  # fmt: skip
  play = read(
    [PRESS, IDLE], header.encode(encoding), end=end,
    **{"Comments.txt": "é – ü".encode("cp1252"), "Subtitles.txt": b"\x81\xff"},
  )  # fmt: skip
  assert play.inputs.tolist() == [1, 0]
  assert play.meta["by"].startswith("René, the 1st, BizHawk movie")


def test_names_of_entries_in_any_case_and_place(rom, write, movie):
  inner = io.BytesIO(movie([PRESS, IDLE], "Platform GB"))
  for rename in (str.lower, str.upper, "my movie/{}".format,
                 "my movie\\{}".format):  # fmt: skip
    buffer = io.BytesIO()
    with zipfile.ZipFile(inner) as old, zipfile.ZipFile(buffer, "w") as new:
      for name in old.namelist():
        new.writestr(rename(name), old.read(name))
    path = write("x.BK2", buffer.getvalue())
    assert import_movies.read(path, rom).inputs.tolist() == [1, 0]


def test_what_macs_pack_besides_is_left_out(read):
  double = {"__MACOSX/Input Log.txt": b"\0\5\x16\7", "Input Log.txt": None}
  log = "LogKey:#A|\n|A|\n"
  play = read([], **double, **{"movie/Input Log.txt": log})
  assert play.inputs.tolist() == [1]


def test_a_tasproj_is_read_without_its_branches(read):
  branches = {"Branches/0/Input Log.txt": "[Input]\nLogKey:#A|\n|A|\n"}
  play = read([IDLE, PRESS], name="x.tasproj", **{**branches, "GreenZone": ""})
  assert play.inputs.tolist() == [0, 1]


@pytest.mark.parametrize("log", [
  "LogKey:#A|B|\n|A.|\n|.B|\n",
  "[Input]\nLogKey:#A|B|\n|A.|\n|.B|",
  "\ufeff[Input]\n\nLogKey:#A|B|\n\n|A.|\n|.B|\n[/Input]\n|AB|\n",
  "[Input]\nLogKey:#A|B|\nFrame 7\n|A.|\n|.B|\n[/Input]\n",
])  # fmt: skip
def test_logs_with_and_without_their_marks(read, log):
  play = read([], **{"Input Log.txt": log})
  assert play.inputs.tolist() == [1, 2]


# Buttons.


def test_groups_axes_and_commas_in_names(read):
  key = "LogKey:#Tilt X|Tilt, the Y|#Power|#P1 A|P1 B|P1 Up|Odd, name|"
  lines = ["|  -12,   90,|.|A...|", "|    0,    0,|.|.B..|",
           "|    0,    0,|.|..U.|"]  # fmt: skip
  want = [pad.bits([n]) for n in ("a", "b", "up")]
  assert read(lines, key=key).inputs.tolist() == want


def test_any_letter_is_a_press_and_a_blank_is_none(read):
  key = "LogKey:#A|B|Up|"
  assert read(["|x1U|", "| . |"], key=key).inputs.tolist() == [19, 0]


@pytest.mark.parametrize(
  ("rows", "key", "reason"),
  [
    (["|........P|"], None, "presses Power at frame 0"),
    ([IDLE, "|A.|"], "LogKey:#A|Reset|", "more buttons"),
    (["|A.|", "|.r|"], "LogKey:#A|Reset|", "presses Reset at frame 1"),
    (["|.|A|"], "LogKey:#P1 A|#P2 A|", "presses P2 A at frame 0"),
    (["|.|L|"], "LogKey:#P1 A|#Toggle Link Connection|", "Toggle Link"),
    (["|.X|"], "LogKey:#A|X|", "presses X at frame 0"),
    (["|....|"], None, "frame 0 has fewer buttons"),
    (["|..........|"], None, "frame 0 has more buttons"),
    ([IDLE], "", "no inputs, or no LogKey"),
    ([], None, "no inputs"),
  ],
)
def test_logs_that_cannot_be_played(refused, movie, rows, key, reason):
  refused(reason, rows, key=movie.key if key is None else key)


# Frames.


def subframes(*parts):
  return [f"|{n:5d},{'.......A.' if on else '.........'}|" for n, on in parts]


@pytest.mark.parametrize(
  ("parts", "want"),
  [
    ([(35112, 1), (35112, 0), (0, 1)], [1, 0, 1]),
    ([(17556, 1), (17556, 1), (35112, 0)], [1, 0]),
    ([(35112, 0), (10000, 0), (35112, 1), (35112, 0)], [0, 1, 0]),
    ([(30000, 0)] + [(35112, 1)] * 3 + [(35112, 0)] * 2, [0, 1, 1, 1, 0, 0]),
    ([(8778, 1)] * 8 + [(8778, 0)] * 4, [1, 1, 0]),
  ],
)
def test_lines_of_a_part_of_a_frame_are_no_frames(read, parts, want):
  play = read(subframes(*parts), key=SUBFRAME)
  assert play.inputs.tolist() == want


def test_cycles_count_as_lengths_do(read):
  lines = ["|70224,|.A..|", "|35112,|....|", "|35112,|....|", "|    0,|..B.|"]
  assert read(lines, key=CYCLES).inputs.tolist() == [1, 0, 2]


@pytest.mark.parametrize(
  "parts",
  [
    [(35112, 0), (10000, 1), (25112, 0)],
    [(35112, 1), (9000, 0), (26112, 1)],
    [(35112, 1), (99999, 0)],
    [(35112, 1), (-12, 0)],
  ],
)
def test_presses_within_a_frame_are_refused(refused, parts):
  refused("less than a frame|a frame has 0 to", subframes(*parts), key=SUBFRAME)


@pytest.mark.parametrize(
  "values",
  [{"EqualLengthFrames": True}, {"equalLengthFrames": "True"},
   {"FrameLength": 1}, {"FrameLength": "EqualLengthFrames"}],
)  # fmt: skip
def test_frames_of_equal_length_are_refused(refused, values):
  refused("EqualLengthFrames", [IDLE], **settings(**values))


@pytest.mark.parametrize(
  "values",
  [{}, {"EqualLengthFrames": False, "FrameLength": 0, "ConsoleMode": 1},
   {"ConsoleMode": 0}, {"ConsoleMode": "GB"}, {"FrameLength": 2},
   {"$type": "Cores.Sameboy+Settings", "ConsoleMode": 2}],
)  # fmt: skip
def test_settings_of_a_game_boy_are_taken(read, values):
  assert len(read([IDLE, PRESS], "Platform GB", **settings(**values)))


@pytest.mark.parametrize(
  "text", ["", "no JSON", "[]", "null", '{"o": 3}', "{}", "[" * 100_000]
)
def test_settings_that_say_nothing_are_no_error(read, text):
  assert len(read([PRESS], **{"SyncSettings.json": text}))


# Machines.


@pytest.mark.parametrize(
  ("header", "reason"),
  [
    ("Platform NES", "another machine .NES."),
    ("Platform GBL", "several Game Boys"),
    ("Platform SGB", "Super Game Boy"),
    ("Platform GBC", "Game Boy Color"),
    ("Platform GBA", "Game Boy Advance"),
    ("platform SNES", "another machine"),
    ("IsCGBMode 1", "as a Game Boy Color"),
    ("IsCGBDMGMode True", "as a Game Boy Color"),
    ("IsSGBMode 1", "as a Super Game Boy"),
    ("GBC_Firmware_World 1A2B", "as a Game Boy Color"),
    ("SGB_Firmware_SGB2 1A2B", "as a Super Game Boy"),
    ("StartsFromSavestate 1", "begins at a state"),
    ("StartsFromSavestate True", "begins at a state"),
    ("startsfromsavestate true", "begins at a state"),
    ("StartsFromSaveRam True", "begins at a saved game"),
    (f"SHA1 {'a' * 40}", "was made on a ROM with SHA-1 aaaa"),
    (f"SHA1 MD5:{'B' * 32}", "was made on a ROM with MD5 bbbb"),
    (f"MD5 {'c' * 32}", "was made on a ROM with MD5 cccc"),
  ],
)
def test_plays_of_other_machines_and_starts_are_refused(
  refused, header, reason
):
  refused(reason, [IDLE], header)


@pytest.mark.parametrize(
  ("values", "reason"),
  [
    ({"ConsoleMode": 2}, "Color"),
    ({"ConsoleMode": "GBC"}, "Color"),
    ({"ConsoleMode": 3}, "Advance"),
    ({"ConsoleMode": 4}, "Super"),
    ({"$type": "Cores.Sameboy+Settings", "ConsoleMode": 0x205}, "Color"),
    ({"$type": "Cores.Sameboy+Settings", "ConsoleMode": 0x004}, "Super"),
  ],
)
def test_console_modes_of_other_machines_are_refused(refused, values, reason):
  refused(f"was played as a .*{reason}", [IDLE], **settings(**values))


def test_a_saved_game_is_put_in(rom, read, refused):
  data = bytes(range(256)) * 32
  header = "StartsFromSaveRam True"
  play = read([PRESS], header, **{"MovieSaveRam.bin": data})
  assert play.battery == data
  packed = b"\x28\xb5\x2f\xfd" + data[4:]
  for other in (data[:-1], data * 4, packed, b""):
    refused("saved game", [PRESS], header, **{"MovieSaveRam.bin": other})


# Files.


def test_zip_files_without_a_movie_are_refused_by_their_content(refused):
  refused(r"zip file of Header.txt, a.bk2", [], **{
    "Input Log.txt": None, "a.bk2": "x",
  })  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"junk", b"PK\x03\x04junk"])
def test_damaged_movies_are_refused(rom, write, movie, data):
  for broken in (data, movie([PRESS] * 500)[:-40]):
    with pytest.raises(ImportProblem, match="no BizHawk movie"):
      import_movies.read(write("x.bk2", broken), rom)
