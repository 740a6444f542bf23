"""`record_demos` and `import_demos`, without a window."""

import os
import subprocess
import sys

import pytest

from dreamer_jax.data.demos import recording
from dreamer_jax.data.episodes import EpisodeStore

SCRIPT = ".60 s8 .40 A8 .60 A8 .60 A8 .60 A8 .60\nD60 .20 L60 .60  # walks\n"


@pytest.fixture
def run(tmp_path):
  def run(program, *flags, **variables):
    return subprocess.run(
      [
        sys.executable, "-m", f"experiments.{program}",
        f"--workdir={tmp_path / 'run'}", *flags,
      ],
      capture_output=True, text=True, timeout=60,
      env={**os.environ, "COLUMNS": "200", **variables},
    )  # fmt: skip

  return run


@pytest.fixture
def script(tmp_path):
  path = tmp_path / "inputs.txt"
  path.write_text(SCRIPT)
  return str(path)


def test_records_replays_and_stores(run, script, tmp_path):
  result = run("record_demos", f"--inputs={script}", "--by=me")
  assert result.returncode == 0, result.stderr
  assert "all the same" in result.stdout
  episodes = list(EpisodeStore(tmp_path / "run" / "demos"))
  assert [e.meta["source"] for e in episodes] == ["human"]
  assert episodes[0].meta["by"] == "me" and len(episodes[0]) > 10
  path = tmp_path / "run" / "recordings" / "play-0000.play"
  assert len(recording.load(path)) > 400
  result = run("import_demos", f"--files={path}")
  assert result.returncode == 0, result.stderr
  assert len(EpisodeStore(tmp_path / "run" / "demos")) == 1  # the same one
  result = run("record_demos", f"--inputs={script}")
  assert (tmp_path / "run" / "recordings" / "play-0001.play").exists()


def test_begins_at_a_start_state(run, script, tmp_path):
  archive = tmp_path / "starts"
  made = subprocess.run(
    [
      sys.executable, "-m", "experiments.make_start_states", "--count=1",
      f"--out={archive}",
    ],
    capture_output=True, text=True, timeout=60, check=False,
  )  # fmt: skip
  assert made.returncode == 0, made.stderr
  result = run(
    "record_demos", f"--inputs={script}", f"--archive={archive}",
    "--start=intro-0",
  )  # fmt: skip
  assert result.returncode == 0, result.stderr
  episode = next(iter(EpisodeStore(tmp_path / "run" / "demos")))
  assert episode.decode_ram().is_playing.all()


@pytest.mark.parametrize(
  ("program", "flags", "reason"),
  [
    ("record_demos", ["--inputs=/no/such"], "error: cannot read /no/such"),
    ("record_demos", ["--start=none"], "error: cannot read runs/start_states"),
    ("import_demos", [], "error: nothing to do"),
    ("import_demos", ["--files=/no.bk2"], "error: cannot read /no.bk2"),
    ("import_demos", ["--rom=/no.gb", "--files=x.bk2"], "error: cannot read"),
  ],
)
def test_known_errors_are_one_sentence(run, program, flags, reason):
  result = run(program, *flags)
  assert result.returncode == 1
  assert result.stderr.startswith(reason) and result.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's variables")
def test_without_a_display_it_says_so(run):
  none = dict(DISPLAY="", WAYLAND_DISPLAY="", SDL_VIDEODRIVER="")
  result = run("record_demos", **none)
  assert result.returncode == 1
  assert result.stderr.startswith("error: there is no display")
