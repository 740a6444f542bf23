import os
import signal

import numpy as np
import pytest

from dreamer_jax.data import episodes
from dreamer_jax.data.collect import Tally, collect, policies_for
from dreamer_jax.data.policies import ExpertPolicy, RandomPolicy
from dreamer_jax.data.start_states import StartState
from dreamer_jax.game import rom as roms
from dreamer_jax.game.vector import VectorEnv


def gather(rom, num_envs, num_workers, seeds, policy=None, **options):
  """Episodes by seed, in the order in which they ended."""
  options = {"max_steps": 10, **options}
  with VectorEnv(num_envs, num_workers=num_workers, rom=rom, **options) as env:
    policy = policy or policies_for(env, lambda n: RandomPolicy(n, 0.5))
    played = collect(env, policy, seeds=seeds, source="random")
    return {episode.meta["seed"]: episode for episode in played}


def assert_same(first, second):
  for name in episodes.FIELDS:
    a, b = getattr(first, name), getattr(second, name)
    np.testing.assert_array_equal(a, b, name)


def test_episodes_depend_on_their_seed_alone(rom):
  many = gather(rom, 3, 2, range(5))
  assert sorted(many) == list(range(5))
  few = gather(rom, 1, 0, [4, 1])  # another order, another process
  for seed, episode in few.items():
    assert_same(episode, many[seed])
  assert not np.array_equal(many[0].action, many[1].action)


def test_lanes_change_no_episode(rom):
  lockstep = gather(rom, 4, 2, range(7), RandomPolicy(4, 0.5))
  in_turn = gather(rom, 4, 2, range(7))
  for seed, episode in lockstep.items():
    assert_same(episode, in_turn[seed])
  assert list(gather(rom, 4, 2, range(7))) == list(in_turn)


class Mortal(RandomPolicy):
  """Kills a worker when the oldest of its episodes is at step 4."""

  env = None

  def __call__(self, step):
    if self.env is not None and step.episode_step.max() == 4:
      os.kill(self.env.pids[1], signal.SIGKILL)
      Mortal.env = None
    return super().__call__(step)


def test_episodes_lost_with_their_worker_are_played_again(rom, caplog):
  want = gather(rom, 4, 2, range(6))
  with VectorEnv(
    4, num_workers=2, rom=rom, max_steps=10, max_restarts=1
  ) as env:
    Mortal.env = env
    policies = policies_for(env, lambda n: Mortal(n, 0.5))
    played = list(collect(env, policies, seeds=range(6), source="random"))
    assert env.restarts == 1 and "started again (1 of 1)" in caplog.text
  assert sorted(e.meta["seed"] for e in played) == list(range(6))
  for episode in played:
    assert_same(episode, want[episode.meta["seed"]])


def test_a_collection_may_be_left(rom):
  with VectorEnv(4, num_workers=2, rom=rom, max_steps=3) as env:
    make = lambda n: RandomPolicy(n)
    played = collect(
      env, policies_for(env, make), seeds=range(9), source="random"
    )
    next(played)
    played.close()
    env.reset(seeds=range(4))  # nothing is under way any more


def test_episodes_keep_the_contract(rom, tmp_path):
  episode = gather(rom, 1, 0, [7])[7]
  episode.check()
  assert len(episode) == 11 and not episode.is_terminal.any()
  assert episode.action[0] == 0 and not episode.terms[0].any()
  meta = episode.meta
  assert meta["rom"]["sha1"] == rom.sha1 and meta["env"]["max_steps"] == 10
  assert (meta["source"], meta["seed"]) == ("random", 7) and meta["pyboy"]
  episodes.save(tmp_path / "x.ep", episode)
  assert_same(episodes.load(tmp_path / "x.ep"), episode)


class Counter:
  """Plays its count of steps modulo 8, and serves goals 100, 101, ..."""

  def __init__(self, num_envs):
    self.count = np.zeros(num_envs, int)

  def reset(self, indices, seeds):
    self.count[indices] = 0

  def __call__(self, step):
    self.goal = 100 + self.count
    self.count = self.count + 1
    return self.count % 8


def test_actions_and_goals_are_aligned(rom):
  episode = gather(rom, 2, 0, [0], Counter(2))[0]
  # action[t] led to t; goal[t] was active at t, and the last one stays.
  assert episode.action.tolist() == [t % 8 for t in range(11)]
  assert episode.goal.tolist() == [*range(100, 110), 109]


def test_expert_sees_its_own_ram(rom):
  class Expert:
    def __init__(self, rng):
      self.rng = rng

    def act(self, ram):
      assert ram.map_id.shape == ()
      return int(self.rng.integers(8))

  played = gather(rom, 2, 0, [3, 4, 5], ExpertPolicy(2, Expert))
  alone = gather(rom, 1, 0, [5], ExpertPolicy(1, Expert))
  assert_same(alone[5], played[5])


def test_start_states(rom):
  with VectorEnv(1, num_workers=0, rom=rom, max_steps=4) as env:
    env.reset(seeds=[0])
    want = env.step(np.array([2]))
    state = env.save_state(0)
    policy = RandomPolicy(1)
    played = collect(
      env, policy, seeds=[1, 2], source="random",
      states={1: StartState("title", state, {})}.get,
    )  # fmt: skip
    began, anew = played
  np.testing.assert_array_equal(began.ram[0], want.ram[0])
  assert [e.meta["start"] for e in (began, anew)] == ["title", "power-on"]


def test_endless_episodes_are_refused(rom):
  with VectorEnv(1, num_workers=0, rom=rom) as env:
    played = collect(env, RandomPolicy(1), seeds=[0], source="random")
    with pytest.raises(ValueError, match="max_steps"):
      next(played)


def test_no_seeds_no_episodes(rom):
  assert gather(rom, 1, 0, []) == {}


def test_tally(rom):
  tally = Tally()
  with VectorEnv(2, num_workers=0, rom=rom, max_steps=5) as env:
    played = collect(
      env, RandomPolicy(2), seeds=range(3), source="random",
      on_steps=tally.count_steps,
    )  # fmt: skip
    assert len(list(tally.watch(played))) == 3
  assert (tally.episodes, tally.env_steps) == (3, 15)
  assert tally.steps_hz > 0 and tally.badges == 0


@pytest.mark.parametrize("repeat", [0.0, 0.8])
def test_random_play_repeats_as_told(repeat):
  policy = RandomPolicy(4, repeat)
  policy.reset(range(4), range(4))
  actions = np.stack([policy(None) for _ in range(2000)])
  same = (actions[1:] == actions[:-1]).mean()
  assert same == pytest.approx(repeat + (1 - repeat) / 8, abs=0.03)
  shares = np.bincount(actions.ravel(), minlength=8) / actions.size
  assert shares.max() < 0.2


def test_lantern_isle_is_what_is_collected_by_default(monkeypatch):
  monkeypatch.delenv(roms.ENV_VARIABLE, raising=False)
  with VectorEnv(1, num_workers=0, max_steps=2) as env:
    assert env.rom.name == "Lantern Isle"
