"""`dreamer-jax COMMAND`: finds the command's module, and runs it.

Each module of this package that is named here has its docstring for `--help`,
flags, and a `main`. Only the one that is wanted is imported.
"""

import importlib
import sys

from dreamer_jax import domains, program
from dreamer_jax.errors import UserError

# Command -> its module, and what it does. The order is that of a first day.
COMMANDS: dict[str, tuple[str, str]] = {
  "play": ("play", "watch an agent play, with a planner for its goals"),
  "dream": ("dream", "see what it dreams, beside the game"),
  "train": ("train", "learn: episodes, world model, clone, dreams; resumes"),
  "evaluate": ("evaluate", "measure a run: play, dreams, goals; a report"),
  "inspect": ("inspect", "say what a checkpoint holds"),
  "export": ("export", "write an agent as small files, and as StableHLO"),
  "collect": ("collect", "play and store episodes"),
  "demos record": ("record_demos", "play yourself; kept as demonstrations"),
  "demos import": ("import_demos", "bring in movies, logs, Minari datasets"),
  "demos start-states": ("make_start_states", "keep places to begin at"),
  "rom doctor": ("doctor", "check a ROM, PyBoy and this machine"),
  "rom play": ("play_rom", "play a ROM by hand, or from a script"),
  "rom map": ("draw_world", "draw the world, with what a run saw of it"),
  "rom fuzz": ("fuzz", "press buttons at random for long; what breaks?"),
  "compare runs": ("compare_runs", "training runs on the same games"),
  "compare policies": ("compare_policies", "policies trained in one dream"),
  "compare planners": ("compare_planners", "who sets the goals"),
  "compare world-models": ("ablate", "variants at equal CPU seconds"),
  "model-free": ("model_free", "the baseline: PPO on the emulator"),
  "bench": ("bench", "time training, dreams, play; TPU estimates"),
  "bench loop": ("bench_loop", "time the 60 Hz loop beside a planner"),
}
_HELP = {"", "-h", "-help", "--help", "--helpshort", "help"}
_PAGE = """\
dreamer-jax: learns Pokémon Red inside its own dream.

  dreamer-jax play --checkpoint=pretrained   the agent that comes with it
  dreamer-jax train --config=quickstart      minutes on two CPU cores
  dreamer-jax evaluate --checkpoint=runs/quickstart

Commands; each has --help:
{commands}
Without a ROM of your own (--rom, or $DREAMER_ROM) it plays Lantern Isle, the
open game of this package. See README.md for more."""


def main() -> None:
  """The console script."""
  if len(sys.argv) < 2 or sys.argv[1] in _HELP:
    try:
      print(page(), flush=True)
    except BrokenPipeError:
      program.end_unheard()
    return
  try:
    name, rest = find(sys.argv[1:])
  except UserError as error:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(1)
  sys.argv[1:] = rest
  run(name)


def page() -> str:
  """What `dreamer-jax --help` prints."""
  width = max(map(len, COMMANDS))
  rows = [f"  {name:<{width}}  {does}" for name, (_, does) in COMMANDS.items()]
  return _PAGE.format(commands="\n".join(rows) + "\n")


def find(words: list[str]) -> tuple[str, list[str]]:
  """The command that the first words name, and the words after it.

  Raises:
    UserError: there is no such command.
  """
  for count in (2, 1):
    name = " ".join(words[:count])
    if name in COMMANDS:
      return name, words[count:]
  parts = [n for n in COMMANDS if n.startswith(f"{words[0]} ")]
  if parts:
    raise UserError(f"dreamer-jax {words[0]} is one of: {', '.join(parts)}")
  near = domains.nearest(words[0], COMMANDS)
  hint = f"; did you mean {near}?" if near else ": see dreamer-jax --help"
  raise UserError(f"there is no command {words[0]!r}{hint}")


def run(name: str) -> None:
  """Runs a command on the flags of `sys.argv`, and ends the process."""
  module = importlib.import_module(f"dreamer_jax.cli.{COMMANDS[name][0]}")
  from dreamer_jax.cli import common

  common.run(module, getattr(module, "STOPPED", "stopped"))
