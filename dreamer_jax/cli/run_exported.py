"""Runs an exported agent: python run.py [agent-int8.safetensors]

Wants nothing but jax and what its exports are read with:
  pip install jax flatbuffers
"""

import json
import pathlib
import sys

import jax
import numpy as np
from jax import export

here = pathlib.Path(__file__).parent
if not (here / "spec.json").exists():
  sys.exit(
    f"error: {here} has no spec.json: this program runs as run.py in a folder "
    "that dreamer-jax export has written"
  )
spec = json.loads((here / "spec.json").read_text())
data = (here / [*spec["files"][:1], *sys.argv[1:]][-1]).read_bytes()
start = 8 + int.from_bytes(data[:8], "little")
header = json.loads(data[8:start])
types = {"F32": np.float32, "BF16": jax.numpy.bfloat16, "I8": np.int8}


def read(name):
  begin, end = header[name]["data_offsets"]
  numbers = data[start + begin : start + end]
  array = np.frombuffer(numbers, types[header[name]["dtype"]])
  scale = read(f"{name}:scale") if f"{name}:scale" in header else 1
  return array.reshape(header[name]["shape"]).astype(np.float32) * scale


weights = jax.device_put({name: read(name) for name in spec["weights"]})
program = lambda name: jax.jit(
  export.deserialize(bytearray((here / f"{name}.stablehlo").read_bytes())).call
)
zeros = lambda name: jax.tree.map(
  lambda leaf: np.zeros(leaf["shape"], leaf["dtype"]),
  spec["programs"][name]["inputs"],
  is_leaf=lambda x: "dtype" in x,
)
act, dream = program("act"), program("dream")
seen = zeros("act") | {"is_first": np.ones(1, bool)}  # a white picture
acted = act(weights, seen)
print("acts:", spec["actions"][int(acted["action"][0])])
wish = zeros("dream") | {k: acted[k] for k in ("state", "action")}
for _ in range(10):
  dreamed = dream(weights, wish)
  wish["state"] = dreamed["state"]
print("dreams shades that add up to", int(dreamed["picture"].sum()))
