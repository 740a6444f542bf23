"""The archive of start states: where episodes may begin besides power-on.

A file is a magic line, a SHA-256, a JSON header and the emulator's state. The
header says which milestones the state has behind it, who played to it, and on
which ROM and PyBoy. Evaluation starts at power-on; a mix is for training.
"""

import dataclasses
import hashlib
import json
import pathlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dreamer_jax.data.files import remove_leftovers, write_atomic
from dreamer_jax.errors import UserError
from dreamer_jax.game import emulator as emulators
from dreamer_jax.game.rom import Rom
from dreamer_jax.game.savestates import StateError

SUFFIX = ".start"
POWER_ON = "power-on"
_MAGIC = b"DreamerJAX start state\n"
_DIGEST = 32
_STREAM = 2  # keeps the choice of a state apart from other random numbers


class ArchiveError(UserError):
  """A start state that cannot be used."""


@dataclasses.dataclass(frozen=True)
class StartState:
  """A state to start from, and how it came to be."""

  name: str  # the file's, without its suffix
  state: bytes  # of `GameBoyEnv.save_state`
  meta: dict[str, Any]  # rom, pyboy, by, milestones, place, party; JSON

  @property
  def milestones(self) -> list[str]:
    """What lies behind it, the latest last."""
    return self.meta["milestones"]


class Archive:
  """A folder of start states."""

  def __init__(self, folder: str | pathlib.Path):
    """Takes a folder; `add` makes it where needed."""
    self.folder = pathlib.Path(folder)

  def add(self, start: StartState) -> pathlib.Path:
    """Writes a state's file, in place of one of that name."""
    header = json.dumps(start.meta).encode() + b"\n"
    data = header + start.state
    path = self.folder / f"{start.name}{SUFFIX}"
    remove_leftovers(self.folder)
    write_atomic(path, _MAGIC + hashlib.sha256(data).digest() + data)
    return path

  def load(self, name: str) -> StartState:
    """Reads one state.

    Raises:
      ArchiveError: it is missing or damaged.
    """
    path = self.folder / f"{name}{SUFFIX}"
    try:
      data = path.read_bytes()
    except OSError as error:
      raise ArchiveError(
        f"cannot read {path}: {error.strerror}; {self._has()}."
      ) from None
    start = len(_MAGIC) + _DIGEST
    digest = hashlib.sha256(data[start:]).digest()
    if not data.startswith(_MAGIC) or digest != data[len(_MAGIC) : start]:
      raise ArchiveError(
        f"{path} is no start state or is damaged: move it away, and make it "
        "again with dreamer-jax demos start-states."
      )
    header, _, state = data[start:].partition(b"\n")
    return StartState(name, state, json.loads(header))

  def names(self) -> list[str]:
    """Of all states, sorted."""
    return sorted(p.stem for p in self.folder.glob(f"*{SUFFIX}"))

  def __iter__(self) -> Iterator[StartState]:
    """Loads every state in turn."""
    return (self.load(name) for name in self.names())

  def of(self, rom: Rom) -> list[StartState]:
    """The states of this ROM.

    Raises:
      ArchiveError: there is none, or one that this PyBoy cannot load.
    """
    found = [s for s in self if s.meta["rom"]["sha1"] == rom.sha1]
    for start in found:
      try:
        emulators.open_state(start.state, rom.sha1)
      except StateError as error:
        raise ArchiveError(
          f"{self.folder / start.name}{SUFFIX}, made with PyBoy "
          f"{start.meta.get('pyboy')}: {error}"
        ) from None
    if not found:
      raise ArchiveError(
        f"{self.folder} has no start state of {rom.name} (SHA-1 {rom.sha1}; "
        f"{self._has()}): make some with "
        "dreamer-jax demos start-states."
      )
    return found

  def _has(self) -> str:
    names = self.names()
    return f"there are {', '.join(names)}" if names else "it is empty"


def parse_mix(text: str) -> dict[str, float]:
  """Reads a mix such as `power-on=0.2,starter=1,*=0.5`.

  Raises:
    UserError: it is not a list of NAME=WEIGHT.
  """
  mix = {}
  for part in filter(None, (p.strip() for p in text.split(","))):
    name, _, weight = part.rpartition("=")
    try:
      mix[name] = float(weight)
    except ValueError:
      mix[name] = -1.0
    if not name or not 0 <= mix[name] < np.inf:
      raise UserError(
        f"{part!r} is no NAME=WEIGHT with a weight of 0 or more; a mix is a "
        "list such as power-on=0.2,starter=1,*=0.5, where a name is a state's "
        "or a milestone's and * is any other."
      )
  return mix


def mixture(
  states: Sequence[StartState], mix: Mapping[str, float]
) -> Callable[[int], StartState | None]:
  """Where the episode of a seed starts; for `collect`'s `states`.

  Args:
    states: of one ROM.
    mix: weights by a state's name, else by its latest milestone that is
      named, else by "*"; "power-on" is the weight of no state. An empty mix
      weighs all states alike, and power-on not at all.

  Returns:
    `seed -> state`, None for power-on: a function of the seed alone.

  Raises:
    UserError: a name is of nothing there, or no weight is positive.
  """
  mix = dict(mix) or {"*": 1.0}
  known = {n for s in states for n in (s.name, *s.milestones)}
  unknown = set(mix) - known - {"*", POWER_ON}
  if unknown:
    raise UserError(
      f"no start state is called {sorted(unknown)[0]!r} or has reached it: "
      f"known are {', '.join(sorted(known))}."
    )
  weights = [_weight(s, mix) for s in states] + [mix.get(POWER_ON, 0.0)]
  if sum(weights) <= 0:
    raise UserError("the mix of start states gives all of them weight 0.")
  edges = np.cumsum(weights) / sum(weights)
  choices = [*states, None]

  def choose(seed: int) -> StartState | None:
    draw = np.random.default_rng([seed, _STREAM]).random()
    return choices[int(np.searchsorted(edges, draw, side="right"))]

  return choose


def obstacle(meta: Mapping[str, Any], known: Collection[str] = ()) -> str:
  """Why an episode's actions cannot be played again; "" if they can.

  Args:
    meta: the episode's.
    known: names of start states that are at hand, besides power-on.
  """
  if "timing" in meta:
    return f"it was recorded {meta['timing']}, not in even actions"
  start = meta.get("start", POWER_ON)
  if start != POWER_ON and start not in known:
    return f"it began at the start state {start!r}"
  return ""


def _weight(start: StartState, mix: Mapping[str, float]) -> float:
  if start.name in mix:
    return mix[start.name]
  for milestone in reversed(start.milestones):
    if milestone in mix:
      return mix[milestone]
  return mix.get("*", 0.0)
