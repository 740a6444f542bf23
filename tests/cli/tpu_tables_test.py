import json
import pathlib

import pytest

from dreamer_jax.cli import bench_tables, tpu_tables

RESULTS = pathlib.Path(__file__).parents[2] / "docs" / "results"


@pytest.fixture
def tree():
  program = {
    "hbm_mb": {"arguments": 322.4, "temporaries": 338.7}, "gflop": 21.25,
    "hbm_gb": 1.0, "kernels": 3440.0, "bound": "kernels",
    "ms": {"estimate": 7.39, "compute": 0.25, "memory": 1.2},
    "collectives": {"all-reduce": {"count": 2.0, "bytes": 29.4e6}},
    "padding": {
      "products": 0.5,
      "worst": [{"rows": 46080, "inner": 48, "columns": 128, "share": 0.3}],
    },
  }  # fmt: skip
  act = {**program, "collectives": {}, "padding": {"products": 0.1}}
  return {"base": {"v5e:2x4": {
    "chip": {"hbm_gib": 15.75},
    "programs": {"world_update": program, "act": act},
    "largest_batch": {
      "sequences": 2048, "mb_a_sequence": 6.25, "compiled": [16, 128],
    },
    "larger": {"ms": {"estimate": 14.78}},
    "replay": {"bytes_a_step": 1540.0, "steps": 9_900_000},
  }}}  # fmt: skip


def test_rows(tree):
  programs, room, padding = tpu_tables.tables(tree)
  assert programs.rows[0] == (
    "base, v5e:2x4, world_update", "322", "339", "21.25", "1.00", "3,440",
    "2, 29.4 MB", "0.250", "1.200", "7.39", "small kernels in a row",
  )  # fmt: skip
  assert programs.rows[1][6] == "none"
  assert room.rows == [(
    "base, v5e:2x4", "15.75", "6.2", "2,048", "8×: 4.0×", "1,540", "9.9 M",
  )]  # fmt: skip
  assert padding.rows == [(
    "base, v5e:2x4, world_update", "50 %", "46080×48×128", "30 %",
    "widen its inputs from 48 to 128",
  )]  # fmt: skip


def test_advice():
  thin = {"rows": 12, "inner": 128, "columns": 100}
  assert tpu_tables.advice(thin) == (
    "widen 16 rows a batch, its outputs from 100 to 128"
  )
  full = {"rows": 16, "inner": 128, "columns": 256}
  assert tpu_tables.advice(full) == "none: its tiles are full"


def test_those_in_the_docs_are_those_of_the_results():
  """What the bench wrote beside its JSON was not left behind by either."""
  tree = json.loads((RESULTS / "tpu.json").read_text())
  written = bench_tables.to_markdown("", list(tpu_tables.tables(tree)))
  assert (RESULTS / "tpu.md").read_text().strip() == written.strip()
