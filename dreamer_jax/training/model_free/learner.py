"""Model-free PPO, the baseline: the same network, taught by the game itself.

The tile encoder, the width of its memory, actor and critic (`policy.networks`)
are those of the agent. Left out are what only a world model has use for: the
stochastic variables, decoder, heads. The memory is a plain GRU, and all of it
is trained end to end by the policy's and the critic's loss, through time over
an unroll. No demonstrations; one goal, the next badge, with the agent's reward
(Schulman et al. 2017; rewards scaled as in Engstrom et al. 2020).
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from flax import struct

from dreamer_jax import config as config_lib
from dreamer_jax.contract import GRID, NUM_ACTIONS
from dreamer_jax.nn import functions, optimizers, precision
from dreamer_jax.nn.layers import MLP, Block
from dreamer_jax.policy import networks
from dreamer_jax.policy.returns import lambda_returns
from dreamer_jax.world_model.encoder import TileEncoder
from dreamer_jax.world_model.pixels import unpack_pixels

_streams = jax.jit(jax.vmap(lambda_returns))  # once, or it compiles each time


@struct.dataclass
class State:
  """The learner."""

  params: dict
  opt: optax.OptState
  rng: jax.Array  # [2] u32
  updates: jax.Array  # [] i32


@struct.dataclass
class Unroll:
  """What N emulators showed over T steps, and what was done about it."""

  memory: jax.Array  # [N, D] f32, before the first step
  tiles: jax.Array  # [N, T, 18, 20] i16
  last_action: jax.Array  # [N, T] i32, led to tiles[:, t]
  is_first: jax.Array  # [N, T] bool
  action: jax.Array  # [N, T] i32, taken at tiles[:, t]
  log_prob: jax.Array  # [N, T] f32, of the policy that played
  value: jax.Array  # [N, T] f32, of its critic
  target: jax.Array  # [N, T] f32, lambda-returns
  weight: jax.Array  # [N, T] f32, 0 where no action was played


class _Memory(nn.Module):
  """A GRU that is emptied where an episode begins."""

  width: int

  @nn.compact
  def __call__(self, memory, inputs):
    x, keep = inputs
    return nn.GRUCell(self.width)(memory * keep, x)


class Net(nn.Module):
  """Encoder, memory, actor and critic."""

  patterns: jax.Array  # [V, 16] u8, the codebook
  config: config_lib.Config

  def setup(self):
    c, b = self.config.world_model.network, self.config.policy
    self.encoder = TileEncoder(
      unpack_pixels(self.patterns), c.tile_width, c.pair_width, c.cell_width,
      c.hidden,
    )  # fmt: skip
    self.input = Block(c.hidden)
    scan = nn.scan(
      _Memory, variable_broadcast="params", split_rngs={"params": False},
      in_axes=1, out_axes=1,
    )  # fmt: skip
    self.memory = scan(c.deter)
    self.actor = networks.actor_mlp(b)
    self.critic = MLP(
      b.network.width, 1, 2, 0.0, precision.compute_dtype(b.network.dtype)
    )

  def __call__(self, memory, tiles, last_action, is_first):
    """Goes through `[N, T]` steps.

    Args:
      memory: `[N, D]` before the first.
      tiles: `[N, T, 18, 20]` ids.
      last_action: `[N, T]` i32, forgotten at `is_first`.
      is_first: `[N, T]` bool; the memory is emptied there.

    Returns:
      log-probabilities `[N, T, 8]`, values `[N, T]`, the last memory.
    """
    keep = 1.0 - is_first.astype(jnp.float32)[..., None]
    acted = jax.nn.one_hot(last_action, NUM_ACTIONS) * keep
    x = self.input(jnp.concatenate([self.encoder(tiles), acted], -1))
    memory, out = self.memory(memory, (x, keep))
    feat = jnp.concatenate([out, x], -1)
    unimix = self.config.policy.network.unimix
    logits = functions.unimix(self.actor(feat), unimix)
    return logits, self.critic(feat)[..., 0], memory


def optimizer(
  config: config_lib.ModelFreeConfig,
) -> optax.GradientTransformation:
  """Adam behind a clipped gradient."""
  return optimizers.make(config.rate, clip=config.grad_clip)


def init(net: Net, seed: int) -> State:
  """A fresh learner."""
  key, rng = jax.random.split(jax.random.PRNGKey(seed))
  one = jnp.zeros((1, 1), jnp.int32)
  tiles = jnp.zeros((1, 1, *GRID), jnp.int16)
  memory = initial(net, 1)
  begin = jax.jit(lambda *inputs: net.init(*inputs)["params"])
  params = begin(key, memory, tiles, one, one > 0)
  opt = optimizer(net.config.model_free).init(params)
  return State(params, opt, rng, jnp.zeros((), jnp.int32))


def initial(net: Net, count: int) -> jax.Array:
  """`[N, D]`: empty memories."""
  return jnp.zeros((count, net.config.world_model.network.deter))


def make_act(net: Net, greedy: bool = False) -> Callable:
  """One step on N emulators, each with a key of its own.

  `(params, memory, tiles [N, 18, 20], last_action, is_first, keys [N, 2])` ->
  `(action, log_prob, value, memory)`.
  """

  def act(params, memory, tiles, last_action, is_first, keys):
    expand = lambda x: x[:, None]
    logits, value, memory = net.apply(
      {"params": params}, memory, expand(tiles), expand(last_action),
      expand(is_first),
    )  # fmt: skip
    logits = logits[:, 0]
    action = jax.vmap(jax.random.categorical)(keys, logits)
    action = (logits.argmax(-1) if greedy else action).astype(jnp.int32)
    return action, networks.log_prob(logits, action), value[:, 0], memory

  return jax.jit(act)


def targets(
  reward: np.ndarray,
  is_last: np.ndarray,
  is_terminal: np.ndarray,
  value: np.ndarray,
  discount: float,
  lambda_: float,
) -> jax.Array:
  """`[N, T]` lambda-returns; less the value they are GAE's advantages.

  Args:
    reward: `[N, T + 1]`, of arriving at each step.
    is_last: `[N, T + 1]` bool; nothing is carried over an episode's end.
    is_terminal: `[N, T + 1]` bool; a cut-off episode's value counts on.
    value: `[N, T + 1]`.
    discount: of a step.
    lambda_: in [0, 1].
  """
  discounts = discount * (1.0 - is_terminal[:, 1:].astype(np.float32))
  mix = lambda_ * (1.0 - is_last[:, 1:].astype(np.float32))
  return _streams(reward[:, 1:], discounts, value[:, 1:], mix)


def make_update(net: Net) -> Callable:
  """`(State, Unroll) -> (State, metrics)`: all epochs of PPO.

  A minibatch is some of the emulators, over the whole unroll.
  """
  c, actor = net.config.model_free, net.config.policy.actor
  descend = optimizer(c)

  def loss(params, rows: Unroll):
    logits, value, _ = net.apply(
      {"params": params}, rows.memory, rows.tiles, rows.last_action,
      rows.is_first,
    )  # fmt: skip
    mean = lambda x: (
      (x * rows.weight).sum() / jnp.maximum(rows.weight.sum(), 1.0)
    )
    raw = rows.target - rows.value
    spread = jnp.sqrt(mean(jnp.square(raw - mean(raw))))
    advantage = (raw - mean(raw)) / (spread + 1e-6)
    log_prob = networks.log_prob(logits, rows.action)
    ratio = jnp.exp(log_prob - rows.log_prob)
    clip = actor.clip_ratio
    clipped = jnp.clip(ratio, 1 - clip, 1 + clip)
    gain = mean(jnp.minimum(ratio * advantage, clipped * advantage))
    entropy = mean(functions.entropy(logits))
    error = mean(jnp.square(value - rows.target))
    centred = mean(jnp.square(rows.target - mean(rows.target)))
    metrics = {
      "entropy": entropy, "value_loss": error,
      "value_explained": 1 - error / jnp.maximum(centred, 1e-8),
      "clip_share": mean((jnp.abs(ratio - 1) > clip).astype(jnp.float32)),
      "kl_to_old": mean(rows.log_prob - log_prob), "advantage_std": spread,
    }  # fmt: skip
    total = 0.5 * c.value_scale * error - gain - c.entropy_scale * entropy
    return total, {"loss": total, **metrics}

  def minibatch(carry, chosen):
    (params, opt), unroll = carry
    rows = jax.tree.map(lambda x: x[chosen], unroll)
    grads, metrics = jax.grad(loss, has_aux=True)(params, rows)
    params, opt = optimizers.apply(descend, grads, opt, params)
    return ((params, opt), unroll), metrics

  def update(state: State, unroll: Unroll):
    rng, key = jax.random.split(state.rng)
    count = len(unroll.action)
    parts = min(c.minibatches, count)
    shuffle = lambda key: jax.random.permutation(key, count)
    orders = jax.vmap(shuffle)(jax.random.split(key, c.epochs))
    orders = orders[:, : count // parts * parts].reshape(c.epochs * parts, -1)
    carry = (state.params, state.opt), unroll
    ((params, opt), _), metrics = jax.lax.scan(minibatch, carry, orders)
    state = State(params, opt, rng, state.updates + 1)
    return state, jax.tree.map(jnp.mean, metrics)

  return jax.jit(update, donate_argnums=0)
