"""Returns of imagined rollouts, on one `[H]` stream; `vmap` is the caller's."""

import chex
import jax
import jax.numpy as jnp


def lambda_returns(
  reward_t: jax.Array,
  discount_t: jax.Array,
  value_t: jax.Array,
  lambda_: float | jax.Array,
) -> jax.Array:
  """TD(lambda) targets (Sutton and Barto 2018, eq. 12.18).

  With t counted from arriving at step t + 1,
  `V[t] = r[t] + d[t] * ((1 - lambda) v[t] + lambda V[t + 1])`, and the last
  one bootstraps: `V[H-1] = r[H-1] + d[H-1] v[H-1]`.

  Args:
    reward_t: `[H]`, rewards of arriving at steps 1..H.
    discount_t: `[H]`, `gamma * cont` at steps 1..H.
    value_t: `[H]`, critic's values of steps 1..H.
    lambda_: in [0, 1], one number or `[H]`; 0 is one-step TD, 1 is Monte
      Carlo. A 0 at t cuts the rollout there, bootstrapping from its value.

  Returns:
    `[H]`, targets for the values of steps 0..H-1.
  """
  chex.assert_rank([reward_t, discount_t, value_t], 1)
  chex.assert_equal_shape([reward_t, discount_t, value_t])

  def step(future, inputs):
    reward, discount, value, mix = inputs
    target = reward + discount * ((1 - mix) * value + mix * future)
    return target, target

  lambda_t = jnp.broadcast_to(lambda_, reward_t.shape)
  inputs = (reward_t, discount_t, value_t, lambda_t)
  _, targets = jax.lax.scan(step, value_t[-1], inputs, reverse=True)
  return targets
