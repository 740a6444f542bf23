"""Windows kept to be read again, against a list that is kept by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.types import Surprises
from dreamer_jax.world_model import surprises

NONE = jnp.full(2, -1)


def kept(place, nats):
  return Surprises(
    jnp.asarray(place, jnp.int32), jnp.asarray(nats, jnp.float32)
  )


def keep(known, start, again, nats):
  start, again = (jnp.asarray(x, jnp.int32) for x in (start, again))
  return jax.jit(surprises.keep)(known, start, again, jnp.asarray(nats))


def as_pairs(known):
  """Where and how badly, of the places that are taken."""
  taken = np.asarray(known.nats) > 0
  return sorted(
    zip(
      np.asarray(known.place)[taken].tolist(),
      np.asarray(known.nats, float)[taken].round(4).tolist(),
      strict=True,
    )
  )


def test_the_most_surprising_push_out_the_least():
  known = kept([10, 20, 30], [5.0, 1.0, 3.0])
  after = keep(known, [40, 50], NONE, [4.0, 2.0])
  assert as_pairs(after) == [(10, 5.0), (30, 3.0), (40, 4.0)]


def test_what_was_foreseen_better_is_not_kept():
  known = kept([10, 20], [5.0, 1.0])
  after = keep(known, [40, 50], NONE, [0.5, 0.0])
  assert as_pairs(after) == [(10, 5.0), (20, 1.0)]


@pytest.mark.parametrize(
  ("nats", "left"), [(9.0, 3.5), (5.0, 3.5), (2.0, 1.4), (0.0, None)]
)
def test_what_is_read_again_fades(nats, left):
  """By three tenths of the lesser of then and now; it never grows."""
  known = kept([10, 20], [5.0, 1.0])
  after = keep(known, [10, 90], [0, -1], [nats, 0.0])
  want = [(20, 1.0)] if left is None else [(10, left), (20, 1.0)]
  assert as_pairs(after) == want


def test_what_nobody_can_foresee_is_not_read_for_ever():
  """A window that always surprises as badly leaves for milder ones."""
  known = kept([10], [8.0])
  reads = 0
  while known.place[0] == 10:
    known = keep(known, [10, 60], [0, -1], [8.0, 1.0])
    reads += 1
    assert reads < 20
  assert reads == 6  # 8 * 0.7^6 is less than 1
  assert as_pairs(known) == [(60, 1.0)]


def test_a_window_read_again_is_not_kept_twice():
  """Even where there is room, and it surprises more than all others."""
  known = kept([10, -1, -1], [2.0, 0.0, 0.0])
  after = keep(known, [10, 10], [0, 0], [9.0, 9.0])
  assert as_pairs(after) == [(10, 1.4)]
  assert (after.place[after.nats == 0] == -1).all()


def test_a_long_history_is_that_of_a_list_kept_by_hand():
  rng = np.random.default_rng(0)
  known, by_hand = kept([-1] * 5, [0.0] * 5), []
  for step in range(40):
    nats = rng.uniform(0, 10, 3).round(2).tolist()
    start = [100 * step + i for i in range(3)]
    again = -1
    if by_hand and rng.uniform() < 0.6:
      place, before = by_hand.pop(rng.integers(len(by_hand)))
      again = int(np.flatnonzero(np.asarray(known.place) == place)[0])
      start[1] = place
      by_hand.append((place, min(before, nats[1]) * 0.7))
    fresh = [i for i in range(3) if i != 1 or again < 0]
    by_hand += [(start[i], nats[i]) for i in fresh]
    by_hand = sorted(by_hand, key=lambda pair: -pair[1])[:5]
    known = keep(known, start, [-1, again, -1], jnp.asarray(nats, jnp.float32))
    want = sorted((place, round(x, 4)) for place, x in by_hand)
    got = as_pairs(known)
    assert [place for place, _ in got] == [place for place, _ in want]
    np.testing.assert_allclose(
      [x for _, x in got], [x for _, x in want], atol=2e-4
    )


def test_there_is_room_beside_each_sequence_and_nothing_in_it():
  empty = surprises.none(3)
  assert len(empty.place) == len(empty.nats) == 3 * 64
  _, are_any = surprises.draw(empty, jax.random.PRNGKey(0), 4)
  assert not are_any
  after = keep(empty, [7, 8], NONE, [1.0, 2.0])
  assert as_pairs(after) == [(7, 1.0), (8, 2.0)]
  assert len(after.place) == 3 * 64 and (after.place == -1).sum() == 190


def test_draws_are_in_proportion_to_nats():
  """And of places that are taken only."""
  known = kept([10, -1, 20, 30, -1], [1.0, 0.0, 3.0, 6.0, 0.0])
  drawn, are_any = surprises.draw(known, jax.random.PRNGKey(0), 5000)
  assert are_any and drawn.shape == (5000,)
  share = np.bincount(drawn, minlength=5) / 5000
  np.testing.assert_allclose(share, [0.1, 0, 0.3, 0.6, 0], atol=0.025)
  assert share[1] == share[4] == 0
