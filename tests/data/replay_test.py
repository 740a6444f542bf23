import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.data import packing
from dreamer_jax.data import replay as replays
from dreamer_jax.data import sampling as windows_lib
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.errors import UserError
from dreamer_jax.types import Surprises
from dreamer_jax.world_model import surprises as surprises_lib


@pytest.fixture
def book(make_tiles):
  return TileCodebook(make_tiles(40), 64)


@pytest.fixture
def fill(book, make_episode):
  """A replay of `capacity` with episodes of (steps, seed, source)."""

  def fill(capacity, *specs, label_fn=None):
    episodes = [make_episode(*spec) for spec in specs]
    replay = replays.create(capacity)
    return replays.add(replay, episodes, book, label_fn), episodes

  return fill


def windows(replay, batch=64, length=5, source=None):
  draw = jax.jit(lambda r, k: windows_lib.sample(r, k, batch, length, source))
  return jax.device_get(draw(replay, jax.random.key(0)))


def test_steps_come_back_as_they_were(fill, book):
  replay, episodes = fill(100, (30, 3, "random"))
  batch = windows(replay, batch=1, length=30)
  episode = episodes[0]
  np.testing.assert_array_equal(batch.tiles[0], book.encode(episode.packed))
  np.testing.assert_array_equal(batch.action[0], episode.action)
  np.testing.assert_array_equal(batch.intent[0], episode.intent)
  np.testing.assert_array_equal(batch.terms[0], episode.terms)
  np.testing.assert_array_equal(batch.is_first[0], episode.is_first)
  np.testing.assert_array_equal(batch.is_last[0], episode.is_last)
  np.testing.assert_array_equal(batch.is_terminal[0], episode.is_terminal)
  np.testing.assert_array_equal(batch.labels["x"][0], np.arange(30))
  assert batch.labels["x"].dtype == np.int32
  assert batch.labels["map"][0].tolist() == [4] * 30
  assert batch.maps_seen[0, :, 0].tolist() == [1 << 4] * 30
  assert batch.goal[0].tolist() == [-1] * 30
  assert batch.action.dtype == np.int32 and batch.tiles.dtype == np.int16


def is_contiguous(batch):
  """Within an episode x counts up; at is_first it is 0."""
  x, first = batch.labels["x"], batch.is_first
  follows = x[:, 1:] == x[:, :-1] + 1
  return (np.where(first, x == 0, True).all()) and (
    np.where(first[:, 1:], True, follows).all()
  )


def test_windows_may_cross_episodes_and_say_so(fill):
  replay, _ = fill(100, (7, 1), (9, 2), (11, 3))
  assert windows_lib.count_starts(replay, 5) == 27 - 4
  batch = windows(replay, batch=500)
  assert is_contiguous(batch)
  assert batch.is_first[:, 1:].any()
  starts = set(
    zip(batch.labels["map"][:, 0], batch.labels["x"][:, 0], strict=True)
  )
  assert len(starts) == 23  # each window is drawn


def test_windows_never_cross_the_head(fill):
  # 45 steps into a ring of 32: the head stands inside the ring.
  replay, _ = fill(32, (20, 1), (14, 2), (11, 3))
  assert (int(replay.size), int(replay.head)) == (32, 13)
  batch = windows(replay, batch=1000)
  assert is_contiguous(batch)
  starts = set(
    zip(batch.labels["map"][:, 0], batch.labels["x"][:, 0], strict=True)
  )
  assert len(starts) == 32 - 4
  # The oldest 7 steps of the first are what is left of it.
  assert {x for m, x in starts if m == 2} == set(range(13, 20))


def test_a_partly_filled_ring_gives_no_empty_steps(fill):
  replay, _ = fill(1000, (8, 1))
  batch = windows(replay, batch=100, length=5)
  assert (batch.labels["map"] == 2).all() and is_contiguous(batch)


def test_source_keeps_to_its_steps(fill):
  replay, _ = fill(
    64, (9, 1, "random"), (9, 2, "expert"), (6, 3, "expert"), (9, 4, "policy")
  )
  batch = windows(replay, batch=300, source="expert")
  assert set(np.unique(batch.labels["map"])) == {3, 4}
  assert is_contiguous(batch)
  assert windows_lib.count_starts(replay, 5, "expert") == 15 - 4
  assert windows_lib.count_starts(replay, 16, "expert") == 0
  assert windows_lib.count_starts(replay, 9, "policy") == 1


def test_source_windows_never_cross_the_head(fill):
  replay, _ = fill(32, (20, 1, "expert"), (14, 2, "expert"), (11, 3, "expert"))
  assert windows_lib.count_starts(replay, 5, "expert") == 28
  assert is_contiguous(windows(replay, batch=500, source="expert"))


def test_adding_again_continues(book, make_episode):
  one = replays.add(replays.create(50), [make_episode(20, 1)], book)
  one = replays.add(one, [make_episode(20, 2)], book)
  both = [make_episode(20, 1), make_episode(20, 2)]
  two = replays.add(replays.create(50), iter(both), book)
  jax.tree.map(np.testing.assert_array_equal, one, two)


def test_long_episodes_are_written_in_chunks(fill):
  replay, _ = fill(3000, (1300, 1), (700, 2))
  batch = windows(replay, batch=8, length=1500)
  x, first = batch.labels["x"], batch.is_first
  follows = (x[:, 1:] == (x[:, :-1] + 1) % 256) | first[:, 1:]
  assert follows.all() and int(replay.size) == 2000


def test_labels_may_be_made_on_the_way_in(fill):
  names = [n for n in replays.LABELLED if n not in ("goals_done", "returns")]
  make = lambda episode: {
    name: np.arange(len(episode)) % 3 + i for i, name in enumerate(names)
  }
  replay, _ = fill(50, (9, 1), label_fn=make)
  batch = windows(replay, 1, 9)
  for i, name in enumerate(names):
    assert getattr(batch, name)[0].tolist() == [i, i + 1, i + 2] * 3
    assert getattr(batch, name).dtype == np.int32
  assert np.isnan(batch.returns).all()  # nobody has said what followed


def clones(replay, batch, length, expert):
  draw = lambda r, k: windows_lib.sample_clones(r, k, batch, length, expert)
  return jax.device_get(jax.jit(draw)(replay, jax.random.key(0)))


def test_windows_to_clone_are_of_play_that_may_be_cloned(fill):
  """The wanderer, whose steps have no label, is never drawn."""
  level = {"expert": 2, "wanderer": 0, "explorer": 1}
  make = lambda e: {"clone": np.full(len(e), level[e.meta["source"]])}
  specs = [(30, 1, "expert"), (90, 2, "wanderer"), (20, 3, "explorer")]
  replay, _ = fill(200, *specs, label_fn=make)
  batch = clones(replay, 12, 5, 8)
  assert batch.clone[:8].tolist() == [[2] * 5] * 8
  assert batch.clone[8:].tolist() == [[1] * 5] * 4
  assert len({tuple(x) for x in batch.labels["x"]}) > 6
  for spec in (specs[0], specs[2]):  # of one sort alone, all windows
    replay, _ = fill(200, spec, specs[1], label_fn=make)
    assert (clones(replay, 6, 5, 3).clone == level[spec[2]]).all()


def test_too_long_an_episode_is_refused(fill):
  with pytest.raises(UserError, match=r"does not fit.*capacity"):
    fill(10, (11, 1))


def test_sampling_is_pure_and_traced_once(fill):
  replay, _ = fill(64, (30, 1))
  traces = []

  @jax.jit
  def draw(replay, key):
    traces.append(0)
    return windows_lib.sample(replay, key, 4, 5)

  key = jax.random.key(1)
  first, again = draw(replay, key), draw(replay, key)
  jax.tree.map(np.testing.assert_array_equal, first, again)
  other = draw(replay, jax.random.key(2))
  assert not jnp.array_equal(first.tiles, other.tiles)
  assert len(traces) == 1


@pytest.mark.parametrize("source", ["expert", "human", "import"])
def test_whoever_demonstrates_counts_as_an_expert(fill, source):
  replay, _ = fill(100, (30, 1, source), (30, 2, "random"))
  assert windows_lib.count_starts(replay, 8, "expert") == 23
  assert windows_lib.count_starts(replay, 8, "random") == 23


def test_a_share_is_drawn_of_the_policys_own_play(fill):
  """The newest episodes in a row that it played, and no window beyond."""
  replay, _ = fill(200, (90, 1, "policy"), (30, 2, "random"))
  assert int(replay.own) == 0
  replay, _ = fill(200, (90, 2, "random"), (20, 3, "policy"), (10, 4, "policy"))
  assert int(replay.own) == 30
  replay = replay.replace(action=jnp.arange(200).astype(jnp.uint8))
  draw = jax.jit(
    lambda key: windows_lib.sample(replay, key, 2000, 5, own=0.5).action[:, 0]
  )
  start = np.asarray(draw(jax.random.key(0)))
  assert start.max() == 115 and start.min() == 0
  own = (start >= 90).mean()
  assert abs(own - (0.5 + 0.5 * 26 / 116)) < 0.05
  streams = jax.jit(
    lambda key: windows_lib.sample_streams(
      replay, key, jnp.full(2000, -1), 5, 8, 0, 1.0
    ).batch.action[:, 0]
  )
  start = np.asarray(streams(jax.random.key(1)))
  assert (start.min(), start.max()) == (90, 115)


def test_what_surprised_is_read_again(fill):
  """The more often the worse it was foreseen, and with the usual weight."""
  replay, _ = fill(60, (30, 1), (30, 2))
  surprises = Surprises(jnp.array([7, 20, -1]), jnp.array([3.0, 1.0, 0.0]))
  read = jax.jit(
    lambda key, known: windows_lib.sample_streams(
      replay, key, jnp.full(4, 50), 5, 1000, 0, 0.0, known, 1.5
    )
  )
  drawn = jax.vmap(read, (0, None))(
    jax.random.split(jax.random.PRNGKey(0), 400), surprises
  )
  again = np.asarray(drawn.again)
  assert (again[:, :2] == -1).all() and (again[:, 3] >= 0).all()
  assert abs((again[:, 2] >= 0).mean() - 0.5) < 0.1
  assert abs((again[:, 3] == 0).mean() - 0.75) < 0.1
  at = np.asarray(drawn.start)[again >= 0]
  np.testing.assert_array_equal(at, np.array([7, 20])[again[again >= 0]])
  assert (np.asarray(drawn.fresh) == (again >= 0))[:, [0, 1, 3]].all()
  assert (np.asarray(drawn.place)[again >= 0] == -1).all()
  none = Surprises(jnp.full(3, -1), jnp.zeros(3))
  nothing = read(jax.random.PRNGKey(1), none)
  assert (nothing.again == -1).all()


def test_what_was_foreseen_since_is_let_go():
  """Each reading counts for less, as chance surprises for ever."""
  surprises = Surprises(jnp.array([7, 20, 30]), jnp.array([4.0, 3.0, 2.0]))
  read = jnp.array([50, 60, 7]), jnp.array([-1, -1, 0])
  kept = surprises_lib.keep(surprises, *read, jnp.array([9.0, 1.0, 9.0]))
  assert kept.place.tolist() == [50, 20, 7]
  np.testing.assert_allclose(kept.nats, [9.0, 3.0, 0.7 * 4.0])
  kept = surprises_lib.keep(surprises, *read, jnp.array([9.0, 1.0, 1.0]))
  assert kept.place.tolist() == [50, 20, 30]


def test_streams_go_on_and_events_are_weighed(fill):
  """A stream reads the next steps; uniform draws stay uniform by weight."""
  replay, _ = fill(60, (30, 1), (30, 2))
  terms, *others = map(np.array, packing.unpack(replay.facts))
  terms[:, :4] = 0.0
  terms[10, 3] = 1.0
  never = jnp.zeros_like(replay.is_terminal)
  replay = replay.replace(
    facts=jnp.asarray(packing.pack(terms, *others)), is_terminal=never,
    rare=replay.rare.at[0].set(10), rares=jnp.int32(1),
    action=(jnp.arange(60) % 256).astype(jnp.uint8),
  )  # fmt: skip
  read = jax.jit(
    lambda key, place: windows_lib.sample_streams(
      replay, key, place, 5, 1000, 1
    )
  )
  batch, fresh, place, *_ = read(
    jax.random.PRNGKey(0), jnp.full(4, -1, jnp.int32)
  )
  assert fresh.all() and place[3] == -1
  after, fresh, *_ = read(jax.random.PRNGKey(1), place.at[2].set(58))
  np.testing.assert_array_equal(fresh, [False, False, True, True])
  np.testing.assert_array_equal(after.action[:2, 0], batch.action[:2, -1] + 1)

  inside, weight, seen = 0.0, 0.0, []
  for key in jax.random.split(jax.random.PRNGKey(2), 300):
    batch, *_ = read(key, jnp.full(4, -1, jnp.int32))
    has = (batch.action == 10).any(1)
    assert has[3]
    seen.append(float(has.mean()))
    inside += float((batch.weight * has).sum())
    weight += float(batch.weight.sum())
  assert np.mean(seen) > 0.25
  assert abs(inside / weight - 5 / 56) < 0.02  # 5 of 56 windows hold step 10
