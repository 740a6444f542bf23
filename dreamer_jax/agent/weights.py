"""An agent's weights in one small file: f32, bf16, or int8 with some bf16.

A safetensors file (https://github.com/huggingface/safetensors): the length of
a JSON header as u64, the header with each array's type, shape and place, the
arrays. Ten lines in any language read it. What is in it:

  world/rssm/gates/kernel        every weight by its place: world/, actor/ and,
                                 where the agent has one, critic/
  world/rssm/gates/kernel:scale  `[..., 1, out]` f32, of an int8 array, whose
                                 weights are `array * scale`
  codebook                       `[V, 16]` u8 tile patterns, as in `data`
  __metadata__                   "format", "dtype", "sha256" of the arrays, and
                                 "meta", the JSON of the checkpoint: config,
                                 counters, and what `compatibility` compares

Weights are stored small and used as f32. The clone, a baseline of evaluation,
stays with the run.
"""

import contextlib
import hashlib
import importlib.resources
import json
import math
import pathlib
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import traverse_util
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from dreamer_jax.data.files import write_atomic
from dreamer_jax.errors import UserError

FORMAT = "dreamer_jax agent 1"
SUFFIX = ".safetensors"
PRETRAINED = "pretrained"  # in place of a path: the agent of the package
DTYPES = ("f32", "bf16", "int8")
SCALE = ":scale"
_CODEBOOK = "codebook"
# Of a layer with fewer inputs the scales would cost more than 6 % of it. Such
# are the tile logits and the tile layers: a hundredth of the model, and the
# part where an error shows as a wrong tile. They stay bf16.
_LEAST_INPUTS = 64
_BITS = {"F32": 32, "BF16": 16, "I8": 8, "U8": 8}  # safetensors' names


class Stored(NamedTuple):
  """What a file holds."""

  trees: dict[str, dict]  # "world", "actor", perhaps "critic": parameters, f32
  patterns: np.ndarray  # [V, 16] u8
  meta: dict  # the checkpoint's JSON


class Header(NamedTuple):
  """What a file says of itself."""

  format: str
  dtype: str  # one of `DTYPES`
  meta: dict  # the checkpoint's JSON
  sizes: dict[str, tuple[int, int]]  # array by place -> numbers, bytes


def quantize(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """Rounds a matrix to int8, with a scale for each output.

  The error of a weight is at most half its scale: `max |column| / 254`.

  Args:
    weight: `[..., in, out]` f32.

  Returns:
    `[..., in, out]` i8 and `[..., 1, out]` f32; `array * scale` is near
    `weight`.
  """
  top = np.abs(weight).max(-2, keepdims=True)
  scale = np.where(top > 0, top / 127, 1).astype(np.float32)
  return np.rint(weight / scale).astype(np.int8), scale


def encode(tree: dict, dtype: str) -> dict[str, np.ndarray]:
  """Nested parameters to arrays by place, `"rssm/gates/kernel"` say.

  In int8, vectors and matrices of few inputs are bf16.
  """
  arrays = {}
  for name, leaf in traverse_util.flatten_dict(tree, sep="/").items():
    leaf = np.asarray(leaf, np.float32)
    if dtype == "f32":
      arrays[name] = leaf
    elif dtype == "int8" and leaf.ndim > 1 and leaf.shape[-2] >= _LEAST_INPUTS:
      arrays[name], arrays[name + SCALE] = quantize(leaf)
    else:
      arrays[name] = leaf.astype(jnp.bfloat16)
  return arrays


def decode(arrays: dict[str, Any]) -> dict[str, jax.Array]:
  """What `encode` made, or several of it, to f32 arrays by place."""
  return {
    name: jnp.asarray(array, jnp.float32) * arrays.get(name + SCALE, 1.0)
    for name, array in arrays.items()
    if not name.endswith(SCALE)
  }


def locate(path: str) -> str:
  """The file that `PRETRAINED` stands for; any other path as it is."""
  if path != PRETRAINED:
    return path
  package = importlib.resources.files(f"dreamer_jax.{PRETRAINED}")
  return str(package / f"agent{SUFFIX}")


def write(
  path: str | pathlib.Path,
  trees: dict[str, dict],
  patterns: np.ndarray,
  meta: dict,
  dtype: str,
) -> int:
  """Writes an agent's file, all of it or nothing.

  Args:
    path: of the file.
    trees: "world", "actor" and perhaps "critic" with their parameters.
    patterns: `[V, 16]` u8, the codebook.
    meta: JSON tree of the checkpoint.
    dtype: one of `DTYPES`.

  Returns:
    Its size in bytes.
  """
  if dtype not in DTYPES:
    raise ValueError(f"{dtype!r} is none of {DTYPES}")
  arrays = encode(trees, dtype)
  arrays[_CODEBOOK] = np.ascontiguousarray(patterns, np.uint8)
  return _write(path, arrays, meta, dtype)


def retell(path: str | pathlib.Path, meta: dict) -> int:
  """Gives a file another JSON; its arrays stay as they are, bit for bit.

  Args:
    path: of the file.
    meta: JSON tree.

  Returns:
    Its size in bytes.

  Raises:
    UserError: the file is damaged, or no such file.
  """
  told, arrays = _read(path)
  arrays = {name: np.asarray(array) for name, array in arrays.items()}
  return _write(path, arrays, meta, told["dtype"])


def _write(path, arrays: dict[str, np.ndarray], meta: dict, dtype: str) -> int:
  told = {
    "format": FORMAT, "dtype": dtype, "sha256": _digest(arrays),
    "meta": json.dumps(meta),
  }  # fmt: skip
  data = save(arrays, told)
  write_atomic(path, data)
  return len(data)


def read(path: str | pathlib.Path) -> Stored:
  """Reads what `write` wrote.

  Raises:
    UserError: the file is damaged, or no such file.
  """
  told, arrays = _read(path)
  patterns = np.asarray(arrays.pop(_CODEBOOK))
  trees = traverse_util.unflatten_dict(decode(arrays), sep="/")
  return Stored(trees, patterns, json.loads(told["meta"]))


def _read(path) -> tuple[dict[str, str], dict[str, Any]]:
  """A file's metadata and its arrays as they are, once their hash agrees."""
  with _opened(path) as file:
    told = file.metadata() or {}
    arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    if told.get("format") == FORMAT and told["sha256"] != _digest(arrays):
      raise ValueError("its arrays are not those that were written")
  if told.get("format") != FORMAT:
    raise UserError(
      f"{path} has format {told.get('format')!r}, this version reads "
      f"{FORMAT!r}: export the run again"
    )
  return told, arrays


def peek(path: str | pathlib.Path) -> Header:
  """Reads the header of what `write` wrote, of whichever format.

  Raises:
    UserError: the file is damaged, or no such file.
  """
  with _opened(path) as file:
    told = file.metadata() or {}
    sizes = {}
    for name in file.keys():  # noqa: SIM118
      part = file.get_slice(name)
      shape, bits = part.get_shape(), _BITS[part.get_dtype()]
      sizes[name] = math.prod(shape), math.prod(shape) * bits // 8
    meta = json.loads(told["meta"])
    return Header(told["format"], told["dtype"], meta, sizes)


@contextlib.contextmanager
def _opened(path: str | pathlib.Path):
  """The file; what is wrong with it becomes one sentence."""
  try:
    with safe_open(path, framework="flax") as file:
      yield file
  except (OSError, ValueError, KeyError, SafetensorError) as error:
    raise UserError(
      f"cannot read the agent {path} ({error}): it is damaged or no file of "
      "`dreamer-jax export`; export the run again"
    ) from None


def check_shapes(path: str, tree: dict, expected: dict) -> None:
  """Refuses parameters that are not those of this version's model.

  Raises:
    UserError: a weight is missing, unknown, or of another shape.
  """
  shapes = lambda x: {
    name: leaf.shape
    for name, leaf in traverse_util.flatten_dict(x, sep="/").items()
  }
  differing = shapes(tree).items() ^ shapes(expected).items()
  if differing:
    raise UserError(
      f"{path} holds another model than this version makes of its config "
      f"({min(name for name, _ in differing)} differs): use the version that "
      "wrote it, or export the run again"
    )


def _digest(arrays: dict[str, Any]) -> str:
  """Of all arrays, in the order of their names."""
  digest = hashlib.sha256()
  for name in sorted(arrays):
    array = np.asarray(arrays[name])
    digest.update(f"{name} {array.dtype.name} {array.shape};".encode())
    digest.update(np.ascontiguousarray(array).view(np.uint8).data)
  return digest.hexdigest()
