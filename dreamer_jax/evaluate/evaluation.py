"""The whole evaluation of an agent: report.json, and the report's pictures."""

import importlib.metadata
import platform
from collections.abc import Callable, Sequence

import jax
import numpy as np

from dreamer_jax.cartridge.explorer import Explorer
from dreamer_jax.data import games
from dreamer_jax.data.collect import collect, policies_for
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.policies import ExpertPolicy, Policy, RandomPolicy
from dreamer_jax.errors import UserError
from dreamer_jax.evaluate import openloop, progress, sidebyside, speed
from dreamer_jax.evaluate.sidebyside import STRIP_STEPS
from dreamer_jax.game import rom as roms
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.learn.agent import Agent, policy_maker
from dreamer_jax.learn.experience import env_options, make_expert

_SCRIPTED_SEED = 50_000  # added to the first seed kept for evaluation
_PACKAGES = ("jax", "flax", "optax", "orbax-checkpoint", "pyboy", "numpy")


def play(
  agent: Agent,
  make_policy: Callable[[int], Policy],
  source: str,
  seeds: Sequence[int],
  max_steps: int | None = None,
) -> list[Episode]:
  """One episode from power-on for each seed; `make_policy(n)` plays n."""
  env = agent.config.env
  options = env_options(agent.config)
  options["max_steps"] = max_steps or env.max_steps
  rom = roms.find(env.rom or None, allow_unknown=env.allow_unknown_rom)
  with VectorEnv(
    env.num_envs, num_workers=env.num_workers, rom=rom, **options
  ) as vector:
    policies = policies_for(vector, make_policy)
    return list(collect(vector, policies, seeds=seeds, source=source))


def scripted_episodes(agent: Agent) -> list[Episode]:
  """Demonstrations, exploring and wandering play, on seeds kept for this."""
  config = agent.config
  share = max(1, config.evaluate.scripted // 3)
  first = config.evaluate.seed + _SCRIPTED_SEED
  data, steps = config.data, config.env.max_steps
  episodes = []
  for source, make_player, limit in (
    ("expert", make_expert(data.demo_epsilon), steps),
    ("random", make_expert(data.explore_epsilon), data.explore_steps),
    ("explorer", Explorer, steps),
  ):
    make = lambda n, player=make_player: ExpertPolicy(n, player)
    seeds = range(first, first + share)
    episodes += play(agent, make, source, seeds, limit)
    first += share
  return episodes


def run(
  agent: Agent, say: Callable[[str], None], greedy: bool, play_too: bool = True
) -> tuple[dict, dict[str, np.ndarray]]:
  """Measures everything.

  Args:
    agent: what is measured.
    say: told what is going on.
    greedy: the policy takes its most likely action.
    play_too: False leaves the policies' play out.

  Returns:
    report.json's tree, pictures by name.
  """
  config = agent.config
  report = {
    "seed": config.evaluate.seed,
    "greedy": greedy,
    "minutes": agent.meta["counters"]["secs"] / 60,
    "versions": versions(),
    "config": agent.meta["config"],
  }
  rom = roms.find(
    config.env.rom or None, allow_unknown=config.env.allow_unknown_rom
  )
  report["rom"] = {"name": rom.name, "sha1": rom.sha1}
  say("measuring speed")
  params, mb = speed.model_size(agent)
  report |= {"model_params": params, "model_mb": mb}
  report["policy_hz"] = speed.policy_speed(agent)
  report["dream_hz"] = speed.dream_speed(agent)
  episodes = []
  if play_too:
    played, episodes = policies(agent, say, greedy)
    report |= played
  if rom.name == roms.LANTERN_ISLE:
    say("playing the episodes to dream along")
    episodes = scripted_episodes(agent)
  elif not episodes:
    raise UserError(
      f"no script plays {rom.name}, so there is nothing to dream along: leave "
      "--world_only out, and the policies' own play is taken."
    )
  wanted = config.evaluate
  report |= openloop.measure(
    openloop.prepare(agent.world, agent.world_params, agent.codebook),
    episodes,
    games.world(rom.name).place,
    openloop.Plan(wanted.windows, wanted.moments, wanted.branches, wanted.seed),
    lambda: _endless(agent, rom),
    say,
  )
  say("drawing")
  return report, pictures(agent, episodes)


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
  agent: Agent, say: Callable[[str], None], greedy: bool
) -> tuple[dict, list[Episode]]:
  """The agent, its clone and random play, on the same seeds."""
  config = agent.config
  count = config.evaluate.episodes
  seeds = range(config.evaluate.seed, config.evaluate.seed + count)
  contestants = {
    "agent": policy_maker(agent, greedy=greedy),
    "random": RandomPolicy,
  }
  if agent.clone is not None:
    contestants["bc"] = policy_maker(agent, agent.clone, greedy)
  summaries, own = {}, []
  for name, make in contestants.items():
    say(f"playing {count} episodes: {name}")
    source = "random" if name == "random" else "policy"
    episodes = play(agent, make, source, seeds)
    own = episodes if name == "agent" else own
    summaries[name] = progress.summarize(episodes)
  report = summaries.pop("agent")
  return {**report, "baselines": summaries}, own


def versions() -> dict[str, str]:
  """Of what the numbers depend on."""
  found = {name: importlib.metadata.version(name) for name in _PACKAGES}
  device = jax.devices()[0]
  found |= {"python": platform.python_version(), "device": device.device_kind}
  return found
