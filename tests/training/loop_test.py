"""The alternation on the emulator, to its end and across a break."""

import itertools
import os
import shutil

import jax
import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.agent import agent as agent_lib
from dreamer_jax.config import change
from dreamer_jax.errors import UserError
from dreamer_jax.training import gate
from dreamer_jax.training.loop import PHASES, Loop


def test_a_tiny_run_goes_through_all_phases(tiny_run):
  config, workdir, events = tiny_run
  phases = [(e.counters.round, e.counters.phase) for e in events]
  order = [phase for phase, _ in itertools.groupby(phases)]
  assert order == list(itertools.product(range(config.rounds), PHASES))
  for event in events:
    assert all(np.isfinite(v) for v in event.metrics.values()), event
  names = set(os.listdir(workdir))
  assert names >= {"checkpoints", "demos", "episodes", "codebook.npz"}


def test_held_out_episodes_are_looked_at(tiny_run):
  """At each check, with all parts of the loss; the best one is on disk."""
  _, workdir, events = tiny_run
  world = [e for e in events if e.counters.phase == "world"]
  checks = [e for e in world if "val_loss" in e.metrics]
  assert len(checks) == 3  # every 2 of 4 and 2 updates
  for event in checks:
    assert {"val_tile", "val_kl", "alarm", "epoch"} <= set(event.metrics)
  losses = [e.metrics["val_loss"] for e in checks]
  assert len(set(losses)) == len(losses)
  meta = agent_lib.load(workdir, "best").meta
  assert meta["watch"]["best"] == min(losses) == meta["watch"]["latest"]


def test_the_policys_fresh_play_is_dreamed_again(tiny_run):
  """Once a round, before anything is learned from it."""
  _, _, events = tiny_run
  fresh = [e for e in events if "fresh_dream_return" in e.metrics]
  assert [(e.counters.round, e.counters.phase) for e in fresh] == [
    (0, "play"), (1, "play"),
  ]  # fmt: skip
  assert {"fresh_real_return", "fresh_real_spread"} <= set(fresh[0].metrics)


def params_of(workdir):
  agent = agent_lib.load(workdir)
  return agent.world_params, agent.actor, agent.clone


@pytest.mark.parametrize(
  "breaks", [(7, 12), pytest.param((15,), marks=pytest.mark.slow)]
)
def test_a_broken_run_ends_as_if_it_had_not_been(tiny_run, tmp_path, breaks):
  """Dropped after some events and started anew: the same parameters.

  15 is after the last fresh episode was played and before they were judged.
  """
  config, workdir, _ = tiny_run
  for stop in breaks:
    loop = Loop(config, str(tmp_path))
    loop.resume()
    list(itertools.islice(loop.run(), stop))
    loop.session.checkpointer.wait()
  loop = Loop(config, str(tmp_path))
  assert loop.resume() > 0
  list(loop.run())
  for a, b in zip(
    jax.tree.leaves(params_of(workdir)),
    jax.tree.leaves(params_of(str(tmp_path))),
    strict=True,
  ):
    np.testing.assert_array_equal(a, b)
  watched = [agent_lib.load(w).meta["watch"] for w in (workdir, str(tmp_path))]
  assert watched[0] == watched[1]


def test_policy_phases_leave_the_world_alone(tiny_run):
  """What cloning and dreaming change is the policy, and only it."""
  _, workdir, _ = tiny_run
  agent = agent_lib.load(workdir)
  differs = jax.tree.map(
    lambda a, b: np.abs(a - b).max(), agent.actor, agent.clone
  )
  assert max(jax.tree.leaves(differs)) > 0


@pytest.mark.slow
def test_cloning_leaves_the_actor_to_its_dreams(tiny_run, tmp_path):
  """The actor begins as the clone; later rounds clone beside it."""
  config, _, _ = tiny_run
  loop = Loop(config, str(tmp_path))
  actor, clones = None, []
  for event in loop.run():
    round_, phase = event.counters.round, event.counters.phase
    own = loop.session._learners
    state = own and own.behavior
    if phase == "dream" and round_ == 0 and actor is None:
      clones.append(jax.device_get(state.clone))
    if phase == "play" and round_ == 0:
      actor = jax.device_get(state.actor)
    if phase == "clone" and round_ == 1:
      clones.append(jax.device_get(state.clone))
      assert same(state.actor, actor)
  assert not same(clones[0], clones[-1])


def test_what_rounds_gain_adds_up(tmp_path):
  """Each round's dreams are held near the policy that it begins with."""
  config = change(
    presets.debug(),
    {"policy.schedule.gate": False, "policy.schedule.restart": False},
  )
  loop, begun, ended = Loop(config, str(tmp_path)), {}, {}
  for event in loop.run():
    if event.counters.phase == "dream":
      state = jax.device_get(loop.session.learners().behavior)
      begun.setdefault(event.counters.round, state)
      ended[event.counters.round] = state
  assert same(begun[0].reference, begun[0].clone)
  assert same(begun[1].reference, ended[0].actor)
  assert not same(begun[1].reference, begun[1].clone)
  assert same(begun[1].reference, ended[1].reference)


@pytest.fixture
def all_are_worse(monkeypatch):
  worse = gate.Verdict(8, 0.0, 1.0, -1.0, 0.1)
  monkeypatch.setattr(gate, "judge", lambda *_: worse)


def test_a_round_that_plays_worse_is_undone(all_are_worse, tmp_path):
  """The first gives way to the clone, the second to what the first left."""
  loop = Loop(presets.debug(), str(tmp_path))
  ends = {}
  for event in loop.run():
    if event.counters.phase == "dream" and event.done >= event.total:
      own = loop.session.learners()
      ends[event.counters.round] = jax.device_get((own.world, own.behavior))
  agent = agent_lib.load(str(tmp_path))
  world, behavior = ends[0]
  assert same(agent.actor, behavior.clone)
  assert same(agent.world_params, world.weights)
  assert not same(agent.world_params, ends[1][0].weights)
  own = len(loop.experience.own_games(2, "policy"))
  assert own == loop.config.data.own.episodes  # what it played stays
  kept = agent.meta["counters"]
  assert (kept["kept_round"], kept["kept_source"]) == (1, "clone")
  assert kept["kept_tick"] in loop.session.checkpointer.steps


def test_a_round_stays_where_what_was_kept_is_lost(all_are_worse, tmp_path):
  """The line says so, and the run ends with its newest policy."""
  told = []
  loop = Loop(presets.debug(), str(tmp_path), told.append)
  newest = None
  for event in loop.run():
    own = loop.session.learners()
    if (event.counters.round, event.counters.phase) == (1, "dream"):
      newest = jax.device_get(own.behavior.actor)
      loop.session.checkpointer.wait()
      kept = tmp_path / "checkpoints" / str(loop.counters.kept_tick)
      shutil.rmtree(kept / "behavior", ignore_errors=True)
  assert any("the newest policy stays" in line for line in told)
  assert same(agent_lib.load(str(tmp_path)).actor, newest)


def same(a, b):
  return all(jax.tree.leaves(jax.tree.map(np.array_equal, a, b)))


def test_an_agent_is_its_average_unless_told(tiny_run):
  _, workdir, _ = tiny_run
  average, raw = (agent_lib.load(workdir, raw=r) for r in (False, True))
  differs = jax.tree.map(
    lambda a, b: np.abs(a - b).max(), average.world_params, raw.world_params
  )
  assert max(jax.tree.leaves(differs)) > 0


def test_a_place_that_cannot_be_written(tmp_path):
  blocked = tmp_path / "file"
  blocked.write_text("in the way")
  with pytest.raises(UserError, match="workdir"):
    Loop(presets.debug(), str(blocked / "run"))
