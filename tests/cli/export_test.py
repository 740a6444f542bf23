"""The export as a person makes and runs it."""

import json
import os
import subprocess
import sys

import pytest

from dreamer_jax.agent import agent as agent_lib

# As on a machine with jax and numpy alone.
ALONE = """
import runpy, sys
for name in ("dreamer_jax", "experiments", "flax", "safetensors", "optax"):
  sys.modules[name] = None  # importing it fails
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(*command, **options):
  return subprocess.run(
    [sys.executable, *command], capture_output=True, text=True, timeout=200,
    **options,
  )  # fmt: skip


@pytest.fixture(name="folder", scope="module")
def fixture_folder(checkpoint, tmp_path_factory):
  folder = tmp_path_factory.mktemp("export")
  result = run(
    "-m", "experiments.export", f"--checkpoint={checkpoint}",
    f"--out={folder}", "--nomeasure",
  )  # fmt: skip
  assert result.returncode == 0, result.stderr
  return folder


def test_writes_what_it_says(folder):
  names = sorted(os.listdir(folder))
  assert names == [
    "act.stablehlo", "agent-bf16.safetensors", "agent-f32.safetensors",
    "agent-int8.safetensors", "dream.stablehlo", "export.json", "run.py",
    "spec.json",
  ]  # fmt: skip
  report = json.loads((folder / "export.json").read_text())
  assert report["mb"]["f32"] > report["mb"]["bf16"]


@pytest.mark.parametrize("dtype", ["f32", "bf16", "int8"])
def test_every_file_is_an_agent(folder, dtype):
  agent = agent_lib.load(str(folder / f"agent-{dtype}.safetensors"))
  assert agent.critic is not None


@pytest.mark.parametrize("flags", [[], ["agent-int8.safetensors"]])
def test_the_script_needs_nothing_of_ours(folder, tmp_path, flags):
  result = run("-c", ALONE, folder / "run.py", *flags, cwd=tmp_path)
  assert result.returncode == 0, result.stderr
  assert "acts: " in result.stdout and "add up to" in result.stdout


def test_other_programs_take_a_file(folder):
  path = folder / "agent-int8.safetensors"
  result = run(
    "-m", "experiments.dream", f"--checkpoint={path}", "--steps=2",
    "--context=1", "--seed=7", env={**os.environ, "COLUMNS": "120"},
  )  # fmt: skip
  assert result.returncode == 0, result.stderr
  assert (folder / "agent-int8" / "videos" / "dream-7.mp4").exists()


def test_an_unknown_type_is_refused():
  command = ("-m", "experiments.export", "--checkpoint=pretrained")
  result = run(*command, "--dtypes=int4")
  assert result.returncode == 1 and "give it one or more of" in result.stderr
