"""From a person's frames to an agent's actions.

A person holds buttons as long as they like; an action is one button. So a play
is cut into windows that each begin with a press and hold one button: a
direction that stays held is cut at each tile walked, and idle time belongs to
the window before it, because what the person saw last is what they decided on.
Frames and RAM are the person's own; an action says what was pressed.
"""

from typing import NamedTuple

import numpy as np

from dreamer_jax.contract import BUTTONS, NUM_TERMS, PROGRESS, STUCK
from dreamer_jax.data.demos.recording import Recording, replay
from dreamer_jax.data.episodes import NO_GOAL, Episode
from dreamer_jax.game import frames, memory
from dreamer_jax.game.memory import RAM_SIZE
from dreamer_jax.game.rewards import RewardTracker
from dreamer_jax.game.rom import Rom
from dreamer_jax.game.scalar_ram import Sample

MAX_FRAMES = 24  # of a window while a button is held, as an action's
MIN_FRAMES = 4  # the game polls its pad every 2 frames
_DIRECTIONS = sum(
  1 << BUTTONS.index(b) for b in ("up", "down", "left", "right")
)
_BY_ITSELF = (
  "wPlayTimeHours", "wPlayTimeMinutes", "wPlayTimeSeconds", "wPlayTimeFrames",
  "hJoyHeld",
)  # fmt: skip
_PLACE = ("wCurMap", "wXCoord", "wYCoord")


class Window(NamedTuple):
  """One action: frames `start` to `stop - 1` of a recording."""

  start: int
  stop: int
  action: int


def windows(inputs: np.ndarray, places: np.ndarray) -> list[Window]:
  """Cuts inputs into actions.

  Args:
    inputs: `[F]` u8, the pad during each frame.
    places: `[F + 1, 3]` int, map, x and y before the first frame and after
      each.

  Returns:
    Windows without a gap from the first press on; none without a press.
  """
  held = [0, *np.asarray(inputs).tolist()]  # held[f + 1] during frame f
  moved = (np.diff(places, axis=0) != 0).any(-1)  # [F], during that frame
  found: list[list[int]] = []
  f, end = 0, len(inputs)
  while f < end:
    action = _chosen(held[f], held[f + 1])
    if action is None:
      if found:
        found[-1][1] = f + 1
      f += 1
      continue
    start, f = f, f + 1
    is_step = bool(_DIRECTIONS >> action & 1)
    while f < end and f - start < MAX_FRAMES:
      long_enough = f - start >= MIN_FRAMES
      if long_enough and held[f + 1] & ~held[f]:
        break  # another press
      if long_enough and is_step and moved[f - 1]:
        break  # one tile walked
      f += 1
    found.append([start, f, action])
  return [Window(*row) for row in found]


def _chosen(before: int, now: int) -> int | None:
  """The action that begins at a frame: a fresh press, or a held direction."""
  for candidates in (now & ~before, now & _DIRECTIONS):
    if candidates:
      return (candidates & -candidates).bit_length() - 1
  return None


def places_of(rom: Rom, recording: Recording) -> np.ndarray:
  """`[F + 1, 3]` i32: where the player was; replays and checks everything.

  Raises:
    RecordingError: as `recording.replay`.
  """
  addresses = [memory.find(name).address for name in _PLACE]
  rows = [
    [emulator.memory[a] for a in addresses]
    for _, emulator in replay(rom, recording)
  ]
  return np.asarray(rows, np.int32)


def to_episode(
  rom: Rom, recording: Recording, cuts: list[Window], source: str, seed: int
) -> Episode:
  """Replays a recording and keeps an episode's steps.

  Terms are counted on samples at most `MAX_FRAMES` apart, so that a long look
  at the screen hides no battle's end, and summed over a window.

  Args:
    rom: that it was played on.
    recording: the play.
    cuts: from `windows`, at least one.
    source: one of `episodes.SOURCES`.
    seed: the episode's number.
  """
  ends = {cuts[0].start: -1} | {c.stop: i for i, c in enumerate(cuts)}
  draw = np.zeros(len(recording), bool)
  draw[[f - 1 for f in ends if f]] = True
  last = max(ends)
  tracker = RewardTracker()
  shown: list[tuple] = []
  terms = np.zeros(NUM_TERMS, np.float32)
  sampled = 0
  for f, emulator in replay(rom, recording, draw=draw):
    if f < cuts[0].start or (f not in ends and f - sampled < MAX_FRAMES):
      continue
    sampled = f
    view = emulator.memory
    ram = memory.snapshot(lambda a, b, view=view: view[a:b])
    if not shown:
      tracker.reset(Sample(ram.tobytes()))
    else:
      terms += tracker.update(Sample(ram.tobytes()))
    if f in ends:
      packed = frames.pack(frames.shades(emulator.screen.ndarray))
      shown.append((packed, ram, _window_terms(terms)))
      terms = np.zeros(NUM_TERMS, np.float32)
    if f == last:
      break
  meta = {**recording.meta, "source": source, "seed": seed}
  meta["timing"] = "as played"  # not the environment's even actions
  return _assemble(shown, [c.action for c in cuts], meta)


def _window_terms(terms: np.ndarray) -> np.ndarray:
  """The terms of a whole window: `stuck` is one step's, not each sample's."""
  terms = terms.copy()
  if terms[STUCK] > 0:
    terms[STUCK] = not (terms[list(PROGRESS)] > 0).any()
  return terms


def _assemble(shown: list[tuple], actions: list[int], meta: dict) -> Episode:
  steps = len(shown)
  packed, ram, terms = (np.stack(column) for column in zip(*shown, strict=True))
  action = np.array([0, *actions], np.uint8)
  first = np.arange(steps) == 0
  return Episode(
    packed=packed,
    ram=ram,
    action=action,
    intent=action.copy(),
    terms=terms,
    is_first=first,
    is_last=np.arange(steps) == steps - 1,
    is_terminal=np.zeros(steps, bool),
    goal=np.full(steps, NO_GOAL, np.int16),
    meta=meta,
  )


def dead_end(episode: Episode, limit: int = 40) -> int | None:
  """The step from which presses have had no effect, `limit` of them in a row.

  A play that is in step does something with nearly every press; one that lost
  its way walks into walls. Nothing happened where the screen is the same, or
  where the player could act before and after and no variable but the clock
  changed: people and flowers move by themselves. A hint, for plays that bring
  no marks.
  """
  changes = np.ones(RAM_SIZE, bool)
  for name in _BY_ITSELF:
    changes[memory.OFFSETS[name]] = False
  ram = episode.ram[:, changes]
  can_act = episode.decode_ram().can_act
  idle = can_act[1:] & can_act[:-1] & (ram[1:] == ram[:-1]).all(-1)
  idle |= (episode.packed[1:] == episode.packed[:-1]).all((1, 2, 3))
  run = 0
  for t, unchanged in enumerate(idle, 1):
    run = run + 1 if unchanged else 0
    if run >= limit:
      return t - limit + 1
  return None


def truncated(episode: Episode, steps: int) -> Episode:
  """The first `steps` actions of an episode."""
  parts = {
    name: getattr(episode, name)[: steps + 1].copy()
    for name in ("packed", "ram", "action", "intent", "terms", "is_first",
                 "is_last", "is_terminal", "goal")
  }  # fmt: skip
  parts["is_last"][-1] = True
  return Episode(**parts, meta=episode.meta, layout=episode.layout)
