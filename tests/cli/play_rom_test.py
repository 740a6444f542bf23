"""The program that plays a ROM: title to credits, headless."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from dreamer_jax.contract import BUTTONS
from dreamer_jax.game import rom as roms
from dreamer_jax.game.human import play as scripted
from dreamer_jax.game.ram import GameRam
from dreamer_jax.lantern_isle.build import build
from dreamer_jax.lantern_isle.players.expert import Expert
from dreamer_jax.lantern_isle.world.events import EVENTS


def record(limit=3500) -> tuple[list[str], GameRam]:
  """The expert's buttons from power-on until after the credits."""
  rom = roms.find(str(build.ROM))
  player = scripted.Player(rom)
  expert = Expert(np.random.default_rng(1), epsilon=0.0)
  actions = ["wait"]
  ram = next(player.play(actions))
  after = 0
  while after < 40 and len(actions) < limit:
    button = BUTTONS[expert.act(ram)]
    actions.append(button)
    ram = next(player.play([button]))
    after += bool(ram.event(EVENTS["lit_great_lamp"]))
  player.close()
  return actions, ram


@pytest.fixture
def play(tmp_path):
  def run(*flags):
    environment = {**os.environ, "COLUMNS": "200"}
    environment.pop("DISPLAY", None)
    environment.pop("WAYLAND_DISPLAY", None)
    environment.pop(roms.ENV_VARIABLE, None)
    return subprocess.run(
      [sys.executable, "-m", "experiments.play_rom", *flags],
      capture_output=True, text=True, timeout=120, env=environment,
    )  # fmt: skip

  return run


def test_script_goes_from_title_to_credits(play, tmp_path):
  actions, ram = record()
  assert ram.event(EVENTS["lit_great_lamp"]) and ram.badge_count == 2
  script, picture = tmp_path / "inputs.txt", tmp_path / "end.png"
  script.write_text(scripted.script(actions))
  battery = tmp_path / "saved.sav"
  result = play(
    f"--script={script}", f"--picture={picture}", f"--battery={battery}"
  )
  assert result.returncode == 0, result.stderr
  rows = dict(
    [cell.strip() for cell in line.split("│")[1:3]]
    for line in result.stdout.splitlines() if line.count("│") == 3
  )  # fmt: skip
  assert rows["badges"] == "2"
  assert rows["map, x, y"] == f"{ram.map_id}, {ram.x}, {ram.y}"
  assert rows["species owned"] == str(int(ram.owned_count))
  assert int(rows["species owned"]) >= 10
  assert Image.open(picture).size == (160, 144)
  assert battery.stat().st_size == 8192


@pytest.mark.parametrize(
  ("flags", "reason"),
  [
    ([], "error: there is no display"),
    (["--script=/no/such"], "error: cannot read /no/such"),
    (["--rom=/no/such.gb"], "error: cannot read the ROM"),
  ],
)
def test_known_errors_are_one_sentence(play, flags, reason):
  if not sys.platform.startswith("linux") and not flags:
    pytest.skip("a window may open here")
  result = play(*flags)
  assert result.returncode == 1
  assert result.stderr.startswith(reason) and result.stderr.count("\n") == 1
