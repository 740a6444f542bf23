"""What a dream pays, against loops over its steps."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.contract import (
  BADGE,
  BATTLE_WIN,
  HP_LOST,
  NEW_MAP,
  PROGRESS,
  SPECIES,
  STUCK,
  XP,
)
from dreamer_jax.imagination import rewards
from dreamer_jax.nn import precision
from dreamer_jax.types import Progress
from dreamer_jax.world_model import heads

LIKELY = 0.3


def chances(steps=12, count=60, seed=0):
  """Of dreams: most begin below what is likely, some are sure at times."""
  rng = np.random.default_rng(seed)
  chance = rng.uniform(0, 1, (steps + 1, count)) ** 2
  chance[rng.uniform(size=chance.shape) < 0.1] = 1.0
  chance[0, :40] *= LIKELY
  return chance


def edges(chance):
  return np.asarray(rewards.rising_edge(jnp.asarray(chance), LIKELY))


def test_an_edge_is_the_chance_of_now_given_not_before():
  """A dream at a time, with its running maximum."""
  chance = chances()
  got = edges(chance)
  for n in range(chance.shape[1]):
    highest = chance[0, n] if chance[0, n] > LIKELY else 0.0
    held = highest > 0
    for t in range(12):
      now = max(highest, chance[t + 1, n] if chance[t + 1, n] > LIKELY else 0)
      edge = (now - highest) / (1 - highest) if highest < 1 else 0.0
      np.testing.assert_allclose(got[t, n], 0 if held else edge, atol=1e-5)
      highest = now


def test_all_edges_of_a_dream_pay_one_goal_at_most():
  """Weighed by the chance to get there they are the highest chance."""
  chance = chances()
  got = edges(chance)
  assert (got >= 0).all() and (got <= 1 + 1e-6).all()
  reach = np.cumprod(np.concatenate([np.ones((1, 60)), 1 - got[:-1]]), 0)
  paid = (reach * got).sum(0)
  likely = np.where(chance > LIKELY, chance, 0).max(0)
  begun = chance[0] <= LIKELY
  np.testing.assert_allclose(paid[begun], likely[begun], atol=1e-5)
  assert begun.sum() >= 40 and (paid[~begun] == 0).all()  # it held before


def test_a_dream_is_paid_by_no_other():
  chance = chances()
  other = chance.copy()
  other[:, 1:] = other[:, :0:-1]
  np.testing.assert_array_equal(edges(chance)[:, 0], edges(other)[:, 0])
  np.testing.assert_array_equal(edges(other)[:, 1:], edges(chance)[:, :0:-1])


def test_no_edge_looks_ahead():
  """What follows step 5 changes nothing up to it."""
  chance = chances()
  later = np.concatenate([chance[:6], 1 - chance[6:]])
  np.testing.assert_array_equal(edges(chance)[:5], edges(later)[:5])
  assert (edges(chance)[5:] != edges(later)[5:]).any()


def test_badges_and_species_count_by_what_exceeds_the_largest_so_far():
  """Each for itself; what else is paid at each step is left as it is."""
  terms = np.random.default_rng(0).uniform(size=(9, 5, 7))
  got = rewards.first_times(jnp.asarray(terms))
  assert got.shape == (8, 5, 7)
  for n in range(5):
    for term in range(7):
      largest = terms[0, n, term]
      for t in range(8):
        want = terms[t + 1, n, term]
        if term in (BADGE, SPECIES):
          want = max(want - largest, 0)
          largest = max(largest, terms[t + 1, n, term])
        np.testing.assert_allclose(got[t, n, term], want, atol=1e-6)
  once = np.asarray(got[..., jnp.array([BADGE, SPECIES])])
  assert (once.sum(0) <= 1 + 1e-6).all()


def walk(steps=10, count=8, maps=5, seed=0):
  """Maps by chance among few, some steps unsure, some maps known before."""
  rng = np.random.default_rng(seed)
  here = rng.integers(0, maps, (steps, count))
  certainty = rng.choice([0.4, 0.5, 0.6, 1.0], (steps, count))
  probs = np.zeros((steps, count, 256))
  probs[..., 200] = 1 - certainty  # the rest is on a map that none goes to
  np.put_along_axis(probs, here[..., None], certainty[..., None], -1)
  known = np.zeros((count, 256))
  known[:, :maps] = rng.uniform(size=(count, maps)) < 0.3
  return here, certainty, probs, known


def test_a_map_is_new_where_it_was_never_surely_met():
  """The history in a set, dream by dream; 0.5 is not more sure than not."""
  here, certainty, probs, known = walk()
  probs[..., 200] *= 0.5  # no other map is likely either
  terms = jnp.full((10, 8, 7), 9.0)
  got = rewards.complete_terms(
    terms, jnp.asarray(probs), Progress(jnp.asarray(known))
  )[..., NEW_MAP]
  paid = 0
  for n in range(8):
    met = set(np.flatnonzero(known[n]))
    for t in range(10):
      is_new = certainty[t, n] > 0.5 and here[t, n] not in met
      assert got[t, n] == is_new, (t, n)
      if is_new:
        met.add(here[t, n])
        paid += 1
  assert paid > 8


def test_map_zero_is_a_map():
  """It is new once; not to be sure of any is not to be on it."""
  probs = np.zeros((3, 2, 256))
  probs[:, 0, 0] = 1
  probs[1:, 1, 0] = [0.2, 1.0]
  got = rewards.complete_terms(
    jnp.zeros((3, 2, 7)), jnp.asarray(probs), Progress(jnp.zeros((2, 256)))
  )[..., NEW_MAP]
  np.testing.assert_array_equal(got.T, [[1, 0, 0], [0, 0, 1]])


def test_to_be_stuck_is_to_make_no_progress_of_any_sort():
  """One minus each chance of progress; points are certain, losses are none."""
  terms = np.zeros((1, 6, 7))
  terms[0, 1, BADGE], terms[0, 1, BATTLE_WIN] = 0.5, 0.4
  terms[0, 2, XP] = 37.0
  terms[0, 3, HP_LOST] = 12.0
  terms[0, 4, STUCK] = terms[0, 4, NEW_MAP] = 0.7  # as no head says them
  probs = np.zeros((1, 6, 256))
  probs[0, 5, 3] = 1.0
  got = rewards.complete_terms(
    jnp.asarray(terms), jnp.asarray(probs), Progress(jnp.zeros((6, 256)))
  )
  np.testing.assert_allclose(
    got[0, :, STUCK], [1, 0.5 * 0.6, 0, 1, 1, 0], rtol=1e-5
  )
  assert got[0, 4, NEW_MAP] == 0 and STUCK not in PROGRESS
  others = jnp.array([BADGE, SPECIES, BATTLE_WIN, XP, HP_LOST])
  np.testing.assert_array_equal(
    got[..., others], terms[..., np.asarray(others)].astype(np.float32)
  )


def test_a_reward_is_each_term_by_its_weight_and_the_goal():
  rng = np.random.default_rng(0)
  terms, weights = rng.normal(size=(4, 3, 7)), rng.normal(size=7)
  cont, reached = rng.uniform(size=(2, 4, 3))
  reward, ends = rewards.reward_of(
    *map(jnp.asarray, (terms, cont, reached, weights)), 20.0
  )
  for t in range(4):
    for n in range(3):
      want = sum(terms[t, n, k] * weights[k] for k in range(7))
      want += 20.0 * reached[t, n]
      np.testing.assert_allclose(reward[t, n], want, rtol=1e-4, atol=1e-5)
      # The dream goes on if the episode does and the goal is not reached.
      going = cont[t, n] * (1 - reached[t, n])
      np.testing.assert_allclose(ends[t, n], going, rtol=1e-5)


class Told:
  """Heads that read logits off the features, `[..., 6]` and a map's id."""

  NAMES = ("badge", "species", "battle_win", "cont", "goal_done")

  def heads(self, params, features, goal):
    del params, goal
    out = {name: features[..., i] for i, name in enumerate(self.NAMES)}
    nothing = jax.nn.one_hot(jnp.zeros(features.shape[:-1], int), heads.BINS)
    out |= dict.fromkeys(("xp", "hp_lost"), 30.0 * nothing)
    out["probe_map"] = 30.0 * jax.nn.one_hot(features[..., 5].astype(int), 256)
    return out


WEIGHTS = jnp.array([10.0, 2.0, 0.5, 1.0, 0.0, 0.0, -0.001])


def appraise(features, ids, dtype="float32"):
  config = change(presets.debug().policy, {"imagination.goal_scale": 20.0})
  judge = rewards.make_appraisal(Told(), config, WEIGHTS)
  kept = precision.stored(jnp.asarray(features).astype(dtype))
  maps = jnp.zeros((len(ids), 256)).at[:, 1].set(1.0)
  return judge(None, kept, Progress(maps), jnp.asarray(ids))


def told(steps=4, count=3, **logits):
  """Nothing happens and all goes on, but for what is named: `{(t, n): x}`."""
  features = np.full((steps, count, 6), -30.0)
  features[..., 3], features[..., 5] = 30.0, 1.0
  names = (*Told.NAMES, "map")
  for name, cells in logits.items():
    for place, value in cells.items():
      features[(*place, names.index(name))] = value
  return features


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_dream_is_paid_for_all_that_comes_about(dtype):
  """Dream 0 wins twice and walks on; dream 1 catches; dream 2 is told goal 2.

  Features are as a dream keeps them, bits of bfloat16 where those are read.
  """
  features = told(
    battle_win={(0, 0): 30.0, (1, 0): 30.0, (3, 0): 30.0},
    map={(2, 0): 7.0, (3, 0): 7.0},
    species={(2, 1): 30.0, (3, 1): 30.0},
    goal_done={(2, 2): 30.0, (2, 1): 30.0},
    cont={(3, 0): -30.0},
  )
  terms, reward, cont, reached = appraise(features, [0, 0, 2], dtype)
  stuck = -0.001
  np.testing.assert_allclose(
    reward.T,
    [[1, 0.5, 1], [stuck, 2, stuck], [stuck, 20 + stuck, stuck]],
    atol=1e-4,
  )  # the start's battle was won before
  np.testing.assert_allclose(
    cont.T, [[1, 1, 0], [1, 1, 1], [1, 0, 1]], atol=1e-5
  )
  np.testing.assert_allclose(reached[:, 2], [0, 1, 0], atol=1e-5)
  assert (reached[:, :2] == 0).all()  # goal 0 asks the badge alone
  np.testing.assert_allclose(terms[:, 1, SPECIES], [0, 1, 0], atol=1e-5)


def test_small_doubts_add_up_to_nothing():
  """A chance of 0.29 at each step, of all that comes about by chance."""
  doubt = float(np.log(0.29 / 0.71))
  every = {(t, n): doubt for t in range(4) for n in range(3)}
  features = told(badge=every, species=every, battle_win=every, goal_done=every)
  terms, reward, _, reached = appraise(features, [0, 1, 2])
  assert (reached == 0).all()
  np.testing.assert_allclose(reward, -0.001, atol=1e-5)
  assert (terms[..., :4] == 0).all()


def test_a_badge_that_ends_the_episode_is_paid_where_it_ends():
  """By the term and the goal; the step itself still weighs, the next do not."""
  features = told(badge={(2, 0): 30.0, (3, 0): 30.0}, cont={(2, 0): -30.0})
  _, reward, cont, reached = appraise(features, [0, 0, 0])
  np.testing.assert_allclose(reward[1, 0], 10 + 20, rtol=1e-4)
  np.testing.assert_allclose(cont[:, 0], [1, 0, 1], atol=1e-5)
  reach = np.cumprod([1.0, *np.asarray(cont[:-1, 0])])
  np.testing.assert_allclose((reach * reached[:, 0]).sum(), 1, rtol=1e-4)
