"""Episodes and frames that are made, not played."""

import io
import zipfile

import numpy as np
import pytest

from dreamer_jax.data.episodes import Episode
from dreamer_jax.game import intro, memory
from dreamer_jax.game import rom as roms
from dreamer_jax.game.env import GameBoyEnv
from dreamer_jax.game.human import pad


def made_tiles(count: int, seed: int = 0) -> np.ndarray:
  """[count, 16] u8: distinct patterns."""
  rng = np.random.default_rng(seed)
  return rng.integers(0, 256, (count, 16), dtype=np.uint8)


def made_episode(steps=12, seed=0, source="random", meta=None) -> Episode:
  """An episode whose action at t is t % 8 and whose x is t."""
  rng = np.random.default_rng(seed)
  time = np.arange(steps)
  ram = [
    memory.build(
      wStatusFlags6=1,
      wCurMap=1 + seed % 100,
      wXCoord=int(t) % 256,
      wCurMapWidth=128,
      wCurMapHeight=9,
    )
    for t in time
  ]
  terms = np.zeros((steps, 7), np.float32)
  terms[1:, 6] = 1
  return Episode(
    packed=made_tiles(40)[rng.integers(0, 40, (steps, 18, 20))],
    ram=np.stack(ram),
    action=(time % 8).astype(np.uint8),
    intent=(time % 5).astype(np.uint8),
    terms=terms,
    is_first=time == 0,
    is_last=time == steps - 1,
    is_terminal=(time == steps - 1) & (seed % 2 == 1),
    goal=np.full(steps, -1, np.int16),
    meta={"source": source, "seed": seed, **(meta or {})},
  )


@pytest.fixture
def make_tiles():
  return made_tiles


@pytest.fixture
def make_episode():
  return made_episode


@pytest.fixture(scope="session")
def rom():
  """The embedded game, or the one of $DREAMER_ROM."""
  return roms.find(allow_unknown=True)


@pytest.fixture(scope="session")
def walk(rom) -> np.ndarray:
  """`[F]` u8: inputs from power-on through the intro, then a short walk."""
  env = GameBoyEnv(rom, start_frames=0)
  env.reset(seed=0)
  actions = []
  intro.play(env, on_action=lambda _, action: actions.append(action))
  env.close()
  begin = [np.zeros(1, np.uint8), pad.of_actions(actions)]
  return np.concatenate([*begin, pad.parse_script(".30 D60 .20 L60 .60")])


LOG_KEY = "LogKey:#Up|Down|Left|Right|Start|Select|B|A|Power|"
_MARKS = dict(zip(range(8), "UDLRsSBA", strict=True))
_NAMES = ("up", "down", "left", "right", "start", "select", "b", "a")


class MakeMovie:
  """Makes BizHawk's movies: a zip file of texts."""

  key = LOG_KEY

  def rows(self, inputs):
    """The lines of a log with `LOG_KEY`."""
    for held in inputs.tolist():
      on = pad.held(held)
      letters = (_MARKS[i] if n in on else "." for i, n in enumerate(_NAMES))
      yield "|" + "".join(letters) + ".|"

  def __call__(self, rows, header="", key=LOG_KEY, end="\r\n", **files):
    """A movie; `files` are further texts or bytes, by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
      log = end.join(["[Input]", key, *rows, "[/Input]"])
      files = {"Input Log.txt": log, "Header.txt": header, **files}
      for name, content in files.items():
        if content is not None:
          archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def movie():
  return MakeMovie()


@pytest.fixture
def write(tmp_path):
  def write(name, data):
    path = tmp_path / name
    path.write_bytes(data)
    return path

  return write
