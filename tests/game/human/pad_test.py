import numpy as np
import pytest

from dreamer_jax.contract import BUTTONS
from dreamer_jax.errors import UserError
from dreamer_jax.game.human import pad


def test_bits_and_names_are_inverse():
  assert pad.bits(["a", "right"]) == 0b10000001
  assert pad.held(pad.bits(["down", "b"])) == ["b", "down"]
  assert pad.bits([]) == 0 and pad.held(0) == []


class Emulator:
  def __init__(self):
    self.calls = []

  def button_press(self, name):
    self.calls.append(("press", name))

  def button_release(self, name):
    self.calls.append(("release", name))


def test_turn_tells_only_what_changed():
  emulator = Emulator()
  pad.turn(emulator, pad.bits(["a", "up"]), pad.bits(["up", "left"]))
  assert emulator.calls == [("release", "a"), ("press", "left")]


def test_let_go_releases_every_button():
  emulator = Emulator()
  pad.let_go(emulator)
  assert emulator.calls == [("release", name) for name in BUTTONS]


def test_frames_of_actions():
  inputs = pad.of_actions([0, 5], press_frames=2, action_frames=3)
  assert inputs.tolist() == [1, 1, 0, 32, 32, 0] and inputs.dtype == np.uint8


def test_parses_a_script():
  inputs = pad.parse_script("A2 .3 # wait\nRB2\ns S")
  assert inputs.tolist() == [1, 1, 0, 0, 0, 130, 130, 4, 8]
  assert pad.parse_script("# nothing\n").size == 0


@pytest.mark.parametrize("word", ["X3", "3", "A3x", "a"])
def test_wrong_words_are_named(word):
  with pytest.raises(UserError, match=f"file, line 2: '{word}'"):
    pad.parse_script(f"A1\n{word}", "file")
