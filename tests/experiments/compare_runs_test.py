"""Several runs of a preset, compared with their runs as units."""

import dataclasses
import json
import subprocess
import sys

import pytest

from dreamer_jax.config import Behavior, Env, Evaluate
from dreamer_jax.errors import UserError
from dreamer_jax.game import rom as roms
from experiments import compare_runs


def run(*flags):
  return subprocess.run(
    [sys.executable, "-m", "experiments.compare_runs", *flags],
    capture_output=True, text=True,
  )  # fmt: skip


def test_all_players_play_the_same_games(checkpoint, tmp_path):
  path = tmp_path / "runs.json"
  done = run(
    f"--checkpoints={checkpoint}", "--episodes=2", "--max_steps=300",
    f"--json={path}", f"--figure={tmp_path}/rounds.svg",
  )  # fmt: skip
  assert done.returncode == 0, done.stderr
  tree = json.loads(path.read_text())
  found = tree["policies"]
  players = ["agent", "by rules", "clone", "colder clone", "script"]
  assert list(found) == players
  assert set(found["agent"]["against"]) == {"clone", "colder clone", "script"}
  assert "less script" in done.stdout
  seeds = [tree["played"][name][0]["seeds"] for name in found]
  assert seeds == [[2_000_000, 2_000_001]] * 5
  assert len(tree["played"]["script"]) == 1  # one player, whoever is compared
  assert tree["budget"] == 300 and list(tree["values"]) == [checkpoint]
  assert tree["rounds"] == {checkpoint: {}}
  assert "no run has scores" in done.stdout
  assert not (tmp_path / "rounds.svg").exists()


def test_without_runs_it_says_so(tmp_path):
  done = run(f"--checkpoints={tmp_path}/none")
  assert done.returncode == 1 and "none" in done.stderr
  assert "Traceback" not in done.stderr


@pytest.fixture(name="two")
def fixture_two(agent):
  """`two(**changes)`: runs "a" and "b", whose second has these changes."""

  def make(clone=True, seed=1, **changes):
    rom = roms.embedded()
    other = dataclasses.replace(agent.config, seed=seed, **changes)
    kept = agent.clone if clone else None
    return {
      "a": agent._replace(rom=rom),
      "b": agent._replace(rom=rom, config=other, clone=kept),
    }

  return make


def test_runs_that_differ_in_their_seed_alone_compare(two):
  compare_runs.check(["a", "b"], two(), 0)


@pytest.mark.parametrize(
  ("changes", "sentence"),
  [({"seed": 0}, "b and a have the same training seed, 0"),
   ({"clone": False}, "b holds no clone"),
   ({"behavior": Behavior()}, "does not compare with a: behavior."),
   ({"evaluate": Evaluate(stop_badges=0)}, "end a game None there, not 2"),
   ({"env": Env(max_steps=7)}, "actions in a game 7 there, not 60"),
   ({"env": Env(max_steps=60, stop_badges=1)}, "end a game 1 there, not 2")],
)  # fmt: skip
def test_what_is_no_draw_of_the_same_method_is_refused(two, changes, sentence):
  with pytest.raises(UserError, match=sentence):
    compare_runs.check(["a", "b"], two(**changes), 0)


def test_a_run_counts_once(two):
  agents = two()
  agents.pop("b")
  with pytest.raises(UserError, match="a is given twice"):
    compare_runs.check(["a", "a"], agents, 0)
