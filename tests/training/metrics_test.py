"""Where metrics go, and that a resumed run repeats none."""

import sys
import types

import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.training import metrics


def test_lines_past_the_checkpoint_are_dropped(tmp_path):
  path = str(tmp_path / "metrics.jsonl")
  writer = metrics.MetricWriter(str(tmp_path), 0)
  for tick in (1, 2, 3):
    writer.write(tick, "world", {"loss": float(tick)})
  writer.close()
  with open(path, "a", encoding="utf-8") as file:
    file.write('{"tick": 4, "pha')  # cut short by a kill
  metrics.MetricWriter(str(tmp_path), 2).close()
  assert [r["tick"] for r in metrics.read(path)] == [1, 2]


def test_a_damaged_line_costs_no_other(tmp_path):
  path = tmp_path / "metrics.jsonl"
  good = [f'{{"tick": {t}, "phase": "world"}}\n'.encode() for t in (1, 2)]
  path.write_bytes(b"".join([good[0], b"\xff{]\n", b"3\n{}\n", good[1]]))
  metrics.MetricWriter(str(tmp_path), 9).close()
  assert [r["tick"] for r in metrics.read(str(path))] == [1, 2]


def test_a_full_disk_is_a_sentence(tmp_path, monkeypatch):
  writer = metrics.MetricWriter(str(tmp_path), 0)
  monkeypatch.setattr(writer, "_file", open("/dev/full", "w"))  # noqa: SIM115
  with pytest.raises(UserError, match="No space left"):
    writer.write(1, "world", {})


def test_wandb_gets_the_same(tmp_path, monkeypatch):
  logged, opened = [], {}
  run = types.SimpleNamespace(
    log=lambda named, step: logged.append((step, named)), finish=lambda: None
  )
  fake = types.ModuleType("wandb")
  fake.init = lambda **given: opened.update(given) or run
  monkeypatch.setitem(sys.modules, "wandb", fake)
  for _ in range(2):  # a start and a resume
    remote = metrics.open_wandb(str(tmp_path / "run"), {"seed": 3})
    assert opened["resume"] == "allow" and opened["name"] == "run"
    opened.setdefault("first", opened["id"])
  assert opened["first"] == opened["id"]
  writer = metrics.MetricWriter(str(tmp_path), 0, remote)
  writer.write(5, "world", {"loss": 1.5})
  writer.close()
  assert logged == [(5, {"world/loss": 1.5})]


def test_wandb_is_not_there(tmp_path, monkeypatch):
  monkeypatch.setitem(sys.modules, "wandb", None)
  with pytest.raises(UserError, match="pip install wandb"):
    metrics.open_wandb(str(tmp_path), {})
