import os
import subprocess
import sys

import pytest

from dreamer_jax.data.start_states import Archive

FOLDER = os.path.dirname(__file__)


@pytest.fixture
def make(tmp_path):
  def run(*flags, **variables):
    environment = {**os.environ, "COLUMNS": "200", **variables}
    return subprocess.run(
      [
        sys.executable, "-m", "experiments.make_start_states",
        f"--out={tmp_path / 'starts'}", *flags,
      ],
      capture_output=True, text=True, timeout=60, env=environment,
    )  # fmt: skip

  return run


def test_plays_the_intro_and_keeps_the_states(make, tmp_path):
  result = make("--count=2", "--quick")
  assert result.returncode == 0, result.stderr
  archive = Archive(tmp_path / "starts")
  assert archive.names() == ["intro-quick-0", "intro-quick-1"]
  assert "play begins" in result.stdout and "2 start states" in result.stdout
  assert archive.load("intro-quick-0").meta["by"].startswith("the program")


@pytest.mark.parametrize(
  ("flags", "reason"),
  [
    (["--rom=/no/such.gb"], "error: cannot read the ROM"),
    (["--battery=/no/such.sav"], "error: cannot read /no/such.sav"),
    (["--episodes=/no/such"], "error: /no/such has no episodes"),
    ([f"--episodes={FOLDER}"], f"error: {FOLDER} has no episodes: give"),
    ([f"--episodes={__file__}"], "error: --episodes="),
    (["--max_actions=2"], "error: after 2 actions"),
    ([f"--pyboy_states={__file__}"], f"error: {__file__}: this is no save"),
    (["--recordings=a", "--episodes=b"], "error: --recordings and --episodes"),
    ([f"--battery={__file__}"], "error: the saved game (--battery) has"),
  ],
)
def test_known_errors_are_one_sentence(make, flags, reason):
  result = make(*flags)
  assert result.returncode == 1
  assert result.stderr.startswith(reason) and result.stderr.count("\n") == 1
