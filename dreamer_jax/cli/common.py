"""Process settings, shared flags, clear errors, result files of programs."""

import glob
import json
import os
import shlex
import sys
import types
from collections.abc import Callable
from typing import Annotated

from absl import flags, logging
from rich.console import Console
from rich.text import Text

from dreamer_jax import domains, games, paths, program
from dreamer_jax.cli import config_flag
from dreamer_jax.data.files import write_atomic
from dreamer_jax.errors import UserError
from dreamer_jax.evaluation.checks.coverage import Place
from dreamer_jax.game import rom as roms
from dreamer_jax.game.rom import Rom

flags.disclaim_key_flags()  # --help of a program shows those defined here
# Without markup: a path may have brackets, and colons around a word.
CONSOLE = Console(soft_wrap=True, markup=False, emoji=False)
PRETRAINED = "pretrained"  # the package's own agent, in place of a path
# XLA's CPU backend allocates its temporaries anew each step; huge pages save
# a fifth of a training step. glibc reads this when a process starts.
_TUNABLES = ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")


def note(text: str, name: str = "warning") -> None:
  """Prints a line that begins with a name in yellow."""
  CONSOLE.print(Text.assemble((f"{name}:", "yellow"), " ", text))


def define_config(default: str = "quickstart") -> config_flag.ConfigFlag:
  """The `--config` flag, a preset, and a flag for each field of it."""
  return config_flag.ConfigFlag(default)


def define_checkpoint(
  text: str = "a run's folder, its checkpoints, a file of dreamer-jax export, "
  "or 'pretrained', the agent of this package",
  required: bool = True,
) -> flags.FlagHolder:
  """The `--checkpoint` flag; what it names must be there."""
  words = "a run's folder or file"
  domain = domains.Domain(words, domains.FILE.holds, _read_checkpoint)
  return program.define(
    "checkpoint", Annotated[str, domain], None, text, required=required
  )


def _read_checkpoint(text: str) -> str:
  """A path that is there, or the name of the package's own agent."""
  if "://" in text:  # a bucket, which checkpoints may be read from
    return paths.expand(text)
  path = domains.FILE.read(text)
  if path == PRETRAINED or os.path.exists(path):
    return path
  if os.path.islink(path):
    target = os.readlink(path)
    raise UserError(f"it is a link to {target}, which is not there; mend it")
  folder = os.path.dirname(path)
  beside = glob.glob(os.path.join(glob.escape(folder), "*"))
  runs = glob.glob(os.path.join("runs", "*"))
  near = domains.nearest(path, [PRETRAINED, *runs, *beside])
  hint = f"; did you mean {near}?" if near else ": give the folder of a run"
  raise UserError(f"there is no such run or file{hint}")


def results_folder(checkpoint: str) -> str:
  """Where results about a `--checkpoint` go: its run, or beside its file."""
  if checkpoint == PRETRAINED:
    return os.path.join("runs", checkpoint)
  if "://" in checkpoint:
    return os.path.join("runs", checkpoint.rpartition("/")[2])
  if os.path.isfile(checkpoint):
    return os.path.splitext(checkpoint)[0]
  return checkpoint.removesuffix("/checkpoints")


def places(rom: Rom) -> dict[int, Place]:
  """The maps of a game whose cells we know; none of another."""
  game = games.get(rom)
  name = game.world().name
  return {i: Place(name(i), cells) for i, cells in game.walkable.items()}


ALLOW_UNKNOWN_HELP = (
  "play a Game Boy ROM of a game that is not known, as if its RAM were Red's: "
  "for Pokémon Blue (same addresses), hacks and translations of Red that keep "
  "its memory layout; rewards and positions of others mean nothing"
)


def define_rom() -> Callable[[], Rom]:
  """The flags --rom and --allow_unknown_rom; call the result to find the ROM.

  It prints a warning where the ROM was let in by request.
  """
  path = program.define(
    "rom",
    domains.File,
    None,
    f"a ROM; else ${roms.ENV_VARIABLE}, else our Lantern Isle",
  )
  allow = flags.DEFINE_bool("allow_unknown_rom", False, ALLOW_UNKNOWN_HELP)

  def find() -> Rom:
    rom = roms.find(path.value, allow_unknown=allow.value)
    if rom.warning:
      note(f"{rom.name}: {rom.warning}")
    return rom

  return find


def read_file(path: str | None, flag: str) -> bytes:
  """A file that a flag names; empty where the flag is not given."""
  if not path:
    return b""
  try:
    with open(path, "rb") as file:
      return file.read()
  except OSError as error:
    raise UserError(
      f"cannot read {path}: {error.strerror}; check --{flag}."
    ) from None


def write_results(path: str | None, command: str, results: dict) -> None:
  """Writes results as JSON, with the command that made them.

  Args:
    path: of the file; None writes nothing.
    command: that is running, "compare runs" say.
    results: a JSON tree.

  Raises:
    UserError: it cannot be written.
  """
  if path:
    words = ["dreamer-jax", *command.split(), *sys.argv[1:]]
    tree = {"command": shlex.join(words), **results}
    write_atomic(path, json.dumps(tree, indent=2).encode())


def set_up_jax() -> None:
  """Process settings that JAX wants before its first use."""
  import jax

  logging.set_verbosity(logging.WARNING)  # Orbax tells a story of each save
  if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
    cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
    cache = os.path.join(cache, "dreamer_jax", "xla")
    jax.config.update("jax_compilation_cache_dir", cache)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 1.0)
  # The cache is an optimisation: a folder that cannot be written is no error.
  jax.config.update("jax_raise_persistent_cache_errors", False)


def run(module: types.ModuleType, stopped: str) -> None:
  """Runs a command's `main()`; known errors are one sentence.

  Args:
    module: of the command.
    stopped: is said at Ctrl-C.
  """
  _restart_with_tunables()
  program.run(lambda _: module.main(), stopped=stopped, module=module)


def _restart_with_tunables() -> None:
  """Starts this program again with the allocator's settings, once."""
  name, value = _TUNABLES
  if sys.platform == "linux" and name not in os.environ:
    os.environ[name] = value
    os.execv(sys.executable, sys.orig_argv)
