"""The program as a person runs it."""

import json
import os
import subprocess
import sys

import pytest

from dreamer_jax.planner.backends import fake_server
from tests.planner.conftest import KEY


@pytest.fixture
def play(checkpoint, tmp_path):
  def run(*flags, **variables):
    environment = {**os.environ, "COLUMNS": "200", "NO_PROXY": "127.0.0.1"}
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY"):
      environment.pop(name, None)
    return subprocess.run(
      [
        sys.executable, "-m", "experiments.play", "--headless", "--speed=max",
        "--steps=12", "--seed=7", f"--out={tmp_path}",
        f"--checkpoint={checkpoint}", *flags,
      ],
      capture_output=True, text=True, timeout=180,
      env={**environment, **variables},
    )  # fmt: skip

  return run


def test_plays_by_the_rules_and_keeps_a_video(play, tmp_path):
  result = play()
  assert result.returncode == 0, result.stderr
  assert {p.name for p in tmp_path.iterdir()} == {
    "play-7.mp4", "planner.jsonl",
  }  # fmt: skip
  lines = (tmp_path / "planner.jsonl").read_text().splitlines()
  assert json.loads(lines[0])["goal"] == "begin"
  assert "12" in result.stdout and "begin the game (rules)" in result.stdout


def test_plays_with_a_model_and_records_it(play, tmp_path):
  pytest.importorskip("openai")
  tape = tmp_path / "tape.jsonl"
  with fake_server.Loopback() as server:
    result = play(
      "--planner=openai", f"--base_url={server.url}/v1", "--models=tiny",
      "--novideo", "--steps=60", f"--record={tape}", OPENAI_API_KEY=KEY,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert len(server.calls) >= 1
  said = result.stdout + result.stderr
  said += "".join(p.read_text() for p in tmp_path.iterdir())
  assert KEY not in said and "1 call" in result.stdout
  again = play("--planner=cassette", f"--cassette={tape}", "--novideo")
  assert again.returncode == 0, again.stderr


def test_says_when_and_why_the_rules_took_over(play):
  pytest.importorskip("openai")
  with fake_server.Loopback("bad_key") as server:
    result = play(
      "--planner=openai", f"--base_url={server.url}/v1", "--models=tiny",
      "--novideo", "--steps=60", OPENAI_API_KEY=f" {KEY}\n",
    )  # fmt: skip
  assert result.returncode == 0, result.stderr
  line = next(s for s in result.stdout.splitlines() if "System 2:" in s)
  assert "refused the key (401); there are no more calls" in line
  assert "the rules set the goals since action" in line
  said = " ".join(result.stdout.replace("│", " ").split())
  assert "1 call, 1 of no use: 1 × " in said
  assert "in charge the rules, since action" in said
  assert KEY not in result.stdout + result.stderr


@pytest.mark.parametrize(
  ("flags", "reason"),
  [
    (["--planner=gemini"], "needs a key: set GEMINI_API_KEY"),
    (["--planner=cassette"], "wants --cassette=FILE"),
    (["--planner=cassette", "--cassette=/no"], "cannot play the cassette"),
    (["--planner=openai", "--base_url=http://x/v1"], "wants --models"),
    (["--checkpoint=/no"], "there is no such run or file"),
    (["--planner=fixed", "--goal=fly"], "there is no goal 'fly'"),
  ],
)  # fmt: skip
def test_known_errors_are_one_sentence(play, flags, reason):
  result = play(*flags)
  assert result.returncode == 1
  assert result.stderr.startswith("error: ") and reason in result.stderr
  assert result.stderr.count("\n") == 1
