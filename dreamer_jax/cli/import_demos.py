"""Brings plays from elsewhere in as demonstrations, and takes ours out.

  dreamer-jax demos import --files=movie.bk2 --rom=red.gb
  dreamer-jax demos import --minari=lantern-isle/expert-v0
  dreamer-jax demos import --export_minari=lantern-isle/mine-v0

The episodes go to --workdir, its folder demos/, where training finds them;
those of a dataset that --export_minari wrote go where they were.

Files may be PyBoy's input logs (.replay, of pyboy --record-input), BizHawk's
movies (.bk2) and our own recordings (.play). They hold buttons, not pictures:
each is replayed on your ROM, and the frames are made anew. Where a replay goes
another way than the file (a desync: another ROM, start or emulator), this is
said, and what came before is kept. For movies, --offset=N puts N idle frames
first, or drops -N, where the other emulator boots slower or faster.

--export_minari writes the episodes of WORKDIR/demos and WORKDIR/episodes as a
Minari dataset; --minari brings them back as they were, with who played. Of a
dataset of another program --source has to say that: what is cloned depends on
it. Minari is optional: pip install "dreamer_jax[minari]".
"""

import pathlib
from collections.abc import Iterator

from rich import progress

from dreamer_jax import domains as d
from dreamer_jax.cli import common
from dreamer_jax.data import episodes as episodes_lib
from dreamer_jax.data import origin as origins
from dreamer_jax.data.demos import import_movies, minari, minari_back
from dreamer_jax.data.demos.minari import Placed
from dreamer_jax.data.owner import Owner
from dreamer_jax.errors import UserError
from dreamer_jax.program import define

FIND_ROM = common.define_rom()
FILES = define("files", d.Files, [], "input logs, movies, recordings")
MINARI = define("minari", d.Text, None, "a Minari dataset's id or folder")
SOURCE = define(
  "source", d.choice(*episodes_lib.SOURCES), None,
  "who played a dataset that does not say; import is cloned as a demonstration",
)  # fmt: skip
EXPORT = define("export_minari", d.DatasetId, None, "id of a dataset to write")
AUTHOR = define("author", d.Text, "somebody", "of the exported dataset")
WORKDIR = define("workdir", d.Folder, "runs/human", "a run's folder")
OFFSET = define(
  "offset", d.whole(-1_000_000, 1_000_000), 0, "idle frames before the inputs"
)


def main() -> None:
  if not (FILES.value or MINARI.value or EXPORT.value):
    raise UserError(
      "nothing to do: name files (--files=a.bk2,b.replay), --minari=ID or "
      "--export_minari=ID; see --help."
    )
  if EXPORT.value and (FILES.value or MINARI.value):
    raise UserError(
      "--export_minari writes what --workdir holds, and --files and --minari "
      "add to it: run the one after the other."
    )
  if EXPORT.value:
    export()
    return
  rom = FIND_ROM()
  with Owner(WORKDIR.value, "dreamer-jax demos import", common.CONSOLE.print):
    bring_in(rom)


def bring_in(rom) -> None:
  """Stores what the flags name as demonstrations."""
  for path in FILES.value:
    from_file(rom, path)
  if MINARI.value:
    from_minari(rom)


def from_file(rom, path: str) -> None:
  """Brings one input log, movie or recording in."""
  with common.CONSOLE.status(f"replaying {path} ..."):
    play = import_movies.read(path, rom, OFFSET.value)
    try:
      episode, play, notes = import_movies.bring_in(rom, play)
    except UserError as error:
      raise UserError(f"{path}: {error}") from None
  stored = keep(rom, Placed(episode))
  import_movies.keep(pathlib.Path(WORKDIR.value) / "recordings", path, play)
  tell(path, *stored, episode, notes)


def from_minari(rom) -> None:
  """Brings every episode of --minari in."""
  for number, *found in minari.load(MINARI.value):
    with common.CONSOLE.status(f"replaying episode {number} ..."):
      placed, notes = minari_back.bring_in(rom, *found, SOURCE.value)
    name = f"{MINARI.value}, episode {number}"
    tell(name, *keep(rom, placed), placed.episode, notes)


def keep(rom, placed: Placed) -> tuple[pathlib.Path, bool]:
  """Stores an episode in place of none; its file, and whether it is new."""
  episode = placed.episode
  source, seed = episode.meta["source"], episode.meta["seed"]
  origin = origins.of_rom(rom).any_pace
  store = episodes_lib.open_run(WORKDIR.value, placed.folder, origin)
  path = store.path(placed.round_, source, seed)
  if not path.exists():
    return store.add(placed.round_, episode), True
  if not episodes_lib.load(path).equals(episode):
    raise UserError(
      f"{path} holds another episode of that round, source and seed: import "
      "into another --workdir."
    )
  return path, False


def tell(name, stored, is_new, episode, notes) -> None:
  """What became of one play."""
  last = episode.decode_ram()[-1]
  for note in notes:
    common.note(note, name)
  where = f"-> {stored}" if is_new else f"is in {stored} already"
  common.CONSOLE.print(
    f"{name}: {len(episode) - 1:,} actions of {episode.meta['source']} play, "
    f"{last.badge_count} badges, {last.owned_count} species {where}"
  )


def export() -> None:
  """Writes the run's episodes as a Minari dataset."""
  paths = [
    (name, path)
    for name in episodes_lib.FOLDERS
    for path in sorted(
      (pathlib.Path(WORKDIR.value) / name).glob(f"*{episodes_lib.SUFFIX}")
    )
  ]
  if not paths:
    raise UserError(
      f"{WORKDIR.value} has no episodes to export, neither in demos/ nor in "
      "episodes/: give a run's folder with --workdir."
    )

  def read() -> Iterator[Placed]:
    for folder, path in progress.track(
      paths, "reading", console=common.CONSOLE
    ):
      number = path.name.split("-")[0]
      round_ = int(number) if number.isdigit() else 0
      yield Placed(episodes_lib.load(path), folder, round_)

  where = minari.export(
    EXPORT.value, read(), AUTHOR.value,
    "Game Boy play: screens of 144 x 160 shades, actions of one button; "
    "infos hold the RAM, the reward terms and where each episode is from.",
  )  # fmt: skip
  common.CONSOLE.print(f"{len(paths)} episodes -> {EXPORT.value} in {where}")
