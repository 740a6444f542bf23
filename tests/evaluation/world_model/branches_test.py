import numpy as np
import pytest

from dreamer_jax.contract import BUTTONS
from dreamer_jax.data.collect import collect
from dreamer_jax.data.policies import ExpertPolicy
from dreamer_jax.evaluation.world_model import branches, rollouts
from dreamer_jax.game import reroll
from dreamer_jax.game.env import GameBoyEnv
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.lantern_isle.players.expert import Expert

HORIZON = 5
PLACES = np.array([[0, 44], [1, 40], [0, 41]])


@pytest.fixture(scope="module")
def vector():
  with VectorEnv(2, num_workers=0, max_steps=60) as env:
    yield env


@pytest.fixture(scope="module")
def episodes(vector):
  make = lambda rng: Expert(rng, epsilon=0.1)
  play = collect(vector, ExpertPolicy(2, make), seeds=[11, 12], source="expert")
  return sorted(play, key=lambda e: e.meta["seed"])


@pytest.fixture(scope="module")
def states(vector, episodes):
  return branches.moments(vector, episodes, PLACES)


def test_a_moment_is_the_episode_at_that_step(vector, episodes, states):
  for state, (e, s) in zip(states, PLACES, strict=True):
    step = vector.reset([0], [0], [state])
    np.testing.assert_array_equal(step.packed[0], episodes[e].packed[s])
    np.testing.assert_array_equal(step.ram[0], episodes[e].ram[s])


def test_the_own_actions_lead_where_the_episode_went(vector, episodes, states):
  rng = np.random.default_rng(0)
  action = np.concatenate(
    [branches.sequences(episodes, PLACES, i, ["own"], HORIZON, rng)
     for i in range(len(PLACES))]
  )  # fmt: skip
  played = branches.play(vector, states, action)
  for i, (e, s) in enumerate(PLACES):
    last = s + HORIZON
    np.testing.assert_array_equal(played.packed[5][i], episodes[e].packed[last])
    np.testing.assert_array_equal(played.ram[i], episodes[e].ram[s : last + 1])
  again = branches.play(vector, states, action)  # nothing is random
  np.testing.assert_array_equal(again.ram, played.ram)


def test_kinds_of_sequences(episodes):
  kinds = branches.kinds_of(5)
  assert kinds == ["own", "other", "random", "walk", "other"]
  rng = np.random.default_rng(0)
  rows = branches.sequences(episodes, PLACES, 0, kinds, 12, rng)
  assert rows.shape == (5, 12)
  np.testing.assert_array_equal(rows[0], episodes[0].action[45:57])
  others = [episodes[e].action[s + 1 : s + 13] for e, s in PLACES[1:]]
  for row in rows[[1, 4]]:
    assert any((row == other).all() for other in others)
  assert {BUTTONS[a] for a in rows[3]} <= {"up", "down", "left", "right"}
  assert (rows[3][:4] == rows[3][0]).all()


def test_rerolled_moments_differ_in_chance_alone(vector, states):
  rng = np.random.default_rng(0)
  other = branches.rerolled(vector, states, 2, rng)
  assert len(other) == len(set(other)) == 2 * len(states)
  game = GameBoyEnv(vector.rom)
  pairs = reroll.find_state(game, states[0])
  for a, b in zip(states, other[::2], strict=True):
    game.load_state(a)
    before = np.frombuffer(game.peek("wWorkRam"), np.uint8)
    game.load_state(b)
    after = np.frombuffer(game.peek("wWorkRam"), np.uint8)
    assert set(np.flatnonzero(before != after)) <= {*pairs, *(pairs + 1)}
  game.close()


def test_windows_of_branches(agent, vector, episodes):
  data = rollouts.filter_episodes(
    agent.world, agent.world_params, agent.codebook, episodes
  )
  tree = branches.make(data, PLACES, 3, HORIZON, 0, vector)
  cut = tree.windows
  assert cut.count == 9 and cut.steps == (1, 5)
  assert tree.kind.tolist() == [0, 1, 2] * 3
  assert cut.labels["map"].shape == (9, HORIZON + 1)
  for name in ("map", "x", "y", "in_battle"):
    own = cut.labels[name][0]
    np.testing.assert_array_equal(own, data.labels[0][name][44:50])
  np.testing.assert_array_equal(cut.packed[0][3], episodes[1].packed[40])
  np.testing.assert_array_equal(cut.start.deter[3], data.deter[1][40])
  assert (tree.rerolled.action == cut.action).all()
