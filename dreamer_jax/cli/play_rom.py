"""A person plays the game; without a display, a script of inputs does.

  dreamer-jax rom play
  dreamer-jax rom play --script=inputs.txt --picture=end.png

In the window: the arrow keys, A and S for the buttons A and B, Return for
Start, Backspace for Select, Space for speed, Escape to end. A script is words
such as `start a*3 up*12 wait`. Saved games are kept in --battery=FILE, or not
at all.
"""

import pathlib

from rich.table import Table

from dreamer_jax import domains as d
from dreamer_jax.cli import common
from dreamer_jax.data.files import write_atomic
from dreamer_jax.game.human import play
from dreamer_jax.program import define

FIND_ROM = common.define_rom()
SCRIPT = define("script", d.File, None, "a file of inputs; no window")
BATTERY = define("battery", d.File, None, "a file of the saved game")
PICTURE = define("picture", d.Output, None, "a PNG of the last screen")


def main() -> None:
  rom = FIND_ROM()
  actions = []
  if SCRIPT.value:
    text = common.read_file(SCRIPT.value, "script").decode("utf-8", "replace")
    actions = play.parse(text)
  battery = b""
  if BATTERY.value and pathlib.Path(BATTERY.value).exists():
    battery = common.read_file(BATTERY.value, "battery")
  player = play.Player(rom, battery, window=not SCRIPT.value)
  try:
    if SCRIPT.value:
      for _ in player.play(actions):
        pass
    else:
      common.CONSOLE.print(f"{rom.name}; close the window to end")
      player.until_closed()
    if BATTERY.value:
      write_atomic(BATTERY.value, player.battery())
    if PICTURE.value:
      player.picture().save(PICTURE.value)
    summary(player, len(actions))
  finally:
    player.close()


def summary(player: play.Player, actions: int) -> None:
  """Prints where the game stands."""
  ram = player.ram()
  table = Table("", "")
  table.add_row("actions", f"{actions:,}")
  table.add_row("map, x, y", f"{ram.map_id}, {ram.x}, {ram.y}")
  table.add_row("badges", f"{ram.badge_count}")
  table.add_row("species owned", f"{ram.owned_count}")
  table.add_row("money", f"{ram.money}")
  table.add_row("played, seconds", f"{ram.play_time_frames / 60:.0f}")
  common.CONSOLE.print(table)
