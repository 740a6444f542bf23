"""Brings plays from elsewhere in as demonstrations, and takes ours out.

  python -m experiments.import_demos --files=movie.bk2 --rom=red.gb
  python -m experiments.import_demos --minari=lantern-isle/expert-v0
  python -m experiments.import_demos --export_minari=lantern-isle/mine-v0

The episodes go to --workdir, its folder demos/, where training finds them.

Files may be PyBoy's input logs (.replay, of pyboy --record-input), BizHawk's
movies (.bk2) and our own recordings (.play). They hold buttons, not pictures:
each is replayed on your ROM, and the frames are made anew. Where a replay goes
another way than the file (a desync: another ROM, start or emulator), this is
said, and what came before is kept. For movies, --offset=N puts N idle frames
first, or drops -N, where the other emulator boots slower or faster.

--export_minari writes the episodes of WORKDIR/demos and WORKDIR/episodes as a
Minari dataset. Minari is optional: pip install "dreamer_jax[minari]".
"""

import pathlib

from rich import progress

from dreamer_jax import domains as d
from dreamer_jax.data import episodes as episodes_lib
from dreamer_jax.data import imports, minari_io, recording
from dreamer_jax.data import origin as origins
from dreamer_jax.errors import UserError
from dreamer_jax.program import define
from experiments import common

FIND_ROM = common.define_rom()
FILES = define("files", d.Files, [], "input logs, movies, recordings")
MINARI = define("minari", d.Text, None, "a Minari dataset's id or folder")
EXPORT = define("export_minari", d.DatasetId, None, "id of a dataset to write")
AUTHOR = define("author", d.Text, "somebody", "of the exported dataset")
WORKDIR = define("workdir", d.File, "runs/human", "a run's folder")
OFFSET = define(
  "offset", d.whole(-1_000_000, 1_000_000), 0, "idle frames before the inputs"
)


def main() -> None:
  if not (FILES.value or MINARI.value or EXPORT.value):
    raise UserError(
      "nothing to do: name files (--files=a.bk2,b.replay), --minari=ID or "
      "--export_minari=ID; see --help."
    )
  if EXPORT.value:
    export()
    return
  rom = FIND_ROM()
  origin = origins.of_rom(rom).any_pace
  store = episodes_lib.open_run(WORKDIR.value, "demos", origin)
  for path in FILES.value:
    with common.CONSOLE.status(f"replaying {path} ..."):
      play = imports.read(path, rom, OFFSET.value)
      ours = path.endswith(recording.SUFFIX)
      source = "human" if ours else "import"
      episode, play, notes = imports.bring_in(rom, play, source)
    kept = pathlib.Path(WORKDIR.value) / "recordings"
    kept = kept / f"{pathlib.Path(path).stem}{recording.SUFFIX}"
    if kept.resolve() != pathlib.Path(path).resolve():
      recording.save(kept, play)
    tell(path, store.add(0, episode), episode, notes)
  if MINARI.value:
    for number, data, meta in minari_io.load(MINARI.value):
      origins.check({MINARI.value: meta}, origin, origins.ITS_OWN)
      with common.CONSOLE.status(f"replaying episode {number} ..."):
        episode, notes = minari_io.bring_in(rom, data, meta)
      name = f"{MINARI.value}, episode {number}"
      tell(name, store.add(0, episode), episode, notes)


def tell(name, stored, episode, notes) -> None:
  """What became of one play."""
  last = episode.decode_ram()[-1]
  for note in notes:
    common.CONSOLE.print(f"[yellow]{name}[/]: {note}")
  common.CONSOLE.print(
    f"{name}: {len(episode) - 1:,} actions, {last.badge_count} badges, "
    f"{last.owned_count} species -> {stored}"
  )


def export() -> None:
  """Writes the run's episodes as a Minari dataset."""
  folder = pathlib.Path(WORKDIR.value)
  paths = [
    p
    for name in ("demos", "episodes")
    for p in sorted((folder / name).glob(f"*{episodes_lib.SUFFIX}"))
  ]
  tracked = progress.track(paths, "reading", console=common.CONSOLE)
  episodes = (episodes_lib.load(path) for path in tracked)
  where = minari_io.export(
    EXPORT.value, episodes, AUTHOR.value,
    "Game Boy play: screens of 144 x 160 shades, actions of one button; "
    "infos hold the RAM, the reward terms and where each episode is from.",
  )  # fmt: skip
  common.CONSOLE.print(f"{len(paths)} episodes -> {EXPORT.value} in {where}")


if __name__ == "__main__":
  common.run(main)
