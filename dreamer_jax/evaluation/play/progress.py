"""How far a policy gets in the real game, from power-on."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from dreamer_jax.contract import BATTLE_WIN, NEW_MAP
from dreamer_jax.data.episodes import Episode
from dreamer_jax.evaluation.statistics import (
  counts95,
  mean_ci95,
  per_episode,
  wilson95,
)
from dreamer_jax.game.ram import GameRam

# First step at which each holds, from the episode's RAM `[T]`.
MILESTONES: dict[str, Callable[[GameRam], np.ndarray]] = {
  "play begins": lambda ram: ram.is_playing,
  "starter": lambda ram: ram.got_starter,
  "first catch": lambda ram: ram.got_starter & (ram.owned_count >= 2),
  "level 7": lambda ram: ram.party_level.max(-1) >= 7,
  "5 species": lambda ram: ram.got_starter & (ram.owned_count >= 5),
  "badge 1": lambda ram: ram.badge_count >= 1,
  "10 species": lambda ram: ram.got_starter & (ram.owned_count >= 10),
  "badge 2": lambda ram: ram.badge_count >= 2,
}


def summarize(
  episodes: Iterable[Episode], weights: Sequence[float]
) -> dict:
  """Badges, species, maps, battles won, return and milestones.

  Args:
    episodes: of one policy, from power-on, in any order.
    weights: of the reward terms, for the return.

  Returns:
    the figures of report.json, each a mean with its 95 % interval, the
    maximum and the values in the order of `seeds`. `steps_to` has the median
    step of those episodes that got to a milestone, and `reached` their share;
    `milestones` has the number of those episodes, their share and mean step
    with intervals, the mean of all with failures counted as `max_steps`
    ("capped"), and the step of each episode.
  """
  episodes = sorted(episodes, key=lambda e: e.meta["seed"])
  rows = {name: [] for name in ("badges", "species", "return", "steps")}
  sums = {"maps": NEW_MAP, "battles_won": BATTLE_WIN}
  rows |= {name: [] for name in sums}
  steps_to = {name: [] for name in MILESTONES}
  for episode in episodes:
    ram = episode.decode_ram()
    total = episode.terms.sum(0)
    rows["badges"].append(ram.badge_count[-1])
    rows["species"].append(ram.owned_count[-1])
    rows["return"].append(total @ np.asarray(weights))
    rows["steps"].append(len(episode) - 1)
    for name, index in sums.items():
      rows[name].append(total[index])
    for name, holds in MILESTONES.items():
      steps = np.flatnonzero(holds(ram))
      steps_to[name].append(int(steps[0]) if len(steps) else None)
  summary = {name: per_episode(values) for name, values in rows.items()}
  badges = np.asarray(rows["badges"])
  summary["badges"].update(counts95(badges, _most_badges(episodes)))
  summary["seeds"] = [int(e.meta["seed"]) for e in episodes]
  summary["episodes"] = len(episodes)
  got = {n: [s for s in v if s is not None] for n, v in steps_to.items()}
  summary["steps_to"] = {
    n: float(np.median(v)) if v else None for n, v in got.items()
  }
  summary["reached"] = {
    n: len(v) / max(1, summary["episodes"]) for n, v in got.items()
  }
  summary["milestones"] = {
    name: {
      "reached": len(got[name]),
      "share": wilson95(len(got[name]), summary["episodes"]),
      "steps": mean_ci95(np.asarray(got[name])),
      "capped": _with_values(capped(per, episodes)),
      "per_episode": per,
    }
    for name, per in steps_to.items()
  }
  return summary


def _with_values(values: list[int]) -> dict:
  return {**mean_ci95(np.asarray(values)), "per_episode": values}


def capped(steps: list[int | None], episodes: list[Episode]) -> list[int]:
  """Steps to a milestone, where it was not reached as many as were allowed.

  A mean over those that got there alone would praise who seldom does.
  """
  return [
    e.meta["env"]["max_steps"] if step is None else step
    for step, e in zip(steps, episodes, strict=True)
  ]


def _most_badges(episodes: list[Episode]) -> int:
  """What a game can end with: as many as stop it, else two, or what was seen.

  Two are all that Lantern Isle has.
  """
  stops = [e.meta["env"].get("stop_badges") for e in episodes]
  if stops and all(stops):
    return max(stops)
  seen = [int(e.decode_ram().badge_count[-1]) for e in episodes]
  return max(2, *seen) if seen else 2
