"""Tables and page sections on how a policy plays beside its rivals."""

import html
from collections.abc import Callable, Iterator
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from dreamer_jax.evaluation import targets
from dreamer_jax.evaluation.play import players as players_lib
from dreamer_jax.evaluation.play import values
from dreamer_jax.evaluation.play.goal_trials import GROUPS
from dreamer_jax.evaluation.report.results import (
  DASH,
  interval,
  look_up,
  mean,
  number,
  percent,
)
from dreamer_jax.game.goals import KINDS

# Key of the report, heading, digits.
FIGURES = (
  ("badges", "badges", 2),
  ("species", "species", 1),
  ("maps", "maps", 1),
  ("battles_won", "battles won", 1),
  ("return", "return", 1),
)
PLAYERS = {
  "agent": "this run", "greedy": "… most likely action",
  "sampled": "… sampled action", "planned": "… goals by rules", "bc": "clone",
  "bc_cold": f"… temperature {players_lib.COLD}",
  "model_free": "model-free PPO", "expert": "expert script", "random": "random",
}  # fmt: skip
ASIDE = ("greedy", "sampled", "bc_cold")  # where a table has few columns
_GROUPS = {
  "achieved": "that the script reached next",
  "feasible": "that make sense",
}
_VALUES = "Values along the agent's games, and the returns that followed"
_VALUES_NOTE = (
  "Means over steps, up to the badge that ends a game in training. The return "
  "is discounted, up to the goal that was told, "
  "whose reward is in it; the error is the root of the mean square; explained "
  "is the share of the returns' variance. Where the critic tells the truth, "
  "value and return agree in each row of what it says. By how long the badge "
  "took they need not: those are the steps from which it came."
)
_GOALS_NOTE = (
  "A goal is given at a moment of a scripted episode that was not learned "
  "from, and the player has {steps} actions. What the script reached next can "
  "be done in time; what makes sense may be far away. "
  "Random play is told nothing."
)


def players(report: dict) -> dict[str, dict]:
  """Everybody's figures by name, the agent first; empty without play."""
  if "episodes" not in report:
    return {}
  others = report.get("baselines") or {}
  known = {"agent": report, **others}
  return {name: known[name] for name in PLAYERS if name in known}


def tables(report: dict) -> Iterator[Table]:
  """For a terminal of 80 columns: rivals, milestones, goals."""
  everybody = players(report)
  if len(everybody) > 1:
    yield _rivals(report, everybody)
  if any(tree.get("milestones") for tree in everybody.values()):
    yield _milestones(everybody)
  if look_up(report, "goals", "trials"):
    yield from _goals(report)
  if report.get("values"):
    yield _values(report["values"])


def _table(title: str, headings, caption: str | None = None) -> Table:
  result = Table(
    title=title, caption=caption, title_justify="left",
    caption_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0),
    pad_edge=False,
  )  # fmt: skip
  for i, name in enumerate(headings):
    result.add_column(
      name, justify="right" if i else "left", no_wrap=i == 0, overflow="fold"
    )
  return result


def _rivals(report: dict, everybody: dict[str, dict]) -> Table:
  budget = report.get("budget")
  within = "" if budget is None else f", at most {budget:,} actions each"
  result = _table(
    f"From power-on, {report['episodes']} episodes{within}: mean ± 95 %",
    ("", *(heading for _, heading, _ in FIGURES)),
  )
  for name, tree in everybody.items():
    cells = [_plus_minus(tree.get(key), digits) for key, _, digits in FIGURES]
    result.add_row(PLAYERS[name], *cells)
  return result


def _milestones(everybody: dict[str, dict]) -> Table:
  """Mean steps and how many got there, of at most five players."""
  shown = [n for n in everybody if n not in ASIDE][:5]
  result = _table(
    "Actions to each milestone, failures at the limit (games that got there)",
    ("", *(PLAYERS[name] for name in shown)),
  )
  for milestone in everybody["agent"].get("milestones") or {}:
    cells = []
    for name in shown:
      tree = look_up(everybody[name], "milestones", milestone)
      count = look_up(tree, "reached")
      steps = number(mean(_waited(tree)), 0)
      cells.append(f"{steps} ({count})" if count else DASH)
    result.add_row(milestone, *cells)
  return result


def _goals(report: dict) -> Iterator[Table]:
  """A table for each group of goals: beside one, intervals would be broken."""
  goals = report["goals"]
  for group in GROUPS:
    if not goals[group]:
      continue
    result = _table(
      f"Goals {_GROUPS[group]}: share reached within {goals['steps']} actions",
      ("", "of", *(PLAYERS[name] for name in goals[group])),
    )
    for kind, count, trees in _by_kind(goals[group]):
      result.add_row(kind, str(count), *(Text(_share(tree)) for tree in trees))
    yield result


def _by_kind(group: dict) -> Iterator[tuple[str, int, list]]:
  """(kind, trials, one tree for each player)."""
  for kind in (*KINDS, "all"):
    trees = [look_up(tree, kind) for tree in group.values()]
    if trees and trees[0]:
      yield kind, trees[0]["count"], trees


def _values(tree: dict) -> Table:
  """What the critic said, and what really followed."""
  headings = ("", "steps", "value", "return", "error", "explained")
  result = _table(_VALUES, headings)
  for name, found in _value_rows(tree):
    result.add_row(name, *found)
  return result


def _value_rows(tree: dict) -> Iterator[tuple[str, tuple[str, ...]]]:
  """(label, (steps, value, return, error, share explained))."""
  badge = dict(tree["badge"])
  named = {"next badge, all": badge.pop("all")}
  named |= {f"goal of kind {k}": v for k, v in tree["kinds"].items()}
  yield from _value_cells(named, with_share=True)
  named = {f"the critic says {k}": v for k, v in tree["said"].items()}
  never = {"no badge followed": badge.pop(values.NEVER, None)}
  named |= {f"badge after {k} actions": v for k, v in badge.items()} | never
  yield from _value_cells(named, with_share=False)


def _value_cells(
  named: dict[str, dict | None], with_share: bool
) -> Iterator[tuple[str, tuple[str, ...]]]:
  """Rows; where all of one are alike, a share of variance says little."""
  for label, found in named.items():
    if found:
      yield label, (
        f"{found['count']:,}", number(found["value"], 1),
        number(found["real"], 1), number(found["error"], 1),
        percent(found["explained"]) if with_share else "",
      )  # fmt: skip


def _waited(milestone: Any) -> Any:
  """Mean actions with failures at the limit; old reports lack those."""
  return look_up(milestone, "capped") or look_up(milestone, "steps")


def _plus_minus(tree: Any, digits: int) -> str:
  """`1.25 ±0.25`: the mean and half of its interval."""
  value, ends = mean(tree), look_up(tree, "ci95")
  if value is None or not ends or ends[0] is None:
    return number(value, digits)
  return f"{number(value, digits)} ±{number((ends[1] - ends[0]) / 2, digits)}"


def _share(tree: Any) -> str:
  """`75 % [51, 90]`."""
  if not tree:
    return DASH
  low, high = (f"{100 * end:.0f}" for end in tree["ci95"])
  return f"{100 * tree['mean']:.0f} % [{low}, {high}]"


def sections(report: dict, section: Callable[[str, str], str]) -> Iterator[str]:
  """The page's parts; none where nobody played.

  Args:
    report: the tree of `report.json`.
    section: `section(title, body)` wraps a part.
  """
  everybody = players(report)
  if len(everybody) > 1:
    yield section("Beside its rivals", _rivals_page(everybody))
  yield section("Goals on command", _goals_page(report))
  yield section("Steps to each milestone", _milestones_page(report, everybody))
  if report.get("values"):
    yield section(_VALUES, _values_page(report["values"]))


def _rivals_page(everybody: dict[str, dict]) -> str:
  lines = []
  for name, tree in everybody.items():
    cells = "".join(
      f"<td>{number(mean(tree.get(key)), digits)}</td>"
      f"<td class=interval>{interval(tree.get(key), digits)}</td>"
      for key, _, digits in FIGURES
    )
    lines.append(f"<tr><th scope=row>{PLAYERS[name]}</th>{cells}</tr>")
  head = "".join(f"<th scope=col>{h}</th><td></td>" for _, h, _ in FIGURES)
  return _page_table(head, lines) + (
    '<p class="note">Means over episodes on the same seeds, with 95 % '
    "intervals.</p>"
  )


def _goals_page(report: dict) -> str:
  goals = report.get("goals")
  if not look_up(report, "goals", "trials"):
    return ""
  parts = []
  for group in GROUPS:
    lines = []
    for kind, count, trees in _by_kind(goals[group]):
      cells = f"<td>{count}</td>"
      for i, tree in enumerate(trees):
        text = percent(mean(tree)) if tree else DASH
        if i == 0 and kind != "all" and group == "achieved":
          met = targets.GOALS.is_met(tree["mean"])
          text = f'<span class="{"ok" if met else "miss"}">{text}</span>'
        ends = f"{_share(tree).partition(' % ')[2]}" if tree else ""
        cells += f"<td>{text}</td><td class=interval>{ends}</td>"
      lines.append(f"<tr><th scope=row>{kind}</th>{cells}</tr>")
    if lines:
      names = [PLAYERS[name] for name in goals[group]]
      head = "<th scope=col>of</th>" + "".join(
        f"<th scope=col>{name}</th><td></td>" for name in names
      )
      title = f"Goals {_GROUPS[group]}, within {goals['steps']} actions"
      parts.append(f"<h3>{title}</h3>{_page_table(head, lines)}")
  note = html.escape(_GOALS_NOTE.format(steps=goals["steps"]))
  return "\n".join(parts) + f'<p class="note">{note}</p>'


def _milestones_page(report: dict, everybody: dict[str, dict]) -> str:
  """Steps and how many got there; of old reports, the medians."""
  if not report.get("milestones"):
    lines = [
      f"<tr><th scope=row>{html.escape(name)}</th>"
      f"<td>{'not reached' if count is None else number(count, 0)}</td></tr>"
      for name, count in (report.get("steps_to") or {}).items()
    ]
    return f'<table class="narrow"><tbody>{"".join(lines)}</tbody></table>' * (
      bool(lines)
    )
  lines = []
  for milestone in report["milestones"]:
    cells = ""
    for tree in everybody.values():
      found = look_up(tree, "milestones", milestone) or {}
      steps, count = _waited(found), found.get("reached")
      of = tree.get("episodes")
      text = number(mean(steps), 0) if count else "not reached"
      ends = f"{interval(steps, 0)}<br>{count} of {of}" if count else ""
      cells += f"<td>{text}<br><span class=interval>{ends}</span></td>"
    name = html.escape(milestone)
    lines.append(f"<tr><th scope=row>{name}</th>{cells}</tr>")
  head = "".join(f"<th scope=col>{PLAYERS[name]}</th>" for name in everybody)
  return _page_table(head, lines) + (
    '<p class="note">Mean number of actions, games that never got there '
    "counted with as many as they had, its 95 % interval, and how many got "
    "there: a mean over those alone would praise who seldom does.</p>"
  )


def _values_page(tree: dict) -> str:
  lines = [
    f"<tr><th scope=row>{html.escape(label)}</th>"
    + "".join(f"<td>{cell}</td>" for cell in cells)
    + "</tr>"
    for label, cells in _value_rows(tree)
  ]
  names = ("Steps", "Value", "Return", "Error", "Explained")
  head = "".join(f"<th scope=col>{name}</th>" for name in names)
  return _page_table(head, lines) + f'<p class="note">{_VALUES_NOTE}</p>'


def _page_table(head: str, lines: list[str]) -> str:
  return (
    f'<div class="scroll"><table><thead><tr><th></th>{head}</tr></thead>\n'
    f"<tbody>{''.join(lines)}</tbody></table></div>"
  )
