"""The game as a gymnasium environment, on the PyBoy emulator."""

import importlib.metadata
import io
import pathlib
import warnings
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from dreamer_jax.errors import UserError
from dreamer_jax.game import frames, memory
from dreamer_jax.game import rom as roms
from dreamer_jax.game.ram import GameRam, decode
from dreamer_jax.game.rewards import DEFAULT_WEIGHTS, RewardTracker

with warnings.catch_warnings():  # pysdl2 tells where its library lies
  warnings.simplefilter("ignore")
  import pyboy

BUTTONS = ("a", "b", "start", "select", "up", "down", "left", "right")
PYBOY_VERSION = importlib.metadata.version("pyboy")
_STATE_MAGIC = b"DJS1"


class StateError(UserError):
  """A saved emulator state that cannot be loaded."""


class Judgement(NamedTuple):
  """What one step came to."""

  terms: np.ndarray  # [7] f32, unweighted
  outcome: str  # of a battle that ended, or ""
  is_terminal: bool  # the episode reached its end
  is_cut: bool  # it only ran out of steps


class GameBoyEnv(gymnasium.Env):
  """One emulator. An action is one button, pressed and released.

  Observations are shades, `[144, 160]` u8 of 0 (white) to 3 (black).
  `info` carries `ram` `[RAM_SIZE]` u8, `terms` `[7]` f32 (zeros after a
  reset), `packed` `[18, 20, 16]` u8 and `outcome`, one of
  `battle.OUTCOMES`.

  An episode is a function of the seed and the actions.
  """

  metadata = {"render_modes": ["rgb_array"], "render_fps": 60}  # noqa: RUF012

  def __init__(
    self,
    rom: str | roms.Rom | None = None,
    *,
    press_frames: int = 8,
    action_frames: int = 24,
    max_steps: int | None = None,
    stop_badges: int | None = None,
    weights: tuple[float, ...] = DEFAULT_WEIGHTS,
    start_frames: int = 60,
    render_mode: str | None = None,
  ):
    """Boots the game.

    Args:
      rom: a path or a checked ROM; None finds one, see `rom.find`.
      press_frames: how long an action's button is held, frames.
      action_frames: how long an action takes in all, frames.
      max_steps: actions until an episode is truncated; None for never.
      stop_badges: badges that end an episode; None for never.
      weights: of the reward terms, in the order of `rewards.TERMS`.
      start_frames: power-on waits 0 to this many frames, by seed, so that
        episodes differ.
      render_mode: None or "rgb_array".

    Raises:
      RomError: no usable ROM. ValueError: frames that make no action.
    """
    if not 0 < press_frames < action_frames:
      raise ValueError(
        f"press_frames={press_frames} must be positive and less than "
        f"action_frames={action_frames}: a button has to be released"
      )
    self.observation_space = gymnasium.spaces.Box(
      0, 3, (frames.HEIGHT, frames.WIDTH), np.uint8
    )
    self.action_space = gymnasium.spaces.Discrete(len(BUTTONS))
    self.render_mode = render_mode
    self.rom = rom if isinstance(rom, roms.Rom) else roms.find(rom)
    self._press_frames = press_frames
    self._release_frames = action_frames - press_frames
    self._max_steps = max_steps
    self._stop_badges = stop_badges
    self._weights = np.asarray(weights, np.float32)
    self._start_frames = start_frames
    self._tracker = RewardTracker()
    self._steps = 0
    self._emulator = _power_on(self.rom.path)
    self._boot_state = self._dump()

  def reset(
    self, *, seed: int | None = None, options: dict[str, Any] | None = None
  ) -> tuple[np.ndarray, dict[str, Any]]:
    """Starts an episode: at power-on, or at `options["state"]`.

    Args:
      seed: of the number of frames that power-on waits.
      options: `{"state": bytes}` from `save_state` starts there, exactly.

    Returns:
      The observation and `info`.

    Raises:
      StateError: the state is damaged or another game's.
    """
    self.start(seed, (options or {}).get("state"))
    ram = self.read_ram()
    self.begin(decode(ram))
    frame = self.frame()
    return frame, _info(ram, np.zeros(len(self._weights), np.float32), frame)

  def step(
    self, action: int
  ) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
    """Plays one action, an index of `BUTTONS`."""
    self.press(int(action))
    return self.look()

  def look(self) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
    """The second half of `step`: what the press came to."""
    ram = self.read_ram()
    judged = self.judge(decode(ram))
    frame = self.frame()
    info = _info(ram, judged.terms, frame, judged.outcome)
    reward = float(judged.terms @ self._weights)
    return frame, reward, judged.is_terminal, judged.is_cut, info

  def render(self) -> np.ndarray | None:
    """`[144, 160, 3]` u8 grey in the mode "rgb_array"."""
    return frames.to_rgb(self.frame()) if self.render_mode else None

  def close(self) -> None:
    """Stops the emulator; nothing is written to disk."""
    if self._emulator is not None:
      self._emulator.stop(save=False)
      self._emulator = None

  def save_state(self) -> bytes:
    """The emulator's whole state, compressed; no press is pending in it."""
    header = _STATE_MAGIC + bytes.fromhex(self.rom.sha1)
    return header + zlib.compress(self._dump(), 1)

  def load_state(self, state: bytes) -> None:
    """Goes to a saved state; the reward terms count from there.

    Raises:
      StateError: the state is damaged or another game's.
    """
    self._load(_open_state(state, self.rom.sha1))
    self.begin(decode(self.read_ram()))

  # The parts of `reset` and `step`, for `vector.py`, which decodes the RAM of
  # many emulators at once.

  def start(self, seed: int | None, state: bytes | None = None) -> None:
    """The emulator's part of `reset`."""
    super().reset(seed=seed)
    if state is not None:
      self._load(_open_state(state, self.rom.sha1))
      return
    self._load(self._boot_state)
    wait = int(self.np_random.integers(self._start_frames + 1))
    self._emulator.tick(1 + wait, True, False)

  def press(self, action: int) -> None:
    """The emulator's part of `step`."""
    if not 0 <= action < len(BUTTONS):
      raise ValueError(f"action {action} is not in 0..{len(BUTTONS) - 1}")
    button = BUTTONS[action]
    self._emulator.button_press(button)
    self._emulator.tick(self._press_frames, False, False)
    self._emulator.button_release(button)
    self._emulator.tick(self._release_frames, True, False)

  def press_by_frame(self, action: int) -> Iterator[None]:
    """As `press`, but stops after every frame, for play in real time."""
    if not 0 <= action < len(BUTTONS):
      raise ValueError(f"action {action} is not in 0..{len(BUTTONS) - 1}")
    self._emulator.button_press(BUTTONS[action])
    for i in range(self._press_frames + self._release_frames):
      if i == self._press_frames:
        self._emulator.button_release(BUTTONS[action])
      self._emulator.tick(1, True, False)
      yield

  def begin(self, ram: GameRam) -> None:
    """The book-keeping of `reset`; `ram` has scalar fields."""
    self._steps = 0
    self._tracker.reset(ram)

  def judge(self, ram: GameRam) -> Judgement:
    """The book-keeping of `step`; `ram` has scalar fields."""
    self._steps += 1
    terms = self._tracker.update(ram)
    done = self._stop_badges is not None and bool(
      ram.is_playing and ram.badge_count >= self._stop_badges
    )
    cut = self._max_steps is not None and self._steps >= self._max_steps
    return Judgement(terms, self._tracker.outcome, done, cut and not done)

  def frame(self) -> np.ndarray:
    """`[144, 160]` u8: the screen now."""
    return frames.shades(self._emulator.screen.ndarray)

  def read_ram(self) -> np.ndarray:
    """`[RAM_SIZE]` u8: a snapshot, see `memory.snapshot`."""
    view = self._emulator.memory
    return memory.snapshot(lambda start, stop: view[start:stop])

  def _dump(self) -> bytes:
    buffer = io.BytesIO()
    self._emulator.save_state(buffer)
    return buffer.getvalue()

  def _load(self, state: bytes) -> None:
    self._emulator.load_state(io.BytesIO(state))


def _power_on(path: str) -> pyboy.PyBoy:
  """An emulator that neither reads nor writes any file."""
  emulator = pyboy.PyBoy(
    io.BytesIO(pathlib.Path(path).read_bytes()),
    ram_file=io.BytesIO(bytes(32768)),
    window="null",
    sound_emulated=False,
    no_input=True,
    log_level="ERROR",
    cgb=False,
  )
  emulator.set_emulation_speed(0)
  return emulator


def _open_state(state: bytes, sha1: str) -> bytes:
  """Checks a saved state's header and unpacks it."""
  magic, game = state[:4], state[4:24].hex()
  if magic != _STATE_MAGIC or len(state) < 24:
    raise StateError(
      "this is no state of GameBoyEnv.save_state: save it again with it."
    )
  if game != sha1:
    raise StateError(
      f"this state belongs to the ROM with SHA-1 {game}, not to {sha1}: "
      "load it with the ROM that it was saved with."
    )
  try:
    return zlib.decompress(state[24:])
  except zlib.error as error:
    raise StateError(
      f"this state is damaged ({error}): use another copy or save it again."
    ) from None


def _info(ram, terms, frame, outcome: str = "") -> dict[str, Any]:
  packed = frames.pack(frame)
  return {"ram": ram, "terms": terms, "packed": packed, "outcome": outcome}
