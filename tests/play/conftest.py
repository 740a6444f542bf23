"""Parts of the agent that need no trained network."""

import numpy as np
import pytest

from dreamer_jax.game.ram import decode
from dreamer_jax.planner.schema import Decision
from dreamer_jax.play.runtime import Scene
from dreamer_jax.play.system1 import Thought


class Scripted:
  """Stands in for System 1: an expert that reads the RAM plays."""

  def __init__(self, env, make_expert, value=0.5):
    self.env, self.make, self.value = env, make_expert, value
    self.goals, self.dreams = [], 0

  def reset(self, seed):
    self.expert = self.make(np.random.default_rng(seed))

  def act(self, packed, goal_id):
    assert packed.shape == (18, 20, 16)
    self.goals.append(goal_id)
    return Thought(self.expert.act(decode(self.env.read_ram())), self.value)

  def dream(self, goal_id):
    self.dreams += 1
    return np.zeros((3, 144, 160), np.uint8)


@pytest.fixture
def scene():
  frame = (np.indices((144, 160)).sum(0) // 8 % 4).astype(np.uint8)
  decision = Decision(3, "because " * 60, "rules")
  dream = np.stack([3 - frame] * 3)
  return Scene(7, frame, decision, float("nan"), dream, 1, 4, 2, True)
