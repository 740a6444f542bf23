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

from dreamer_jax.config import World
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.data.episodes import DEMONSTRATORS, SOURCES, Episode
from dreamer_jax.data.labels import PROBES, maps_seen, probes
from dreamer_jax.game.rewards import NUM_TERMS, TERMS
from dreamer_jax.types import DONE_BYTES, GRID, NUM_MAPS, Batch

_CHUNK = 512  # steps written by one call of the compiled writer
GoalFn = Callable[[Episode], np.ndarray]  # -> [T] i16 goal ids
DoneFn = Callable[[Episode], np.ndarray]  # -> [T, DONE_BYTES] u8
_EVENTS = [TERMS.index(name) for name in ("badge", "species", "battle_win")]


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
  terms: jax.Array  # [N, 7] f32, unweighted
  labels: dict[str, jax.Array]  # [N] each, u8 for classes, f32 otherwise
  maps_seen: jax.Array  # [N, 32] u8, bit field
  goal: jax.Array  # [N] i16
  goals_done: jax.Array  # [N, DONE_BYTES] u8, bit field
  source: jax.Array  # [N] u8, index of `episodes.SOURCES`
  run: jax.Array  # [N] i32, steps from here on of one source before the head
  rare: jax.Array  # [N] i32, where rare events are; the first `rares` count
  rares: jax.Array  # [] i32
  head: jax.Array  # [] i32, where the next step is written
  size: jax.Array  # [] i32, steps held

  @property
  def capacity(self) -> int:
    """N."""
    return self.action.shape[0]


def create(capacity: int) -> Replay:
  """An empty replay of `capacity` steps."""
  rows = lambda shape, dtype: jnp.zeros((capacity, *shape), dtype)
  labels = {name: rows((), _label_dtype(name)) for name in (*PROBES, "valid")}
  return Replay(
    tiles=rows(GRID, jnp.int16),
    action=rows((), jnp.uint8),
    intent=rows((), jnp.uint8),
    is_first=rows((), bool),
    is_last=rows((), bool),
    is_terminal=rows((), bool),
    terms=rows((NUM_TERMS,), jnp.float32),
    labels=labels,
    maps_seen=rows((NUM_MAPS // 8,), jnp.uint8),
    goal=rows((), jnp.int16),
    goals_done=rows((DONE_BYTES,), jnp.uint8),
    source=rows((), jnp.uint8),
    run=rows((), jnp.int32),
    rare=rows((), jnp.int32),
    rares=jnp.zeros((), jnp.int32),
    head=jnp.zeros((), jnp.int32),
    size=jnp.zeros((), jnp.int32),
  )


def add(
  replay: Replay,
  episodes: Iterable[Episode],
  codebook: TileCodebook,
  goal_fn: GoalFn | None = None,
  done_fn: DoneFn | None = None,
) -> Replay:
  """Writes episodes at the head, over the oldest steps once it is full.

  Args:
    replay: given up (donated): use the returned one.
    episodes: any number, read one at a time.
    codebook: makes ids of their tiles.
    goal_fn: makes the goal ids of an episode; None keeps those it was
      played with.
    done_fn: says which goals hold; None for none.

  Returns:
    The replay with the episodes in it.

  Raises:
    ValueError: an episode is longer than the ring.
  """
  head, size = int(replay.head), int(replay.size)
  capacity = replay.capacity
  for episode in episodes:
    steps = len(episode)
    if steps > capacity:
      raise ValueError(
        f"an episode of {steps} steps does not fit a replay of {capacity}"
      )
    rows = _rows(episode, codebook, goal_fn)
    if done_fn is not None:
      rows["goals_done"] = done_fn(episode)
    for start in range(0, steps, _CHUNK):
      step = start + np.arange(_CHUNK)
      place = np.where(step < steps, (head + step) % capacity, capacity)
      replay = _write(replay, _chunk(rows, start), place)
    head = (head + steps) % capacity
    size = min(size + steps, capacity)
  run = _runs(np.asarray(replay.source), head, size)
  rare = _rares(replay)
  return replay.replace(
    run=jax.device_put(run, replay.run.sharding),
    rare=jax.device_put(
      np.pad(rare, (0, capacity - len(rare))), replay.rare.sharding
    ),
    rares=jnp.asarray(len(rare), jnp.int32),
    head=jnp.asarray(head, jnp.int32),
    size=jnp.asarray(size, jnp.int32),
  )


def sample(
  replay: Replay,
  rng: jax.Array,
  batch: int,
  length: int,
  source: str | None = None,
) -> Batch:
  """Draws windows uniformly; pure, for use inside jit.

  Windows never cross the head. They may cross from one episode into the next,
  where `is_first` says so; with a `source` they stay among its steps.

  Args:
    replay: with `count_starts(replay, length, source)` of 1 or more.
    rng: a key.
    batch: B, windows.
    length: T, steps of each.
    source: one of `episodes.SOURCES`, or None for all.

  Returns:
    `[B, T, ...]`.
  """
  if source is None:
    count = jnp.maximum(replay.size - length + 1, 1)
    start = _oldest(replay) + jax.random.randint(rng, (batch,), 0, count)
  else:
    total = jnp.cumsum(_can_start(replay, length, source))
    drawn = jax.random.randint(rng, (batch,), 0, jnp.maximum(total[-1], 1))
    start = jnp.searchsorted(total, drawn, side="right")
  return _windows(replay, start, length)


def sample_streams(
  replay: Replay,
  rng: jax.Array,
  place: jax.Array,
  length: int,
  windows: int,
  events: int,
) -> tuple[Batch, jax.Array, jax.Array]:
  """Draws windows that go on where the last ones ended, or begin anew.

  A few are drawn about rare events instead: a badge, a first catch, a battle
  won, the end of an episode. `Batch.weight` weighs every window by how much
  likelier that has made it.

  Args:
    replay: with `length` steps or more.
    rng: a key.
    place: `[B]` i32, where each stream goes on, counted from the oldest step;
      negative: anywhere.
    length: T, steps of a window.
    windows: in a row of one stream on average; 0: each begins anew.
    events: of the B windows, the last ones, that are drawn about events.

  Returns:
    `[B, T, ...]`, `[B]` bool that says which began anew, `[B]` places where
    the streams go on.
  """
  size = len(place)
  keys = jax.random.split(rng, 4)
  latest = jnp.maximum(replay.size - length, 0)
  anywhere = jax.random.randint(keys[0], (size,), 0, latest + 1)
  ends = jax.random.uniform(keys[1], (size,)) * max(windows, 1) < 1
  fresh = ends | (place < 0) | (place > latest)
  start = jnp.where(fresh, anywhere, place)

  chosen = jax.random.randint(keys[2], (size,), 0, jnp.maximum(replay.rares, 1))
  before = jax.random.randint(keys[3], (size,), 0, length)
  about = (replay.rare[chosen] - _oldest(replay)) % replay.capacity - before
  is_event = (jnp.arange(size) >= size - events) & (replay.rares > 0)
  start = jnp.where(is_event, jnp.clip(about, 0, latest), start)
  fresh = fresh | is_event
  batch = _windows(replay, _oldest(replay) + start, length)

  share = jnp.where(replay.rares > 0, events / size, 0.0)
  inside = is_rare(batch.terms, batch.is_terminal).sum(1)
  ratio = inside * (latest + 1) / (jnp.maximum(replay.rares, 1) * length)
  weight = 1 / (1 - share + share * ratio)
  batch = batch.replace(weight=weight / weight.mean())
  return batch, fresh, jnp.where(is_event, -1, start + length)


def reader(config: World) -> Callable:
  """`read(replay, rng, place)`: `sample_streams` as configured."""
  events = round(config.event_share * config.batch)
  return lambda replay, rng, place: sample_streams(
    replay, rng, place, config.length, config.stream_windows, events
  )


def is_rare(terms: jax.Array, is_terminal: jax.Array) -> jax.Array:
  """`[...]` bool of steps: badge, first catch, battle won, or the end."""
  return is_terminal | (terms[..., jnp.array(_EVENTS)] > 0).any(-1)


def _oldest(replay: Replay) -> jax.Array:
  """Where the oldest step lies."""
  return jnp.where(replay.size < replay.capacity, 0, replay.head)


def _windows(replay: Replay, start: jax.Array, length: int) -> Batch:
  """`[B, T, ...]` from the places `[B]` on."""
  place = (start[:, None] + jnp.arange(length)) % replay.capacity
  take = lambda x: jnp.take(x, place, axis=0)
  labels = {name: take(x) for name, x in replay.labels.items()}
  for name, x in labels.items():
    if x.dtype == jnp.uint8:
      labels[name] = x.astype(jnp.int32)
  return Batch(
    tiles=take(replay.tiles),
    action=take(replay.action).astype(jnp.int32),
    intent=take(replay.intent).astype(jnp.int32),
    is_first=take(replay.is_first),
    is_last=take(replay.is_last),
    is_terminal=take(replay.is_terminal),
    terms=take(replay.terms),
    labels=labels,
    maps_seen=take(replay.maps_seen),
    goal=take(replay.goal).astype(jnp.int32),
    goals_done=take(replay.goals_done),
    weight=jnp.ones(len(start)),
  )


def count_starts(replay: Replay, length: int, source: str | None = None) -> int:
  """How many windows there are to draw from; 0 means `sample` must not be."""
  if source is None:
    return max(0, int(replay.size) - length + 1)
  return int(_can_start(replay, length, source).sum())


def _can_start(replay: Replay, length: int, source: str) -> jax.Array:
  """[N] bool: a window of one source starts here."""
  return (replay.source == SOURCES.index(source)) & (replay.run >= length)


@functools.partial(jax.jit, donate_argnums=0)
def _write(replay: Replay, rows: dict, place: jax.Array) -> Replay:
  """Puts rows at their places; those at N or beyond are dropped."""
  put = lambda old, new: old.at[place].set(new.astype(old.dtype), mode="drop")
  old = {name: getattr(replay, name) for name in rows}
  return replay.replace(**jax.tree.map(put, old, rows))


def _rows(
  episode: Episode, codebook: TileCodebook, goal_fn: GoalFn | None
) -> dict:
  """An episode in the replay's form, `[T, ...]` each, on the host."""
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
    "terms": episode.terms,
    "labels": labels,
    "maps_seen": maps_seen(ram),
    "goal": episode.goal if goal_fn is None else goal_fn(episode),
    "source": np.full(len(episode), source, np.uint8),
  }


def _label_dtype(name: str) -> type:
  is_class = PROBES.get(name, ("float",))[0] == "class"
  return np.uint8 if is_class else np.float32


def _chunk(rows: dict, start: int) -> dict:
  """`_CHUNK` rows from `start` on, zeros past the end."""

  def cut(x: np.ndarray) -> np.ndarray:
    x = x[start : start + _CHUNK]
    return np.pad(x, [(0, _CHUNK - len(x))] + [(0, 0)] * (x.ndim - 1))

  return jax.tree.map(cut, rows)


def _rares(replay: Replay) -> np.ndarray:
  """[R] i32: where rare events are."""
  rare = np.asarray(is_rare(replay.terms, replay.is_terminal))
  return np.flatnonzero(rare).astype(np.int32)


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
