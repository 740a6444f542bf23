"""Plays from elsewhere, and our recordings, as demonstrations.

Movies and logs hold inputs, not pictures (a PyBoy log has some). They are
replayed on the user's ROM to make the frames anew. Emulators differ in how long
a frame with much to do takes, so a movie of another one may lose its way: that
is found by pictures where there are some, else by presses that have no effect
any more, and what came before is kept.
"""

import itertools
import pathlib
import zlib

import numpy as np

from dreamer_jax.data.demos import bizhawk, foreign, pyboy_log, resample
from dreamer_jax.data.demos import recording as recordings
from dreamer_jax.data.demos.foreign import ImportProblem
from dreamer_jax.data.demos.recording import DesyncError, Recording
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.files import write_atomic
from dreamer_jax.game.rom import Rom

_ZIP, _ZLIB, _OURS = b"PK", b"x", b"DreamerJAX recording\n"
# What a person may take for a play, by its suffix.
_OTHERS = {
  "a movie of another emulator": (
    ".vbm .fm2 .fm3 .fcm .fmv .gmv .smv .lsmv .ltm .dsm .dtm .m64 .mcm .mmv "
    ".gbmv .gm .gm2 .vmv .ymv .pjm .pxm .jrsr .omr .wtf .zmv .mm2 .mc2"
  ),
  "a movie of an old BizHawk, which a newer one saves as .bk2": ".bkm",
  "a video, in which no buttons are": ".mp4 .mkv .avi .webm .mov .gif .flv",
  "a save state, which make_start_states may take with --pyboy_states": (
    ".state .ss0 .ss1 .sgm .sna .sn1 .s0 .s1 .savestate"
  ),
  "a saved game, which record_demos takes with --battery": (
    ".sav .srm .ram .rtc .sa1"
  ),
  "a ROM, which --rom takes": ".gb .gbc .gba .sgb .bin",
  "a start state, which record_demos takes by name with --start": ".start",
  "an episode already, which belongs into a run's demos/ as it is": ".ep",
  "a script, which record_demos takes with --inputs": ".txt .csv .json .inputs",
}


def read(path: str | pathlib.Path, rom: Rom, offset: int = 0) -> Recording:
  """Reads a play: PyBoy's .replay, BizHawk's .bk2 or our own .play.

  Which of them a file is, its first bytes say.

  Args:
    path: the file.
    rom: that it will be replayed on.
    offset: idle frames to put before the inputs; negative: inputs to drop.
      For movies of emulators that boot faster or slower.

  Raises:
    UserError: it cannot be read, is none of these, was made on another ROM, or
      holds what PyBoy cannot play.
  """
  path = pathlib.Path(path)
  try:
    data = path.read_bytes()
  except OSError as error:
    raise ImportProblem(f"cannot read {path}: {error.strerror}.") from None
  if path.suffix == recordings.SUFFIX or data.startswith(_OURS):
    if offset:
      raise ImportProblem(
        f"{path} is our own recording, whose frames are in step: give no "
        "--offset with it."
      )
    return recordings.load(path)
  suffix = path.suffix.lower()
  known = [name for name, all_ in _OTHERS.items() if suffix in all_.split()]
  if not known and (suffix == ".bk2" or data.startswith(_ZIP)):
    return _shifted(bizhawk.read(data, rom, str(path)), offset)
  if not known and (suffix == ".replay" or data.startswith(_ZLIB)):
    return _shifted(pyboy_log.read(data, rom, str(path)), offset)
  what = known[0] if known else "no input log" if data else "empty"
  raise ImportProblem(
    f"{path} is {what}: known are PyBoy's .replay, BizHawk's .bk2 and our own "
    f"{recordings.SUFFIX}."
  )


def _shifted(play: Recording, offset: int) -> Recording:
  if offset >= 0:
    play.inputs = np.append(np.zeros(offset, np.uint8), play.inputs)
  else:
    play.inputs = play.inputs[-offset:]
  play.marks = {f + offset: m for f, m in play.marks.items() if f + offset > 0}
  play.meta["frames"] = len(play.inputs)
  return play


def source_of(play: Recording) -> str:
  """Who played, "human" or "import"; older files do not say it by name."""
  is_foreign = play.meta["pyboy"].startswith(foreign.ELSEWHERE)
  return play.meta.get("source", "import" if is_foreign else "human")


def keep(
  folder: str | pathlib.Path, path: str | pathlib.Path, play: Recording
) -> pathlib.Path:
  """Writes a play that came from a file into a folder of recordings.

  Another recording of that name stays: this one gets a number.

  Returns:
    Where it is; where it came from if that is in the folder.
  """
  folder, path = pathlib.Path(folder), pathlib.Path(path)
  suffix = recordings.SUFFIX
  if path.suffix == suffix and path.resolve().parent == folder.resolve():
    return path
  data = recordings.packed(play)
  names = (f"{path.stem}-{n}" for n in itertools.count(2))
  for name in itertools.chain([path.stem], names):
    kept = folder / f"{name}{suffix}"
    if not kept.exists():
      write_atomic(kept, data)
    if kept.read_bytes() == data:
      return kept
  raise AssertionError("there is always a next name")


def bring_in(rom: Rom, play: Recording) -> tuple[Episode, Recording, list[str]]:
  """Replays a play and makes it an episode; says where it lost its way.

  Args:
    rom: the ROM.
    play: what was pressed.

  Returns:
    The episode, the play as far as it is good, and notes for the user.

  Raises:
    UserError: nothing of it can be used.
  """
  notes = []
  try:
    places = resample.places_of(rom, play)
  except DesyncError as error:
    notes.append(f"desync: {error}")
    play = recordings.cut(play, error.good)
    places = resample.places_of(rom, play)
  cuts = resample.windows(play.inputs, places)
  if not cuts:
    raise ImportProblem(
      "no button was pressed before the replay lost its way: is it the right "
      "ROM, and from power-on? Try --offset."
      if notes
      else "no button was pressed: there is nothing to learn from."
    )
  seed = zlib.crc32(play.start + play.inputs.tobytes())
  episode = resample.to_episode(rom, play, cuts, source_of(play), seed)
  if not play.marks:
    lost = resample.dead_end(episode)
    if lost is not None:
      notes.append(
        f"desync suspected: from action {lost} (frame {cuts[lost - 1].start}) "
        "on, 40 presses in a row had no effect; only what is before is kept. "
        "Another --offset may fit."
      )
      if lost < 2:
        raise ImportProblem(f"nothing of this play can be used. {notes[-1]}")
      episode = resample.truncated(episode, lost - 1)
      play = recordings.cut(play, cuts[lost - 1].start)
  if not episode.decode_ram().is_playing.any():
    notes.append("play never began: the inputs do not get past the intro.")
  return episode, play, notes
