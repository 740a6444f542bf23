"""Windows of a replay, drawn inside jit: uniformly, or in streams."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from dreamer_jax.config import WorldModelConfig
from dreamer_jax.data import packing
from dreamer_jax.data.episodes import SOURCES
from dreamer_jax.data.replay import Replay, is_rare
from dreamer_jax.nn import functions
from dreamer_jax.types import Batch, Reading, Surprises
from dreamer_jax.world_model import surprises


def sample(
  replay: Replay,
  rng: jax.Array,
  batch: int,
  length: int,
  source: str | None = None,
  own: float = 0.0,
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
    own: share of the windows, of all sources, that are drawn of the policy's
      own play, where there is any.

  Returns:
    `[B, T, ...]`.
  """
  if source is None:
    start = _oldest(replay) + _anywhere(replay, rng, batch, length, own)
  else:
    total = jnp.cumsum(_can_start(replay, length, source))
    drawn = jax.random.randint(rng, (batch,), 0, jnp.maximum(total[-1], 1))
    start = jnp.searchsorted(total, drawn, side="right")
  return _windows(replay, start, length)


def sample_clones(
  replay: Replay, rng: jax.Array, batch: int, length: int, expert: int
) -> Batch:
  """Draws windows of what may be cloned; pure, for use inside jit.

  Args:
    replay: some of whose steps may be cloned.
    rng: a key.
    batch: B, windows.
    length: T, steps of each.
    expert: of the B windows, those drawn of demonstrations; the others are of
      other play. Where there is no such play, all are of the other sort.

  Returns:
    `[B, T, ...]`, demonstrations first.
  """
  keys = jax.random.split(rng, 2)
  able = (replay.clone > 0) & (replay.run >= length)
  shown = replay.source == SOURCES.index("expert")

  def draw(key, count, able):
    total = jnp.cumsum(able)
    drawn = jax.random.randint(key, (count,), 0, jnp.maximum(total[-1], 1))
    return jnp.searchsorted(total, drawn, side="right"), total[-1] > 0

  first, has_first = draw(keys[0], batch, able & shown)
  other, has_other = draw(keys[1], batch, able & ~shown)
  is_first = (jnp.arange(batch) < expert) & has_first | ~has_other
  return _windows(replay, jnp.where(is_first, first, other), length)


def sample_streams(
  replay: Replay,
  rng: jax.Array,
  place: jax.Array,
  length: int,
  windows: int | None,
  events: float,
  own: float = 0.0,
  known: Surprises | None = None,
  again: float = 0.0,
) -> Reading:
  """Draws windows that go on where the last ones ended, or begin anew.

  A few are drawn about rare events instead: a badge, a first catch, a battle
  won, the end of an episode. `Batch.weight` weighs every window by how much
  likelier that has made it. Others are read again because they surprised;
  these count as if they had been drawn like the rest.

  Args:
    replay: with `length` steps or more.
    rng: a key.
    place: `[B]` i32, where each stream goes on, counted from the oldest step;
      negative: anywhere.
    length: T, steps of a window.
    windows: in a row of one stream on average; None: each begins anew.
    events: of the B windows, the last ones, that are drawn about events; a
      fraction is the chance that one more is.
    own: share of those that begin anew that do so in the policy's own play.
    known: windows that surprised; None where none are kept.
    again: of the B windows, those before the ones about events, that are drawn
      of `known`; a fraction is a chance too.
  """
  size = len(place)
  keys = jax.random.split(rng, 4)
  latest = jnp.maximum(replay.size - length, 0)
  anywhere = _anywhere(replay, keys[0], size, length, own)
  ends = jax.random.uniform(keys[1], (size,)) * (windows or 1) < 1
  fresh = ends | (place < 0) | (place > latest)
  start = jnp.where(fresh, anywhere, place)

  chosen = jax.random.randint(keys[2], (size,), 0, jnp.maximum(replay.rares, 1))
  before = jax.random.randint(keys[3], (size,), 0, length)
  count = _whole(jax.random.fold_in(keys[3], 1), events)
  about = (replay.rare[chosen] - _oldest(replay)) % replay.capacity - before
  is_event = (jnp.arange(size) >= size - count) & (replay.rares > 0)
  start = jnp.where(is_event, jnp.clip(about, 0, latest), start)
  which = jnp.full(size, -1)
  if known is not None:
    lots = jax.random.split(jax.random.fold_in(keys[3], 2))
    drawn, are_any = surprises.draw(known, lots[0], size)
    first = size - count - _whole(lots[1], again)
    is_again = (jnp.arange(size) >= first) & ~is_event & are_any
    which = jnp.where(is_again, drawn, which)
    start = jnp.where(is_again, known.place[drawn], start)
  is_placed = is_event | (which >= 0)
  batch = _windows(replay, _oldest(replay) + start, length)

  share = jnp.where(replay.rares > 0, events / size, 0.0)
  inside = is_rare(batch.terms, batch.is_terminal).sum(1)
  ratio = inside * (latest + 1) / (jnp.maximum(replay.rares, 1) * length)
  weight = 1 / (1 - share + share * ratio)
  batch = batch.replace(weight=weight / functions.shared(weight.mean()))
  place = jnp.where(is_placed, -1, start + length)
  return Reading(batch, fresh | is_placed, place, start, which)


def reader(config: WorldModelConfig, parts: int = 1) -> Callable:
  """`read(replay, rng, streams)`: `sample_streams` as configured.

  Args:
    config: whose `batch` is that of one device ...
    parts: ... of this many, which draw shares of their sum together.
  """
  c = config.sampling
  part = lambda share: round(share * c.batch * parts) / parts
  return lambda replay, rng, streams: sample_streams(
    replay, rng, streams.place, c.length, c.stream_windows,
    part(c.event_share), c.own_share, streams.surprises, part(c.surprise_share),
  )  # fmt: skip


def _whole(rng: jax.Array, count: float) -> int | jax.Array:
  """A whole number whose mean is `count`."""
  more = count % 1
  return int(count) + (jax.random.bernoulli(rng, more) if more else 0)


def _anywhere(
  replay: Replay, rng: jax.Array, count: int, length: int, own: float
) -> jax.Array:
  """`[count]` i32: where windows may start, counted from the oldest step."""
  starts = jnp.maximum(replay.size - length + 1, 1)
  if not own:
    return jax.random.randint(rng, (count,), 0, starts)
  rng, *keys = jax.random.split(rng, 3)
  drawn = jax.random.randint(rng, (count,), 0, starts)
  among = replay.own - length + 1
  back = jax.random.randint(keys[0], (count,), 0, jnp.maximum(among, 1))
  is_own = jax.random.bernoulli(keys[1], own, (count,)) & (among > 0)
  return jnp.where(is_own, starts - 1 - back, drawn)


def _oldest(replay: Replay) -> jax.Array:
  """Where the oldest step lies."""
  return jnp.where(replay.size < replay.capacity, 0, replay.head)


def _windows(replay: Replay, start: jax.Array, length: int) -> Batch:
  """`[B, T, ...]` from the places `[B]` on."""
  place = (start[:, None] + jnp.arange(length)) % replay.capacity
  take = lambda x: jnp.take(x, place, axis=0)
  terms, maps_seen, goals_done, returns = packing.unpack(take(replay.facts))
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
    terms=terms,
    labels=labels,
    maps_seen=maps_seen,
    goal=take(replay.goal).astype(jnp.int32),
    hindsight=take(replay.hindsight).astype(jnp.int32),
    feasible=take(replay.feasible).astype(jnp.int32),
    clone=take(replay.clone).astype(jnp.int32),
    goals_done=goals_done,
    returns=returns,
    weight=jnp.ones(len(start)),
    memory=jax.tree.map(take, replay.memory),
  )


def count_starts(replay: Replay, length: int, source: str | None = None) -> int:
  """How many windows there are to draw from; 0 means `sample` must not be."""
  if source is None:
    return max(0, int(replay.size) - length + 1)
  return int(_can_start(replay, length, source).sum())


def count_clones(replay: Replay, length: int) -> int:
  """How many windows `sample_clones` has to draw from."""
  return int(((replay.clone > 0) & (replay.run >= length)).sum())


def _can_start(replay: Replay, length: int, source: str) -> jax.Array:
  """[N] bool: a window of one source starts here."""
  return (replay.source == SOURCES.index(source)) & (replay.run >= length)
