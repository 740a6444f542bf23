"""The whole evaluation of an agent: report.json, and the report's pictures."""

import importlib.metadata
import platform
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import jax
import numpy as np

from dreamer_jax import config as config_lib
from dreamer_jax import games
from dreamer_jax.agent.agent import Agent, rom_of
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.policies import ExpertPolicy
from dreamer_jax.errors import UserError
from dreamer_jax.evaluation.benchmarks import speed
from dreamer_jax.evaluation.play import (
  goal_success,
  goal_trials,
  values,
)
from dreamer_jax.evaluation.play import (
  players as players_lib,
)
from dreamer_jax.evaluation.play.players import MakePolicy, play
from dreamer_jax.evaluation.play.visited_map import Trails
from dreamer_jax.evaluation.report import sidebyside
from dreamer_jax.evaluation.report.sidebyside import STRIP_STEPS
from dreamer_jax.evaluation.report.tables import PLAYERS
from dreamer_jax.evaluation.world_model import openloop
from dreamer_jax.game import rom as roms
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.training.playing import env_options

_SCRIPTED_SEED = 50_000  # added to the first seed kept for evaluation
_TRIAL_SEED = 60_000
MAP = "Where they went"  # caption of the map
_TILE = 6  # pixels of a player tile on the map
_PACKAGES = ("jax", "flax", "optax", "orbax-checkpoint", "pyboy", "numpy")


def scripted_episodes(agent: Agent) -> list[Episode]:
  """Demonstrations, exploring and wandering play, on seeds kept for this."""
  config = agent.config
  share = max(1, config.evaluate.scripted // 3)
  first = config.evaluate.seed + _SCRIPTED_SEED
  data, steps = config.data, config.env.max_steps
  scripts = games.get(rom_of(agent)).players
  noisy = scripts["expert"](
    data.scripted.explore_epsilon, data.scripted.explore_strays
  )
  episodes = []
  for source, make_player, limit in (
    ("expert", scripts["expert"](data.scripted.demo_epsilon), steps),
    ("randomized_expert", noisy, data.scripted.explore_steps),
    ("explorer", scripts["explorer"](), steps),
  ):
    make = lambda n, player=make_player: ExpertPolicy(n, player)
    seeds = range(first, first + share)
    episodes += play(agent, make, source, seeds, limit, config.env.stop_badges)
    first += share
  return episodes


def run(
  agent: Agent,
  say: Callable[[str], None],
  greedy: bool,
  play_too: bool = True,
  guests: Mapping[str, MakePolicy] = MappingProxyType({}),
) -> tuple[dict, dict[str, np.ndarray], list[Episode]]:
  """Measures everything.

  Args:
    agent: what is measured.
    say: told what is going on.
    greedy: the policy takes its most likely action.
    play_too: False leaves the policies' play out.
    guests: who else plays beside the agent, by name.

  Returns:
    report.json's tree, pictures by caption, and the agent's own episodes.
  """
  config = agent.config
  report = {
    "seed": config.evaluate.seed,
    "greedy": greedy,
    "minutes": agent.meta["counters"]["secs"] / 60,
    "versions": versions(),
    "config": config_lib.to_dict(agent.config),
  }
  rom = rom_of(agent)
  report["rom"] = {"name": rom.name, "sha1": rom.sha1}
  say("measuring speed")
  params, mb = speed.model_size(agent)
  report |= {"model_params": params, "model_mb": mb}
  report["policy_hz"] = speed.policy_speed(agent)
  report["dream_hz"] = speed.dream_speed(agent)
  own, drawn, is_scripted = [], {}, bool(games.get(rom).players)
  if play_too:
    rivals = players_lib.rivals(agent, greedy, games.get(rom), guests)
    played, own, trails = policies(agent, rom, rivals, say)
    report |= played
    say("comparing the critic with what followed")
    report["values"] = values.measure(agent, own)
  episodes = own
  if is_scripted:
    say("playing the episodes to dream along")
    episodes = scripted_episodes(agent)
  if play_too:
    if is_scripted:
      report["goals"] = commanded_goals(agent, rom, episodes, greedy, say)
    drawn[MAP], report["visited"] = _map(trails, episodes)
  if not episodes:
    raise UserError(
      f"no script plays {rom.name}, so there is nothing to dream along: leave "
      "--world_only out, and the policies' own play is taken."
    )
  wanted = config.evaluate
  report |= openloop.measure(
    openloop.prepare(agent.world, agent.world_params, agent.codebook),
    episodes,
    games.get(rom).world().place,
    openloop.Plan(wanted.windows, wanted.moments, wanted.branches, wanted.seed),
    lambda: _endless(agent, rom),
    say,
  )
  say("drawing")
  return report, {**drawn, **pictures(agent, episodes)}, own


def _map(trails: Trails, episodes: Sequence[Episode]) -> tuple:
  """Picture and figures of who went where; `episodes` show the world."""
  trails.see(episodes)
  labels = {name: PLAYERS[name] for name in players_lib.SHOWN}
  return trails.draw(labels, _TILE), trails.figures()


def commanded_goals(
  agent: Agent,
  rom: roms.Rom,
  episodes: Sequence[Episode],
  greedy: bool,
  say: Callable[[str], None],
) -> dict:
  """Shares of commanded goals reached, on moments of scripted episodes."""
  wanted = agent.config.evaluate
  plan = goal_trials.Plan(
    wanted.goal_trials, wanted.goal_steps, wanted.goal_context,
    wanted.seed + _TRIAL_SEED,
  )  # fmt: skip
  players = players_lib.commanded(agent, greedy, games.get(rom))
  with _endless(agent, rom) as env:
    return goal_success.measure(env, episodes, players, plan, say)


def _endless(agent: Agent, rom: roms.Rom) -> VectorEnv:
  """Emulators that play as in episodes, but that nothing ends."""
  env = agent.config.env
  options = env_options(agent.config)
  options |= {"max_steps": None, "stop_badges": None}
  return VectorEnv(
    env.num_envs, num_workers=env.num_workers, rom=rom, **options
  )


def pictures(
  agent: Agent, episodes: Sequence[Episode]
) -> dict[str, np.ndarray]:
  """Film strips by caption: one in peace and one with a battle."""
  strips = {}
  for battle, name in ((False, "Without a battle"), (True, "Into a battle")):
    place = sidebyside.find_context(episodes, STRIP_STEPS[-1], battle)
    if place is None:
      continue
    episode, context = place
    pair = sidebyside.dream(agent, episode, context, steps=STRIP_STEPS[-1])
    caption = (
      f"{name}: from step {context} of an episode on, dreamed without another "
      "frame"
    )
    strips[caption] = sidebyside.strip(pair)
  return strips


def policies(
  agent: Agent,
  rom: roms.Rom,
  rivals: dict[str, MakePolicy],
  say: Callable[[str], None],
) -> tuple[dict, list[Episode], Trails]:
  """All play on the same seeds: report, the agent's episodes, trails."""
  trails, own = Trails(games.get(rom).world()), []

  def watch(name: str, episodes: list[Episode]) -> None:
    if name == players_lib.AGENT:
      own.extend(episodes)
    if name in players_lib.SHOWN:
      trails.add(name, episodes)

  return players_lib.hold(agent, rivals, say, watch), own, trails


def versions() -> dict[str, str]:
  """Of what the numbers depend on."""
  found = {name: importlib.metadata.version(name) for name in _PACKAGES}
  device = jax.devices()[0]
  found |= {"python": platform.python_version(), "device": device.device_kind}
  return found
