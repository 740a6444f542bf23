"""Episodes on disk: one compressed, checksummed file each.

A file is a magic line, a JSON header of fixed place, and one zlib stream of
all arrays. Frames stay packed (the truth), and the RAM snapshot stays whole,
so that tiles, rewards and labels can be made anew when their definition
changes.
"""

import dataclasses
import hashlib
import json
import pathlib
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from dreamer_jax.contract import NUM_TERMS
from dreamer_jax.data import layouts
from dreamer_jax.data import origin as origins
from dreamer_jax.data.files import write_atomic
from dreamer_jax.data.layouts import RAM_LAYOUT
from dreamer_jax.data.origin import Origin
from dreamer_jax.errors import UserError
from dreamer_jax.game.memory import RAM_SIZE
from dreamer_jax.game.ram import GameRam, decode

FORMAT = 2
SUFFIX = ".ep"
SOURCES = (
  "random", "policy", "expert", "human", "import", "explorer", "wanderer",
  "courier", "curious", "clone", "randomized_expert",
)  # fmt: skip
# Source -> what version 0.3 called it; such files are still read.
NAMED_BEFORE = {"randomized_expert": "random"}
OWN = ("policy", "curious", "clone")  # played by what is trained
DEMONSTRATORS = ("expert", "human", "import")  # whom a policy is cloned from
FOLDERS = ("demos", "episodes")  # of a run
NO_GOAL = -1  # of a step that no goal was active at
_MAGIC = b"DreamerJAX episode\n"
_REMEDY = (
  "put a copy of it back, or move it away and give the same command again, "
  "which plays again what a script had played."
)
_DIGEST = 32  # bytes of the SHA-256 of all that follows it

FIELDS: dict[str, tuple[tuple[int, ...], type]] = {
  "packed": ((18, 20, 16), np.uint8),
  "ram": ((RAM_SIZE,), np.uint8),
  "action": ((), np.uint8),
  "intent": ((), np.uint8),
  "terms": ((NUM_TERMS,), np.float32),
  "is_first": ((), np.bool_),
  "is_last": ((), np.bool_),
  "is_terminal": ((), np.bool_),
  "goal": ((), np.int16),
}


class EpisodeError(UserError):
  """An episode's file that cannot be used."""


@dataclasses.dataclass(frozen=True)
class Episode:
  """One episode. `action[t]` and `terms[t]` led to the frame at t."""

  packed: np.ndarray  # [T, 18, 20, 16] u8, see `frames.pack`
  ram: np.ndarray  # [T, RAM_SIZE] u8, see `memory.snapshot`
  action: np.ndarray  # [T] u8; 0 at is_first
  intent: np.ndarray  # [T] u8; the action as meant, where chance overruled it
  terms: np.ndarray  # [T, 7] f32, unweighted; 0 at is_first
  is_first: np.ndarray  # [T] bool, only at t = 0
  is_last: np.ndarray  # [T] bool, only at T - 1
  is_terminal: np.ndarray  # [T] bool, the episode ended for a reason
  goal: np.ndarray  # [T] i16, id of the goal that was active, -1 for none
  meta: dict[str, Any]  # rom, pyboy, env, source, seed, start; JSON
  layout: str = RAM_LAYOUT  # of the RAM that was recorded; the rest is zero

  def __len__(self) -> int:
    """Steps, the first frame included."""
    return len(self.action)

  def decode_ram(self) -> GameRam:
    """The decoded RAM, fields `[T]`."""
    return decode(self.ram)

  def check(self) -> None:
    """Asserts the contract.

    Raises:
      ValueError: a field has the wrong type or shape, or the flags are wrong.
    """
    for name, (shape, dtype) in FIELDS.items():
      array = getattr(self, name)
      if array.shape != (len(self), *shape) or array.dtype != dtype:
        raise ValueError(f"{name} is {array.dtype}{list(array.shape)}")
    if len(self) < 2:
      raise ValueError(f"an episode has 2 steps or more, not {len(self)}")
    if not self.is_first[0] or self.is_first[1:].any():
      raise ValueError("is_first is not at the first step alone")
    if not self.is_last[-1] or self.is_last[:-1].any():
      raise ValueError("is_last is not at the last step alone")
    if self.is_terminal[:-1].any():
      raise ValueError("is_terminal before the last step")

  def equals(self, other: "Episode") -> bool:
    """Whether every array, the meta and the layout are the same."""
    same = (np.array_equal(getattr(self, n), getattr(other, n)) for n in FIELDS)
    about = (self.meta, self.layout) == (other.meta, other.layout)
    return about and all(same)


def save(path: str | pathlib.Path, episode: Episode) -> None:
  """Writes an episode's file, all of it or nothing.

  Raises:
    ValueError: the episode breaks its contract.
    UserError: it cannot be written, as on a full disk.
  """
  episode.check()
  header = {
    "format": FORMAT,
    "steps": len(episode),
    "ram_layout": episode.layout,
    "meta": episode.meta,
  }
  header = json.dumps(header).encode() + b"\n"
  arrays = {name: getattr(episode, name) for name in FIELDS}
  arrays["ram"] = arrays["ram"][:, layouts.recorded(episode.layout)]
  body = b"".join(array.tobytes() for array in arrays.values())
  data = header + zlib.compress(body, 1)
  write_atomic(path, _MAGIC + hashlib.sha256(data).digest() + data)


def load(path: str | pathlib.Path) -> Episode:
  """Reads an episode's file; RAM that it does not hold is zero.

  Raises:
    EpisodeError: it is missing, damaged, or of another version.
  """
  header, body = _open(pathlib.Path(path))
  steps = header["steps"]
  held = layouts.recorded(header["ram_layout"])
  shapes = {**FIELDS, "ram": ((int(held.sum()),), np.uint8)}
  arrays, start = {}, 0
  for name, (shape, dtype) in shapes.items():
    size = steps * int(np.prod(shape)) * np.dtype(dtype).itemsize
    field = np.frombuffer(body[start : start + size], dtype)
    arrays[name] = field.reshape(steps, *shape)
    start += size
  arrays["ram"] = layouts.completed(arrays["ram"], held)
  return Episode(**arrays, meta=header["meta"], layout=header["ram_layout"])


def load_header(path: str | pathlib.Path) -> dict[str, Any]:
  """The header alone: `steps` and `meta`; checked like the whole file."""
  return _open(pathlib.Path(path))[0]


def peek(path: str | pathlib.Path) -> dict[str, Any]:
  """An episode's `meta` without reading the rest; {} where it is damaged."""
  try:
    with open(path, "rb") as file:
      file.seek(len(_MAGIC) + _DIGEST)
      return _renamed(json.loads(file.readline())["meta"])
  except (OSError, ValueError, KeyError, TypeError):
    return {}  # `load` says what is wrong


def check_origin(
  paths: Iterable[pathlib.Path], origin: Origin, remedy: str = origins.APART
) -> None:
  """As `origin.check`; what is damaged is left to `load`.

  Raises:
    OriginError: some files are of another game or pace.
  """
  origins.check({path: peek(path) for path in paths}, origin, remedy)


def _open(path: pathlib.Path) -> tuple[dict[str, Any], bytes]:
  """Checks a file and takes it apart into header and body."""
  try:
    data = path.read_bytes()
  except OSError as error:
    raise EpisodeError(f"cannot read {path}: {error.strerror}.") from None
  start = len(_MAGIC) + _DIGEST
  if not data.startswith(_MAGIC) or len(data) <= start:
    raise EpisodeError(
      f"{path} is no DreamerJAX episode or was cut short: {_REMEDY}"
    )
  if hashlib.sha256(data[start:]).digest() != data[len(_MAGIC) : start]:
    raise EpisodeError(
      f"{path} is damaged (its SHA-256 does not match): {_REMEDY}"
    )
  header, _, body = data[start:].partition(b"\n")
  header = json.loads(header)
  known = (RAM_LAYOUT, *layouts.EARLIER)
  if header["format"] != FORMAT or header["ram_layout"] not in known:
    raise EpisodeError(
      f"{path} was written by another version of DreamerJAX (format "
      f"{header['format']}, RAM layout {header['ram_layout']}; this one reads "
      f"{FORMAT} and {RAM_LAYOUT}): use that version, or collect again in "
      "another --workdir."
    )
  header["meta"] = _renamed(header["meta"])
  return header, zlib.decompress(body)


def _renamed(meta: dict[str, Any]) -> dict[str, Any]:
  """With the source's name of now, see `NAMED_BEFORE`."""
  player = meta.get("how", {}).get("policy")
  if (meta["source"], player) == ("random", "expert"):
    return {**meta, "source": "randomized_expert"}
  return meta


def open_run(
  workdir: str | pathlib.Path, name: str, origin: Origin
) -> "EpisodeStore":
  """A folder of a run, one of `FOLDERS`; all it holds is of one origin.

  Raises:
    UserError: the run holds play of another origin.
  """
  for folder in FOLDERS:
    paths = (pathlib.Path(workdir) / folder).glob(f"*{SUFFIX}")
    check_origin(sorted(paths), origin)
  return EpisodeStore(pathlib.Path(workdir) / name, origin)


class EpisodeStore:
  """A folder of episodes, named `{round:03d}-{source}-{seed:010d}.ep`."""

  def __init__(self, folder: str | pathlib.Path, origin: Origin | None = None):
    """Takes a folder; the first `add` makes it where needed.

    Args:
      folder: its path.
      origin: that all of its episodes must be of; None for the game of the
        first one.

    Raises:
      UserError: it holds play of another origin.
    """
    self.folder = pathlib.Path(folder)
    self._origin = origin
    if origin:
      check_origin(self.list(), origin)

  def path(self, round_: int, source: str, seed: int) -> pathlib.Path:
    """Where that episode is, or would be."""
    if source not in SOURCES:
      raise ValueError(f"source {source!r} is none of {SOURCES}")
    where = lambda name: (
      self.folder / f"{round_:03d}-{name}-{seed:010d}{SUFFIX}"
    )
    before = where(NAMED_BEFORE.get(source, source))
    return before if peek(before).get("source") == source else where(source)

  def list(
    self, round_: int | None = None, source: str | None = None
  ) -> list[pathlib.Path]:
    """Files in the order of round, source and seed."""
    rounds = "*" if round_ is None else f"{round_:03d}"
    named = lambda name: self.folder.glob(f"{rounds}-{name}-*{SUFFIX}")
    found = [*named(source or "*")]
    if source in NAMED_BEFORE:
      before = named(NAMED_BEFORE[source])
      found += (p for p in before if peek(p).get("source") == source)
    return sorted(found)

  def seeds(self, round_: int, source: str) -> set[int]:
    """Of the episodes that are there."""
    return {int(p.stem.split("-")[-1]) for p in self.list(round_, source)}

  def add(self, round_: int, episode: Episode) -> pathlib.Path:
    """Saves an episode under the name that its `meta` gives it.

    Raises:
      UserError: the folder is of another origin, or cannot be written.
    """
    path = self.path(round_, episode.meta["source"], episode.meta["seed"])
    if self._origin is None:
      first = next(map(peek, self.list()), episode.meta)
      self._origin = origins.of_meta(first).any_pace
    origins.check({path: episode.meta}, self._origin)
    save(path, episode)
    return path

  def load(self, path: pathlib.Path) -> Episode:
    """Reads one of its files.

    Raises:
      UserError: it is missing, damaged, or of another origin.
    """
    episode = load(path)
    if self._origin:
      origins.check({path: episode.meta}, self._origin)
    return episode

  def __len__(self) -> int:
    return len(self.list())

  def __iter__(self) -> Iterator[Episode]:
    """Loads every episode in turn.

    Raises:
      EpisodeError: at the first bad file.
    """
    return (self.load(path) for path in self.list())
