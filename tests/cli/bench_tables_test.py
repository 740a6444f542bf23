import pytest

from dreamer_jax.cli import bench_tables


@pytest.fixture
def tree():
  rate = {
    "unit": "Hz", "median": 150.0, "low": 100.0, "high": 160.0, "target": 200.0,
    "note": "",
  }  # fmt: skip
  return {
    "config": "base", "codebook": 384, "device": "cpu", "jax": "1",
    "matmul_peak_gflops": {"before": 50.0, "after": 100.0},
    "peak_rss_mb": {"process": 1000.0, "worker": 0.0},
    "rates": {"dream": rate},
    "world": {"memory_mb": {}},
    "world_update": {
      "a": {"label": "a", "ms": 30.0, "gflop": 1.5},
      "b": {"label": "b", "ms": 10.0, "gflop": 0.0},
    },
    "scaling": [{
      "batch": 8, "length": 32, "codebook": 4096, "frames_hz": 1234.4,
      "gflops": 40.0, "peak_gflops": 80.0, "share_of_peak": 0.5,
      "temporaries_mb": 12.0,
    }],
  }  # fmt: skip


def test_shares_are_of_the_better_peak(tree):
  parts, scaling, rates = bench_tables.tables(tree)
  assert parts.rows[0] == ("a", "30.0", "75 %", "1.50", "50", "50 %")
  assert parts.rows[-1] == ("whole", "40.0", "100 %", "1.50", "38", "38 %")
  assert scaling.rows[0][1:5] == ("1,234", "40", "80", "50 %")
  assert rates.rows[0][-2:] == ("200", "0.75")


def test_markdown_has_a_row_for_each(tree):
  text = bench_tables.markdown(tree)
  assert "50 GFLOP/s before and 100 after" in text
  assert "| 8×32, 4,096 | 1,234 | 40 | 80 | 50 % | 12 |" in text
  assert "|---|---|---|---|---|\n| dream | 150 Hz" in text


def test_only_what_was_measured(tree):
  del tree["scaling"], tree["world_update"]
  assert [t.title for t in bench_tables.tables(tree)] == ["Rates"]
