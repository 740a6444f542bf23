"""The whole evaluation of an untrained agent, in the debug preset's sizes."""

import io
import json
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from rich.console import Console

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.data.policies import RandomPolicy
from dreamer_jax.evaluation import evaluation
from dreamer_jax.evaluation.report import charts, world_model
from dreamer_jax.evaluation.report import page as report_lib
from dreamer_jax.game import rom as roms


@pytest.fixture(scope="module")
def measured(agent):
  return evaluation.run(agent, lambda text: None, greedy=False)


def test_report_keeps_the_keys_that_tools_read(measured):
  report, *_ = measured
  steps = {"1", "5", "15", "50"}
  for key in ("drift_tiles", "drift_floor", "drift_copy_last",
              "drift_random_action", "drift_no_battle"):  # fmt: skip
    assert set(report[key]) == steps, key
    assert set(report[key]["1"]) == {"mean", "ci95"}
  assert set(report["pixel_accuracy"]) == {"posterior", *steps}
  assert 0 <= report["map_accuracy_50"] <= 1
  assert report["kl_nats"] > 0 and report["psnr_db"] > 0


def test_report_has_who_played_and_how(measured, agent):
  report, pictures, own = measured
  wanted = agent.config.evaluate
  assert len(own) == report["episodes"] == wanted.episodes
  assert set(report["baselines"]) == {
    "greedy", "random", "bc", "bc_cold", "expert",
  }  # fmt: skip
  for tree in (report, *report["baselines"].values()):
    for key in ("badges", "species", "maps", "battles_won", "return"):
      assert set(tree[key]) == {"mean", "ci95", "max", "per_episode"}
    assert set(tree["steps_to"]) == set(tree["milestones"])
  goals = report["goals"]
  assert goals["trials"] and goals["steps"] == wanted.goal_steps
  assert set(goals["feasible"]) == {"agent", "bc", "random", "expert"}
  assert set(report["visited"]) == {"agent", "bc", "random"}
  assert pictures[evaluation.MAP].ndim == 3


def test_report_has_what_the_dream_was_asked(measured):
  report, *_ = measured
  dream = report["dream"]
  json.dumps(report)  # plain numbers only
  for part in ("windows", "branches"):
    for group in ("all", "no_battle"):
      tree = dream[part][group]
      for figure in ("drift", "map", "pixels", "exact_frames", "psnr_db"):
        forecasts = tree[figure]
        assert {"tiles", "sampled", "copy_last"} <= set(forecasts), figure
  assert "dead_reckoning" in dream["windows"]["all"]["drift"]
  assert "chance" in dream["branches"]["all"]["drift"]
  assert dream["branches"]["replay_exact"] == 1.0
  assert set(dream["branches"]["kinds"]) == {"own", "other", "random", "walk"}
  assert set(dream["events"]["15"]["tiles"]["all"]["badge"]) == {
    "count", "said", "precision", "recall",
  }  # fmt: skip
  assert "posterior" in dream["hp_error"]
  assert set(dream["aliasing"]) == {"1", "5", "25"}
  assert "entropy" in dream["doubt"]["all"]


def test_table_and_page_of_a_measured_dream(measured, tmp_path):
  report, pictures, _ = measured
  console = Console(width=80, file=io.StringIO(), color_system=None)
  console.print(world_model.table(report))
  text = console.file.getvalue()
  assert "…" not in text and "Drift at 50, no battle" in text
  path = tmp_path / "report.html"
  report_lib.write_html(report, [], pictures, path)
  assert "The dream, by its targets" in path.read_text()
  for name, chart in charts.files(report).items():
    svg = ElementTree.fromstring(chart)
    assert svg.tag.endswith("svg"), name
    assert b"var(" not in chart


def test_another_seed_plays_other_episodes(agent):
  seeds = [e.meta["seed"] for e in evaluation.scripted_episodes(agent)]
  assert len(set(seeds)) == 3
  assert min(seeds) == agent.config.evaluate.seed + 50_000


def test_episodes_begin_at_power_on_whatever_training_did(tmp_path):
  config = change(
    presets.debug(), {"env.num_workers": 0, "env.start_states": str(tmp_path)}
  )
  agent = SimpleNamespace(config=config, rom=roms.find())
  played = evaluation.play(agent, RandomPolicy, "random", [1, 2], 3, None)
  assert [e.meta["start"] for e in played] == ["power-on"] * 2
  assert not any(e.decode_ram().is_playing[0] for e in played)
