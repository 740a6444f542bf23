"""A run's result as lines of text, for the terminal and for the page.

`report` is the tree of `report.json`. A figure that it lacks is shown as a
dash: an evaluation that measured less still has a report.
"""

from typing import Any, NamedTuple

from dreamer_jax.config import leaves
from dreamer_jax.config_versions import current
from dreamer_jax.errors import UserError
from dreamer_jax.evaluation import targets
from dreamer_jax.evaluation.targets import Target

DASH = "–"


class Row(NamedTuple):
  """One line of the result table, as text."""

  label: str
  value: str
  interval: str = ""  # of 95 %, where the value is a mean
  target: str = ""
  random: str = ""  # of uniform random play
  bc: str = ""  # of the cloned policy, before it dreamed
  is_met: bool | None = None  # None: no target, or not measured
  note: str = ""
  is_detail: bool = False  # for comparison with the line above


# Label, key of the report, target of the mean, digits.
_PLAY: tuple[tuple[str, str, Target | None, int], ...] = (
  ("Badges an episode", "badges", targets.BADGES, 2),
  ("Species owned", "species", targets.SPECIES, 2),
  ("Maps visited", "maps", None, 2),
  ("Battles won", "battles_won", None, 2),
  ("Return", "return", None, 1),
)
# Key of the report, and what was compared.
DRIFTS = (
  ("drift_tiles", "dreamed, most likely"),
  ("drift_sampled", "dreamed, sampled"),
  ("drift_no_battle", "dreamed, no battle"),
  ("drift_floor", "every frame seen"),
  ("drift_copy_last", "last frame copied"),
  ("drift_random_action", "shuffled actions"),
  ("drift_dead_reckoning", "dead reckoning"),
  ("drift_chance", "game, other chance"),
)


def look_up(tree: Any, *path: str) -> Any:
  """`tree[a][b]...`, or None where there is no such place."""
  for name in path:
    if not isinstance(tree, dict):
      return None
    tree = tree.get(name)
  return tree


def setting(report: dict, path: str) -> Any:
  """A setting of the run, of whatever version; None where it is not told."""
  try:
    return current(leaves(report.get("config") or {})).get(path)
  except UserError:  # the run asked for what is gone
    return None


def rows(report: dict) -> list[Row]:
  """The result table's lines: the play, the dream, what they cost."""
  world_only = "dream" in report and "episodes" not in report
  play = [] if world_only else _play_rows(report)
  return [*play, *_dream_rows(report), *_cost_rows(report)]


def _play_rows(report: dict) -> list[Row]:
  result = []
  for label, key, target, digits in _PLAY:
    tree = report.get(key)
    best = look_up(tree, "max")
    others = {
      who: number(mean(look_up(report, "baselines", who, key)), digits)
      for who in ("random", "bc")
    }
    row = Row(
      label,
      number(mean(tree), digits),
      interval(tree, digits),
      target.words if target else "",
      is_met=target.is_met(mean(tree)) if target else None,
      note="" if best is None else f"best episode {best:.3g}",
      **others,
    )
    result.append(row)
  return [*result, *_goal_rows(report)]


def _goal_rows(report: dict) -> list[Row]:
  """Commanded goals that were within reach; every kind has its target."""
  goals = look_up(report, "goals", "achieved") or {}
  share = lambda who: mean(look_up(goals, who, "all"))
  if share("agent") is None:
    return []
  ends = [f"{100 * end:.0f}" for end in goals["agent"]["all"]["ci95"]]
  kinds = {k: mean(v) for k, v in goals["agent"].items() if k != "all"}
  worst = min(kinds, key=kinds.get)
  return [
    Row(
      "Goals done on command",
      percent(share("agent")),
      f"[{', '.join(ends)}]",
      targets.GOALS.words,
      percent(share("random")),
      percent(share("bc")),
      targets.GOALS.is_met(kinds[worst]),
      f"every kind has this target; worst is {worst}, {percent(kinds[worst])}",
    )
  ]


def _dream_rows(report: dict) -> list[Row]:
  result = []
  for key, label in DRIFTS:
    tree = look_up(report, key, "50")
    row = Row(label, number(mean(tree), 2), interval(tree, 2), is_detail=True)
    result.append(row)
  drift = targets.DRIFT["all"]
  result[0] = result[0]._replace(
    label="Drift, tiles, step 50", target=drift.words, is_detail=False,
    is_met=drift.is_met(mean(look_up(report, "drift_tiles", "50"))),
  )  # fmt: skip
  result[1:] = [row for row in result[1:] if row.value != DASH]
  psnr, kl = report.get("psnr_db"), report.get("kl_nats")
  pixels = report.get("pixel_accuracy")
  seen, dreamed = (percent(look_up(pixels, k)) for k in ("posterior", "50"))
  codebook = percent(report.get("codebook_exact"))
  return [
    *result,
    Row("Map right, step 50", percent(report.get("map_accuracy_50"))),
    Row(
      "PSNR of pictures, dB",
      number(psnr, 1),
      target=targets.PSNR["0"].words,
      is_met=targets.PSNR["0"].is_met(psnr),
      note="" if codebook == DASH else f"tile codebook exact for {codebook}",
    ),
    Row("Exact pixels, step 0", seen),
    Row("Exact pixels, step 50", dreamed),
    Row("KL to the prior, nats", number(kl, 2), note=_kl_note(report)),
  ]


def _kl_note(report: dict) -> str:
  """Says so where the KL sits on its floor: the latent then holds nothing."""
  kl, floor = report.get("kl_nats"), 1.0
  floor = setting(report, "world_model.loss.free_nats") or floor
  if kl is None:
    return ""
  state = "collapsed onto" if kl < 1.05 * floor else "above"
  return f"{state} the {floor:g} free nats"


def _cost_rows(report: dict) -> list[Row]:
  hz = look_up(report, "policy_hz", "median")
  p99 = look_up(report, "policy_hz", "p99_ms")
  size, count = report.get("model_mb"), report.get("model_params")
  return [
    Row(
      "System 1, one core, Hz",
      number(hz, 0),
      target=targets.ACT_HZ.words,
      is_met=targets.ACT_HZ.is_met(hz),
      note="" if p99 is None else f"99 of 100 within {number(p99, 1)} ms",
    ),
    Row("Dreamed pictures, Hz", number(report.get("dream_hz"), 0)),
    Row(
      "Model and policy, MB",
      number(size, 1),
      target=targets.MODEL_MB.words,
      is_met=targets.MODEL_MB.is_met(size),
      note="" if count is None else f"{count / 1e6:.2f} million parameters",
    ),
    Row("Training, minutes", number(report.get("minutes"), 0)),
  ]


def headline(report: dict) -> str:
  """What was measured, in one line."""
  game = look_up(report, "rom", "name") or "unknown game"
  count = report.get("episodes")
  played = "" if count is None else f", {count} episodes from power-on"
  return f"{game}{played}"


# Numbers as text.


def mean(tree: Any) -> float | None:
  """The mean of `{"mean": ...}`, or of a plain number."""
  value = tree.get("mean") if isinstance(tree, dict) else tree
  return float(value) if isinstance(value, int | float) else None


def number(value: float | None, digits: int) -> str:
  """`1,234.5`, or a dash."""
  return DASH if value is None else f"{value:,.{digits}f}"


def percent(share: float | None) -> str:
  """`99.9 %` of a share 0-1, or a dash; never rounded up to 100."""
  if share is None:
    return DASH
  text = f"{100 * share:.1f}"
  return f"{'> 99.9' if text == '100.0' and share < 1 else text} %"


def interval(tree: Any, digits: int) -> str:
  """`[1.20, 1.80]`: the 95 % interval, or nothing."""
  ends = look_up(tree, "ci95")
  if not ends:
    return ""
  low, high = (number(end, digits) for end in ends)
  return f"[{low}, {high}]"
