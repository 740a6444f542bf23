"""The layout's rule: a file imports only from rows above its own."""

import ast
import pathlib

import dreamer_jax
from dreamer_jax.contract import BUTTONS, TERMS

ROOT = pathlib.Path(dreamer_jax.__file__).parent
# Rows of the layout, in order; each may import from those before it.
ROWS = [
  "errors", "contract", "types", "paths", "domains", "config_versions",
  "rules", "config", "presets", "program", "nn", "world_model", "imagination",
  "policy", "game", "lantern_isle", "games", "data", "goals", "training",
  "agent", "evaluation", "planner", "play", "studio", "pretrained", "cli",
  "__main__",
]  # fmt: skip
# Stricter than the rows: the model and the policy know no emulator.
_HOST = {"game", "lantern_isle", "data"}
NEVER = {
  "nn": _HOST,
  "world_model": _HOST,
  "imagination": {*_HOST, "training"},
  "policy": {*_HOST, "training"},
  "game": {"nn", "jax", "flax"},  # and so no worker loads JAX
  "planner": {"training", "agent"},
}


def imports(path):
  for node in ast.walk(ast.parse(path.read_text())):
    if isinstance(node, ast.Import):
      yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
      yield node.module
      yield from (f"{node.module}.{alias.name}" for alias in node.names)


def row_of(path):
  return path.relative_to(ROOT).parts[0].removesuffix(".py")


def test_dependencies_point_one_way():
  wrong = []
  for path in ROOT.rglob("*.py"):
    row = row_of(path)
    if row == "__init__":
      continue
    for name in imports(path):
      parts = name.split(".")
      top = parts[1] if parts[0] == "dreamer_jax" and len(parts) > 1 else None
      if top in ROWS and ROWS.index(top) > ROWS.index(row):
        wrong.append(f"{path.relative_to(ROOT)} imports {name}")
      if {top, parts[0]} & NEVER.get(row, set()):
        wrong.append(f"{path.relative_to(ROOT)} must not import {name}")
  assert not wrong, "\n".join(sorted(set(wrong)))


def test_every_row_is_known():
  assert {row_of(p) for p in ROOT.rglob("*.py")} <= {*ROWS, "__init__"}


def test_addresses_live_in_one_file():
  """Hexadecimal RAM addresses stay in `game/memory.py`."""
  wrong = []
  for path in ROOT.rglob("*.py"):
    if path.name == "memory.py" or "lantern_isle" in path.parts:
      continue
    text = path.read_text()
    for node in ast.walk(ast.parse(text)):
      value = getattr(node, "value", None)
      if type(value) is int and 0xC000 <= value <= 0xFFFF:
        source = ast.get_source_segment(text, node) or ""
        if source.lower().startswith("0x"):
          wrong.append(f"{path.relative_to(ROOT)}: {source}")
  assert not wrong, wrong


def test_every_folder_is_a_package():
  """Else an installed copy lacks it."""
  for path in ROOT.rglob("*.py"):
    for folder in path.relative_to(ROOT).parents:
      assert (ROOT / folder / "__init__.py").exists(), folder


def test_the_order_of_terms_and_of_buttons_is_written_once():
  """A literal with three of the terms, or five buttons, would be a second."""
  wrong = []
  for path in ROOT.rglob("*.py"):
    if path.name == "contract.py":
      continue
    for node in ast.walk(ast.parse(path.read_text())):
      items = getattr(node, "keys", None) or getattr(node, "elts", [])
      values = getattr(node, "values", items)
      names = [n.value for n in items if isinstance(n, ast.Constant)]
      plain = all(isinstance(v, ast.Constant) for v in values)
      again = len({*names} & {*TERMS}) >= 3 or len({*names} & {*BUTTONS}) >= 5
      if again and plain:
        wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: {names}")
  assert not wrong, "\n".join(wrong)
