"""The game as a gymnasium environment, on the PyBoy emulator."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from dreamer_jax.config import RewardsConfig
from dreamer_jax.contract import BUTTONS, STUCK
from dreamer_jax.game import emulator as emulators
from dreamer_jax.game import frames, memory
from dreamer_jax.game import rom as roms
from dreamer_jax.game.emulator import PYBOY_VERSION, StateError
from dreamer_jax.game.rewards import RewardTracker
from dreamer_jax.game.scalar_ram import Sample

__all__ = ("BUTTONS", "PYBOY_VERSION", "GameBoyEnv", "Judgement", "StateError")

PRESS_FRAMES, ACTION_FRAMES = 8, 24  # of an action, where nobody says others


class Judgement(NamedTuple):
  """What one step came to."""

  terms: np.ndarray  # [7] f32, unweighted
  outcome: str  # of a battle that ended, or ""
  is_terminal: bool  # the episode reached its end
  is_cut: bool  # it only ran out of steps, or of patience


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
    press_frames: int = PRESS_FRAMES,
    action_frames: int = ACTION_FRAMES,
    max_steps: int | None = None,
    stop_badges: int | None = None,
    patience: int | None = None,
    weights: Sequence[float] | None = None,
    start_frames: int = 60,
    render_mode: str | None = None,
    battery: bytes = b"",
  ):
    """Boots the game.

    Args:
      rom: a path or a checked ROM; None finds one, see `rom.find`.
      press_frames: how long an action's button is held, frames.
      action_frames: how long an action takes in all, frames.
      max_steps: actions until an episode is truncated; None for never.
      stop_badges: badges that end an episode; None for never.
      patience: actions in a row without progress (the term `stuck`) that
        truncate an episode; None for never.
      weights: of the reward terms, in the order of `contract.TERMS`; None for
        the roadmap's.
      start_frames: power-on waits 0 to this many frames, by seed, so that
        episodes differ.
      render_mode: None or "rgb_array".
      battery: what the cartridge's own RAM holds at power-on. No file beside
        the ROM is ever read or written.

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
    self._patience = patience
    weights = RewardsConfig().weights if weights is None else weights
    self._weights = np.asarray(weights, np.float32)
    self._start_frames = start_frames
    self._tracker = RewardTracker()
    self._steps = self._stuck = 0
    self._emulator = emulators.power_on(self.rom, battery=battery)
    self._boot_state = emulators.dump(self._emulator)

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
    self.begin(ram)
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
    judged = self.judge(ram)
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
    return emulators.pack_state(emulators.dump(self._emulator), self.rom.sha1)

  def battery(self) -> bytes:
    """What the cartridge's own RAM holds now; empty where it has none."""
    return emulators.read_battery(self._emulator, self.rom)

  def load_state(self, state: bytes) -> None:
    """Goes to a saved state; the reward terms count from there.

    Raises:
      StateError: the state is damaged or another game's.
    """
    self._load(emulators.open_state(state, self.rom.sha1))
    self.begin(self.read_ram())

  def load_foreign(self, dumped: bytes) -> None:
    """Goes to a state that PyBoy has saved, of any version that is known.

    Nobody says which ROM it is of; `identity` looks at what was loaded.
    Buttons that it holds are released. Where it is refused, the game is where
    it was.

    Raises:
      StateError: it is no state, or of another cartridge or newer PyBoy.
    """
    before = emulators.dump(self._emulator)
    self._load(self._boot_state)  # what an old state does not say is as there
    try:
      self._load(dumped)
    except StateError:
      self._load(before)
      raise
    for button in BUTTONS:
      self._emulator.button_release(button)
    self._emulator.tick(1, True, False)
    self.begin(self.read_ram())

  def video_memory(self) -> bytes:
    """The tiles that the game has put on hand, 16 bytes each."""
    return emulators.read_tiles(self._emulator)

  # The parts of `reset` and `step`, for `worker.py`, which needs no picture.

  def start(self, seed: int | None, state: bytes | None = None) -> None:
    """The emulator's part of `reset`."""
    super().reset(seed=seed)
    if state is not None:
      self._load(emulators.open_state(state, self.rom.sha1))
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

  def begin(self, ram: np.ndarray) -> None:
    """The book-keeping of `reset`, from a RAM snapshot."""
    self._steps = self._stuck = 0
    self._tracker.reset(Sample(ram.tobytes()))

  def judge(self, ram: np.ndarray) -> Judgement:
    """The book-keeping of `step`, from a RAM snapshot."""
    self._steps += 1
    sample = Sample(ram.tobytes())
    terms = self._tracker.update(sample)
    self._stuck = self._stuck + 1 if terms[STUCK] else 0
    done = self._stop_badges is not None and (
      sample.is_playing and sample.badge_count >= self._stop_badges
    )
    cut = _is_over(self._steps, self._max_steps)
    cut |= _is_over(self._stuck, self._patience)
    return Judgement(terms, self._tracker.outcome, done, cut and not done)

  def frame(self) -> np.ndarray:
    """`[144, 160]` u8: the screen now."""
    return frames.shades(self._emulator.screen.ndarray)

  def packed(self) -> np.ndarray:
    """`[18, 20, 16]` u8: the screen now, as `frames.pack` packs it."""
    return frames.pack_screen(self._emulator.screen.ndarray)

  def read_ram(self) -> np.ndarray:
    """`[RAM_SIZE]` u8: a snapshot, see `memory.snapshot`."""
    view = self._emulator.memory
    return memory.snapshot(lambda start, stop: view[start:stop])

  def peek(self, name: str) -> bytes:
    """A variable's bytes by its name in `memory`, also of those unread."""
    address, size = memory.find(name)
    return bytes(self._emulator.memory[address : address + size])

  def poke(self, name: str, data: bytes) -> None:
    """Writes a variable; for start states, never in an episode."""
    address, size = memory.find(name)
    if len(data) != size:
      raise ValueError(f"{name} holds {size} bytes, not {len(data)}")
    self._emulator.memory[address : address + size] = list(data)

  def _load(self, dumped: bytes) -> None:
    emulators.restore(self._emulator, dumped, self._boot_state)


def _is_over(steps: int, most: int | None) -> bool:
  return most is not None and steps >= most


def _info(ram, terms, frame, outcome: str = "") -> dict[str, Any]:
  packed = frames.pack(frame)
  return {"ram": ram, "terms": terms, "packed": packed, "outcome": outcome}


def make_env(rom: str | roms.Rom | None = None, **options: Any) -> GameBoyEnv:
  """The game as a gymnasium environment.

  Args:
    rom: a path; None for $DREAMER_ROM, else for the package's Lantern Isle.
    **options: of `GameBoyEnv`, `max_steps` and `weights` say.

  Raises:
    RomError: no usable ROM.

  Example:
    >>> import dreamer_jax
    >>> env = dreamer_jax.make_env(max_steps=10)
    >>> picture, info = env.reset(seed=0)
    >>> picture.shape
    (144, 160)
  """
  return GameBoyEnv(rom, **options)
