import os
import subprocess
import sys

import pytest

from dreamer_jax.data import episodes
from dreamer_jax.data.collect import collect
from dreamer_jax.data.episodes import EpisodeStore
from dreamer_jax.data.policies import RandomPolicy
from dreamer_jax.game import rom as roms
from dreamer_jax.game.vector import VectorEnv


@pytest.fixture
def verify(tmp_path):
  def run(*flags):
    return subprocess.run(
      [
        sys.executable, "-m", "experiments.verify_episodes",
        f"--workdir={tmp_path}", *flags,
      ],
      capture_output=True, text=True, timeout=60,
      env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip

  return run


def test_says_whether_episodes_come_back(verify, tmp_path):
  store = EpisodeStore(tmp_path / "episodes")
  rom = roms.find(str(roms._EMBEDDED))
  with VectorEnv(2, num_workers=0, rom=rom, max_steps=9) as env:
    played = collect(env, RandomPolicy(2), seeds=range(3), source="random")
    paths = [store.add(0, episode) for episode in played]
  result = verify()
  assert result.returncode == 0, result.stderr
  assert "3 episodes, 27 actions" in result.stdout
  broken = episodes.load(paths[0])
  ram = broken.ram.copy()
  ram[5] ^= 1
  object.__setattr__(broken, "ram", ram)
  episodes.save(paths[0], broken)
  result = verify()
  assert result.returncode == 1 and "at step 5 of 9 the RAM" in result.stderr


def test_an_empty_folder_is_one_sentence(verify):
  result = verify()
  assert result.returncode == 1 and "has no episodes" in result.stderr
