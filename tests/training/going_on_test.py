"""A run goes on: with other settings, and from a folder that was damaged."""

import json
import os
import shutil

import jax
import numpy as np
import orbax.checkpoint as ocp
import pytest

from dreamer_jax import presets
from dreamer_jax.agent import agent as agent_lib
from dreamer_jax.config import change
from dreamer_jax.data import owner
from dreamer_jax.errors import UserError
from dreamer_jax.training.loop import Loop
from dreamer_jax.training.progress import PHASES


@pytest.fixture(name="folder")
def fixture_folder(tiny_run, tmp_path):
  """A copy of a finished run of two rounds."""
  shutil.copytree(tiny_run[1], tmp_path / "run")
  return tmp_path / "run"


@pytest.fixture(name="opened")
def fixture_opened():
  """Opens a run; it is given up at the end of the test."""
  loops = []

  def opened(folder, config, say=lambda text: None):
    loops.append(Loop(config, str(folder), say))
    return loops[-1]

  yield opened
  for loop in loops:
    loop.session.give_up()


def cut(folder):
  """Cuts all files there in half."""
  for path in folder.rglob("*"):
    if path.is_file():
      os.truncate(path, path.stat().st_size // 2)


def world_of(folder):
  return agent_lib.load(str(folder), raw=True).world_params


def test_a_run_of_before_its_leash_moved_goes_on(folder, opened):
  """Its checkpoints lack the reference: it was the clone."""
  step = max(int(path.name) for path in (folder / "checkpoints").iterdir())
  item = folder / "checkpoints" / str(step) / "behavior"
  with ocp.Checkpointer(ocp.StandardCheckpointHandler()) as disk:
    found = disk.restore(item)
    del found["reference"]
    disk.save(item, args=ocp.args.StandardSave(found), force=True)
  state = opened(folder, presets.debug()).session.learners().behavior
  for new, old in zip(*map(jax.tree.leaves, (state.reference, state.clone)),
                      strict=True):  # fmt: skip
    np.testing.assert_array_equal(new, old)
  moved = zip(*map(jax.tree.leaves, (state.actor, state.clone)), strict=True)
  assert any(not np.array_equal(new, old) for new, old in moved)


def test_a_finished_run_goes_on_with_what_is_left_of_it(folder, opened):
  """A third round, with a rate of learning that moves nothing."""
  before = world_of(folder)
  lost = sorted((folder / "demos").iterdir())[0]
  data = lost.read_bytes()
  for path in (lost, folder / "codebook.npz", folder / "config.json"):
    path.unlink()
  config, told = presets.debug(), []
  config = change(
    config, {"rounds": 3, "world_model.optimizer.learning_rate": 1e-30}
  )
  loop = opened(folder, config, told.append)
  assert loop.resume() and not loop.is_over
  events = list(loop.run())
  seen = dict.fromkeys((e.counters.round, e.counters.phase) for e in events)
  assert list(seen) == [
    (0, "collect"), *((2, phase) for phase in PHASES)
  ]  # fmt: skip
  assert lost.read_bytes() == data  # played again, to the bit
  same = jax.tree.map(np.allclose, before, world_of(folder))
  assert all(jax.tree.leaves(same))
  assert agent_lib.load(str(folder)).config == config
  changes = json.loads((folder / "run.json").read_text())["changes"]
  assert changes[-1]["settings"] == {
    "rounds": [2, 3], "world_model.optimizer.learning_rate": [3e-3, 1e-30],
  }  # fmt: skip
  assert any("rounds is 3; it was 2" in text for text in told)
  assert (folder / "codebook.npz").exists()
  assert not (folder / owner.FILE).exists()


def test_the_step_before_a_damaged_one_is_taken(folder, opened, caplog):
  steps = sorted(int(n) for n in os.listdir(folder / "checkpoints"))
  cut(folder / "checkpoints" / str(steps[-1]) / "behavior")
  loop = opened(folder, presets.debug())
  assert loop.resume() == steps[-2]
  assert f"Step {steps[-2]} is taken" in caplog.text
  assert (folder / "checkpoints" / f"damaged-{steps[-1]}").is_dir()
  assert loop.session.checkpointer.steps == steps[:-1]


def test_where_all_steps_are_damaged_nothing_is_touched(folder):
  cut(folder / "checkpoints")
  there = sorted(os.listdir(folder / "checkpoints"))
  with pytest.raises(UserError, match=r"to learn anew .* move .* away"):
    Loop(presets.debug(), str(folder))
  assert sorted(os.listdir(folder / "checkpoints")) == there
  assert not (folder / owner.FILE).exists()


def test_without_checkpoints_it_learns_anew(folder, opened):
  shutil.rmtree(folder / "checkpoints")
  told = []
  assert opened(folder, presets.debug(), told.append).resume() == 0
  assert any("learns anew from its episodes; of the 7" in t for t in told)
  other = change(presets.debug(), {"world_model.network.deter": 48})
  with pytest.raises(UserError, match=r"network\.deter=32 there, 48 given"):
    Loop(other, str(folder))


@pytest.mark.parametrize(
  ("path", "value"),
  [("env.rom", "/nowhere/red.gb"), ("env.start_states", "/nowhere")],
)
def test_what_is_refused_leaves_nothing(tmp_path, path, value):
  """So that the corrected command is a first start."""
  config = change(presets.debug(), {path: value})
  with pytest.raises(UserError):
    Loop(config, str(tmp_path / "run"))
  assert not (tmp_path / "run").exists()


def test_fewer_rounds_than_were_played_leave_nothing_to_do(folder, opened):
  config = change(presets.debug(), {"rounds": 1})
  loop = opened(folder, config)
  assert loop.is_over and not list(loop.run())
