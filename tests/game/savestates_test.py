"""Save states of seven releases of PyBoy, and files that are none.

`data/pyboy_states.xz` holds what PyBoy 1.6.14 to 2.7.0 saved of Lantern Isle,
each at the same place of the first house: a JSON line of versions and sizes,
then the states one after another.
"""

import bz2
import gzip
import json
import lzma
import pathlib
import zlib

import pytest

from dreamer_jax.game import emulator as emulators
from dreamer_jax.game import rom as roms
from dreamer_jax.game import savestates
from dreamer_jax.game.env import BUTTONS, GameBoyEnv, StateError
from dreamer_jax.game.ram import decode

FILE = pathlib.Path(__file__).parent / "data" / "pyboy_states.xz"


def read_states():
  sizes, _, data = lzma.decompress(FILE.read_bytes()).partition(b"\n")
  found, start = {}, 0
  for version, size in json.loads(sizes).items():
    found[version] = data[start : start + size]
    start += size
  return found


STATES = read_states()
SAMPLES = slice(9152, 9160)  # of layout 15: samples a frame


@pytest.fixture(scope="module")
def env():
  env = GameBoyEnv(roms.find(str(roms._EMBEDDED)))
  yield env
  env.close()


@pytest.fixture(scope="module")
def own(env):
  env.reset(seed=0)
  return emulators.dump(env._emulator)


@pytest.mark.parametrize("version", STATES)
def test_states_of_older_pyboys_are_loaded_unshifted(env, version):
  state = STATES[version]
  env.reset(seed=3)
  env._load(state)
  view = env._emulator.memory
  work = bytes(view[0xC000:0xE000])
  assert work in state and bytes(view[0x8000:0xA000]) in state
  env.load_foreign(state)
  ram = decode(env.read_ram())
  assert (ram.map_id, ram.x, ram.y, ram.can_act) == (37, 1, 7, True)
  env.press(BUTTONS.index("right"))
  ram = decode(env.read_ram())
  assert (ram.x, ram.y) == (2, 7)


def test_all_layouts_that_were_released_are_known():
  layouts = {state[0] for state in STATES.values()}
  assert layouts == {9, 10, 11, 12, 14, 15}


def test_a_state_loads_alike_wherever_the_game_was(env):
  state = STATES["2.2.0"]
  ends = []
  for seed, steps in ((0, 0), (7, 30)):
    env.reset(seed=seed)
    for _ in range(steps):
      env.press(0)
    env.load_foreign(state)
    for _ in range(20):
      env.press(BUTTONS.index("right"))
    ends.append(env.save_state())
  assert ends[0] == ends[1]


def test_sound_of_another_sample_rate_is_taken(env):
  state, count = STATES["2.6.0"], 735
  was = int.from_bytes(state[SAMPLES], "little")
  end = SAMPLES.stop + 8  # where the buffer begins
  other = (
    state[: SAMPLES.start] + count.to_bytes(8, "little")
    + state[SAMPLES.stop : end] + bytes(2 * (count + 1))
    + state[end + 2 * (was + 1) :]
  )  # fmt: skip
  env.load_foreign(other)
  assert decode(env.read_ram()).can_act


def refuse(env, data, match):
  env.reset(seed=0)
  for _ in range(3):
    env.press(0)
  before, shown = env.save_state(), env.frame().tobytes()
  with pytest.raises(StateError, match=match):
    env.load_foreign(data)
  assert env.save_state() == before and env.frame().tobytes() == shown


OTHERS = {
  "empty": (b"", "it is empty"),
  "text": (b"A*3 B\n" * 50, "it is text"),
  "gzip": (gzip.compress(STATES["2.7.0"]), "gzip file"),
  "zip": (b"PK\x03\x04" + bytes(99), "BizHawk"),
  "png": (b"\x89PNG\r\n" + bytes(99), "mGBA"),
  "bess": (bytes(50_000) + b"BESS", "another emulator"),
  "packed": (emulators.pack_state(b"x", "0" * 40), "packed state"),
  "zlib": (b"x\x9c" + bytes(99), "replay"),
  "zlib, best": (zlib.compress(STATES["2.7.0"], 9), "replay"),
  "xz": (lzma.compress(STATES["2.7.0"]), r"packed \(xz\): unpack it"),
  "bzip2": (bz2.compress(STATES["2.7.0"]), "bzip2"),
  "zstd": (b"\x28\xb5\x2f\xfd" + bytes(999), "zstd"),
  "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(999), "7z"),
  "tar": (b"a.state".ljust(257, b"\0") + b"ustar" + bytes(999), "tar"),
  "jpeg": (b"\xff\xd8\xff\xe0" + bytes(999), "a picture"),
  "ones": (b"\xff" * 150_000, "150,000 times the same byte"),
  "archive": (b"DreamerJAX start state\n", "of an archive already"),
  "recording": (b"DreamerJAX recording\n", "--recordings"),
  "episode": (b"DreamerJAX episode\n", "--episodes"),
  "battery": (bytes(32 * 1024), "battery file"),
  "with a clock": (bytes(32 * 1024 + 48), "battery file"),
  "rom": (roms._EMBEDDED.read_bytes(), "it is a ROM"),
  "one byte": (b"\x1d", "cut short"),
  "cut": (STATES["2.7.0"][:60_000], "cut short"),
  "cut by one": (STATES["2.7.0"][:-1], "contradicts itself"),
  "one more": (STATES["2.6.0"] + b"\0", "contradicts itself"),
  "cut old": (STATES["1.6.14"][:-700], "cut short"),
  "longer": (STATES["2.4.1"] + b"\0", "one of this ROM has 141,098"),
  "newer": (b"\x40" + STATES["2.7.0"][1:], "layout 64, where"),
  "wrong layout": (b"\x0e" + STATES["2.7.0"][1:], "one of this ROM has"),
  "unreleased": (b"\x14" + STATES["2.7.0"][1:], "cannot load"),
  "zeros": (bytes(150_000), "the same byte"),
  "nearly zeros": (bytes(150_000) + b"\1", "layout 0"),
  "color": (STATES["2.7.0"][:4] + b"\1" + STATES["2.7.0"][5:], "Color mode"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_state_of_this_game_is_refused_by_name(env, name):
  refuse(env, *OTHERS[name])


def test_a_cut_state_of_today_is_refused(env, own):
  refuse(env, own[:-9], "cut short")
  refuse(env, own[:-9000], "cut short|another game")
  refuse(env, own + b"??", "one of this ROM has")


@pytest.mark.parametrize("banks", [0, 4, 16])
def test_another_cartridge_is_told_by_its_ram(env, own, banks):
  extra = (banks - 1) * 8192
  for state in (own, *STATES.values()):
    other = state[:-300] + bytes(max(extra, 0)) + state[-300:]
    if extra < 0:
      other = state[: extra - 300] + state[-300:]
    match = f"another game: its cartridge has {banks * 8} KiB"
    refuse(env, other, match)


def test_rules_of_other_cartridges(own):
  """MBC1 keeps two bytes more, a clock six or ten, MBC5 asks for one."""
  state = STATES["2.2.0"]
  end = len(state) - 2
  fitted = lambda data, kind: savestates.fitted(
    data, own, savestates.Cartridge(kind, 1)
  )
  assert len(fitted(state, 0x13)) == len(state) + 1
  assert len(fitted(state, 0x1B)) == len(state) + 2
  assert len(fitted(state[:end] + b"..++", 0x03)) == len(state) + 3
  assert len(fitted(state[:end] + b"clock.++", 0x10)) == len(state) + 7
  with pytest.raises(StateError, match="another kind of cartridge"):
    fitted(state, 0x03)
