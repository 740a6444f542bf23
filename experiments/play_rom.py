"""A person plays the game; without a display, a script of inputs does.

  python -m experiments.play_rom
  python -m experiments.play_rom --script=inputs.txt --picture=end.png

In the window: the arrow keys, A and S for the buttons A and B, Return for
Start, Backspace for Select. A script is words such as `start a*3 up*12 wait`.
Saved games are kept in --battery=FILE, or not at all.
"""

import pathlib

from absl import flags
from rich.table import Table

from dreamer_jax.errors import UserError
from dreamer_jax.game import rom as roms
from dreamer_jax.game import scripted
from experiments import common

ROM = flags.DEFINE_string("rom", None, "a ROM; else $DREAMER_ROM, else ours")
ANY_ROM = flags.DEFINE_bool("allow_unknown_rom", False, "any valid ROM")
SCRIPT = flags.DEFINE_string("script", None, "a file of inputs; no window")
BATTERY = flags.DEFINE_string("battery", None, "a file of the saved game")
PICTURE = flags.DEFINE_string("picture", None, "a PNG of the last screen")


def _read(path: str) -> bytes:
  try:
    return pathlib.Path(path).read_bytes()
  except OSError as error:
    raise UserError(f"cannot read {path}: {error.strerror}") from None


def main() -> None:
  rom = roms.find(ROM.value, allow_unknown=ANY_ROM.value)
  actions = []
  if SCRIPT.value:
    actions = scripted.parse(_read(SCRIPT.value).decode("utf-8", "replace"))
  battery = b""
  if BATTERY.value and pathlib.Path(BATTERY.value).exists():
    battery = _read(BATTERY.value)
  player = scripted.Player(rom, battery, window=not SCRIPT.value)
  try:
    if SCRIPT.value:
      for _ in player.play(actions):
        pass
    else:
      common.CONSOLE.print(f"{rom.name}; close the window to end")
      player.until_closed()
    if BATTERY.value:
      pathlib.Path(BATTERY.value).write_bytes(player.battery())
    if PICTURE.value:
      player.picture().save(PICTURE.value)
    summary(player, len(actions))
  finally:
    player.close()


def summary(player: scripted.Player, actions: int) -> None:
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


if __name__ == "__main__":
  common.run(main)
