"""Filtering, dreaming and cutting, in a world whose dynamics are a sum."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.contract import NUM_MAPS
from dreamer_jax.evaluation.world_model import (
  event_forecasts,
  rollouts,
  windows,
)
from dreamer_jax.game.memory import RAM_SIZE
from dreamer_jax.game.ram import decode
from dreamer_jax.types import Latent
from dreamer_jax.world_model.heads import BINS


class Sum:
  """`deter` adds up pictures (while watched) and actions; `stoch` is fixed."""

  def initial(self, count):
    stoch = jnp.zeros((count, 1, 2))
    return Latent(jnp.zeros((count, 1)), stoch, stoch)

  def encode(self, params, tiles):
    return tiles.astype(jnp.float32).mean((-2, -1))

  def observe(self, params, latent, tokens, action, first, rng):
    before = jnp.where(first[:, :1], 0.0, latent.deter)
    deter = before + jnp.cumsum(tokens + action, 1)
    stoch = jax.nn.one_hot(action[..., None] % 2, 2)
    latents = Latent(deter[..., None], stoch, jnp.log(stoch + 1e-9))
    return latents, jax.tree.map(lambda x: x[:, -1], latents)

  def prior(self, params, deter):
    return jnp.zeros((*deter.shape[:-1], 1, 2))

  def forecast(self, params, latent, action):
    return latent.replace(deter=latent.deter + action[:, None])

  def uncertainty(self, params, deter):
    return deter[..., 0]

  def heads(self, params, features):
    """Events by the sum: a badge above 5, experience above 0, map 1 above 3."""
    total = features[..., 0]
    logit = lambda x: jnp.where(x, 9.0, -9.0)
    nothing = jnp.where(total > 0, -9.0, 9.0)[..., None] * jnp.ones(BINS)
    nothing = nothing.at[..., 1:].set(0.0)
    one_of = lambda n, i: 9.0 * jax.nn.one_hot(i, n)
    out = {name: logit(total > 1e9) for name in ("species", "battle_win")}
    return {
      **out, "badge": logit(total > 5), "xp": nothing,
      "hp_lost": one_of(BINS, jnp.zeros_like(total, int)),
      "probe_map": one_of(NUM_MAPS, (total > 3).astype(int)),
      "probe_in_battle": one_of(2, jnp.ones_like(total, int)),
      "probe_dialog_open": one_of(2, jnp.zeros_like(total, int)),
      "probe_hp_fraction": total, "probe_enemy_hp_fraction": -total,
    }  # fmt: skip


class Book:
  """Tile ids are the first byte of each tile."""

  def encode(self, packed):
    return packed[..., 0].astype(np.int16)


class Episode:
  """Pictures that show their step, and chance actions."""

  def __init__(self, length, seed):
    self.action = np.random.default_rng(seed).integers(0, 8, length)
    self.action = self.action.astype(np.uint8)
    step = np.arange(length, dtype=np.uint8)[:, None, None, None]
    self.packed = np.broadcast_to(step, (length, 18, 20, 16))
    self.terms = np.ones((length, 7), np.float32)
    self._ram = np.zeros((length, RAM_SIZE), np.uint8)

  def __len__(self):
    return len(self.action)

  def decode_ram(self):
    return decode(self._ram)


@pytest.fixture
def data(monkeypatch):
  monkeypatch.setattr(rollouts, "_CHUNK", 4)
  monkeypatch.setattr(rollouts, "_TOGETHER", 2)
  episodes = [Episode(n, seed=n) for n in (23, 6, 12)]
  return rollouts.filter_episodes(Sum(), {}, Book(), episodes)


def test_chunks_and_groups_change_nothing(data):
  for episode, deter in zip(data.episodes, data.deter, strict=True):
    steps = np.arange(len(episode))
    assert len(deter) == len(episode)
    np.testing.assert_array_equal(
      deter[:, 0], np.cumsum(steps + episode.action)
    )
  assert data.kl == pytest.approx(np.log(2), abs=1e-5)


def test_latents_of_places(data):
  latent = data.latents(np.array([2, 0]), np.array([3, 5]))
  for row, (e, t) in enumerate([(2, 3), (0, 5)]):
    assert latent.deter[row] == data.deter[e][t]
    assert latent.stoch[row, 0].argmax() == data.episodes[e].action[t] % 2


def test_a_window_has_the_actions_that_follow_its_start(data):
  cut = windows.cut(data, np.array([[0, 4], [2, 5]]), 5)
  episode = data.episodes[0]
  np.testing.assert_array_equal(cut.action[0], episode.action[5:10])
  np.testing.assert_array_equal(cut.packed[5][1], data.episodes[2].packed[10])
  np.testing.assert_array_equal(cut.packed[0][0], episode.packed[4])
  assert cut.terms.shape == (2, 6, 7)
  assert not cut.terms[:, 0].any() and cut.terms[:, 1:].all()


def test_windows_need_trusted_steps(data):
  for labels in data.labels:
    labels["valid"][:] = 1
  assert windows.horizon_of(data) == 15
  assert windows.draw(data, 9, 15, 0)[:, 0].tolist() == [0] * 7
  data.labels[0]["valid"][17] = 0  # start 2 and its step 15, start 16 ...
  starts = sorted(windows.draw(data, 9, 15, 0)[:, 1].tolist())
  assert starts == [1, 3, 4, 5, 6, 7]
  data.labels[0]["valid"][:] = 0
  assert windows.horizon_of(data) == 5


def test_dreams_follow_their_actions(monkeypatch):
  monkeypatch.setattr(rollouts, "_DREAMED", 3)
  rng = np.random.default_rng(0)
  action = rng.integers(0, 8, (7, 5)).astype(np.int32)
  start = Sum().initial(7)
  start = start.replace(deter=jnp.arange(7.0)[:, None])
  dreams = rollouts.Dreamer(Sum(), {"members": {}})(start, action, (1, 5))
  total = np.arange(7)[:, None] + np.cumsum(action, 1)
  np.testing.assert_array_equal(dreams.at(1).deter[:, 0], total[:, 0])
  np.testing.assert_array_equal(dreams.at(5).deter[:, 0], total[:, 4])
  np.testing.assert_array_equal(dreams.doubt, total.T)
  assert dreams.entropy.shape == (5, 7)


def test_a_world_without_an_ensemble_has_no_doubt():
  action = np.zeros((2, 1), np.int32)
  dreams = rollouts.Dreamer(Sum(), {})(Sum().initial(2), action, (1,))
  assert dreams.doubt is None and dreams.entropy.shape == (1, 2)


def test_what_a_dream_foresees(monkeypatch):
  monkeypatch.setattr(event_forecasts, "_TOGETHER", 2)
  action = np.array([[0, 4, 4], [0, 0, 0], [4, 0, 0]], np.int32)
  seen = np.zeros((3, 32), np.uint8)
  seen[:, 0] = 1  # map 0
  seen[2, 0] = 3  # and map 1
  start = Sum().initial(3)
  cut = windows.Windows(start, action, {}, None, seen, {}, np.arange(3))
  found = event_forecasts.make_prospector(Sum(), {})(cut)
  sure = lambda name: (found.events[name] > 0.5).astype(int).tolist()
  assert sure("badge") == [[0, 0, 1], [0, 0, 0], [0, 0, 0]]
  assert sure("xp") == [[0, 1, 1], [0, 0, 0], [1, 1, 1]]
  assert sure("new_map") == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
  assert not found.events["hp_lost"].max() > 0.1
  assert found.states["in_battle"].min() > 0.9
  assert found.states["dialog_open"].max() < 0.1
  assert found.hp["hp_fraction"].tolist()[0] == [0.0, 1.0, 1.0]  # clipped
