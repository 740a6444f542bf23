"""Watches the policy learn: does the dream still pay what the game paid?

A clone is judged by what held-out players meant.

On held-out episodes, the return of their recorded actions is known, and the
model dreams those same actions from the same starts: where the two part, the
policy is learning in a game that is not there. The critic is judged by dreams
from starts that it never learned from.

Recorded actions are not those that the policy would choose. So its own fresh
episodes, before anything is learned from them, are dreamed too: by the same
policy from the same starts. What the dream pays and the game did not is what
it has found to exploit.
"""

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
from absl import logging

from dreamer_jax import config as config_lib
from dreamer_jax.behavior import (
  bc,
  commands,
  grpo,
  imagine,
  nets,
  objective,
  ppo,
)
from dreamer_jax.learn import dreams
from dreamer_jax.learn.policy import BADGE
from dreamer_jax.learn.state import BehaviorState
from dreamer_jax.learn.watch import Record, is_due
from dreamer_jax.types import Batch, Dream, Progress, feat
from dreamer_jax.world.loss import unpack_bits
from dreamer_jax.world.model import World

PART = 0.5  # of the recorded returns' spread: the model's mean is off by more
CHECKS = 3  # in a row until an alarm

ADVICE = {
  "gap": "the model's return of recorded actions parts from what the game "
  "paid: train the world model for longer, or shorten "
  "--config.behavior.horizon",
  "fresh": "dreams pay the policy more than the game paid it from the same "
  "starts: it exploits the model. Raise --config.behavior.kl_scale, or "
  "collect more of its play with --config.data.policy_episodes",
  "critic": "the critic explains nothing of returns from held-out starts: "
  "raise --config.behavior.critic_warmup, or use the algorithm grpo",
}


class Guard:
  """Called after every dispatch of the policy phase."""

  def __init__(
    self,
    config: config_lib.Behavior,
    look: Callable[[BehaviorState, dict], dict] | None,
    record: Record,
  ):
    """Takes over from `record`.

    Args:
      config: whose `check_every` matters.
      look: `(state, weights) -> metrics`, see `make_look`; None without any
        held-out episodes.
      record: of the run so far; goes on in place.
    """
    self._config = config
    self._look = look if config.check_every else None
    self.record = record

  def __call__(
    self, state: BehaviorState, weights: dict, done: int, total: int
  ) -> dict[str, float]:
    """Looks now and then, and warns; returns `check_*` metrics and `alarm`.

    Args:
      state: the policy's.
      weights: the world model's.
      done: updates of this phase, this dispatch's included ...
      total: ... of so many.
    """
    c, more = self._config, {}
    if self._look is not None and is_due(
      done, total, c.check_every, c.log_every
    ):
      seen = {k: float(v) for k, v in self._look(state, weights).items()}
      gap = abs(seen["model_return"] - seen["real_return"])
      signs = {"gap": gap > _spread(c, seen)}
      if "critic_explained" in seen and done > c.critic_warmup:
        signs["critic"] = seen["critic_explained"] < 0
      for name, is_there in signs.items():
        if self.record.is_alarm(name, is_there, CHECKS):
          logging.warning("alarm: %s", ADVICE[name])
      more = {f"check_{name}": value for name, value in seen.items()}
    return {**more, "alarm": float(len(self.record.alarms))}


def commanded(config: config_lib.Behavior) -> config_lib.Behavior:
  """The settings, with goal 0 in every dream, as play from power-on has it."""
  return dataclasses.replace(config, goal_commanded=1.0, goal_hindsight=0.0)


def judge_fresh(
  config: config_lib.Behavior, seen: dict[str, float], record: Record
) -> dict[str, float]:
  """Warns where dreams promised more than the game paid; `fresh_*` metrics.

  Args:
    config: of the policy.
    seen: what `make_look` of `commanded(config)` says of its fresh episodes.
    record: of the run; its alarms grow.
  """
  gap = seen["dream_return"] - seen["real_return"]
  if record.is_alarm("fresh", gap > _spread(config, seen), 1):
    logging.warning("alarm: %s", ADVICE["fresh"])
  return {f"fresh_{name}": value for name, value in seen.items()}


def _spread(config: config_lib.Behavior, seen: dict[str, float]) -> float:
  """How far returns may part before it is an alarm."""
  return PART * max(seen["real_spread"], config.return_floor)


def watch_clone(
  config: config_lib.Behavior, look: Callable[[dict, dict], dict] | None
) -> Callable[[dict, dict, int, int], dict[str, float]]:
  """Called after every dispatch of cloning: `val_*` metrics now and then.

  Args:
    config: whose `check_every` matters.
    look: `(actor, weights) -> metrics`, see `make_clone_look`; None without
      any held-out episodes.

  Returns:
    `(actor, weights, done, total) -> metrics`, as `Guard` is called.
  """

  def watch(actor: dict, weights: dict, done: int, total: int) -> dict:
    every = config.check_every if look is not None else 0
    if not every or not is_due(done, total, every, config.log_every):
      return {}
    return {f"val_{k}": float(v) for k, v in look(actor, weights).items()}

  return watch


def make_clone_look(
  world: World, config: config_lib.Behavior, goals: jax.Array
) -> Callable:
  """`(actor, world_params, windows [K, B, T, ...]) -> metrics`.

  How often the clone does what held-out players meant, told goal 0 where they
  were about it, and told what came next.
  """
  net = nets.actor(config)

  def look(actor, params, windows: Batch) -> dict:
    keys = jax.random.split(jax.random.PRNGKey(0), len(windows.action))
    latents = jax.lax.map(
      lambda x: dreams.posterior(world, params, *x), (windows, keys)
    )
    flat = lambda tree: jax.tree.map(
      lambda x: x.reshape(-1, *x.shape[2:]), tree
    )
    batch, features = flat(windows), feat(flat(latents))
    metrics = {}
    for name, commanded in (("default", 1.0), ("hindsight", 0.0)):
      ids, weight = commands.for_cloning(
        keys[0], batch.hindsight, batch.clone, commanded
      )
      weight *= (ids == commands.DEFAULT) == (commanded > 0)
      logits = nets.action_logits(
        net, actor, features, goals[ids], config.actor_unimix
      )
      _, got = bc.bc_loss(logits, batch.intent, batch.is_first, weight, 0.0)
      metrics[f"{name}_accuracy"] = got["bc_accuracy"]
      metrics[f"{name}_nll"] = got["bc_nll"]
    return metrics

  return jax.jit(look)


def make_look(
  world: World,
  config: config_lib.Behavior,
  goals: jax.Array,
  weights: jax.Array,
) -> Callable:
  """`(BehaviorState, world_params, windows [K, B, T, ...]) -> metrics`.

  The same windows and the same chance each time. What it returns is logged,
  and no gradient comes near it.
  """
  compare = make_comparison(world, config, weights)
  judge = _make_judge(world, config, goals, weights)

  def look(state: BehaviorState, params, windows: Batch) -> dict:
    def one(_, inputs):
      batch, key = inputs
      keys = jax.random.split(key, 3)
      latents = dreams.posterior(world, params, batch, keys[0])
      return None, {
        **compare(params, batch, latents, keys[1]),
        **judge(state, params, batch, latents, keys[2]),
      }

    keys = jax.random.split(jax.random.PRNGKey(0), len(windows.action))
    _, metrics = jax.lax.scan(one, None, (windows, keys))
    return jax.tree.map(lambda x: x.mean(0), metrics)

  return jax.jit(look)


def make_comparison(
  world: World, config: config_lib.Behavior, weights: jax.Array
) -> Callable:
  """`(params, batch, latents, rng) -> metrics`: recorded actions, dreamed.

  Both returns are of goal 0, discounted, over the horizon or what is left of
  the window, and end where the episode does.
  """
  appraise = dreams.make_appraisal(world, config, weights)

  def compare(params, batch: Batch, latents, rng):
    steps = batch.action.shape[1]
    horizon = min(config.horizon, steps - 1 - config.context)
    first = jnp.arange(config.context, steps - horizon)
    after = first[:, None] + 1 + jnp.arange(horizon)  # [starts, H]
    at = lambda x: x[:, first].reshape(-1, *x.shape[2:])
    ahead = lambda x: jnp.moveaxis(x[:, after], 2, 0).reshape(
      horizon, -1, *x.shape[2:]
    )

    def step(latent, inputs):
      latent = world.predict(params, latent, *inputs)
      return latent, feat(latent)

    start = jax.tree.map(at, latents)
    inputs = (ahead(batch.action), jax.random.split(rng, horizon))
    _, arrived = jax.lax.scan(step, start, inputs)
    features = jnp.concatenate([feat(start)[None], arrived])
    progress = Progress(unpack_bits(at(batch.maps_seen)))
    default = jnp.full(features.shape[1], commands.DEFAULT)
    terms, reward, cont, reached = appraise(params, features, progress, default)
    dream = Dream(
      features, default, inputs[0], reward, reward, cont, terms, reached,
      jnp.ones_like(cont),
    )  # fmt: skip
    real = _recorded(config, weights, dream, *map(ahead, (
      batch.terms, batch.is_terminal,
    )))  # fmt: skip
    # A window may cross into the next episode: from there on neither counts.
    live = jnp.cumprod(1.0 - ahead(batch.is_first).astype(jnp.float32), 0)
    total = lambda d: grpo.returns(
      d.replace(reward=d.reward * live), config.discount
    )
    alive = 1.0 - at(batch.is_terminal).astype(jnp.float32)
    return _apart(total(real), total(dream), alive)

  return compare


def _recorded(
  config: config_lib.Behavior, weights, dream: Dream, terms, is_terminal
) -> Dream:
  """The dream, with what really came of its actions, `[H, N, ...]`."""
  badge = (terms[..., BADGE] > 0).astype(jnp.float32)
  none = jnp.zeros_like(badge[:1])
  reached = imagine.rising_edge(jnp.concatenate([none, badge]), 0.5)
  cont = 1.0 - is_terminal.astype(jnp.float32)
  reward, cont = imagine.reward_of(
    terms, cont, reached, weights, config.goal_scale
  )
  return dream.replace(reward=reward, cont=cont, terms=terms, reached=reached)


def _apart(real, model, alive) -> dict:
  """How two returns `[N]` of the same starts and actions differ."""
  mean = objective.average(real, alive)
  spread = jnp.sqrt(objective.average(jnp.square(real - mean), alive))
  error = jnp.sqrt(objective.average(jnp.square(model - real), alive))
  return {
    "real_return": mean,
    "real_spread": spread,
    "model_return": objective.average(model, alive),
    "model_error": error,
  }


def _make_judge(
  world: World, config: config_lib.Behavior, goals, weights
) -> Callable:
  """`(state, params, batch, latents, rng) -> metrics` of policy and critic."""
  config = dataclasses.replace(config, branches=1)
  dream_fn = dreams.make_dream(world, config, weights)
  net = nets.critic(config)

  def judge(state: BehaviorState, params, batch: Batch, latents, rng):
    start_key, dream_key = jax.random.split(rng)
    start, progress, command, alive = dreams.starts(
      batch, latents, goals, config, start_key
    )
    dream = dream_fn(params, state.actor, start, progress, command, dream_key)
    total = grpo.returns(dream, config.discount)
    metrics = {"dream_return": objective.average(total, alive)}
    if config.algorithm == "ppo":
      value = nets.value(net, state.slow_critic, dream.feat, dream.goal)
      target = ppo.targets(dream, value, config.discount, config.lambda_)
      weight = objective.weights(dream, alive)
      square = objective.average(jnp.square(value[:-1] - target), weight)
      metrics["critic_error"] = jnp.sqrt(square)
      metrics["critic_explained"] = ppo.explained(value[:-1], target, weight)
    return metrics

  return judge
