"""A run's folder explains itself, and what of it may be lost."""

import dataclasses
import json

import numpy as np
import pytest

from dreamer_jax import config as config_lib
from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.errors import UserError
from dreamer_jax.training import changes, run_folder
from dreamer_jax.training.checkpoint import Checkpointer
from dreamer_jax.training.progress import Counters
from dreamer_jax.training.stored import Reader


def test_every_start_is_told(tmp_path):
  for flag in ("--a", "--b"):
    run_folder.explain(str(tmp_path), "debug", ["train", flag], {"devices": 1})
  starts = json.loads((tmp_path / "run.json").read_text())["starts"]
  assert [s["command"] for s in starts] == [["train", "--a"], ["train", "--b"]]
  assert starts[0]["versions"]["jax"] and "commit" in starts[0]
  text = (tmp_path / "README.txt").read_text()
  assert "train --b" in text and f"--checkpoint={tmp_path}" in text


@pytest.mark.parametrize("text", ['{"starts": [', "[]", '{"starts": 3}', "\0"])
def test_a_damaged_file_is_begun_anew(tmp_path, text):
  (tmp_path / "run.json").write_text(text)
  run_folder.explain(str(tmp_path), "debug", ["train"], {})
  assert len(json.loads((tmp_path / "run.json").read_text())["starts"]) == 1
  assert (tmp_path / "run.json.damaged").read_text() == text


def look(folder):
  return run_folder.look(str(folder), Reader(folder / "checkpoints"))


def begin(folder, config):
  """What a first start writes."""
  settled = changes.settle(str(folder), look(folder), config)
  run_folder.claim(str(folder), settled)
  return settled


def learned(folder, config, tick=7):
  """A checkpoint of the run."""
  state = {"x": np.zeros(1)}
  meta = {
    "config": config_lib.to_dict(config),
    "counters": dataclasses.asdict(Counters(1, "world", tick=tick)),
  }
  saver = Checkpointer(folder / "checkpoints")
  saver.save(tick, state, state, np.zeros((1, 16), np.uint8), meta)
  saver.close()


def with_updates(count):
  path = "world_model.schedule.refresh_updates"
  return change(presets.debug(), {path: count})


def other_shape():
  return change(presets.debug(), {"world_model.network.deter": 48})


def test_a_run_that_has_produced_nothing_is_begun_with_any_settings(tmp_path):
  begin(tmp_path, other_shape())
  begin(tmp_path, presets.debug())
  there = json.loads((tmp_path / "config.json").read_text())
  assert there["world_model"]["network"]["deter"] == 32


def test_demonstrations_of_a_person_bind_no_settings(tmp_path):
  begin(tmp_path, presets.debug())
  (tmp_path / "demos").mkdir()
  (tmp_path / "demos" / "000-human-0000000000.ep").write_bytes(b"")
  config = change(presets.debug(), {"data.scripted.demo_epsilon": 0.5})
  assert begin(tmp_path, config).config == config


def test_changes_are_recorded(tmp_path):
  begin(tmp_path, presets.debug())
  learned(tmp_path, presets.debug())
  begin(tmp_path, with_updates(9))
  begin(tmp_path, with_updates(9))  # no change
  begin(tmp_path, with_updates(11))
  run_folder.explain(str(tmp_path), "debug", ["train"], {})
  run = json.loads((tmp_path / "run.json").read_text())
  told = [
    c["settings"]["world_model.schedule.refresh_updates"]
    for c in run["changes"]
  ]
  assert told == [[2, 9], [9, 11]] and all(c["time"] for c in run["changes"])
  there = json.loads((tmp_path / "config.json").read_text())
  assert there["world_model"]["schedule"]["refresh_updates"] == 11


@pytest.mark.parametrize("text", [None, "{", "[1]", "\xff"])
def test_lost_settings_are_the_newest_checkpoints(tmp_path, text):
  learned(tmp_path, with_updates(9))
  if text is not None:
    (tmp_path / "config.json").write_text(text, encoding="latin-1")
  with pytest.raises(UserError, match="deter=32 there, 48 given"):
    begin(tmp_path, other_shape())
  settled = begin(tmp_path, with_updates(11))
  assert settled.changed == {"world_model.schedule.refresh_updates": [9, 11]}
  assert bool(settled.note) == (text is not None)
  assert json.loads((tmp_path / "config.json").read_text())


def test_the_checkpoint_knows_better_than_an_edited_file(tmp_path):
  learned(tmp_path, presets.debug())
  begin(tmp_path, presets.debug())
  tree = config_lib.to_dict(other_shape())
  (tmp_path / "config.json").write_text(json.dumps(tree))
  assert begin(tmp_path, presets.debug()).changed == {}


def test_episodes_of_policies_without_a_checkpoint(tmp_path):
  """Another shape would make other policies than those that played them."""
  begin(tmp_path, presets.debug())
  (tmp_path / "episodes").mkdir()
  (tmp_path / "episodes" / "001-policy-0000301000.ep").write_bytes(b"")
  with pytest.raises(UserError, match=r"network\.deter"):
    begin(tmp_path, other_shape())


def test_processes_of_one_run_agree(tmp_path):
  with pytest.raises(UserError, match="a folder that all machines share"):
    run_folder.check_claim(str(tmp_path), presets.debug())
  begin(tmp_path, presets.debug())
  run_folder.check_claim(str(tmp_path), presets.debug())
  with pytest.raises(UserError, match=r"refresh_updates=2, this one 9"):
    run_folder.check_claim(str(tmp_path), with_updates(9))
