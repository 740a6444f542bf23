"""System 1: an actor and a critic, small MLPs over feat and the goal.

The brief's sizes: 1536 features and the goal's embedding, two hidden layers of
256, eight buttons.
"""

import jax
import jax.numpy as jnp

from dreamer_jax import config as config_lib
from dreamer_jax.contract import NUM_ACTIONS
from dreamer_jax.nn import functions, precision
from dreamer_jax.nn.layers import MLP

VALUE_UNIT = 10.0  # rewards that the critic's output calls 1: its targets are
#   then of order 1, as its weights are
MAX_SYMLOG = 6.0  # of a value: 402 rewards
GOAL_GAIN = 8.0  # an embedding of unit length has numbers of order 1/8, which
#   a thousand latents of order 1 would drown


class ActorCritic:
  """Both networks as pure functions of their parameters; knows no parameters.

  Built once from the settings, and handed to whatever acts or learns.
  """

  def __init__(self, config: config_lib.PolicyConfig):
    """Takes widths, precision and `unimix` from the settings."""
    self._actor = actor_mlp(config)
    bins = config.critic.bins or 1
    dtype = precision.compute_dtype(config.network.dtype)
    self._critic = MLP(config.network.width, bins, 2, 0.0, dtype)
    self._unimix = config.network.unimix
    self._goal_dim = config.network.goal_dim

  def init(
    self, actor_key: jax.Array, critic_key: jax.Array, feat_dim: int
  ) -> tuple[dict, dict]:
    """Fresh parameters of actor and critic for features of `feat_dim`.

    The actor is near uniform, and the critic says 0.
    """
    x = jnp.zeros((1, feat_dim + self._goal_dim))
    actor = jax.jit(self._actor.init)(actor_key, x)["params"]
    critic = jax.jit(self._critic.init)(critic_key, x)["params"]
    return actor, critic

  def logits(self, actor: dict, feat: jax.Array, goal: jax.Array) -> jax.Array:
    """Log-probabilities `[..., 8]`, mixed with a little of the uniform.

    The mixture keeps every action possible: an entropy of exactly zero is a
    hole that a policy does not climb out of.

    Args:
      actor: parameters.
      feat: `[..., F]`.
      goal: `[..., G]` embeddings, broadcast over leading axes.
    """
    logits = self._actor.apply({"params": actor}, inputs(feat, goal))
    return functions.unimix(logits, self._unimix)

  def act(
    self, actor: dict, feat: jax.Array, goal: jax.Array, rng: jax.Array
  ) -> tuple[jax.Array, jax.Array]:
    """Draws actions `[...]` i32; returns them and their log-probabilities."""
    logits = self.logits(actor, feat, goal)
    action = jax.random.categorical(rng, logits)
    return action, log_prob(logits, action)

  def value(self, critic: dict, feat: jax.Array, goal: jax.Array) -> jax.Array:
    """Values `[...]`, in rewards."""
    return expected_value(self.value_logits(critic, feat, goal))

  def value_logits(
    self, critic: dict, feat: jax.Array, goal: jax.Array
  ) -> jax.Array:
    """What the critic says, `[..., K]`: see `expected_value`."""
    return self._critic.apply({"params": critic}, inputs(feat, goal))


def actor_mlp(config: config_lib.PolicyConfig) -> MLP:
  """`[..., F + G]` -> `[..., 8]` logits, near uniform at the start."""
  dtype = precision.compute_dtype(config.network.dtype)
  return MLP(config.network.width, NUM_ACTIONS, 2, 0.01, dtype)


def inputs(feat: jax.Array, goal: jax.Array) -> jax.Array:
  """`[..., F]` and `[..., G]` (broadcast over time) -> `[..., F + G]`.

  Features may be as `precision.stored` keeps them.
  """
  goal = precision.stored((GOAL_GAIN * goal).astype(precision.read(feat).dtype))
  goal = jnp.broadcast_to(goal, (*feat.shape[:-1], goal.shape[-1]))
  both = jnp.concatenate([precision.stored(feat), goal], -1)
  return precision.read(both)


def value_bins(count: int) -> jax.Array:
  """`[K]` rewards, even steps of symlog, so that small values are told apart.

  Symmetric: bins that are all as likely mean 0.
  """
  return functions.symexp(jnp.linspace(-MAX_SYMLOG, MAX_SYMLOG, count))


def expected_value(logits: jax.Array) -> jax.Array:
  """`[..., K]` logits of bins -> `[...]` rewards: their mean.

  DreamerV3's equation 10. Where K is 1 it is a number, in `VALUE_UNIT`.
  """
  if logits.shape[-1] == 1:
    return VALUE_UNIT * logits[..., 0]
  return jax.nn.softmax(logits, -1) @ value_bins(logits.shape[-1])


def log_prob(logits: jax.Array, action: jax.Array) -> jax.Array:
  """Log-probability of `action [...]` under `logits [..., 8]`."""
  return jnp.take_along_axis(logits, action[..., None], -1)[..., 0]
