"""Experience on the device: a ring over steps, sampled inside jit.

Tiles are codebook ids (720 bytes a step), so that 200,000 steps take about
160 MB and no update waits for the host.
"""

import functools
from collections.abc import Callable, Iterable

import jax
import jax.numpy as jnp
import numpy as np
from flax import struct

from dreamer_jax.contract import (
  BADGE,
  BATTLE_WIN,
  DONE_BYTES,
  GRID,
  PROBES,
  SPECIES,
)
from dreamer_jax.data import packing as facts
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.data.episodes import DEMONSTRATORS, OWN, SOURCES, Episode
from dreamer_jax.data.probes import maps_seen, probes
from dreamer_jax.errors import UserError
from dreamer_jax.types import Memory

_CHUNK = 512  # steps written by one call of the compiled writer
LabelFn = Callable[[Episode], dict[str, np.ndarray]]  # see `LABELLED`
LABELLED = (
  "goal", "goals_done", "hindsight", "feasible", "clone", "returns",
)  # fmt: skip
_EVENTS = (BADGE, SPECIES, BATTLE_WIN)


@struct.dataclass
class Replay:
  """A ring of `N` steps; episodes lie in it one after another.

  The oldest step is at `head` once the ring is full, at 0 before.
  """

  tiles: jax.Array  # [N, 18, 20] i16, codebook ids
  action: jax.Array  # [N] u8
  intent: jax.Array  # [N] u8
  is_first: jax.Array  # [N] bool
  is_last: jax.Array  # [N] bool
  is_terminal: jax.Array  # [N] bool
  facts: jax.Array  # [N, 128] u8: `data.packing`
  labels: dict[str, jax.Array]  # [N] each, u8 for classes, f32 otherwise
  goal: jax.Array  # [N] i16
  hindsight: jax.Array  # [N] i16, goal achieved next; -1 for none
  feasible: jax.Array  # [N] i16, one of the goals that make sense
  clone: jax.Array  # [N] u8, what may be cloned: `imagination.commands`
  source: jax.Array  # [N] u8, index of `episodes.SOURCES`
  run: jax.Array  # [N] i32, steps from here on of one source before the head
  own: jax.Array  # [] i32, the newest steps in a row that the policy played
  rare: jax.Array  # [N] i32, where rare events are; the first `rares` count
  rares: jax.Array  # [] i32
  head: jax.Array  # [] i32, where the next step is written
  size: jax.Array  # [] i32, steps held
  memory: Memory | None = None  # [N, ...], once it was filled in

  @property
  def capacity(self) -> int:
    """N."""
    return self.action.shape[0]


@functools.partial(jax.jit, static_argnums=0)  # one program, not one a field
def create(capacity: int) -> Replay:
  """An empty replay of `capacity` steps."""
  rows = lambda shape, dtype: jnp.zeros((capacity, *shape), dtype)
  names = (*PROBES, "valid")
  labels = {name: rows((), _label_dtype(name)) for name in names}
  return Replay(
    tiles=rows(GRID, jnp.int16),
    action=rows((), jnp.uint8),
    intent=rows((), jnp.uint8),
    is_first=rows((), bool),
    is_last=rows((), bool),
    is_terminal=rows((), bool),
    facts=rows((facts.WIDTH,), jnp.uint8),
    labels=labels,
    goal=rows((), jnp.int16),
    hindsight=rows((), jnp.int16),
    feasible=rows((), jnp.int16),
    clone=rows((), jnp.uint8),
    source=rows((), jnp.uint8),
    run=rows((), jnp.int32),
    own=jnp.zeros((), jnp.int32),
    rare=rows((), jnp.int32),
    rares=jnp.zeros((), jnp.int32),
    head=jnp.zeros((), jnp.int32),
    size=jnp.zeros((), jnp.int32),
  )


def add(
  replay: Replay,
  episodes: Iterable[Episode],
  codebook: TileCodebook,
  label_fn: LabelFn | None = None,
) -> Replay:
  """Writes episodes at the head, over the oldest steps once it is full.

  Args:
    replay: given up (donated): use the returned one.
    episodes: any number, read one at a time.
    codebook: makes ids of their tiles.
    label_fn: makes what an episode's file does not say, `[T, ...]` of the
      fields `LABELLED`; None for the goals that it was played with, and
      zeros.

  Returns:
    The replay with the episodes in it.

  Raises:
    UserError: an episode is longer than the ring.
  """
  head, size = int(replay.head), int(replay.size)
  capacity = replay.capacity
  for episode in episodes:
    steps = len(episode)
    if steps > capacity:
      raise UserError(
        f"an episode of {steps:,} steps does not fit a replay of {capacity:,}: "
        "raise --config.data.capacity"
      )
    rows = _rows(episode, codebook, label_fn(episode) if label_fn else {})
    for start in range(0, steps, _CHUNK):
      step = start + np.arange(_CHUNK)
      place = np.where(step < steps, (head + step) % capacity, capacity)
      replay = _write(replay, _chunk(rows, start), place)
    head = (head + steps) % capacity
    size = min(size + steps, capacity)
  source = np.asarray(replay.source)
  run = _runs(source, head, size)
  rare = _rares(replay)
  return replay.replace(
    run=jax.device_put(run, replay.run.sharding),
    own=jnp.asarray(_own(source, head, size), jnp.int32),
    rare=jax.device_put(
      np.pad(rare, (0, capacity - len(rare))), replay.rare.sharding
    ),
    rares=jnp.asarray(len(rare), jnp.int32),
    head=jnp.asarray(head, jnp.int32),
    size=jnp.asarray(size, jnp.int32),
  )


def is_rare(terms: jax.Array, is_terminal: jax.Array) -> jax.Array:
  """`[...]` bool of steps: badge, first catch, battle won, or the end."""
  return is_terminal | (terms[..., jnp.array(_EVENTS)] > 0).any(-1)


@functools.partial(jax.jit, donate_argnums=0)
def _write(replay: Replay, rows: dict, place: jax.Array) -> Replay:
  """Puts rows at their places; those at N or beyond are dropped."""
  put = lambda old, new: old.at[place].set(new.astype(old.dtype), mode="drop")
  old = {name: getattr(replay, name) for name in rows}
  return replay.replace(**jax.tree.map(put, old, rows))


def _rows(episode: Episode, codebook: TileCodebook, more: dict) -> dict:
  """An episode in the replay's form, `[T, ...]` each, on the host."""
  none = np.zeros((len(episode), DONE_BYTES), np.uint8)
  done = more.pop("goals_done", none)
  unknown = np.full((len(episode), 2), np.nan, np.float32)
  returns = more.pop("returns", unknown)
  ram = episode.decode_ram()
  labels = {k: v.astype(_label_dtype(k)) for k, v in probes(ram).items()}
  source = episode.meta["source"]
  source = SOURCES.index("expert" if source in DEMONSTRATORS else source)
  return {
    "tiles": codebook.encode(episode.packed),
    "action": episode.action,
    "intent": episode.intent,
    "is_first": episode.is_first,
    "is_last": episode.is_last,
    "is_terminal": episode.is_terminal,
    "facts": facts.pack(episode.terms, maps_seen(ram), done, returns),
    "labels": labels,
    "goal": episode.goal,
    "source": np.full(len(episode), source, np.uint8),
    **more,
  }


def _label_dtype(name: str) -> type:
  is_class = name in PROBES and PROBES[name].kind == "class"
  return np.uint8 if is_class else np.float32


def _chunk(rows: dict, start: int) -> dict:
  """`_CHUNK` rows from `start` on, zeros past the end."""

  def cut(x: np.ndarray) -> np.ndarray:
    x = x[start : start + _CHUNK]
    return np.pad(x, [(0, _CHUNK - len(x))] + [(0, 0)] * (x.ndim - 1))

  return jax.tree.map(cut, rows)


def _rares(replay: Replay) -> np.ndarray:
  """[R] i32: where rare events are."""
  terms, *_ = facts.unpack(replay.facts)
  rare = np.asarray(is_rare(terms, replay.is_terminal))
  return np.flatnonzero(rare).astype(np.int32)


def _own(source: np.ndarray, head: int, size: int) -> int:
  """How many steps before the head are the policy's."""
  newest = source[(head - 1 - np.arange(size)) % len(source)]
  others = np.flatnonzero(~np.isin(newest, [SOURCES.index(x) for x in OWN]))
  return int(others[0]) if len(others) else size


def _runs(source: np.ndarray, head: int, size: int) -> np.ndarray:
  """[N] i32: how many steps of one source start here, before the head."""
  capacity = len(source)
  oldest = head if size == capacity else 0
  order = (oldest + np.arange(size)) % capacity  # physical, oldest first
  runs = np.zeros(capacity, np.int32)
  if size:
    kept = source[order]
    ends = np.append(np.flatnonzero(kept[1:] != kept[:-1]) + 1, size)
    logical = np.arange(size)
    runs[order] = ends[np.searchsorted(ends, logical, side="right")] - logical
  return runs
