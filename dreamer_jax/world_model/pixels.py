"""A tile's 16 bytes as its 64 pixels, and back."""

import jax
import jax.numpy as jnp


def unpack_shades(patterns: jax.Array) -> jax.Array:
  """`[V, 16]` u8, 2-bit pixels -> `[V, 64]` u8 shades 0-3."""
  shifts = jnp.array([6, 4, 2, 0], jnp.uint8)
  return ((patterns[..., None] >> shifts) & 3).reshape(len(patterns), 64)


def unpack_pixels(patterns: jax.Array) -> jax.Array:
  """`[V, 16]` u8, 2-bit pixels -> `[V, 64]` f32 in [-1, 1]."""
  return unpack_shades(patterns).astype(jnp.float32) / 1.5 - 1


def pack_pixels(shades: jax.Array) -> jax.Array:
  """`[..., 64]` shades 0-3 -> `[..., 16]` u8; inverse of the unpacking."""
  quads = shades.astype(jnp.uint8).reshape(*shades.shape[:-1], 16, 4)
  shifts = jnp.array([6, 4, 2, 0], jnp.uint8)
  return (quads << shifts).sum(-1).astype(jnp.uint8)
