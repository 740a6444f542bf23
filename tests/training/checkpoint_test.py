"""Checkpoints as their owner saves them: kept, aside, on a full disk."""

import sys
import threading

import numpy as np
import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.training import checkpoint

STATE, CODEBOOK = {"x": np.zeros(2)}, np.zeros((1, 16), np.uint8)


def saved(folder, losses, eras=None):
  """A save for each loss; opened anew."""
  saver = checkpoint.Checkpointer(folder, keep=2)
  for step, loss in enumerate(losses):
    era = 0 if eras is None else eras[step]
    saver.save(step, STATE, STATE, CODEBOOK, {}, loss, era)
    saver.wait()
  saver.close()
  return checkpoint.Checkpointer(folder, keep=2)


@pytest.fixture(name="kept")
def fixture_kept(tmp_path):
  """Six saves, some of them validated."""
  return saved(tmp_path, [3.0, 2.0, 2.0, None, 2.5, None])


def test_the_best_is_kept_beside_the_newest(kept):
  """Of equals the newest: its policy has learned for longer."""
  assert [kept.find(s) for s in ("best", "latest", "4")] == [2, 5, 4]
  assert kept.latest() == 5
  with pytest.raises(UserError, match="best, latest and 2, 4, 5"):
    kept.find("3")


def test_losses_of_an_era_compare_with_its_own_alone(tmp_path):
  kept = saved(tmp_path, [1.0, 9.0, 8.0, None, None], [0, 1, 1, 1, 1])
  assert kept.find("best") == 2
  assert kept.steps == [2, 3, 4]


def test_no_best_where_nothing_was_validated(tmp_path):
  with pytest.raises(UserError, match="--step=latest"):
    saved(tmp_path, [None]).find("best")


def test_damaged_metrics_are_a_loss_forgotten(kept, tmp_path):
  (tmp_path / "2" / "metrics" / "metrics").write_text('{"val_lo')
  again = checkpoint.Checkpointer(tmp_path)
  assert again.steps == [2, 4, 5] and again.find("best") == 4
  again.save(6, STATE, STATE, CODEBOOK, {}, 1.0)
  again.close()
  assert again.find("best") == 6


def test_damaged_steps_make_way_and_are_kept(kept, tmp_path):
  kept.set_aside([5])
  kept.reload()
  kept.save(5, STATE, STATE, CODEBOOK, {})
  kept.close()
  assert kept.steps[-1] == 5 and (tmp_path / "damaged-5" / "meta").is_dir()


def test_a_full_disk_is_a_sentence(kept, monkeypatch):
  """And the last step is whole."""

  def full(*_, **__):
    raise OSError(28, "No space left on device")

  monkeypatch.setattr(kept._manager, "save", full)
  with pytest.raises(UserError, match=r"No space left.*step 5 is whole.*same"):
    kept.save(6, STATE, STATE, CODEBOOK, {})


def test_arrays_under_way_when_a_save_fails_are_not_told(monkeypatch):
  """tensorstore prints what its callbacks meet, by Python's own hook."""
  told = []
  monkeypatch.setattr(sys, "excepthook", lambda *args: told.append(args[1]))
  monkeypatch.setattr(threading, "excepthook", lambda _: None)
  checkpoint.quiet()
  for error in (RuntimeError("Event loop is closed"), RuntimeError("another")):
    sys.excepthook(type(error), error, None)
  assert [str(error) for error in told] == ["another"]
