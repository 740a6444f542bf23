"""The products of `layers`: values and gradients, in both precisions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dreamer_jax.nn import layers, precision

SHAPE = (24, 16, 8)  # rows, inputs, outputs


@pytest.fixture
def operands():
  keys = jax.random.split(jax.random.PRNGKey(0), 3)
  n, i, o = SHAPE
  shapes = ((n, i), (i, o), (n, o))
  return [jax.random.normal(k, s) for k, s in zip(keys, shapes, strict=True)]


def plain(rows, kernel):
  return rows @ kernel


@pytest.mark.parametrize(
  ("dtype", "error"), [("float32", 1e-5), ("bfloat16", 0.02)]
)
def test_value_and_gradients_are_those_of_a_plain_product(
  operands, dtype, error
):
  rows, kernel, errors = operands
  wanted, back = jax.vjp(plain, rows, kernel)
  got, ours = jax.vjp(lambda r, k: layers.product(r, k, dtype), rows, kernel)
  assert got.dtype == jnp.float32
  for a, b in zip([got, *ours(errors)], [wanted, *back(errors)], strict=True):
    assert np.abs(a - b).max() < error * np.abs(b).max()


def test_bfloat16_rounds_operands_and_errors_and_adds_in_float32(operands):
  rounded = [x.astype(jnp.bfloat16).astype(jnp.float32) for x in operands]
  rows, kernel, errors = operands
  _, ours = jax.vjp(lambda r, k: layers.product(r, k, "bfloat16"), rows, kernel)
  _, back = jax.vjp(plain, *rounded[:2])
  for a, b in zip(ours(errors), back(rounded[2]), strict=True):
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def test_kernel_gradient_is_the_sum_over_rows(operands):
  rows, _, errors = operands
  wanted = np.einsum("ni,no->io", rows, errors)
  np.testing.assert_allclose(
    jax.jit(layers.kernel_gradient)(rows, errors), wanted, rtol=1e-4, atol=1e-5
  )


def test_the_gradient_of_one_operand_alone(operands):
  rows, kernel, _ = operands
  loss = lambda r, k: jnp.square(layers.product(r, k, "float32")).sum()
  both = jax.grad(loss, (0, 1))(rows, kernel)
  for i in (0, 1):
    np.testing.assert_allclose(
      jax.grad(loss, i)(rows, kernel), both[i], rtol=1e-6
    )


def test_blocks_see_their_own_inputs_alone(operands):
  rows = operands[0]
  kernel = jax.random.normal(jax.random.PRNGKey(1), (2, 8, 4))
  got = layers.product(rows, kernel, "float32")
  halves = [rows[:, :8] @ kernel[0], rows[:, 8:] @ kernel[1]]
  np.testing.assert_allclose(got, jnp.concatenate(halves, -1), rtol=1e-5)


def test_a_thin_product_is_not_rounded_on_a_cpu(operands, monkeypatch):
  rows, kernel, _ = operands
  monkeypatch.setattr(precision.jax, "default_backend", lambda: "cpu")
  thin = layers.product(rows[:7], kernel, "bfloat16")
  np.testing.assert_array_equal(
    thin, layers.product(rows[:7], kernel, "float32")
  )
  wide = layers.product(rows[:8], kernel, "bfloat16")
  assert np.abs(wide - plain(rows[:8], kernel)).max() > 1e-4
  monkeypatch.setattr(precision.jax, "default_backend", lambda: "tpu")
  assert not precision.few_rows(1)


def test_transpose_under_jit_and_on_another_device(operands, monkeypatch):
  rows = operands[0]
  np.testing.assert_array_equal(jax.jit(precision.transpose)(rows), rows.T)
  monkeypatch.setattr(precision.jax, "default_backend", lambda: "gpu")
  np.testing.assert_array_equal(precision.transpose(rows), rows.T)
