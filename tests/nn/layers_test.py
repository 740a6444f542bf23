"""Dense layers, and their hand-made gradients, against NumPy and `jax.grad`."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from dreamer_jax.nn import layers

MANY, FEW = 9, 3  # rows: fewer than 8 are never rounded on a CPU


def normal(seed, *shape):
  rng = np.random.default_rng(seed)
  return jnp.asarray(rng.normal(size=shape), jnp.float32)


def rounded(x):
  return jnp.asarray(x).astype(jnp.bfloat16).astype(jnp.float32)


def blocks_as_one(kernel):
  """`[G, I/G, O/G]` as the matrix `[I, O]` with zeros that it stands for."""
  groups, rows, columns = kernel.shape
  whole = np.zeros((groups * rows, groups * columns), np.float32)
  for g, block in enumerate(kernel):
    whole[g * rows : (g + 1) * rows, g * columns : (g + 1) * columns] = block
  return whole


@pytest.mark.parametrize("rows", [MANY, FEW])
@pytest.mark.parametrize("wanted", [(0, 1), (0,), (1,)], ids=str)
def test_gradients_are_those_of_the_plain_product(rows, wanted):
  """Also where only one of the two is asked for: the other is not kept."""
  arrays = normal(0, rows, 4), normal(1, 4, 6)
  errors = normal(2, rows, 6)
  ours = lambda *a: (layers.product(*a, "float32") * errors).sum()
  plain = lambda *a: (jnp.einsum("ni,io->no", *a) * errors).sum()
  got = jax.jit(jax.grad(ours, wanted))(*arrays)
  want = jax.grad(plain, wanted)(*arrays)
  for a, b in zip(got, want, strict=True):
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_a_product_that_nothing_depends_on_has_no_gradient():
  """Of two, one is dropped: its weights' gradient is zero, not an error."""
  rows, kernels = normal(0, MANY, 4), (normal(1, 4, 2), normal(2, 4, 2))

  def loss(kernels):
    kept, _ = (layers.product(rows, k, "float32") for k in kernels)
    return kept.sum()

  kept, dropped = jax.grad(loss)(kernels)
  np.testing.assert_allclose(
    kept, np.repeat(rows.sum(0)[:, None], 2, 1), rtol=1e-5
  )
  assert dropped.shape == (4, 2) and (dropped == 0).all()


def test_narrow_products_round_what_they_multiply_and_not_their_sums():
  rows, kernel = normal(0, MANY, 64), normal(1, 64, 5)
  got = layers.product(rows, kernel, "bfloat16")
  assert got.dtype == jnp.float32
  np.testing.assert_allclose(
    got, rounded(rows) @ rounded(kernel), rtol=1e-5, atol=1e-5
  )
  ones = layers.product(jnp.ones((MANY, 257)), jnp.ones((257, 1)), "bfloat16")
  assert (ones == 257).all()  # which bfloat16 does not have


def test_narrow_errors_go_back():
  """1 + 2^-9 is 1 in bfloat16: both gradients are those of 1, in float32."""
  rows, kernel = rounded(normal(0, MANY, 3)), rounded(normal(1, 3, 2))
  error = 1 + 2.0**-9
  loss = lambda x, k: (layers.product(x, k, "bfloat16") * error).sum()
  back, gradient = jax.grad(loss, (0, 1))(rows, kernel)
  assert back.dtype == gradient.dtype == jnp.float32
  ones = jnp.ones((MANY, 2))
  np.testing.assert_allclose(back, ones @ kernel.T, rtol=1e-6)
  np.testing.assert_allclose(gradient, rows.T @ ones, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("rows, is_rounded", [(7, False), (8, True)])
def test_few_rows_multiply_weights_as_they_are(rows, is_rounded):
  x, kernel = jnp.ones((rows, 1)), jnp.full((1, 1), 1 + 2.0**-9)
  got = layers.product(x, kernel, "bfloat16")
  assert (got == (1.0 if is_rounded else kernel[0, 0])).all()


def test_blocks_are_a_matrix_with_zeros():
  """Value and both gradients; three groups of two inputs, four outputs."""
  rows, kernel = normal(0, MANY, 6), normal(1, 3, 2, 4)
  errors = normal(2, MANY, 12)
  loss = lambda x, k: (layers.product(x, k, "float32") * errors).sum()
  whole = blocks_as_one(kernel)
  np.testing.assert_allclose(
    layers.product(rows, kernel, "float32"), rows @ whole, rtol=1e-5, atol=1e-5
  )
  back, gradient = jax.grad(loss, (0, 1))(rows, kernel)
  np.testing.assert_allclose(back, errors @ whole.T, rtol=1e-5, atol=1e-5)
  of_whole = np.asarray(rows).T @ np.asarray(errors)
  for g in range(3):
    block = of_whole[2 * g : 2 * g + 2, 4 * g : 4 * g + 4]
    np.testing.assert_allclose(gradient[g], block, rtol=1e-5, atol=1e-5)


def test_a_group_sees_its_own_inputs_only():
  layer = layers.Linear(6, blocks=3)
  params = {"params": layer.init(jax.random.PRNGKey(0), jnp.zeros(9))["params"]}
  assert params["params"]["kernel"].shape == (3, 3, 2)
  sees = jax.jacobian(lambda x: layer.apply(params, x))(normal(0, 9)) != 0
  np.testing.assert_array_equal(sees, np.kron(np.eye(3), np.ones((2, 3))) > 0)


@pytest.mark.parametrize("blocks", [1, 2])
def test_leading_axes_are_rows(blocks):
  """What a row becomes does not depend on where it stands."""
  layer, x = layers.Linear(4, blocks=blocks), normal(0, 2, 5, 6)
  variables = layer.init(jax.random.PRNGKey(0), x)
  params = jax.tree.map(lambda p: p + 0.5, variables["params"])  # a bias too
  got = layer.apply({"params": params}, x)
  assert got.shape == (2, 5, 4)
  kernel = params["kernel"]
  kernel = kernel if blocks == 1 else blocks_as_one(kernel)
  want = np.einsum("bti,io->bto", x, kernel) + np.asarray(params["bias"])
  np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


def test_weights_begin_with_the_variance_of_their_fans():
  """`scale^2 / mean(fan_in, fan_out)`, cut off at two deviations."""
  x = jnp.zeros((1, 300))
  kernel = lambda scale: layers.Linear(100, scale).init(
    jax.random.PRNGKey(0), x
  )["params"]["kernel"]
  np.testing.assert_allclose(kernel(1.0).std(), 200**-0.5, rtol=0.02)
  np.testing.assert_allclose(kernel(0.1), 0.1 * kernel(1.0), rtol=1e-5)
  assert (kernel(0.0) == 0).all()


def test_a_tap_adds_to_the_output_and_inputs_are_told():
  """As `scan.scan` wants it: rows `[N, I]`, in the product's precision."""
  layer, x = layers.Linear(3, dtype="bfloat16"), normal(0, 2, 4, 5)
  variables = layer.init(jax.random.PRNGKey(0), x)
  params, taps = variables["params"], variables["taps"]
  assert taps["output"].shape == (8, 3) and (taps["output"] == 0).all()
  tap = normal(1, 8, 3)
  got, told = layer.apply(
    {"params": params, "taps": {"output": tap}}, x, mutable=["inputs"]
  )
  plain = layer.apply({"params": params}, x)
  np.testing.assert_allclose(got, plain + tap.reshape(2, 4, 3), rtol=1e-5)
  rows = told["inputs"]["rows"]
  assert rows.dtype == jnp.bfloat16
  np.testing.assert_array_equal(rows, x.reshape(8, 5).astype(jnp.bfloat16))


def norm(x, scale):
  x = np.asarray(x, np.float64)
  return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-4) * scale


def test_the_norm_divides_by_the_root_mean_square():
  scale = np.array([1.0, -2.0, 0.5, 3.0])
  x = normal(0, 3, 4)
  apply = lambda x: layers.RMSNorm().apply({"params": {"scale": scale}}, x)
  np.testing.assert_allclose(apply(x), norm(x, scale), rtol=1e-5)
  # It hides the size of what is not small, and keeps its mean.
  np.testing.assert_allclose(apply(1e4 * x), apply(1e3 * x), rtol=1e-5)
  np.testing.assert_allclose(apply(jnp.full(4, 7.0)), scale, rtol=1e-5)


def test_the_norm_of_nothing_is_nothing():
  """And has a gradient: a GRU's first state is zero."""
  layer, zero = layers.RMSNorm(), jnp.zeros((2, 4))
  params = layer.init(jax.random.PRNGKey(0), zero)
  assert (layer.apply(params, zero) == 0).all()
  gradient = jax.grad(lambda x: layer.apply(params, x).sum())(zero)
  np.testing.assert_allclose(gradient, 100.0, rtol=1e-5)  # 1 / sqrt(1e-4)


@pytest.mark.parametrize("hidden", [0, 1, 3])
def test_an_mlp_is_blocks_and_a_linear_output(hidden):
  """Linear, norm, SiLU as often as asked, written out in NumPy."""
  mlp, x = layers.MLP(5, 2, hidden), normal(0, 3, 4)
  tree = mlp.init(jax.random.PRNGKey(0), x)["params"]
  params = jax.tree.map(lambda p: p + 0.1, tree)
  assert set(params) == {"Linear_0", *(f"Block_{i}" for i in range(hidden))}
  y = np.asarray(x)
  for i in range(hidden):
    block = params[f"Block_{i}"]
    y = y @ block["Linear_0"]["kernel"] + block["Linear_0"]["bias"]
    y = norm(y, block["RMSNorm_0"]["scale"])
    y = y / (1 + np.exp(-y))
  y = y @ params["Linear_0"]["kernel"] + params["Linear_0"]["bias"]
  got = mlp.apply({"params": params}, x)
  np.testing.assert_allclose(got, y, rtol=1e-4, atol=1e-5)


def test_the_last_layer_of_an_mlp_is_never_narrow():
  """Logits and values are not rounded: 257 hidden units that all say 1."""
  x = jnp.ones((MANY, 1))
  last = {"kernel": jnp.full((1, 1), 1 + 2.0**-9), "bias": jnp.zeros(1)}
  narrow = layers.MLP(1, 1, 0, dtype="bfloat16")
  got = narrow.apply({"params": {"Linear_0": last}}, x)
  np.testing.assert_array_equal(got, 1 + 2.0**-9)
  # Its hidden layers are: silu of the normalised is the same, of 257 it shows.
  hidden = layers.Block(1, dtype="bfloat16")
  params = hidden.init(jax.random.PRNGKey(0), x)["params"]
  params["Linear_0"]["kernel"] = jnp.full((1, 1), 0.01 * (1 + 2.0**-9))
  want = nn.silu(norm(jnp.asarray([rounded(0.01 * (1 + 2.0**-9))]), 1.0))
  got = hidden.apply({"params": params}, x)
  np.testing.assert_allclose(got[0], want, rtol=1e-6)


def test_an_output_that_begins_at_nothing_still_learns():
  """Scale 0 silences the last kernel, not its gradient."""
  mlp, x = layers.MLP(5, 2, 1, 0.0), normal(0, 3, 4)
  params = mlp.init(jax.random.PRNGKey(0), x)["params"]
  assert (mlp.apply({"params": params}, x) == 0).all()
  grads = jax.grad(lambda p: mlp.apply({"params": p}, x).sum())(params)
  assert (grads["Linear_0"]["kernel"] != 0).any()
