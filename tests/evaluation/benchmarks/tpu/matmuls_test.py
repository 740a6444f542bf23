import jax
import jax.numpy as jnp
import pytest

from dreamer_jax.evaluation.benchmarks.tpu.matmuls import Product, products


def test_counts_scans_and_batches():
  def step(x, _):
    return x @ jnp.ones((32, 32)), None

  def program(x, y):
    x, _ = jax.lax.scan(jax.jit(step), x, length=5)
    return x, jnp.einsum("bij,bjk->bik", y, y)

  found = products(program, jnp.ones((3, 32)), jnp.ones((4, 2, 2)))
  assert found == [Product(3, 32, 32, 5), Product(2, 2, 2, 4)]
  assert found[0].flops == 2 * 5 * 3 * 32 * 32


@pytest.mark.parametrize(
  ("product", "ratio"),
  [
    (Product(16, 128, 256, 1), 1.0),
    (Product(12, 128, 128, 1), 16 / 12),
    (Product(16, 64, 128, 1), 2.0),
    (Product(128, 128, 8, 3), 16.0),
    (Product(46080, 128, 48, 1), 128 / 48),
  ],
)
def test_padding(product, ratio):
  assert product.padded / product.flops == pytest.approx(ratio)
