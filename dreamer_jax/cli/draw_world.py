"""Draws the whole world of a game, with what a run's episodes saw of it.

  dreamer-jax rom map --workdir=runs/NAME

Every map in its place, screens pasted where they were seen, and the trail of
visited tiles; indoor maps stand beside. For Pokémon Red the maps' sizes and
connections are known, and pictures appear as your own ROM is explored.
"""

import pathlib

from absl import flags
from rich import progress

from dreamer_jax import domains as d
from dreamer_jax import games
from dreamer_jax.cli import common
from dreamer_jax.data import episodes as episodes_lib
from dreamer_jax.data import origin as origins
from dreamer_jax.errors import UserError
from dreamer_jax.program import define

WORKDIR = define("workdir", d.Folder, "runs/collect", "a run's folder")
LIMIT = define("limit", d.Count, 200, "episodes, the newest of each")
TILE = define("tile", d.whole(1, 16), 8, "pixels of a player tile")
EVERYTHING = flags.DEFINE_bool("everything", True, "also houses not visited")
OUT = define("out", d.Output, None, "a PNG; default WORKDIR/world.png")


def main() -> None:
  from dreamer_jax.evaluation.play import map_picture
  from dreamer_jax.evaluation.report import video

  folder = pathlib.Path(WORKDIR.value)
  paths = [
    path
    for name in ("demos", "episodes")
    for path in sorted((folder / name).glob(f"*{episodes_lib.SUFFIX}"))[
      -LIMIT.value :
    ]
  ]
  if not paths:
    raise UserError(
      f"{folder} has no episodes in demos/ or episodes/: collect some, or "
      "give a run's folder with --workdir."
    )
  first = origins.of_meta(episodes_lib.load_header(paths[0])["meta"])
  episodes_lib.check_origin(paths, first.any_pace)
  name = first.name
  world = games.get(name).world()
  explored = map_picture.Explored(world)
  for path in progress.track(paths, "looking", console=common.CONSOLE):
    explored.add(episodes_lib.load(path))
  picture = map_picture.draw(
    world, explored, TILE.value, everything=EVERYTHING.value
  )
  out = OUT.value or str(folder / "world.png")
  video.write_png(out, picture)
  maps = ", ".join(world.name(m) for m in sorted(explored.visits))
  common.CONSOLE.print(
    f"{len(paths)} episodes of {name} visited {explored.tiles():,} tiles on "
    f"{len(explored.visits)} of {len(world.origins)} maps: {maps}"
  )
  common.CONSOLE.print(f"Written: {out}")
