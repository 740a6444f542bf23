"""What was measured of a world model as lines of text, with its targets.

Targets are of the second edition of Lantern Isle on held-out episodes: what
must be, and what to reach for.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from dreamer_jax.evaluation.report.results import (
  interval,
  look_up,
  mean,
  number,
  percent,
)
from dreamer_jax.evaluation.world_model.event_forecasts import EVENTS


class WorldRow(NamedTuple):
  """One line; a detail belongs to the line above it."""

  label: str
  value: str
  interval: str = ""  # of 95 %
  must: str = ""
  reach: str = ""
  is_met: bool | None = None  # whether it is what it must be
  is_detail: bool = False


GROUPS = (("no_battle", "no battle"), ("all", "all windows"))
FORECASTS = {
  "tiles": "dreamed",
  "sampled": "sampled",
  "floor": "every frame seen",
  "copy_last": "last frame copied",
  "dead_reckoning": "dead reckoning",
  "random_action": "shuffled actions",
  "chance": "other chance",
}
_DRIFT = {"no_battle": (1.5, 0.5), "all": (2.5, 1.0)}
_PIXELS = {"1": (0.999, 1.0), "15": (0.97, 0.995), "50": (0.90, 0.97)}
_EVENT = (0.9, 0.98)  # precision and recall


def rows(report: dict) -> list[WorldRow]:
  """All lines; what the report lacks is a dash, or left out as a detail."""
  return [
    *_drift_rows(report),
    *_picture_rows(report),
    *_event_rows(report),
    *_limit_rows(report),
    *_trust_rows(report),
    *_cost_rows(report),
  ]


def verdict(report: dict) -> tuple[int, int]:
  """How many targets are met, of how many that were measured."""
  met = [row.is_met for row in rows(report) if row.is_met is not None]
  return sum(met), len(met)


def _drift_rows(report: dict) -> list[WorldRow]:
  lines = []
  for group, name in GROUPS:
    must, reach = _DRIFT[group]
    along = look_up(report, "dream", "windows", group, "drift") or {}
    branched = look_up(report, "dream", "branches", group, "drift") or {}
    tree = look_up(along, "tiles", "50")
    lines.append(
      WorldRow(
        f"Drift at 50, {name}", number(mean(tree), 2),
        interval(tree, 2), f"< {must:g}", f"< {reach:g}",
        _judge(mean(tree), lambda x, must=must: x < must),
      )
    )  # fmt: skip
    lines += [
      _detail(label, look_up(along, key, "50"))
      for key, label in FORECASTS.items()
      if key != "tiles" and look_up(along, key, "50", "mean") is not None
    ]
    lines += [
      _detail(f"branched, {FORECASTS[key]}", look_up(branched, key, "50"))
      for key in ("tiles", "chance")
      if look_up(branched, key, "50", "mean") is not None
    ]
  return lines


def _detail(label: str, tree: Any, digits: int = 2) -> WorldRow:
  text = number(mean(tree), digits)
  return WorldRow(label, text, interval(tree, digits), is_detail=True)


def _picture_rows(report: dict) -> list[WorldRow]:
  look = lambda *path: look_up(report, "dream", *path)
  lines = []
  for k, (must, reach) in _PIXELS.items():
    share = mean(look("windows", "no_battle", "pixels", "tiles", k))
    lines.append(
      WorldRow(
        f"Pixels right at {k}, no battle", percent(share), "",
        f"≥ {100 * must:g} %", f"{100 * reach:g} %",
        _judge(share, lambda x, must=must: x >= must),
      )
    )  # fmt: skip
    for place, label in (("windows", "all windows"), ("branches", "branched")):
      share = mean(look(place, "all", "pixels", "tiles", k))
      if share is not None:
        lines.append(WorldRow(label, percent(share), is_detail=True))
  share = mean(look("windows", "all", "map", "tiles", "50"))
  lines.append(WorldRow("Map right at 50", percent(share)))
  share = mean(look("windows", "all", "exact_frames", "tiles", "15"))
  lines.append(WorldRow("Whole pictures exact at 15", percent(share)))
  for label, path, must in (
    ("PSNR, every frame seen, dB", ("floor", "0"), 45.0),
    ("PSNR at 15, dB", ("tiles", "15"), 30.0),
  ):
    value = look("windows", "all", "psnr_db", *path)
    lines.append(
      WorldRow(
        label, number(value, 1), "", f"> {must:g}", "exact",
        _judge(value, lambda x, must=must: x > must),
      )
    )  # fmt: skip
  return lines


def _event_rows(report: dict) -> list[WorldRow]:
  """Recall and precision 15 steps ahead, of how many."""
  must, reach = _EVENT
  dream = lambda *path: look_up(report, "dream", *path)
  lines = []
  for name in EVENTS:
    tree = dream("events", "15", "tiles", "all", name)
    other = dream("branches", "events", "15", "chance", "all", name)
    for figure, of in (("recall", "count"), ("precision", "said")):
      value, count = mean(look_up(tree, figure)), look_up(tree, of)
      label = f"{name}: {figure}" + (f" of {count}" if count else "")
      ends = interval(look_up(tree, figure), 2) if count else ""
      lines.append(
        WorldRow(
          label, number(value, 2), ends, f"> {must:g}", f"> {reach:g}",
          _judge(value, lambda x: x > must),
        )
      )  # fmt: skip
      if look_up(other, of):
        lines.append(_detail(FORECASTS["chance"], look_up(other, figure)))
  return lines


def _limit_rows(report: dict) -> list[WorldRow]:
  """What any model could know."""
  lines = []
  for memory, tree in (look_up(report, "dream", "aliasing") or {}).items():
    label = f"Best guess from {memory} picture{'s' * (memory != '1')}"
    lines.append(_detail(label, tree["error"])._replace(is_detail=False))
    for key, label in (("known", "steps that have one"),
                       ("ambiguous", "from more than one place")):  # fmt: skip
      lines.append(WorldRow(label, percent(tree[key]), is_detail=True))
  return lines


def _trust_rows(report: dict) -> list[WorldRow]:
  """Calibration, HP, answers to actions, doubt."""
  look = lambda *path: look_up(report, "dream", *path)
  lines = []
  for name in ("in_battle", "dialog_open", "badge_within", "battle_win_within"):
    ece = look("calibration", "15", "tiles", "all", name, "ece")
    if ece is not None:
      name = name.removesuffix("_within")
      lines.append(WorldRow(f"Miscalibrated: {name}", number(ece, 4)))
  for k, label in (("posterior", "every frame seen"), ("15", "at 15")):
    tree = look("hp_error", k, "hp_fraction")
    if tree:
      label = f"HP wrong, {label}"
      lines.append(_detail(label, tree, 3)._replace(is_detail=False))
  for k in ("1", "15"):
    tree = look("branches", "sensitivity", k, "position")
    if tree:
      both = [percent(mean(tree[who])) for who in ("dream", "game")]
      label = f"Moved by actions, at {k}"
      lines.append(WorldRow(label, both[0], f"game {both[1]}"))
  for signal in ("uncertainty", "entropy"):
    for k in ("15", "50"):
      rho = look("doubt", "all", signal, k, "pixels")
      if rho is not None:
        label = f"{signal.capitalize()} ~ error at {k}"
        lines.append(WorldRow(label, number(rho, 2)))
  return lines


def _cost_rows(report: dict) -> list[WorldRow]:
  size, hz = report.get("model_mb"), report.get("dream_hz")
  return [
    WorldRow(
      "Model and policy, fp32, MB", number(size, 1), "", "< 60", "< 30",
      _judge(size, lambda x: x < 60),
    ),
    WorldRow(
      "Dreamed pictures, Hz", number(hz, 0), "", "≥ 200", "≥ 1,000",
      _judge(hz, lambda x: x >= 200),
    ),
  ]  # fmt: skip


def _judge(value: float | None, rule: Callable[[float], bool]) -> bool | None:
  return None if value is None else bool(rule(value))
