"""A trained agent, restored from nothing but its path."""

import os
from collections.abc import Callable, Collection
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax import config as config_lib
from dreamer_jax.agent import weights
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.errors import UserError
from dreamer_jax.game.rom import Rom
from dreamer_jax.goals import vocabulary
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.policy.act import make_act
from dreamer_jax.policy.networks import ActorCritic
from dreamer_jax.training import compatibility, stored
from dreamer_jax.training.acting import DreamerPolicy
from dreamer_jax.world_model import learner as world_learner
from dreamer_jax.world_model.model import WorldModel


class Agent(NamedTuple):
  """World model, policy, and what they need to meet the game."""

  config: config_lib.Config
  world: WorldModel  # functions
  world_params: dict  # averaged over the updates, where the run kept that
  actor: dict
  clone: dict | None  # the actor as cloning left it; None in an export
  codebook: TileCodebook
  goals: np.ndarray  # [number of goals, G] f32
  meta: dict  # the checkpoint's JSON
  critic: dict | None = None  # of the policy; None where none was kept
  rom: Rom | None = None  # that it met, see `meet`

  @property
  def net(self) -> ActorCritic:
    """The functions that `actor`, `clone` and `critic` are parameters of."""
    return ActorCritic(self.config.policy)


def load(
  path: str,
  step: str = "latest",
  raw: bool = False,
  parts: Collection[str] = compatibility.BOTH,
  warn: compatibility.Warn | None = None,
) -> Agent:
  """Restores an agent.

  Args:
    path: a run's folder, its checkpoints folder, a file that
      `dreamer-jax export` wrote, or "pretrained", the package's own.
    step: "latest", "best" on held-out episodes, or a checkpoint's number. The
      best world model of a round may lie before its policy was trained. A
      file has but one.
    raw: takes the world model's newest weights, not their average, on whose
      latents the policy was trained.
    parts: what will be used, some of `compatibility.BOTH`: an old policy is no
      reason to refuse a world model.
    warn: told how the agent differs from this version; None refuses it.

  Raises:
    UserError: no checkpoint, a damaged one, or another version's.
  """
  judge = lambda meta: compatibility.check(where, meta, parts, warn)
  where, path = path, weights.locate(path)
  if os.path.isfile(path):
    if step != "latest":
      raise UserError(f"{path} is an exported file and holds no step {step}")
    return _load_file(path, judge)
  reader = stored.Reader(stored.find(path))
  return reader.use(step, lambda number: _load_step(reader, number, raw, judge))


def _load_step(
  reader: stored.Reader, step: int, raw: bool, judge: Callable[[dict], None]
) -> Agent:
  """The agent of one step."""
  meta = reader.meta(step)
  judge(meta)
  config = config_lib.from_dict(meta["config"])
  patterns = reader.codebook(step, meta["codebook"])
  world = WorldModel(config.world_model, patterns)
  learner, policy = _shapes(world, config)
  field = "ema" if learner.ema and not raw else "params"
  params = reader.part(step, "world", {field: getattr(learner, field)})
  nets = {name: getattr(policy, name) for name in ("actor", "clone", "critic")}
  nets = reader.part(step, "behavior", nets)
  return Agent(
    config, world, params[field], nets["actor"], nets["clone"],
    TileCodebook(patterns, config.world_model.network.codebook),
    vocabulary.embeddings(config.policy.network.goal_dim), meta, nets["critic"],
  )  # fmt: skip


def _load_file(path: str, judge: Callable[[dict], None]) -> Agent:
  """An exported agent."""
  trees, patterns, meta = weights.read(path)
  judge(meta)
  config = config_lib.from_dict(meta["config"])
  world = WorldModel(config.world_model, patterns)
  world_state, behavior = _shapes(world, config)
  expected = {"world": world_state.params, "actor": behavior.actor}
  if "critic" in trees:
    expected["critic"] = behavior.critic
  weights.check_shapes(path, trees, expected)
  return Agent(
    config, world, trees["world"], trees["actor"], None,
    TileCodebook(patterns, config.world_model.network.codebook),
    vocabulary.embeddings(config.policy.network.goal_dim), meta,
    trees.get("critic"),
  )  # fmt: skip


def meet(
  agent: Agent,
  where: str,
  rom: str | None = None,
  warn: compatibility.Warn | None = None,
) -> Agent:
  """The agent with the game that it will play, by `compatibility.find_rom`.

  Args:
    agent: the agent.
    where: its path.
    rom: of the ROM; None for its own.
    warn: told where that is another game; None refuses it.

  Raises:
    UserError: there is no such ROM, or it is another game's.
  """
  env = agent.config.env
  found = compatibility.find_rom(where, agent.meta, env, rom, warn)
  return agent._replace(rom=found)


def rom_of(agent: Agent) -> Rom:
  """The ROM that the agent met, or its own.

  Raises:
    UserError: its own is not there.
  """
  return agent.rom or meet(agent, "the agent").rom


def save(path: str, agent: Agent, dtype: str) -> int:
  """Writes the agent's file, see `agent.weights`; returns its bytes.

  Args:
    path: of the file.
    agent: without its clone.
    dtype: of the weights, one of `weights.DTYPES`.
  """
  trees = {"world": agent.world_params, "actor": agent.actor}
  if agent.critic is not None:
    trees["critic"] = agent.critic
  return weights.write(path, trees, agent.codebook.patterns, agent.meta, dtype)


def _shapes(world: WorldModel, config: config_lib.Config) -> tuple:
  """Both learners' states, as shapes."""
  dim = world_learner.feat_dim(config.world_model)
  return jax.eval_shape(
    lambda: (
      world_learner.init(world, config.world_model, 0),
      policy_learner.init(ActorCritic(config.policy), config.policy, dim, 0),
    )
  )


def policy_maker(
  agent: Agent, actor: dict | None = None, greedy: bool = False,
  temperature: float = 1.0,
) -> Callable[[int], DreamerPolicy]:  # fmt: skip
  """What makes policies for so many emulators; they share one program.

  Args:
    agent: whose actor plays.
    actor: another in its place, its clone say.
    greedy: the most likely action is taken.
    temperature: of the draw otherwise.
  """
  act = make_act(agent.world, agent.net, greedy, temperature=temperature)
  return lambda num_envs: DreamerPolicy(
    act,
    agent.world_params,
    agent.actor if actor is None else actor,
    jax.tree.map(jnp.asarray, agent.world.initial(num_envs)),
    agent.codebook,
    agent.goals,
  )


def make_policy(
  agent: Agent, num_envs: int, actor: dict | None = None, greedy: bool = False
) -> DreamerPolicy:
  """The agent's actor (or another, its clone say) for `num_envs` emulators."""
  return policy_maker(agent, actor, greedy)(num_envs)
