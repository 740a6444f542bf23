import pytest

from dreamer_jax.evaluate import evaluation


@pytest.fixture(scope="module")
def measured(agent):
  return evaluation.run(agent, lambda text: None, greedy=False, play_too=False)


def test_report_keeps_the_keys_that_tools_read(measured):
  report, _ = measured
  steps = {"1", "5", "15", "50"}
  for key in ("drift_tiles", "drift_floor", "drift_copy_last",
              "drift_random_action", "drift_no_battle"):  # fmt: skip
    assert set(report[key]) == steps, key
    assert set(report[key]["1"]) == {"mean", "ci95"}
  assert set(report["pixel_accuracy"]) == {"posterior", *steps}
  assert 0 <= report["map_accuracy_50"] <= 1
  assert report["kl_nats"] > 0 and report["psnr_db"] > 0
