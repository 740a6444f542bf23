"""Opens a window, lets you play, and keeps it as demonstrations.

  dreamer-jax demos record --workdir=runs/NAME

Arrows walk, A and S are the game's A and B, Return is Start, Backspace is
Select; hold Space to go fast; Escape ends. Afterwards the play is replayed
from its inputs and compared, cut into actions, and written beside the other
demonstrations, WORKDIR/demos, where training finds it. The recording itself,
a byte a frame, stays in WORKDIR/recordings, also after a crash (to the last
minute).

Without a display, --inputs=FILE plays a script: words such as `A8 .16 R40`,
buttons held (A, B, s start, S select, U, D, L, R, point for none) and frames.

--start=NAME begins at a state of the archive (dreamer-jax demos start-states);
--battery=FILE puts a saved game in, and --save_battery=FILE writes it out.
"""

import pathlib

from rich.table import Table

from dreamer_jax import domains as d
from dreamer_jax.cli import common
from dreamer_jax.data import episodes, start_states
from dreamer_jax.data import origin as origins
from dreamer_jax.data.demos import import_movies, recording
from dreamer_jax.data.files import write_atomic
from dreamer_jax.data.owner import Owner
from dreamer_jax.errors import UserError
from dreamer_jax.game import emulator as emulators
from dreamer_jax.game.human import pad
from dreamer_jax.game.human.keys import Keyboard
from dreamer_jax.program import define

FIND_ROM = common.define_rom()
WORKDIR = define("workdir", d.Folder, "runs/human", "a run's folder")
BY = define("by", d.Text, "a person", "who plays, kept in the files")
START = define("start", d.Text, None, "name of a start state")
ARCHIVE = define("archive", d.Folder, "runs/start_states", "of start states")
BATTERY = define("battery", d.File, None, "a saved game to put in")
SAVE_BATTERY = define("save_battery", d.Output, None, "file for the save")
INPUTS = define("inputs", d.File, None, "a script to play, no window")
_AUTOSAVE_FRAMES = 3600


def main() -> None:
  rom = FIND_ROM()
  with Owner(WORKDIR.value, "dreamer-jax demos record", common.CONSOLE.print):
    record(rom)


def record(rom) -> None:
  """Lets a person or a script play, and stores it."""
  script = read_script(INPUTS.value) if INPUTS.value else None
  start = b""
  if START.value:
    start = start_states.Archive(ARCHIVE.value).load(START.value).state
  battery = common.read_file(BATTERY.value, "battery")
  # Refused before anybody plays, where the folder is of another game.
  origin = origins.of_rom(rom).any_pace
  store = episodes.open_run(WORKDIR.value, "demos", origin)
  session = recording.Session(
    rom, BY.value, start=start, battery=battery,
    window="null" if script is not None else "SDL2",
  )  # fmt: skip
  path = free_path(pathlib.Path(WORKDIR.value) / "recordings")
  common.CONSOLE.print(
    f"{rom.name}, {'script' if script is not None else 'window'}: arrows, A, "
    f"S, Return, Backspace; Escape ends. Kept in {path}"
  )
  try:
    play(session, script, path)
  except KeyboardInterrupt:
    pass  # Ctrl-C in the terminal ends a play as Escape does
  finally:
    recording.save(path, session.recording())
    if SAVE_BATTERY.value:
      saved = emulators.read_battery(session.emulator, rom)
      write_atomic(SAVE_BATTERY.value, saved)
    session.close()
  finish(rom, path, store)


def play(session, script, path) -> None:
  """Plays until the person, or the script, ends."""
  if script is not None:
    for held in script.tolist():
      session.play(held)
    return
  keyboard, fast = Keyboard(), False
  while True:
    held = keyboard()
    if keyboard.has_ended:
      return
    if keyboard.is_fast != fast:
      fast = keyboard.is_fast
      session.emulator.set_emulation_speed(0 if fast else 1)
    session.play(held)
    if session.frame % _AUTOSAVE_FRAMES == 0:
      recording.save(path, session.recording())


def finish(rom, path, store) -> None:
  """Replays, cuts and stores what was recorded."""
  with common.CONSOLE.status("replaying and cutting into actions ..."):
    loaded = recording.load(path)
    marks = recording.verify(rom, loaded)
    episode, _, notes = import_movies.bring_in(rom, loaded)
  stored = store.add(0, episode)
  table = Table("recorded", "")
  secs = len(loaded) / emulators.FRAMES_HZ
  table.add_row("frames", f"{len(loaded):,} ({secs / 60:.1f} minutes)")
  table.add_row("replayed", f"{marks} marks, all the same")
  table.add_row("actions", f"{len(episode) - 1:,}")
  last = episode.decode_ram()[-1]
  table.add_row("badges, species", f"{last.badge_count}, {last.owned_count}")
  common.CONSOLE.print(table)
  for note in notes:
    common.note(note, "note")
  common.CONSOLE.print(f"Recording: {path}\nEpisode: {stored}")


def free_path(folder: pathlib.Path) -> pathlib.Path:
  """The next number's file."""
  for number in range(10**6):
    path = folder / f"play-{number:04d}{recording.SUFFIX}"
    if not path.exists():
      return path
  raise UserError(f"{folder} is full: choose another --workdir.")


def read_script(path: str):
  """The inputs of --inputs."""
  text = common.read_file(path, "inputs").decode("utf-8", "replace")
  return pad.parse_script(text, path)
