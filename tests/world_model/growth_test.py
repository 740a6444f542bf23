"""A grown codebook: old tiles stay as likely, new ones have a place."""

import jax
import jax.numpy as jnp
import numpy as np

from dreamer_jax import presets
from dreamer_jax.training import state as state_lib
from dreamer_jax.world_model import growth
from dreamer_jax.world_model.model import WorldModel
from tests.world_model.model_test import patterns


def test_what_was_learned_of_old_tiles_stays():
  config = presets.debug().world
  book = patterns(30)
  old, new = (WorldModel(config, book[:n]) for n in (24, 30))
  state = state_lib.init_world(old, config, 0)
  grown = growth.grow(state, 24, 30)
  expected = jax.eval_shape(lambda: state_lib.init_world(new, config, 0))
  shapes = lambda tree: jax.tree.map(lambda x: (x.shape, x.dtype), tree)
  assert shapes(grown) == shapes(expected)
  features = jax.random.normal(jax.random.PRNGKey(1), (2, 48))
  logits = lambda world, params: (
    world.embed(params, features) @ world.logit_weights(params)[0]
  )
  before = jax.jit(lambda p: logits(old, p))(state.params)
  after = jax.jit(lambda p: logits(new, p))(grown.params)
  np.testing.assert_allclose(after[..., :24], before, atol=1e-4)
  assert jnp.abs(after[..., 24:]).max() > 0  # drawn by their pixels
