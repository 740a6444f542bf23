import numpy as np
import pytest

from dreamer_jax.play.dream_env import Dream


@pytest.fixture(scope="module")
def dream(agent):
  return Dream(agent, context=3)


def test_a_button_goes_on_and_reset_goes_back(dream):
  dream.reset()
  first = dream.picture()
  assert first.shape == (144, 160) and first.dtype == np.uint8
  assert first.max() <= 3
  seen = []
  for _ in range(2):
    for name in ("up", "a", "down"):
      dream.press(name)
    seen.append(dream.picture())
    assert dream.steps == 3
    dream.reset()
  np.testing.assert_array_equal(*seen)
  np.testing.assert_array_equal(dream.picture(), first)
  assert (seen[0] != first).any()


def test_buttons_differ(dream):
  latents = []
  for name in ("up", "a"):
    dream.reset()
    dream.press(name)
    latents.append(np.asarray(dream._latent.deter))
  assert np.abs(latents[0] - latents[1]).max() > 0


def test_position(dream):
  place, x, y = dream.position()
  assert 0 <= place < 256 and 0 <= x < 256 and 0 <= y < 256
