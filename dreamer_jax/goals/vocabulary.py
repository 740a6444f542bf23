"""The goals that System 2 may set and System 1 is conditioned on.

A goal is data: an id, a text, a kind, and declarative predicates on `GameRam`
fields (never code). Its embedding is fixed; the vocabulary's hash travels with
every checkpoint, so that a policy is never given goals it was not trained on.
"""

import dataclasses
import hashlib
import json

import numpy as np

from dreamer_jax.game.ram import GameRam


@dataclasses.dataclass(frozen=True)
class Predicate:
  """`field <comparison> value`, on one field of `GameRam`.

  `rises` compares with the same field when the goal was set.
  """

  field: str
  comparison: str  # "rises", "equals" or "at_least"
  value: int = 0

  def __call__(self, now: GameRam, then: GameRam) -> np.ndarray:
    """`[...]` bool, for decoded RAM of any leading shape."""
    a, b = getattr(now, self.field), getattr(then, self.field)
    return {
      "rises": lambda: a > b,
      "equals": lambda: a == self.value,
      "at_least": lambda: a >= self.value,
    }[self.comparison]()


@dataclasses.dataclass(frozen=True)
class Goal:
  """One goal. Its id is its place in the vocabulary."""

  text: str
  kind: str  # navigate | battle | catch | explore | talk
  done: Predicate
  feasible: Predicate


GOALS = (
  Goal(
    text="earn the next badge",
    kind="battle",
    done=Predicate("badge_count", "rises"),
    feasible=Predicate("badge_count", "at_least", 0),
  ),
)


def _embed(text: str, dim: int) -> np.ndarray:
  """A unit vector that depends on the text alone."""
  seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
  vector = np.random.default_rng(seed).normal(size=dim)
  return (vector / np.linalg.norm(vector)).astype(np.float32)


def embeddings(dim: int) -> np.ndarray:
  """`[len(GOALS), dim]` f32, unit length, in the order of ids."""
  return np.stack([_embed(goal.text, dim) for goal in GOALS])


def vocabulary_hash() -> str:
  """Changes when a goal's id, text or predicates change."""
  data = [dataclasses.asdict(goal) for goal in GOALS]
  return hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]
