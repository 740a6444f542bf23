"""The bits that say which goals hold."""

import numpy as np

from dreamer_jax.data.collect import collect
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.policies import RandomPolicy
from dreamer_jax.game.goals import ANY_GAME
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.goals import predicates, vocabulary
from dreamer_jax.goals.done import done_bits


def _episode() -> Episode:
  with VectorEnv(1, num_workers=0, max_steps=60) as env:
    return next(
      iter(collect(env, RandomPolicy(1, 0.5), seeds=[3], source="random"))
    )


def test_bits_are_the_predicates_step_by_step():
  episode = _episode()
  bits = np.unpackbits(done_bits(episode), axis=-1, bitorder="little")
  facts = predicates.of_episode(episode.decode_ram(), episode.terms)
  game = episode.meta["rom"]["name"]
  for i, goal in enumerate(vocabulary.GOALS):
    if goal.game not in (ANY_GAME, game):
      assert not bits[:, i].any()
      continue
    for t in (0, 1, len(episode) // 2, len(episode) - 1):
      now, then = facts[t], facts[max(t - 1, 0)]
      assert bits[t, i] == predicates.holds(goal.done, now, then), goal.name
  assert bits.any() and not bits[:, len(vocabulary.GOALS) :].any()
