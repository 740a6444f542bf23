import io

import pytest
from rich.console import Console

from dreamer_jax.evaluation.report import page as report_lib
from dreamer_jax.evaluation.report import results, tables
from dreamer_jax.evaluation.statistics import mean_ci95, per_episode, wilson95
from tests.evaluation.report.page_test import Reader


def player(badges):
  values = {key: per_episode(badges) for key, *_ in tables.FIGURES}
  steps = [100.0 * b for b in badges if b]
  return {
    **values,
    "episodes": len(badges),
    "milestones": {
      "badge <1>": {
        "reached": len(steps), "share": wilson95(len(steps), len(badges)),
        "steps": mean_ci95(steps), "per_episode": [],
      }
    },
  }  # fmt: skip


def share(hits, count):
  return {**wilson95(hits, count), "count": count, "median_steps": 30.0}


@pytest.fixture
def report():
  goals = {
    group: {
      "agent": {"battle": share(8, 10), "catch": share(5, 10),
                "all": share(13, 20)},
      "bc": {"battle": share(7, 10), "catch": share(3, 10),
             "all": share(10, 20)},
      "random": {"battle": share(0, 10), "catch": share(1, 10),
                 "all": share(1, 20)},
    }
    for group in ("achieved", "feasible")
  }  # fmt: skip
  others = {
    name: player([0, 1])
    for name in (
      "random", "bc", "bc_cold", "greedy", "model_free", "expert", "planned",
    )
  }
  known = {"count": 1500, "value": 9.5, "real": 8.25, "error": 1.0,
           "explained": 0.912}  # fmt: skip
  constant = {**known, "explained": None}
  values = {
    "badge": {"all": known, "16–50": known, "never came": constant},
    "said": {"20 to 40": known}, "kinds": {"catch": known},
  }
  return {
    "values": values, **player([1, 2]), "budget": 6000, "baselines": others,
    "goals": {"steps": 200, "context": 32, "trials": [{}], **goals},
  }  # fmt: skip


def printed(report):
  console = Console(width=80, file=io.StringIO(), color_system=None)
  for table in tables.tables(report):
    console.print(table)
  return console.file.getvalue()


def test_tables_fit_a_terminal(report):
  text = printed(report)
  assert max(map(len, text.splitlines())) <= 80 and "…" in text
  assert "1.50 ±0.50" in text  # the agent's badges
  assert "150 (2)" in text and "100 (1)" in text  # steps to the badge
  assert "80 % [49, 94]" in text
  for name in tables.PLAYERS.values():
    assert (name in text) == (name != "… sampled action")


def test_every_kind_of_goal_has_its_target(report):
  line = next(r for r in results.rows(report) if "command" in r.label)
  assert line.value == "65.0 %" and line.bc == "50.0 %"
  assert line.is_met is False and "catch" in line.note
  agent = report["goals"]["achieved"]["agent"]
  agent["catch"] = share(8, 10)
  line = next(r for r in results.rows(report) if "command" in r.label)
  assert line.is_met is True


def test_page(report, tmp_path):
  path = tmp_path / "report.html"
  report_lib.write_html(report, [], {}, path)
  text = path.read_text()
  assert not Reader(text).open
  assert "badge &lt;1&gt;" in text and "2 of 2" in text
  assert "Goals on command" in text and "model-free PPO" in text
  assert '<span class="ok">80.0 %</span>' in text
  assert '<span class="miss">50.0 %</span>' in text


def test_nothing_played_nothing_shown():
  assert not list(tables.tables({}))
  sections = tables.sections({}, lambda title, body: body)
  assert not "".join(sections)
  assert not any("command" in r.label for r in results.rows({}))


def test_values_stand_beside_what_followed(report, tmp_path):
  text = printed(report)
  line = next(x for x in text.splitlines() if "next badge, all" in x)
  assert line.split()[-6:] == ["1,500", "9.5", "8.2", "1.0", "91.2", "%"]
  for label in (
    "no badge followed", "badge after 16–50 actions",
    "the critic says 20 to 40", "goal of kind catch",
  ):  # fmt: skip
    assert label in text
  path = tmp_path / "report.html"
  report_lib.write_html(report, [], {}, path)
  assert "the returns that followed" in path.read_text()
