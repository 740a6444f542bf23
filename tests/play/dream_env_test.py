"""The dream as an environment: the same for a seed, other for other buttons."""

import jax.numpy as jnp
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from dreamer_jax.contract import BUTTONS, TERMS
from dreamer_jax.play.dream_env import DreamEnv


@pytest.fixture(scope="module")
def dream(agent):
  return DreamEnv(agent, context=3, max_steps=4, render_mode="rgb_array")


def walk(dream, buttons, seed=1):
  """Pictures and rewards, with the one that it began with."""
  picture, _ = dream.reset(seed=seed)
  steps = [dream.step(BUTTONS.index(name)) for name in buttons]
  return [picture, *(s[0] for s in steps)], [s[1] for s in steps]


def test_gymnasium_takes_it(dream):
  check_env(dream, skip_render_check=True)


def test_a_seed_is_a_dream(dream):
  one, paid = walk(dream, ("up", "a", "down"))
  two, again = walk(dream, ("up", "a", "down"))
  np.testing.assert_array_equal(one, two)
  assert paid == again
  assert one[0].shape == (144, 160) and max(p.max() for p in one) <= 3
  assert any((p != one[0]).any() for p in one[1:])


def test_buttons_differ(dream):
  latents = []
  for name in ("up", "a"):
    walk(dream, (name,))
    latents.append(np.asarray(dream._latent.deter))
  assert np.abs(latents[0] - latents[1]).max() > 0


def test_it_ends_and_tells_what_it_pays(dream, agent):
  dream.reset(seed=1)
  for step in range(4):
    _, reward, _, truncated, info = dream.step(0)
    assert truncated == (step == 3)
    paid = np.array([info["terms"][name] for name in TERMS])
    assert reward == pytest.approx(paid @ agent.config.rewards.weights)
    assert 0 <= info["map"] < 256


def test_what_comes_once_is_paid_once(dream, monkeypatch):
  """A badge that the model is sure of at each step."""
  from dreamer_jax.world_model import heads

  sure = lambda out: jnp.eye(len(TERMS))[:1]  # BADGE is the first
  monkeypatch.setattr(heads, "expected_terms", sure)
  fresh = DreamEnv(dream._agent, context=3)
  fresh.reset(seed=1)
  badges = [fresh.step(0)[4]["terms"]["badge"] for _ in range(3)]
  assert badges == [1.0, 0.0, 0.0]


def test_no_such_button(dream):
  dream.reset(seed=1)
  with pytest.raises(ValueError, match="0 to 7"):
    dream.step(8)
