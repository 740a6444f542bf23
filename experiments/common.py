"""What every program does first: process settings, flags, clear errors."""

import os
import sys
from collections.abc import Callable

from absl import app, flags, logging
from ml_collections import config_flags
from rich.console import Console

from dreamer_jax import config as config_lib
from dreamer_jax.data.coverage import Place
from dreamer_jax.errors import UserError
from dreamer_jax.game import rom as roms
from dreamer_jax.game.rom import Rom

flags.disclaim_key_flags()  # --help of a program shows those defined here
CONSOLE = Console(soft_wrap=True)
_CONFIGS = os.path.join(os.path.dirname(__file__), "configs")
# XLA's CPU backend allocates its temporaries anew each step; huge pages save
# a fifth of a training step. glibc reads this when a process starts.
_TUNABLES = ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")


def define_config(default: str = "quickstart") -> flags.FlagHolder:
  """The `--config` flag: a file of `experiments/configs`, and overrides."""
  return config_flags.DEFINE_config_file(
    "config",
    os.path.join(_CONFIGS, f"{default}.py"),
    "a preset, experiments/configs/NAME.py; any field is a flag of its own: "
    "--config.world.updates=500",
  )


def define_checkpoint() -> flags.FlagHolder:
  """The `--checkpoint` flag."""
  return flags.DEFINE_string(
    "checkpoint",
    None,
    "a run's folder, its checkpoints, a file of experiments.export, or "
    "'pretrained', the agent of this package",
    required=True,
  )


def results_folder(checkpoint: str) -> str:
  """Where results about a `--checkpoint` go: its run, or beside its file."""
  if checkpoint == "pretrained":
    return os.path.join("runs", checkpoint)
  if os.path.isfile(checkpoint):
    return os.path.splitext(checkpoint)[0]
  return checkpoint.rstrip("/").removesuffix("/checkpoints")


def places(rom: Rom) -> dict[int, Place]:
  """The maps of a game that we know; none of another."""
  if rom.name != "Lantern Isle":
    return {}
  from dreamer_jax.cartridge.maps import MAPS

  return {i: Place(m.name, int(m.walkable.sum())) for i, m in MAPS.items()}


ALLOW_UNKNOWN_HELP = (
  "play a Game Boy ROM of a game that is not known, as if its RAM were Red's: "
  "for Pokémon Blue (same addresses), hacks and translations of Red that keep "
  "its memory layout; rewards and positions of others mean nothing"
)


def define_rom() -> Callable[[], Rom]:
  """The flags --rom and --allow_unknown_rom; call the result to find the ROM.

  It prints a warning where the ROM was let in by request.
  """
  path = flags.DEFINE_string(
    "rom", None, f"a ROM; else ${roms.ENV_VARIABLE}, else our Lantern Isle"
  )
  allow = flags.DEFINE_bool("allow_unknown_rom", False, ALLOW_UNKNOWN_HELP)

  def find() -> Rom:
    rom = roms.find(path.value, allow_unknown=allow.value)
    if rom.warning:
      CONSOLE.print(f"[yellow]warning:[/] {rom.name}: {rom.warning}")
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


def run(main: Callable[[], None]) -> None:
  """Runs a program's `main()` under absl; known errors are one sentence."""
  _restart_with_tunables()

  def guarded(argv: list[str]) -> None:
    if len(argv) > 1:
      _fail(f"unknown argument {argv[1]!r}: flags begin with --; see --help")
    try:
      main()
    except UserError as error:
      _fail(str(error))
    except KeyboardInterrupt:
      _fail("stopped; the same command goes on from the last checkpoint")

  try:
    _check_overrides(sys.argv)
  except UserError as error:
    _fail(str(error))
  app.run(guarded)


def _fail(message: str) -> None:
  print(f"error: {message}", file=sys.stderr, flush=True)
  sys.exit(1)


def _check_overrides(argv: list[str]) -> None:
  """A mistyped `--config.field` fails with the nearest name."""
  for argument in argv[1:]:
    name = argument.lstrip("-").split("=")[0]
    if argument.startswith("-") and name.startswith("config."):
      config_lib.check_field(name.removeprefix("config."))
    if argument.startswith("--config=") and not os.path.exists(
      argument.removeprefix("--config=").split(":")[0]
    ):
      names = sorted(n for n in os.listdir(_CONFIGS) if n.endswith(".py"))
      raise UserError(
        f"{argument}: there is no such file; experiments/configs has "
        f"{', '.join(names)}"
      )


def _restart_with_tunables() -> None:
  """Starts this program again with the allocator's settings, once."""
  name, value = _TUNABLES
  if sys.platform == "linux" and name not in os.environ:
    os.environ[name] = value
    os.execv(sys.executable, sys.orig_argv)
