import jax
import numpy as np
import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.evaluation.benchmarks import quantization
from dreamer_jax.game import rom as roms


@pytest.fixture(name="episodes", scope="module")
def fixture_episodes(agent):
  return quantization.held_out(agent, 3, 1_200_000)


def test_held_out_play_is_of_three_kinds(episodes):
  kinds = [e.meta["source"] for e in episodes]
  assert kinds == ["expert", "randomized_expert", "explorer"]


def test_other_actors_choose_otherwise(agent, episodes):
  own = quantization.best_actions(agent, episodes)
  assert len(own) == sum(len(e) for e in episodes)
  same = quantization.best_actions(agent, episodes)
  np.testing.assert_array_equal(own, same)
  flipped = jax.tree.map(lambda x: -x, agent.actor)
  other = quantization.best_actions(agent._replace(actor=flipped), episodes)
  assert (own != other).mean() > 0.5


def test_an_unknown_game_cannot_be_measured(agent, monkeypatch):
  find = roms.find
  monkeypatch.setattr(
    roms, "find", lambda *a, **k: find()._replace(name="Other")
  )
  with pytest.raises(UserError, match="--nomeasure"):
    quantization.held_out(agent, 3, 1_200_000)
