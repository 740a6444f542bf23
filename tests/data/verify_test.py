import dataclasses

import pytest

from dreamer_jax.data import verify
from dreamer_jax.data.collect import collect
from dreamer_jax.data.policies import RandomPolicy
from dreamer_jax.data.verify import ReplayError
from dreamer_jax.game import intro
from dreamer_jax.game.env import GameBoyEnv
from dreamer_jax.game.vector import VectorEnv


def played(rom, states=None):
  with VectorEnv(1, num_workers=0, rom=rom, max_steps=20) as env:
    policy = RandomPolicy(1, 0.5)
    return next(collect(env, policy, seeds=[4], source="random", states=states))


@pytest.fixture(scope="module")
def episode(rom):
  return played(rom)


@pytest.fixture(scope="module")
def env(rom):
  env = GameBoyEnv(rom, max_steps=20)
  yield env
  env.close()


def test_an_episode_comes_back(env, episode):
  assert verify.replays(env, episode) and verify.replays(env, episode)


@pytest.mark.parametrize(
  ("field", "what"), [("packed", "screen"), ("ram", "RAM"), ("terms", "terms")]
)
def test_what_differs_is_named(env, episode, field, what):
  data = getattr(episode, field).copy()
  data[7].reshape(-1)[0] += 1
  other = dataclasses.replace(episode, **{field: data})
  with pytest.raises(ReplayError, match=f"step 7 of 20 the {what} differs"):
    verify.replays(env, other)


def test_other_actions_differ(env, episode):
  action = episode.action.copy()
  action[1:] = 4 + (action[1:] + 1) % 4
  with pytest.raises(ReplayError, match="differs"):
    verify.replays(env, dataclasses.replace(episode, action=action))


def test_other_starts_are_left_out(env, episode, rom):
  other = {**episode.meta, "timing": "as played"}
  assert not verify.replays(env, dataclasses.replace(episode, meta=other))
  env.reset(seed=0)
  intro.play(env)
  state = env.save_state()
  begun = played(rom, states=lambda seed: state)
  assert not verify.replays(env, begun)
