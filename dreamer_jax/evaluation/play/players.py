"""Games from power-on, on the same seeds, of an agent and its rivals."""

import functools
from collections.abc import Callable, Mapping, Sequence

from dreamer_jax import domains
from dreamer_jax.agent.agent import Agent, policy_maker, rom_of
from dreamer_jax.config import Config
from dreamer_jax.data.collect import collect, policies_for
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.policies import ExpertPolicy, Policy, RandomPolicy
from dreamer_jax.evaluation.play import progress
from dreamer_jax.evaluation.play.goal_success import (
  CommandedScript,
  UncommandedRandom,
)
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.games.definition import Game
from dreamer_jax.training.playing import env_options

MakePolicy = Callable[[int], Policy]
AGENT = "agent"
COLD = 0.5  # temperature of a clone as a control: training in dreams makes a
#   policy less random, and being less random alone may help
SHOWN = (AGENT, "bc", "random")  # whose trails are drawn


def play(
  agent: Agent,
  make_policy: MakePolicy,
  source: str,
  seeds: Sequence[int],
  max_steps: int | None,
  stop_badges: int | None,
) -> list[Episode]:
  """One episode from power-on for each seed; `make_policy(n)` plays n.

  Args:
    agent: who says which game, and how it is played.
    make_policy: the player.
    source: for the episodes.
    seeds: of the episodes.
    max_steps: of each; None for those of training.
    stop_badges: that end one; None for none.
  """
  env = agent.config.env
  options = env_options(agent.config)
  options["max_steps"] = max_steps or env.max_steps
  options["stop_badges"] = stop_badges
  with VectorEnv(
    env.num_envs, num_workers=env.num_workers, rom=rom_of(agent), **options
  ) as vector:
    policies = policies_for(vector, make_policy)
    return list(collect(vector, policies, seeds=seeds, source=source))


def badges_that_end(config: Config) -> int | None:
  """What `play` takes as `stop_badges` in an evaluation."""
  if config.evaluate.play_on:
    return None
  return config.evaluate.stop_badges or config.env.stop_badges


def rivals(
  agent: Agent, greedy: bool, game: Game, guests: Mapping[str, MakePolicy]
) -> dict[str, MakePolicy]:
  """The agent first, then those of `config.evaluate.rivals`.

  Args:
    agent: it plays, and its clone where it has one.
    greedy: whether agent and clone take their most likely action.
    game: whose script plays, where it has one.
    guests: those who are made elsewhere, by their name in a report:
      "planned", as evaluation knows no planner, and "model_free".
  """
  names = domains.names_in(agent.config.evaluate.rivals)
  found: dict[str, MakePolicy] = {AGENT: policy_maker(agent, greedy=greedy)}
  if "other" in names:
    other = "sampled" if greedy else "greedy"
    found[other] = policy_maker(agent, greedy=not greedy)
  found.update(guests)
  if "random" in names:
    found["random"] = RandomPolicy
  if "bc" in names and agent.clone is not None:
    found["bc"] = policy_maker(agent, agent.clone, greedy)
  if "bc_cold" in names and agent.clone is not None:
    found["bc_cold"] = policy_maker(agent, agent.clone, temperature=COLD)
  if "expert" in names and "expert" in game.players:
    player = game.players["expert"](agent.config.data.scripted.demo_epsilon)
    found["expert"] = lambda n: ExpertPolicy(n, player)
  return found


def commanded(agent: Agent, greedy: bool, game: Game) -> dict[str, MakePolicy]:
  """Who is given a game's goals: agent, clone, random play, its courier."""
  players: dict[str, MakePolicy] = {AGENT: policy_maker(agent, greedy=greedy)}
  if agent.clone is not None:
    players["bc"] = policy_maker(agent, agent.clone, greedy)
  script = functools.partial(CommandedScript, game)
  return {**players, "random": UncommandedRandom, "expert": script}


def hold(
  agent: Agent,
  players: dict[str, MakePolicy],
  say: Callable[[str], None],
  watch: Callable[[str, list[Episode]], None],
) -> dict:
  """Everybody plays the same seeds.

  Args:
    agent: whose configuration says how many and how long.
    players: by name, the agent among them.
    say: told what is going on.
    watch: `watch(name, episodes)` sees what each has played.

  Returns:
    The agent's figures, and `baselines` with the same of the others.
  """
  config: Config = agent.config
  wanted = config.evaluate
  seeds = range(wanted.seed, wanted.seed + wanted.episodes)
  badges = badges_that_end(config)
  summaries = {}
  for name, make in players.items():
    say(f"playing {wanted.episodes} episodes: {name}")
    source = name if name in ("random", "expert") else "policy"
    episodes = play(agent, make, source, seeds, wanted.max_steps, badges)
    summaries[name] = progress.summarize(episodes, config.rewards.weights)
    watch(name, episodes)
  report = summaries.pop(AGENT)
  return {
    **report,
    "budget": wanted.max_steps or config.env.max_steps,
    "baselines": summaries,
  }
