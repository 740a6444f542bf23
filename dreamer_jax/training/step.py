"""The compiled programs of learning: world, clone, behavior, act.

Each `make_*` returns one jitted function that donates its state, runs many
updates in a `lax.scan`, samples the device replay inside, and never talks to
the host.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.data import sampling as windows
from dreamer_jax.data import surprises
from dreamer_jax.imagination import commands, starts
from dreamer_jax.nn import optimizers
from dreamer_jax.policy import behavior_cloning, grounding, networks
from dreamer_jax.policy import update as policy
from dreamer_jax.policy.exploration import lean
from dreamer_jax.training import state as state_lib
from dreamer_jax.training.devices import Devices
from dreamer_jax.training.state import BehaviorState, WorldState
from dreamer_jax.types import NUM_ACTIONS, Batch, Latent, Streams, feat
from dreamer_jax.world_model.loss import world_loss
from dreamer_jax.world_model.model import WorldModel

# sample(replay, rng) -> Batch
SampleFn = Callable[..., Batch]
ReadFn = Callable[..., windows.Reading]  # of (replay, rng, Streams)


def _repeat(
  update: Callable, count: int, devices: Devices | None = None
) -> Callable:
  """Runs `update(state, *data)` `count` times; metrics are averaged."""

  def run(state, *data):
    step = lambda carry, _: update(carry, *data)
    state, metrics = jax.lax.scan(step, state, length=count)
    return state, jax.tree.map(lambda x: x.mean(0), metrics)

  return (devices or Devices(jax.local_devices()[:1])).compile(run)


def make_world_update(
  world: WorldModel, config: config_lib.World, read: ReadFn,
  devices: Devices | None = None,
) -> Callable:  # fmt: skip
  """`(WorldState, replay) -> (WorldState, metrics)`, `log_every` updates.

  Windows follow each other in streams, and latents are carried from one to
  the next without a gradient: the model learns to remember for longer than
  its windows.
  """
  optimizer = state_lib.world_optimizer(config)
  gradient = jax.value_and_grad(world_loss, has_aux=True)

  def update(state: WorldState, replay) -> tuple[WorldState, dict]:
    rng, sample_key, loss_key = jax.random.split(state.rng, 3)
    drawn = read(replay, sample_key, state.streams)
    is_new = lambda x: drawn.fresh.reshape(-1, *[1] * (x.ndim - 1))
    start = jax.tree.map(
      lambda x: jnp.where(is_new(x), 0.0, x), state.streams.latent
    )
    (_, (metrics, surprise, last)), grads = gradient(
      state.params, world, config, drawn.batch, loss_key, start, state.updates
    )
    kept = state.streams.surprises
    if kept is not None:
      kept = surprises.keep(kept, drawn.start, drawn.again, surprise)
    streams = Streams(drawn.place, last, kept)
    params, opt = optimizers.apply(optimizer, grads, state.opt, state.params)
    ema = state.ema
    if config.ema_decay:
      fraction = optimizers.ema_fraction(state.updates, config.ema_decay)
      ema = optimizers.ema(ema, params, fraction)
    state = state.replace(
      params=params, ema=ema, opt=opt, streams=streams, rng=rng,
      updates=state.updates + 1,
    )  # fmt: skip
    return state, metrics

  return _repeat(update, config.log_every, devices)


def make_validation(world: WorldModel, config: config_lib.World) -> Callable:
  """`(params, windows [K, B, T, ...]) -> metrics`: the loss and its parts.

  The same windows and the same chance each time, so that only weights differ.
  """

  def validate(params, windows: Batch) -> dict:
    def one(_, inputs):
      batch, key = inputs
      loss, (metrics, *_) = world_loss(params, world, config, batch, key)
      return None, {**metrics, "loss": loss}

    keys = jax.random.split(jax.random.PRNGKey(0), len(windows.action))
    _, metrics = jax.lax.scan(one, None, (windows, keys))
    return jax.tree.map(lambda x: x.mean(0), metrics)

  return jax.jit(validate)


def make_clone_update(
  world: WorldModel,
  config: config_lib.Behavior,
  goals: jax.Array,
  sample: SampleFn,
  devices: Devices | None = None,
) -> Callable:
  """`(BehaviorState, world_params, replay) -> (BehaviorState, metrics)`."""
  net = networks.actor(config)
  optimizer = state_lib.clone_optimizer(config)

  def loss(actor, latents: Latent, batch: Batch, goal, weight):
    logits = networks.action_logits(
      net, actor, feat(latents), goal, config.actor_unimix
    )
    return behavior_cloning.bc_loss(
      logits, batch.intent, batch.is_first, weight, config.label_smoothing
    )

  def update(state: BehaviorState, params, replay):
    rng, *keys = jax.random.split(state.rng, 5)
    batch = sample(replay, keys[0])
    latents = starts.posterior(world, params, batch, keys[1])
    ids, weight = commands.for_cloning(
      keys[2], batch.hindsight, batch.clone, config.bc_commanded
    )
    goal = commands.embed(keys[3], goals, ids, config.goal_noise).embedding
    gradient = jax.value_and_grad(loss, has_aux=True)
    (_, metrics), grads = gradient(state.clone, latents, batch, goal, weight)
    metrics["bc_default"] = (weight * (ids == commands.DEFAULT)).mean()
    metrics["bc_hindsight"] = (weight * (ids != commands.DEFAULT)).mean()
    clone, opt = optimizers.apply(
      optimizer, grads, state.clone_opt, state.clone
    )
    return state.replace(clone=clone, clone_opt=opt, rng=rng), metrics

  return _repeat(update, config.log_every, devices)


def make_ground_update(
  world: WorldModel,
  config: config_lib.Behavior,
  goals: jax.Array,
  sample: SampleFn,
  devices: Devices | None = None,
) -> Callable:
  """`(BehaviorState, world_params, replay) -> (BehaviorState, metrics)`.

  One update: recorded steps, what followed them, a gradient step of the
  critic. The actor stays.
  """
  draw = grounding.make_draw(world, config, goals, sample)
  step = grounding.make_step(config)

  def update(state: BehaviorState, params, replay):
    rng, key = jax.random.split(state.rng)
    state, metrics = step(state, draw(params, replay, key))
    return state.replace(rng=rng), metrics

  return _repeat(update, config.log_every, devices)


def make_behavior_update(
  world: WorldModel,
  config: config_lib.Behavior,
  goals: jax.Array,
  weights: jax.Array,
  sample: SampleFn,
  sample_steps: SampleFn,
  devices: Devices | None = None,
) -> Callable:
  """`(BehaviorState, world_params, replay) -> (BehaviorState, metrics)`.

  One update: start states from the replay's posteriors, an imagined rollout,
  returns, all epochs of PPO or GRPO. No reward and no action of the emulator
  reaches the policy's loss: the replay gives it starts and their goals only.
  The critic also learns what really followed recorded steps (`grounding`).
  """
  dream_fn = starts.make_dream(world, config, weights)
  learn = policy.make_learner(config)
  is_grounded = config.algorithm == "ppo" and config.ground_scale > 0
  draw = grounding.make_draw(world, config, goals, sample_steps)

  def update(state: BehaviorState, params, replay):
    rng, *keys = jax.random.split(state.rng, 7)
    batch = sample(replay, keys[0])
    latents = starts.posterior(world, params, batch, keys[1])
    grounds = draw(params, replay, keys[5]) if is_grounded else None
    start, progress, command, alive = starts.starts(
      batch, latents, goals, config, keys[4]
    )
    dream = dream_fn(params, state.actor, start, progress, command, keys[2])
    state, metrics = learn(state, dream, alive, grounds, keys[3])
    return state.replace(rng=rng, updates=state.updates + 1), metrics

  return _repeat(update, config.log_every, devices)


def make_act(
  world: WorldModel,
  config: config_lib.Behavior,
  greedy: bool = False,
  curiosity: float = 0.0,
  temperature: float = 1.0,
) -> Callable:
  """One step of the policy on N emulators.

  Actions are drawn at a `temperature`: its logits divide by it, so that below 1
  likely actions become likelier.

  With `curiosity` it looks a step ahead, and leans to the actions whose
  outcome the world model's ensemble disagrees on.

  `(world_params, actor, latent, action, tiles, is_first, goal, keys)` ->
  `(action [N] i32, latent)`, with a key for each emulator, so that what one
  does depends on no other.
  """
  net = networks.actor(config)

  def one(params, actor, latent, action, token, is_first, goal, key):
    observe_key, act_key = jax.random.split(key)
    expand = lambda x: jax.tree.map(lambda y: y[None], x)
    latent = world.observe_step(
      params, *expand((latent, token, action, is_first)), observe_key
    )
    logits = networks.action_logits(
      net, actor, feat(latent), goal[None], config.actor_unimix
    )[0]
    if curiosity:
      logits = lean(logits, doubt(params, latent, act_key), curiosity)
    sampled = jax.random.categorical(act_key, logits / temperature)
    action = logits.argmax(-1) if greedy else sampled
    return action.astype(jnp.int32), jax.tree.map(lambda y: y[0], latent)

  def doubt(params, latent, key):
    every = jnp.arange(NUM_ACTIONS)
    spread = jax.tree.map(lambda x: jnp.repeat(x, NUM_ACTIONS, 0), latent)
    after = world.predict(params, spread, every, key)
    return world.uncertainty(params, after.deter)

  def act(params, actor, latent, action, tiles, is_first, goal, keys):
    token = world.encode(params, tiles)
    step = jax.vmap(one, in_axes=(None, None, 0, 0, 0, 0, 0, 0))
    return step(params, actor, latent, action, token, is_first, goal, keys)

  return jax.jit(act)
