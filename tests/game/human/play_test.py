import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.game.env import BUTTONS
from dreamer_jax.game.human import play


def test_script_round_trips():
  actions = ["start", "a", "a", "a", "wait", "up", *["left"] * 40, "a"]
  assert play.parse(play.script(actions)) == actions
  assert play.parse("") == []


def test_comments_and_lines():
  text = "start  # past the title\n\n a*2\twait*3\n# up*9\n"
  assert play.parse(text) == ["start", "a", "a", "wait", "wait", "wait"]


@pytest.mark.parametrize("word", ["jump", "a*0", "a*x", "*3", "up*1000000"])
def test_bad_words_are_named(word):
  with pytest.raises(play.ScriptError, match="line 2"):
    play.parse(f"a\n{word}\n")


def test_plays_as_the_environment_does(rom):
  """The same buttons give the same game as `GameBoyEnv`'s actions."""
  from dreamer_jax.game.env import GameBoyEnv

  actions = ["start", "a", "a", "a", "a", "down", "left", "start"] * 3
  player = play.Player(rom)
  env = GameBoyEnv(rom, start_frames=0)
  env.reset(seed=0)
  player._emulator.tick(1, True, False)  # as `reset` does
  for ram, name in zip(player.play(actions), actions, strict=True):
    env.step(BUTTONS.index(name))
    got = env.read_ram()
    assert (ram.events == play.decode(got).events).all()
    assert ram.play_time_frames == play.decode(got).play_time_frames
  assert player.picture().size == (160, 144)
  player.close()
  env.close()


def test_window_without_a_display_is_explained(rom, monkeypatch):
  for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
    monkeypatch.delenv(name, raising=False)
  with pytest.raises(UserError, match="no display"):
    play.Player(rom, window=True)
