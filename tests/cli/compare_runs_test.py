"""Several runs of a preset, compared with their runs as units."""

import json
import subprocess
import sys

import pytest

from dreamer_jax.cli import compare_runs
from dreamer_jax.config import change
from dreamer_jax.errors import UserError
from dreamer_jax.game import rom as roms


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
  players = [
    "agent",
    "by rules",
    "clone",
    "clone by rules",
    "colder clone",
    "script",
  ]
  assert list(found) == players
  assert [*found["by rules"]["against"]] == players[2:]
  assert "less script" in done.stdout
  seeds = [tree["played"][name][0]["seeds"] for name in found]
  assert seeds == [[2_000_000, 2_000_001]] * 6
  assert len(tree["played"]["script"]) == 1  # one player, whoever is compared
  assert tree["budget"] == 300 and list(tree["values"]) == ["seed 0"]
  assert tree["runs"] == [{"path": checkpoint, "seed": 0}]
  assert tree["rounds"] == {"seed 0": {}}
  assert "no run has scores" in done.stdout
  assert not (tmp_path / "rounds.svg").exists()

  # A run of another machine, with what it had there.
  other = json.loads(path.read_text())
  other["runs"] = [{"path": "far/away", "seed": 1}]
  other["values"] = {"seed 1": other["values"]["seed 0"]}
  other["rounds"] = {"seed 1": {"0": 0.25, "1": 0.5}}
  for summary in other["played"]["agent"]:
    summary["species"]["per_episode"] = [3, 5]
  path.write_text(json.dumps(other))
  flags = [f"--checkpoints={checkpoint}", f"--joined={path}", "--episodes=2"]
  both = tmp_path / "both.json"
  done = run(
    *flags, "--max_steps=300", f"--json={both}", f"--figure={tmp_path}/r.svg"
  )
  assert done.returncode == 0, done.stderr
  joined = json.loads(both.read_text())
  assert [r["seed"] for r in joined["runs"]] == [0, 1]
  found = joined["policies"]
  assert [found[name]["seeds"] for name in players] == [2, 2, 2, 2, 2, 1]
  own = tree["policies"]["agent"]["figures"]["species"]["mean"]
  assert found["agent"]["figures"]["species"]["by_seed"] == [own, 4.0]
  assert joined["rounds"]["seed 1"] == {"0": 0.25, "1": 0.5}
  assert list(joined["values"]) == ["seed 0", "seed 1"]
  assert (tmp_path / "r.svg").exists() and "seed 1" in done.stdout

  done = run(*flags, "--max_steps=200")
  assert done.returncode == 1
  assert "far/away does not compare with" in done.stderr
  assert "actions in a game 300 there, not 200" in done.stderr

  # Another script, or another game, played there.
  other["played"]["script"][0]["species"]["per_episode"] = [9, 9]
  path.write_text(json.dumps(other))
  done = run(*flags, "--max_steps=300", f"--json={tmp_path}/none.json")
  assert done.returncode == 1 and "did not play as it does here" in done.stderr
  assert not (tmp_path / "none.json").exists()


@pytest.mark.parametrize(
  "text", ["", "{", "[]", "{}", '{"runs": 3}', '{"runs": [{}], "traits": {}}',
   '{"runs": [], "traits": {}, "rounds": {}, "values": {},'
   ' "played": {"me": [{}]}}']
)  # fmt: skip
def test_what_is_no_comparison_is_refused(tmp_path, text):
  path = tmp_path / "some.json"
  path.write_text(text)
  with pytest.raises(UserError, match=r"some\.json is no comparison of runs"):
    compare_runs.read(str(path))


def test_settings_of_an_earlier_version_are_understood(tmp_path):
  path = tmp_path / "some.json"
  played = {name: [{}] for name in compare_runs._LABELS.values()}
  path.write_text(
    json.dumps({
      "runs": [{"path": "a", "seed": 0}], "played": played, "values": {},
      "rounds": {}, "traits": {"behavior.leash": "clone", "game": "ours"},
    })
  )  # fmt: skip
  (run,) = compare_runs.read(str(path)).runs
  assert run.traits["policy.actor.leash"] == "clone"
  assert run.traits["policy.imagination.goal_ruled"] == 0.0
  assert run.traits["game"] == "ours" and "behavior.leash" not in run.traits


def test_a_comparison_that_is_not_there_is_named(tmp_path):
  with pytest.raises(UserError, match=r"gone.json.*--joined"):
    compare_runs.read(str(tmp_path / "gone.json"))


def test_without_runs_it_says_so(tmp_path):
  done = run(f"--checkpoints={tmp_path}/none")
  assert done.returncode == 1 and "none" in done.stderr
  assert "Traceback" not in done.stderr


@pytest.fixture(name="two")
def fixture_two(agent):
  """`two(**changes)`: runs "a" and "b", whose second has these changes."""

  def make(clone=True, seed=1, changes=()):
    rom = roms.embedded()
    other = change(agent.config, {"seed": seed, **dict(changes)})
    kept = agent.clone if clone else None
    return {
      "a": agent._replace(rom=rom),
      "b": agent._replace(rom=rom, config=other, clone=kept),
    }

  return make


def check(agents):
  compare_runs.check_agents(list(agents), agents)
  compare_runs.check(
    [
      compare_runs.Run(
        path, agent.config.seed, compare_runs.traits(agent, 0, range(3))
      )
      for path, agent in agents.items()
    ]
  )


def test_runs_that_differ_in_their_seed_alone_compare(two):
  check(two())


@pytest.mark.parametrize(
  ("changes", "sentence"),
  [({"seed": 0}, "b and a have the same training seed, 0"),
   ({"clone": False}, "b holds no clone"),
   ({"changes": {"policy.network.width": 32}}, "not compare with a: policy."),
   ({"changes": {"evaluate.play_on": True}}, "end a game None there, not 2"),
   ({"changes": {"env.max_steps": 7}}, "actions in a game 7 there, not 60"),
   ({"changes": {"env.stop_badges": 1}}, "end a game 1 there, not 2")],
)  # fmt: skip
def test_what_is_no_draw_of_the_same_method_is_refused(two, changes, sentence):
  with pytest.raises(UserError, match=sentence):
    check(two(**changes))


def test_a_run_counts_once(two):
  agents = two()
  agents.pop("b")
  with pytest.raises(UserError, match="a is given twice"):
    compare_runs.check_agents(["a", "a"], agents)
