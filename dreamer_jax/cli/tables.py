"""Tables for people, of what programs report as JSON."""

from collections.abc import Iterator
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from dreamer_jax.evaluation.report.results import look_up

_LOOK = {"box": box.SIMPLE_HEAD, "padding": (0, 1, 0, 0), "pad_edge": False}


def _table(*columns: str) -> Table:
  """Numbers to the right of the first column."""
  table = Table(*columns, **_LOOK)
  for column in table.columns[1:]:
    column.justify = "right"
  return table


def coverage(report: dict[str, Any]) -> Iterator[Table]:
  """Tables of `Coverage.to_json`."""
  yield _coverage_maps(report)
  kinds = report["battles"]
  outcomes = list(next(iter(kinds.values())))
  battles = _table("battles", *outcomes)
  for kind, ends in kinds.items():
    battles.add_row(kind, *(f"{ends[outcome]:,}" for outcome in outcomes))
  yield battles
  screens = _table("steps in", *report["screens"])
  total = max(sum(report["screens"].values()), 1)
  shares = [f"{100 * n / total:.1f} %" for n in report["screens"].values()]
  screens.add_row("", *shares)
  yield screens
  yield _coverage_rest(report)


def _coverage_maps(report: dict[str, Any]) -> Table:
  table = _table("map", "steps", "tiles", "of", "episodes")
  for place in report["maps"].values():
    known = place["tiles_known"]
    table.add_row(
      place["name"], f"{place['steps']:,}", f"{place['tiles']:,}",
      f"{known:,}" if known else "?", f"{place['episodes']:,}",
    )  # fmt: skip
  for name in report["maps_missing"]:
    table.add_row(Text(name, "red"), "0", "0", "", "0")
  return table


def _coverage_rest(report: dict[str, Any]) -> Table:
  species, menus = report["species"], report["menus"]
  chosen = sum(len(menu["chosen"]) for menu in menus)
  entries = sum(menu["entries"] for menu in menus)
  badges = ", ".join(f"{n}: {k}" for n, k in report["badges"].items())
  total = max(sum(report["actions"].values()), 1)
  actions = ", ".join(
    f"{name} {100 * count / total:.0f} %"
    for name, count in report["actions"].items()
  )
  table = Table("", "", show_header=False, **_LOOK)
  for row in (
    ("transitions", f"{report['transitions']:,}"),
    ("episodes", f"{report['episodes']:,}, to their end "
                 f"{report['episodes_terminal']:,}"),
    ("distinct pictures", f"{report['distinct_pictures']:,}"),
    ("menus", f"{len(menus)}, entries chosen {chosen} of {entries}"),
    ("episodes by badges", badges),
    ("species", f"owned {len(species['owned'])}, fought "
                f"{len(species['fought'])}, seen {len(species['seen'])}; at "
                f"most {species['most_owned']} in an episode"),
    ("best level, largest party", f"{report['best_level']}, "
                                  f"{report['largest_party']}"),
    ("story flags set", f"{report['events']}"),
    ("actions", actions),
  ):  # fmt: skip
    table.add_row(*row)
  return table


def soak(report: dict[str, Any]) -> Iterator[Table]:
  """Tables of `dreamer-jax rom fuzz`'s report."""
  table = Table("", "", show_header=False, **_LOOK)
  table.add_row("actions", f"{report['env_steps']:,}")
  table.add_row("actions a second", f"{report['env_steps_hz']:,.0f}")
  table.add_row("workers that died or hung", f"{report['restarts']}")
  table.add_row("games that broke", f"{len(report['faults'])}")
  yield table
  memory = _table("memory, MB", "first", "last", "peak", "growth")
  for process in report["memory"]:
    memory.add_row(
      process["name"], f"{process['first_mb']:.1f}",
      f"{process['last_mb']:.1f}", f"{process['peak_mb']:.1f}",
      f"{100 * process['growth']:+.1f} %",
    )  # fmt: skip
  yield memory


def export(report: dict[str, Any]) -> Table:
  """The forms of an agent that `dreamer-jax export` wrote, and their loss."""
  fidelity = report.get("fidelity", {})
  table = _table(
    "weights", "MB", "drift 15", "drift 50", "pixels seen", "pixels 15",
    "PSNR dB", "same actions",
  )  # fmt: skip
  number = lambda x, digits: "" if x is None else f"{x:.{digits}f}"
  for name in fidelity or report["mb"]:
    row = [number(report["mb"].get(name), 2)]
    if name in fidelity:
      figures = fidelity[name]
      drift, pixels = figures["drift_tiles"], figures["pixel_accuracy"]
      row += [number(drift[k]["mean"], 2) for k in ("15", "50")]
      row += [f"{100 * pixels[k]:.2f} %" for k in ("posterior", "15")]
      row += [number(figures["psnr_db"], 1)]
      row += [f"{100 * figures['same_actions']:.2f} %"]
    table.add_row(name, *row)
  return table


def ablation(results: dict[str, dict[str, dict[str, float]]]) -> Table:
  """Variants of the world model: the mean over seeds, and how they spread."""
  table = _table(
    "variant", "updates", "drift 15", "drift 50", "seeds", "no battle", "dB",
    "KL",
  )  # fmt: skip
  for name, seeds in results.items():
    runs = list(seeds.values())
    mean = {key: sum(run[key] for run in runs) / len(runs) for key in runs[0]}
    spread = ", ".join(f"{run['drift_50']:.1f}" for run in runs)
    table.add_row(
      name, f"{mean['updates']:,.0f}", f"{mean['drift_15']:.2f}",
      f"{mean['drift_50']:.2f}", spread, f"{mean['drift_50_no_battle']:.2f}",
      f"{mean['psnr_db']:.1f}", f"{mean['kl_nats']:.1f}",
    )  # fmt: skip
  return table


PLAYED = ("badges", "species", "maps", "battles_won", "return", "steps")


def players(found: dict[str, dict]) -> Table:
  """Several of `progress.summarize`: means with intervals, and milestones."""
  table = _table("", *found)
  for name in PLAYED:
    cells = []
    for s in found.values():
      low, high = s[name]["ci95"]
      cells.append(f"{s[name]['mean']:.2f} [{low:.2f}, {high:.2f}]")
    table.add_row(name, *cells)
  for name in next(iter(found.values()))["milestones"]:
    cells = []
    for s in found.values():
      share, at = s["reached"][name], s["steps_to"][name]
      cells.append(f"{share:.0%}" + (f", median {at:,.0f}" if share else ""))
    table.add_row(name, *cells)
  return table


def policies(found: dict[str, dict]) -> Table:
  """Of `comparison.compare`: training seeds are the units.

  Milestones are in actions, failures counted as the limit; one that nobody
  reached is left out.
  """
  table = _table("", *found)
  table.columns[0].no_wrap = True  # a label over two lines reads as two rows
  table.caption = "mean ± half of its 95 % interval over training seeds"
  table.caption_justify = "left"
  for key in next(iter(found.values()))["figures"]:
    trees = [s["figures"][key] for s in found.values()]
    seeds = [tree["by_seed"] for tree in trees]
    if not any(tree.get("reached", 1) for tree in trees):
      continue
    table.add_row(key, *(_plus_minus(tree) for tree in trees))
    by_seed = [", ".join(_short(x) for x in row) for row in seeds]
    table.add_row("  by seed", *by_seed)
    for control in found:
      against = [look_up(s, "against", control, key) for s in found.values()]
      if any(against):
        cells = [_plus_minus(tree) if tree else "" for tree in against]
        table.add_row(f"  less {control}", *cells)
  return table


def rounds(scores: dict[str, dict[int, float]]) -> Table:
  """Of `evaluation.play.rounds.scores`, by run."""
  numbers = sorted(set().union(*scores.values()))
  names = [f"round {i}" if i else "clone" for i in numbers]
  table = _table("own games' score", *names)
  for path, row in scores.items():
    cells = (f"{row[i]:.2f}" if i in row else "" for i in numbers)
    table.add_row(path, *cells)
  return table


def _plus_minus(tree: dict) -> str:
  """The mean and half of its interval, see `statistics.seeds95`."""
  low, high = tree["ci95"]
  mean = _short(tree["mean"])
  return mean if low is None else f"{mean} ± {_short((high - low) / 2)}"


def _short(value: float) -> str:
  """Three digits or so: columns are narrow."""
  return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
