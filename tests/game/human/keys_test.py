"""A person's keys, pushed as events into SDL's dummy driver."""

import warnings

import pytest

from dreamer_jax.data.demos import recording
from dreamer_jax.game.human import pad
from dreamer_jax.game.human.keys import Keyboard

with warnings.catch_warnings():
  warnings.simplefilter("ignore")
  sdl2 = pytest.importorskip("sdl2")
  pytest.importorskip("sdl2.ext")


@pytest.fixture
def dummy(monkeypatch):
  monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
  monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")


def push(key, is_down):
  event = sdl2.SDL_Event()
  event.type = sdl2.SDL_KEYDOWN if is_down else sdl2.SDL_KEYUP
  event.key.keysym.sym = key
  sdl2.SDL_PushEvent(event)


def test_keys_become_the_pad(dummy):
  assert sdl2.SDL_InitSubSystem(sdl2.SDL_INIT_VIDEO) == 0
  keyboard = Keyboard()
  push(sdl2.SDLK_RIGHT, True)
  push(sdl2.SDLK_s, True)
  assert keyboard() == pad.bits(["right", "b"])
  push(sdl2.SDLK_RIGHT, False)
  push(sdl2.SDLK_q, True)  # means nothing
  assert keyboard() == pad.bits(["b"]) == keyboard()
  assert not keyboard.is_fast and not keyboard.has_ended
  push(sdl2.SDLK_SPACE, True)
  keyboard()
  assert keyboard.is_fast
  push(sdl2.SDLK_ESCAPE, True)
  assert keyboard() == pad.bits(["b"]) and keyboard.has_ended
  sdl2.SDL_QuitSubSystem(sdl2.SDL_INIT_VIDEO)


def test_a_play_in_a_window_replays_without_one(dummy, rom):
  session = recording.Session(rom, "test", window="SDL2")
  session.emulator.set_emulation_speed(0)
  keyboard = Keyboard()
  for frame in range(130):
    if frame in (70, 80):
      push(sdl2.SDLK_a, frame == 70)
    session.play(keyboard())
  play = session.recording()
  session.close()
  assert play.inputs.tolist() == [0] * 70 + [1] * 10 + [0] * 50
  assert play.meta["sound"] and recording.verify(rom, play) == 2
