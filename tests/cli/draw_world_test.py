import os
import subprocess
import sys

import pytest
from PIL import Image

from dreamer_jax.data.collect import collect
from dreamer_jax.data.episodes import EpisodeStore
from dreamer_jax.data.policies import RandomPolicy
from dreamer_jax.game import rom as roms
from dreamer_jax.game.vector import VectorEnv
from tests.data.conftest import made_episode


@pytest.fixture
def draw(tmp_path):
  def run(*flags):
    return subprocess.run(
      [
        sys.executable, "-m", "experiments.draw_world",
        f"--workdir={tmp_path}", *flags,
      ],
      capture_output=True, text=True, timeout=60,
      env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip

  return run


def test_draws_what_episodes_saw(draw, tmp_path):
  rom = roms.find(str(roms._EMBEDDED))
  store = EpisodeStore(tmp_path / "episodes")
  with VectorEnv(1, num_workers=0, rom=rom, max_steps=60) as env:
    for episode in collect(
      env, RandomPolicy(1, 0.5), seeds=[0], source="random"
    ):
      store.add(0, episode)
  result = draw("--tile=4")
  assert result.returncode == 0, result.stderr
  assert "1 episodes of Lantern Isle visited" in result.stdout
  with Image.open(tmp_path / "world.png") as picture:
    assert min(picture.size) > 100


def test_two_games_are_not_drawn_as_one(draw, tmp_path, other_rom):
  other = roms.find(other_rom, allow_unknown=True)
  both = {"demos": roms.embedded(), "episodes": other}
  for name, rom in both.items():
    meta = {"rom": rom.identity, "env": {}}
    EpisodeStore(tmp_path / name).add(0, made_episode(5, meta=meta))
  result = draw()
  assert result.returncode == 1 and result.stderr.count("\n") == 1
  assert all(rom.sha1 in result.stderr for rom in both.values())


def test_an_empty_folder_is_one_sentence(draw):
  result = draw()
  assert result.returncode == 1
  assert "has no episodes" in result.stderr and result.stderr.count("\n") == 1
