import pytest

from dreamer_jax.evaluation.report import world_model


def tree(mean):
  return {"mean": mean, "ci95": [mean, mean]}


def report(drift=1.0, pixels=0.98, recall=0.95, psnr=50.0):
  group = {
    "drift": {"tiles": {"50": tree(drift)}},
    "pixels": {"tiles": {k: tree(pixels) for k in ("1", "15", "50")}},
    "psnr_db": {"floor": {"0": psnr}, "tiles": {"15": psnr}},
  }
  event = {
    "count": 3, "said": 3, "recall": tree(recall), "precision": tree(1.0),
  }  # fmt: skip
  events = {"15": {"tiles": {"all": {"badge": event}}}}
  windows = {"all": group, "no_battle": group}
  return {"dream": {"windows": windows, "events": events}}


def met(tree, label):
  return next(
    r.is_met for r in world_model.rows(tree) if r.label.startswith(label)
  )


@pytest.mark.parametrize(
  ("drift", "calm", "every"),
  [(1.4, True, True), (1.5, False, True), (5.0, False, False)],
)
def test_targets_of_drift(drift, calm, every):
  tree = report(drift=drift)
  assert met(tree, "Drift at 50, no battle") is calm
  assert met(tree, "Drift at 50, all windows") is every


def test_targets_of_pictures_and_events():
  tree = report()
  assert met(tree, "Pixels right at 1,") is False  # 98 % of 99.9 %
  assert met(tree, "Pixels right at 15") is True
  assert met(tree, "PSNR, every frame") is True
  assert met(report(psnr=28.0), "PSNR, every frame") is False
  assert met(tree, "badge: recall") is True
  assert met(report(recall=0.9), "badge: recall") is False
  assert met(tree, "species: recall") is None  # not measured


def test_nothing_measured_is_no_verdict():
  assert world_model.verdict({}) == (0, 0)
  assert world_model.verdict(report()) == (8, 9)
