import numpy as np
import pytest

from dreamer_jax.game import reroll
from dreamer_jax.game.env import GameBoyEnv


@pytest.fixture(scope="module")
def moment():
  env = GameBoyEnv()
  env.reset(seed=1)
  for _ in range(50):
    env.press(0)
  yield env, env.save_state()
  env.close()


def numbers(env, state):
  """What the generator shows in the frames after a state."""
  env.load_state(state)
  return [env.peek("hRandomAdd") for _ in env.press_by_frame(1)]


def test_only_the_random_numbers_change(moment):
  env, state = moment
  pairs = reroll.find_state(env, state)
  assert len(pairs) == 1
  env.load_state(state)
  before = np.frombuffer(env.peek("wWorkRam"), np.uint8)
  [other] = reroll.reroll(env, state, pairs, np.random.default_rng(0))
  env.load_state(other)
  after = np.frombuffer(env.peek("wWorkRam"), np.uint8)
  changed = np.flatnonzero(before != after)
  assert set(changed) <= {pairs[0], pairs[0] + 1} and len(changed)


def test_chance_goes_another_way_and_is_the_seeds(moment):
  env, state = moment
  pairs = reroll.find_state(env, state)
  same = numbers(env, state)
  assert numbers(env, state) == same
  draw = lambda seed: numbers(
    env, reroll.reroll(env, state, pairs, np.random.default_rng(seed))[0]
  )
  assert draw(1) != same and draw(1) == draw(1) != draw(2)


def test_many_ways_from_one_moment(moment):
  env, state = moment
  pairs = reroll.find_state(env, state)
  ways = reroll.reroll(env, state, pairs, np.random.default_rng(0), 3)
  shown = {tuple(numbers(env, way)) for way in ways}
  assert len(shown) == 3


def test_what_is_only_shown_does_not_count(moment):
  """Without the pair in work RAM the game goes on as it would."""
  env, state = moment
  nowhere, rng = np.array([], int), np.random.default_rng(1)
  [shown] = reroll.reroll(env, state, nowhere, rng)
  assert numbers(env, shown)[1:] == numbers(env, state)[1:]
