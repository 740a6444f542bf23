"""Makes start states: where an emulator is, and along plays that there are."""

import pathlib
import re
from collections.abc import Iterator, Mapping

import numpy as np

from dreamer_jax import games
from dreamer_jax.data import layouts
from dreamer_jax.data.demos.recording import Recording, replay
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.start_states import ArchiveError, StartState, obstacle
from dreamer_jax.game import emulator as emulators
from dreamer_jax.game import identity, memory, milestones
from dreamer_jax.game.env import PYBOY_VERSION, GameBoyEnv, StateError
from dreamer_jax.game.ram import GameRam, decode
from dreamer_jax.game.rom import Rom

_LOOK_FRAMES = 12  # between looks at a recording's RAM


def describe(
  env: GameBoyEnv, name: str, by: str, events: Mapping[str, int]
) -> StartState:
  """The emulator's state now, with what there is to say about it.

  Args:
    env: where it is.
    name: letters, digits, `.`, `_`, `-`; others become `-`.
    by: who played to it, such as "intro", "human" or "expert, seed 7".
    events: the game's story flags by name.
  """
  state = env.save_state()
  return _describe(env.rom, env.read_ram(), state, name, by, events)


def _describe(rom: Rom, raw, state, name, by, events) -> StartState:
  ram = decode(raw)
  count = int(ram.party_count)
  meta = {
    "rom": rom.identity,
    "pyboy": PYBOY_VERSION,
    "by": by,
    "milestones": milestones.reached(ram, events),
    "place": {n: int(getattr(ram, n)) for n in ("map_id", "x", "y")},
    "party": [
      [int(s), int(level)]
      for s, level in zip(
        ram.party_species[:count], ram.party_level[:count], strict=True
      )
    ],
    "badges": int(ram.badge_count),
    "play_time_secs": int(ram.play_time_frames) // 60,
  }
  name = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "state"
  return StartState(name, state, meta)


def from_pyboy(
  env: GameBoyEnv, dumped: bytes, name: str, by: str, events: Mapping[str, int]
) -> StartState:
  """A start state from what PyBoy itself has saved.

  Args:
    env: of the ROM that the state should be of; it goes there.
    dumped: PyBoy's file, of any version that is known.
    name: as `describe` takes it.
    by: likewise.
    events: the game's story flags by name.

  Raises:
    StateError: it is none, or of another game or a newer PyBoy. A game that
      was let in by request has no rules to be held to.
  """
  env.load_foreign(dumped)
  if not env.rom.warning:
    problem = identity.problem(
      pathlib.Path(env.rom.path).read_bytes(),
      env.video_memory(),
      env.read_ram(),
      games.get(env.rom).world(),
      games.get(env.rom).species,
    )
    if problem:
      raise StateError(
        f"this state does not belong to {env.rom.name}; {problem}. Give its "
        "own ROM with --rom."
      )
  return describe(env, name, by, events)


def from_episode(
  env: GameBoyEnv, episode: Episode, events: Mapping[str, int]
) -> Iterator[StartState]:
  """Replays an episode from power-on; keeps where milestones were reached.

  Args:
    env: of the same ROM and options.
    episode: played from power-on.
    events: the game's story flags by name.

  Yields:
    A state for each new milestone, at the first moment after it at which the
    player can act.

  Raises:
    ArchiveError: the episode does not replay: it began elsewhere, or on
      another ROM or PyBoy.
  """
  meta = episode.meta
  if reason := obstacle(meta):
    raise ArchiveError(
      f"the episode {meta['source']} {meta['seed']} cannot be replayed from "
      f"power-on: {reason}; give episodes that begin there, or a recording "
      "with --recordings."
    )
  env.reset(seed=meta["seed"])
  held = layouts.recorded(episode.layout)
  seen: set[str] = set()
  for t in range(len(episode)):
    if t:
      env.press(int(episode.action[t]))
    raw = env.read_ram()
    if not np.array_equal(raw[held], episode.ram[t][held]):
      raise ArchiveError(
        f"the episode {meta['source']} {meta['seed']} does not replay: at "
        f"step {t} the RAM differs. Was it played from power-on, on this ROM "
        f"({env.rom.name}) and PyBoy {meta.get('pyboy')}?"
      )
    ram = decode(raw)
    new = _fresh(ram, events, seen)
    if new:
      by = f"{meta['source']}, seed {meta['seed']}"
      name = f"{new[-1]}-{meta['source']}-{meta['seed']}"
      yield describe(env, name, by, events)


def from_recording(
  rom: Rom, play: Recording, events: Mapping[str, int], stem: str
) -> Iterator[StartState]:
  """As `from_episode`, of a person's recording; no button is held in a state.

  Args:
    rom: that it was played on.
    play: the recording.
    events: the game's story flags by name.
    stem: what the states' names end with.

  Raises:
    RecordingError: it is of another ROM, or lost its way.
  """
  seen: set[str] = set()
  for f, emulator in replay(rom, play):
    if f % _LOOK_FRAMES or (f and play.inputs[f - 1]):
      continue
    view = emulator.memory
    raw = memory.snapshot(lambda start, stop, view=view: view[start:stop])
    new = _fresh(decode(raw), events, seen)
    if new:
      state = emulators.pack_state(emulators.dump(emulator), rom.sha1)
      name = f"{new[-1]}-{stem}"
      yield _describe(rom, raw, state, name, play.meta["by"], events)


def _fresh(
  ram: GameRam, events: Mapping[str, int], seen: set[str]
) -> list[str]:
  """Milestones reached since the last state, once the player can act."""
  if not ram.can_act or ram.is_walking:
    return []
  new = [m for m in milestones.reached(ram, events) if m not in seen]
  seen.update(new)
  return new
