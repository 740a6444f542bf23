import json
import subprocess
import sys

import pytest

from dreamer_jax import presets
from dreamer_jax.agent import agent, inspection
from dreamer_jax.errors import UserError
from dreamer_jax.goals import vocabulary


@pytest.fixture
def inspect(checkpoint):
  def run(*flags):
    return subprocess.run(
      [
        sys.executable, "-m", "experiments.inspect",
        f"--checkpoint={checkpoint}", *flags,
      ],
      capture_output=True, text=True, timeout=120,
    )  # fmt: skip

  return run


def test_json_holds_all_of_it(inspect):
  done = inspect("--json")
  assert done.returncode == 0, done.stderr
  told = json.loads(done.stdout)
  assert told["step"] == 1 and told["steps"] == [1]
  assert told["is_readable"] and told["has_our_goals"]
  assert told["goals"] == vocabulary.vocabulary_hash()
  assert told["preset"] == "debug" and told["changed"] == {}
  world = told["arrays"]["world"]
  assert world["params.rssm"] == world["ema.rssm"]
  assert told["arrays"]["codebook"]["patterns"]["bytes"] == 128 * 16
  assert "params.rssm" in inspect().stdout


def test_settings_other_than_the_presets():
  config = inspection.config_lib.to_dict(presets.debug())
  config["world"] = {"deter": 48, "gone": 1}  # of another version
  assert inspection.changed(config) == {
    "world_model.network.deter": [48, 32], "world.gone": [1, None],
  }  # fmt: skip


def test_another_format_is_told_not_refused(checkpoint, monkeypatch):
  monkeypatch.setattr(inspection.stored, "FORMAT", 99)
  told = inspection.describe(checkpoint)
  assert not told["is_readable"] and told["format"] != 99


def test_an_exported_file_is_told_too(checkpoint, tmp_path):
  path = tmp_path / "agent.safetensors"
  size = agent.save(path, agent.load(checkpoint), "int8")
  told, whole = inspection.describe(str(path)), inspection.describe(checkpoint)
  assert told["dtype"] == "int8" and told["is_readable"]
  assert told["counters"] == whole["counters"] and told["changed"] == {}
  rssm = whole["arrays"]["world"]["params.rssm"]["numbers"]
  assert told["arrays"]["world"]["rssm"]["numbers"] == rssm
  arrays = [m for item in told["arrays"].values() for m in item.values()]
  assert 0.5 * size < sum(m["bytes"] for m in arrays) < size
  with pytest.raises(UserError, match="holds no step best"):
    inspection.describe(str(path), "best")
  path.write_bytes(path.read_bytes()[:-1])
  with pytest.raises(UserError, match="damaged"):
    inspection.describe(str(path))
