import copy
import types

import numpy as np
import pytest

from dreamer_jax.game import intro, memory
from dreamer_jax.game.env import BUTTONS, GameBoyEnv
from dreamer_jax.game.intro import IntroError
from dreamer_jax.game.ram import decode

NAMES, LETTERS, HOME = "names", "letters", "home"
SCRIPT = ("title", "menu", "speech", "speech", NAMES, "speech", NAMES,
          "speech", HOME)  # fmt: skip


class FakeRed:
  """An intro like Red's: title, main menu, speech, two lists of names.

  With `early`, the flags of a loaded save say all the time that the player
  can act. The first entry of a list of names opens a screen to type one.
  """

  rom = types.SimpleNamespace(name="fake")

  def __init__(self, early=False, nimble=True):
    self.s = dict(at=0, item=0, typed=0, facing=0, count=0, letters=False)
    self.early, self.nimble = early, nimble
    self.typed_names = 0

  @property
  def screen(self):
    return LETTERS if self.s["letters"] else SCRIPT[self.s["at"]]

  def press(self, action):
    s, button = self.s, BUTTONS[action]
    s["count"] += 1
    if self.screen == HOME:
      if button in ("down", "up", "left", "right") and self.nimble:
        s["facing"] = 4 * ("down", "up", "left", "right").index(button)
    elif self.screen == LETTERS:
      s["typed"] += button == "a"
      if button == "start" and s["typed"]:
        self.typed_names += 1
        s.update(letters=False, at=s["at"] + 1)
    elif self.screen == NAMES:
      if button == "down":
        s["item"] = min(3, s["item"] + 1)
      elif button == "a" and s["item"] == 0:
        s.update(letters=True, typed=0)
      elif button == "a":
        s.update(at=s["at"] + 1, item=0)
    elif button in ("a", "b") and (self.screen != "title" or button == "a"):
      s["at"] += 1

  def read_ram(self):
    home = self.screen == HOME
    return memory.build(
      wStatusFlags6=int(home or self.early),
      hWY=0x90 if home or self.early else 0,
      wCurMap=38,
      wSpritePlayerFacing=self.s["facing"],
      wMaxMenuItem=3 if self.screen in (NAMES, LETTERS) else 1,
      wCurrentMenuItem=self.s["item"],
    )

  def frame(self):
    code = (self.s["at"], self.s["item"], self.s["letters"], self.s["facing"])
    return np.array([hash(code) & 0xFFFF])

  def peek(self, name):
    assert name == "wTileMap"
    cursor = self.screen in ("menu", NAMES)
    return bytes([0x7F, 0xED if cursor else 0x7F])

  def save_state(self):
    return copy.deepcopy(self.s)

  def load_state(self, state):
    self.s = copy.deepcopy(state)


@pytest.mark.parametrize("early", [False, True])
def test_plays_reds_intro_without_typing(early):
  env = FakeRed(early)
  count = intro.play(env, max_actions=400)
  assert env.screen == HOME and env.typed_names == 0
  assert count == env.s["count"]
  assert env.s["facing"] == 0, "the probe is undone"


def test_leaves_a_typing_screen_that_it_got_into():
  env = FakeRed()
  env.s.update(at=4, letters=True)
  intro.play(env, max_actions=400)
  assert env.screen == HOME and env.typed_names == 1


def test_a_player_who_does_not_obey_cannot_act():
  with pytest.raises(IntroError, match="after 60 actions"):
    intro.play(FakeRed(nimble=False), max_actions=60)


def test_tells_every_action():
  told = []
  env = FakeRed()
  count = intro.play(env, on_action=lambda *told_now: told.append(told_now))
  assert [n for n, _ in told] == list(range(1, count + 1))
  again = FakeRed()
  for _, action in told:
    again.press(action)
  assert again.s == env.s


@pytest.fixture(scope="module")
def env(rom):
  env = GameBoyEnv(rom)
  yield env
  env.close()


def test_plays_the_real_games_intro(env):
  env.reset(seed=0)
  assert not decode(env.read_ram()).can_act
  count = intro.play(env)
  ram = decode(env.read_ram())
  assert count > 3 and ram.can_act and ram.is_playing
  assert intro.obeys(env)


def test_quicken_sets_two_options_and_keeps_the_rest(env):
  env.reset(seed=0)
  env.poke("wOptions", b"\x45")  # slow text, battle style "set"
  before = env.read_ram()
  intro.quicken(env)
  assert env.peek("wOptions") == b"\xc1"
  changed = np.flatnonzero(env.read_ram() != before)
  assert changed.tolist() == [memory.OFFSETS["wOptions"].start]


def test_poke_refuses_another_size(env):
  with pytest.raises(ValueError, match="holds 1 bytes"):
    env.poke("wOptions", b"\1\2")
  with pytest.raises(KeyError):
    env.peek("wNoSuchThing")
