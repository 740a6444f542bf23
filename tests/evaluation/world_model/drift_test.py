"""The judge, on windows of a plane where everything is known."""

import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.contract import BUTTONS
from dreamer_jax.evaluation.world_model.drift import Judge
from dreamer_jax.evaluation.world_model.windows import Windows
from dreamer_jax.game import frames
from dreamer_jax.types import Latent

UP, RIGHT, A = (BUTTONS.index(name) for name in ("up", "right", "a"))
N, K = 6, 5
place = lambda map_id, x, y: (100 * np.asarray(map_id) + x, np.asarray(y))


def pictures(values):
  """`[N, 144, 160]`, of one shade each."""
  return np.broadcast_to(np.asarray(values)[:, None, None], (N, 144, 160))


def packed(values):
  return frames.pack(pictures(values).astype(np.uint8))


def latent(x):
  """A latent that is a position: `Oracle` reads it."""
  zeros = jnp.zeros((N, 1, 1))
  return Latent(jnp.asarray(x, jnp.float32)[:, None], zeros, zeros)


class Oracle:
  """Reads x off the latent, map 1 and y 3, and the same as a shade."""

  def position(self, latent):
    x = np.asarray(latent.deter)[:, 0].astype(int)
    return np.full(N, 1), x, np.full(N, 3)

  def pictures(self, latent):
    return pictures(np.asarray(latent.deter)[:, 0].astype(np.uint8) % 4)


@pytest.fixture
def walk():
  """N walks right from x = 0, one tile a step; the last two meet a battle."""
  x = np.tile(np.arange(K + 1), (N, 1))
  battle = np.zeros((N, K + 1), int)
  battle[4:, 3:] = 1
  labels = {
    "map": np.ones_like(x), "x": x, "y": np.full_like(x, 3),
    "in_battle": battle, "valid": np.ones((N, K + 1)),
  }  # fmt: skip
  return Windows(
    start=latent(np.zeros(N)),
    action=np.full((N, K), RIGHT, np.int32),
    labels=labels,
    terms=np.zeros((N, K + 1, 7), np.float32),
    seen=np.zeros((N, 32), np.uint8),
    packed={k: packed(np.full(N, k % 4)) for k in (0, 1, 5)},
    cluster=np.arange(N),
  )


def figure(judge, name, forecast, k, group="all"):
  return judge.report()[group][name][forecast][str(k)]["mean"]


def test_a_perfect_dream(walk):
  judge = Judge(walk, Oracle(), place)
  judge.add("tiles", lambda k: latent(np.full(N, k)))
  for k in (1, 5):
    assert figure(judge, "drift", "tiles", k) == 0.0
    for name in ("map", "pixels", "exact_frames"):
      assert figure(judge, name, "tiles", k) == 1.0
  assert judge.report()["all"]["psnr_db"]["tiles"]["5"] == 99.0


def test_a_dream_that_stays_behind(walk):
  judge = Judge(walk, Oracle(), place)
  judge.add("tiles", lambda k: latent(np.full(N, k - 1)))
  judge.add_copy()
  assert figure(judge, "drift", "tiles", 5) == 1.0
  assert figure(judge, "drift", "copy_last", 5) == 5.0
  assert figure(judge, "exact_frames", "tiles", 5) == 0.0
  # One shade of three off everywhere: 20 log10(3).
  psnr = judge.report()["all"]["psnr_db"]["tiles"]["5"]
  assert psnr == pytest.approx(20 * np.log10(3))


def test_groups_are_counted_by_step(walk):
  judge = Judge(walk, Oracle(), place)
  judge.add("tiles", lambda k: latent(np.where(np.arange(N) < 4, k, k + 6)))
  assert judge.report()["no_battle"]["windows"] == {"0": 6, "1": 6, "5": 4}
  assert figure(judge, "drift", "tiles", 5) == pytest.approx(2.0)
  assert figure(judge, "drift", "tiles", 5, "no_battle") == 0.0
  assert figure(judge, "drift", "tiles", 1, "no_battle") == pytest.approx(2.0)
  chosen = judge.report(np.arange(N) >= 4)["all"]
  assert chosen["drift"]["tiles"]["5"]["mean"] == 6.0


def test_dead_reckoning_is_right_until_a_wall(walk):
  judge = Judge(walk, Oracle(), place)
  judge.add_reckoning()
  assert figure(judge, "drift", "dead_reckoning", 5) == 0.0
  action = walk.action.copy()
  action[:, 1:3] = UP, A  # the game went right: one tile up, and two behind
  judge = Judge(walk._replace(action=action), Oracle(), place)
  judge.add_reckoning()
  assert figure(judge, "drift", "dead_reckoning", 1) == 0.0
  assert figure(judge, "drift", "dead_reckoning", 5) == 3.0


def test_the_game_agrees_with_itself(walk):
  judge = Judge(walk, Oracle(), place)
  judge.add_game("chance", walk)
  assert figure(judge, "drift", "chance", 5) == 0.0
  labels = {**walk.labels, "x": walk.labels["x"] + 2}
  judge.add_game("chance", walk._replace(labels=labels))
  assert figure(judge, "drift", "chance", 5) == 2.0


def test_an_untrusted_position_is_no_drift(walk):
  walk.labels["valid"][0, 5] = 0
  judge = Judge(walk, Oracle(), place)
  judge.add("tiles", lambda k: latent(np.where(np.arange(N) < 1, 90, k)))
  assert figure(judge, "drift", "tiles", 1) == pytest.approx(89 / 6)
  assert figure(judge, "drift", "tiles", 5) == 0.0
