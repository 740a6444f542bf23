"""The model-free baseline: returns, a game it must learn, and resuming."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.contract import GRID
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.errors import UserError
from dreamer_jax.game import rom as roms
from dreamer_jax.game.memory import RAM_SIZE
from dreamer_jax.game.vector import VectorStep
from dreamer_jax.training.model_free import learner
from dreamer_jax.training.model_free import player as modelfree_policy
from dreamer_jax.training.model_free import run as modelfree_run

PATTERNS = np.random.default_rng(0).integers(0, 256, (4, 16), dtype=np.uint8)
LENGTH = 8


class Bandits:
  """A screen of one tile or another; each wants a button of its own."""

  def __init__(self, count, seed=0):
    self.num_envs, self._rng = count, np.random.default_rng(seed)
    self._shown = np.zeros(count, int)
    self._fields = {
      "terms": np.zeros((count, 7), np.float32),
      "is_first": np.zeros(count, bool), "is_last": np.zeros(count, bool),
      "episode_step": np.zeros(count, np.int32),
    }  # fmt: skip
    self.won = []

  def send_reset(self, lanes, seeds):
    self._draw(lanes)
    fields = self._fields
    fields["is_first"][lanes], fields["is_last"][lanes] = True, False
    fields["episode_step"][lanes], fields["terms"][lanes] = 0, 0

  def send_step(self, actions, lanes):
    fields = self._fields
    assert not fields["is_last"][lanes].any()
    right = actions == np.where(self._shown[lanes] == 0, 4, 7)
    self.won.append(right.mean())
    fields["terms"][lanes, 3] = right
    fields["is_first"][lanes] = False
    fields["episode_step"][lanes] += 1
    fields["is_last"][lanes] = fields["episode_step"][lanes] >= LENGTH
    self._draw(lanes)

  def _draw(self, lanes):
    self._shown[lanes] = self._rng.integers(0, 2, len(lanes))

  def receive(self):
    count, copy = self.num_envs, {k: v.copy() for k, v in self._fields.items()}
    packed = np.broadcast_to(
      PATTERNS[self._shown][:, None, None], (count, *GRID, 16)
    )
    return VectorStep(
      packed=packed, ram=np.zeros((count, RAM_SIZE), np.uint8),
      is_terminal=copy["is_last"].copy(), outcome=np.zeros(count, np.uint8),
      is_lost=np.zeros(count, bool), **copy,
    )  # fmt: skip


@pytest.fixture
def config():
  return change(presets.debug(), {
    "model_free.unroll": 16, "model_free.rate": 3e-3,
    "model_free.minibatches": 2, "model_free.epochs": 3,
  })  # fmt: skip


def make(config, folder):
  book = TileCodebook(PATTERNS, config.world_model.network.codebook)
  return modelfree_run.Run(config, book, str(folder), roms.embedded())


def test_learns_which_button_a_picture_wants(config, tmp_path):
  env = Bandits(8)
  run = make(config, tmp_path)
  metrics = list(run.learn(env, 8 * 16 * 40))
  assert all(np.isfinite(list(m.values())).all() for m in metrics)
  assert np.mean(env.won[:32]) < 0.3 < 0.8 < np.mean(env.won[-32:])
  assert metrics[-1]["length"] == LENGTH
  # One frame of nine is an episode's last, and answers to no action.
  assert run.position.env_steps <= 8 * 16 * 41


def test_goes_on_where_it_stopped(config, tmp_path):
  run = make(config, tmp_path)
  list(run.learn(Bandits(4), 200))
  again = make(config, tmp_path)
  assert again.position == run.position
  jax.tree.map(np.testing.assert_array_equal, again.state, run.state)
  more = list(again.learn(Bandits(4), 300))
  assert more and again.position.env_steps >= 300
  assert not list(again.learn(Bandits(4), 300))
  config = change(config, {"policy.network.width": 32})
  with pytest.raises(UserError, match="other"):
    make(config, tmp_path)


def test_plays_in_the_harness(config, tmp_path):
  run = make(config, tmp_path)
  run.save()
  maker, meta = modelfree_policy.policy_maker(str(tmp_path), greedy=True)
  assert meta["position"]["env_steps"] == 0
  env, player = Bandits(2), maker(2)
  player.reset([0, 1], [5, 6])
  env.send_reset(np.arange(2), [5, 6])
  first = player(env.receive())
  assert first.shape == (2,) and (first < 8).all()


def test_a_damaged_file_is_one_sentence(config, tmp_path):
  with pytest.raises(UserError, match="there is no"):
    modelfree_policy.policy_maker(str(tmp_path))
  (tmp_path / modelfree_policy.FILE).write_bytes(b"\x93\x01")
  with pytest.raises(UserError, match="cannot be read"):
    make(config, tmp_path)


def test_returns_end_with_their_episode():
  reward = np.array([[0.0, 1.0, 2.0, 0.0, 4.0]])
  value = np.array([[0.5, 10.0, 20.0, 30.0, 40.0]])
  flags = np.array([[False, False, True, False, False]])
  made = lambda terminal: np.asarray(
    learner.targets(reward, flags, terminal, value, 0.5, 1.0)
  )[0]
  # Step 2 is the last of its episode: 2 (+ half of its value if cut off).
  np.testing.assert_allclose(made(flags)[:2], [1 + 0.5 * 2, 2])
  np.testing.assert_allclose(made(~flags & False)[:2], [1 + 0.5 * 12, 12])
  np.testing.assert_allclose(made(flags)[3], 4 + 0.5 * 40)


def test_memory_ends_with_its_episode(config):
  net = learner.Net(jnp.asarray(PATTERNS), config)
  params = learner.init(net, 0).params
  rng = np.random.default_rng(0)
  tiles = rng.integers(0, 4, (1, 3, *GRID)).astype(np.int16)
  action = np.array([[1, 2, 3]])
  run = lambda tiles, first: net.apply(
    {"params": params}, learner.initial(net, 1), tiles, action, first
  )
  other = tiles.copy()
  other[:, 0] = (other[:, 0] + 1) % 4
  for second, same in ((True, True), (False, False)):
    first = np.array([[True, second, False]])
    values = [np.asarray(run(x, first)[2]) for x in (tiles, other)]
    assert np.allclose(*values) == same
