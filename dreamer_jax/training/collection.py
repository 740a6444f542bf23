"""Which episodes a round wants, and which device learns from which."""

import dataclasses
import pathlib
from collections.abc import Iterable, Mapping

from dreamer_jax.config import Config
from dreamer_jax.data import episodes

# First seeds; seeds kept for evaluation begin at `config.evaluate.seed`.
EXPLORE_SEED, EXPLORER_SEED, POLICY_SEED = 100_000, 200_000, 300_000
WANDERER_SEED, COURIER_SEED, CURIOUS_SEED = 400_000, 500_000, 600_000
LEARNED = ("learned", "curious", "clone")  # players that are trained


@dataclasses.dataclass(frozen=True)
class Job:
  """Episodes of one kind that a round wants."""

  folder: str  # demos or episodes
  source: str  # one of `data.episodes.SOURCES`
  seeds: tuple[int, ...]
  max_steps: int
  player: str  # a script, "random", or one of `LEARNED`
  epsilon: float = 0.0  # random share of a script's actions
  strays: float = 0.0  # chance that a step of its walks leads astray
  blunders: float = 0.0  # chance that a battle begins a spell of bad ones
  patience: int | None = None  # actions without progress that end an episode
  weights: str = ""  # digest of the trained player whose games are wanted; of
  #   whichever, where it is empty


def plan(config: Config, round_: int, is_scripted: bool = True) -> list[Job]:
  """What a round plays first; `is_scripted` where an expert knows the game."""
  scripted, steps = config.data.scripted, config.env.max_steps
  seeds = lambda first, count: tuple(range(first, first + count))
  if round_ > 0:
    first = CURIOUS_SEED + round_ * 1000
    curious = seeds(first, config.data.own.curious_episodes)
    return [_own(config, "curious", curious)]
  exploring = seeds(EXPLORE_SEED, scripted.explore_episodes)
  if not is_scripted:
    return [
      Job("episodes", "random", exploring, scripted.explore_steps, "random")
    ]
  explorers = seeds(EXPLORER_SEED, scripted.explorer_episodes)
  wanderers = seeds(WANDERER_SEED, scripted.wanderer_episodes)
  couriers = seeds(COURIER_SEED, scripted.courier_episodes)
  return [
    Job(
      "demos", "expert", seeds(0, scripted.demo_episodes), steps, "expert",
      scripted.demo_epsilon,
    ),
    Job(
      "episodes", "randomized_expert", exploring, scripted.explore_steps,
      "expert", scripted.explore_epsilon, scripted.explore_strays,
      scripted.explore_blunders,
    ),
    Job(
      "episodes", "explorer", explorers, scripted.explorer_steps, "explorer",
      scripted.demo_epsilon,
    ),
    Job(
      "episodes", "wanderer", wanderers, scripted.wanderer_steps, "wanderer",
      scripted.demo_epsilon,
    ),
    Job(
      "episodes", "courier", couriers, scripted.courier_steps, "courier",
      scripted.demo_epsilon,
    ),
  ]


def plan_own(
  config: Config, round_: int, weights: Mapping[str, str]
) -> list[Job]:
  """What a round's policy plays once it has dreamed.

  The seeds are the same in each round, so that the policies of two rounds have
  played the same games. In the first round the clone plays them too.

  Args:
    config: of the run.
    round_: number of the round.
    weights: digests of policy and clone, by source.
  """
  seeds = tuple(range(POLICY_SEED, POLICY_SEED + config.data.own.episodes))
  with_clone = round_ == 0 and config.policy.schedule.gate
  return [
    dataclasses.replace(_own(config, source, seeds), weights=weights[source])
    for source in (("clone", "policy") if with_clone else ("policy",))
  ]


def _own(config: Config, source: str, seeds: tuple[int, ...]) -> Job:
  """Episodes of a trained player."""
  most = config.data.own.steps or config.env.max_steps
  player = "learned" if source == "policy" else source
  return Job(
    "episodes", source, seeds, most, player,
    patience=config.data.own.patience,
  )  # fmt: skip


def deal(paths: Iterable[pathlib.Path], parts: int) -> list[list[pathlib.Path]]:
  """Deals episodes out, each to the part with the fewest steps of its source.

  In the order given, and the same way each time.
  """
  dealt: list[list[pathlib.Path]] = [[] for _ in range(parts)]
  if parts == 1:
    return [list(paths)]
  steps: dict[str, list[int]] = {}
  for path in paths:
    counts = steps.setdefault(path.stem.split("-")[1], [0] * parts)
    least = counts.index(min(counts))
    counts[least] += episodes.load_header(path)["steps"]
    dealt[least].append(path)
  return dealt
