"""Runs a program: help, flags, and every mistake as one sentence.

`--help` prints the docstring of the program's module and its flags, and ends
with status 0. What a person can cause ends with one line on stderr that begins
with "error:", and another status. A traceback is a fault of ours.
"""

import contextlib
import errno
import os
import re
import sys
import types
from collections.abc import Callable
from typing import Any, NoReturn

from absl import app, flags

from dreamer_jax import config as config_lib
from dreamer_jax import domains
from dreamer_jax.errors import UserError

flags.disclaim_key_flags()  # --help of a program shows those defined here
_HELP = {"-h", "-help", "-helpshort", "-?"}
_INTERRUPTED = 130  # as shells have it
_FULL = (errno.ENOSPC, errno.EDQUOT)
_BOTH_WORDS = {"true", "false", "yes", "no"}


def run(
  main: Callable[[list[str]], int | None],
  rest: bool = False,
  stopped: str = "stopped",
  module: types.ModuleType | None = None,
) -> None:
  """Runs a program under absl, and ends the process with its status.

  Args:
    main: called with what is no flag; returns a status, or None for 0.
    rest: there may be such words, after `--`; `main` judges them.
    stopped: is said at Ctrl-C.
    module: of the program: its docstring and its flags are the help. None for
      the one that was started.
  """
  module = module or sys.modules["__main__"]
  name = sys.argv[0] if module.__name__ == "__main__" else module.__name__

  def guarded(argv: list[str]) -> int | None:
    if argv[1:] and not rest:
      raise UserError(_stray(argv[1]))
    return main(argv[1:])

  # A terminal or file of few letters (LANG=C) gets "?" for the others.
  for stream in filter(None, (sys.stdout, sys.stderr)):
    with contextlib.suppress(AttributeError):  # a test's own stream
      stream.reconfigure(errors="replace")
  try:
    _check_folder()
    app.run(
      guarded, flags_parser=lambda argv: _parse(argv, module.__doc__, name)
    )
  except KeyboardInterrupt:
    print(f"\n{stopped}", file=sys.stderr)
    sys.exit(_INTERRUPTED)
  except BrokenPipeError:
    end_unheard()
  except Exception as error:
    sentence = explain(error, name)
    if sentence is None:
      raise
    print(f"error: {sentence}", file=sys.stderr, flush=True)
    sys.exit(1)


def end_unheard() -> NoReturn:
  """Ends where who read our output has gone: there is nobody to tell."""
  os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
  sys.exit(1)


def explain(error: Exception, module: str | None = None) -> str | None:
  """A sentence about an error that a person can cause; None for another.

  Args:
    error: that was caught.
    module: name of the program's; None for the one that was started.
  """
  said = re.sub(r"\s*\n\s*", " ", str(error)).strip()
  if isinstance(error, UserError):
    return said
  if isinstance(error, flags.Error):
    return _of_flags(error, said, module or sys.argv[0])
  if getattr(error, "errno", 0) in _FULL or "No space left" in said:
    return f"the disk is full ({said}): make room, and start again"
  if isinstance(error, OSError) and error.filename:
    return f"cannot use {error.filename}: {error.strerror}"
  if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in said:
    return (
      f"the memory does not suffice ({said[:200] or 'of this machine'}): give "
      "smaller sizes, batches or a smaller data.capacity"
    )
  if _place(error).endswith(os.path.join("jax", "_src", "config.py")):
    given = ", ".join(
      f"{name}={value}"
      for name, value in sorted(os.environ.items())
      if name.startswith("JAX_")
    )
    return (
      f"JAX does not take a setting of the environment ({said}; there are "
      f"{given or 'none'}): set it right, or unset it"
    )
  if _place(error).endswith("xla_bridge.py"):
    chosen = os.environ.get("JAX_PLATFORMS")
    if not chosen:
      return f"JAX finds no device to compute on ({said[:300]})"
    return (
      f"JAX_PLATFORMS={chosen}: JAX finds no such device on this machine; set "
      "it to cpu, cuda or tpu, whichever there is, or unset it"
    )
  return None


def _place(error: Exception) -> str:
  """The file that raised an error."""
  step = error.__traceback__
  while step is not None and step.tb_next is not None:
    step = step.tb_next
  return step.tb_frame.f_code.co_filename if step else ""


def define(
  name: str, domain: Any, default: Any, text: str, **options: Any
) -> flags.FlagHolder:
  """Defines a flag of a domain.

  Args:
    name: without dashes.
    domain: an annotation of `domains`.
    default: in the domain; None where the flag may be left out.
    text: for `--help`.
    **options: of absl's flags; `required`, say.
  """
  parser = DomainParser(domain.__metadata__[0])
  return flags.DEFINE(
    parser, name, default, text, serializer=flags.ArgumentSerializer(),
    **options,
  )  # fmt: skip


class DomainParser(flags.ArgumentParser):
  """Reads a value of a domain."""

  def __init__(self, domain: domains.Domain):
    self._domain = domain
    self.syntactic_help = domain.words

  def parse(self, argument: Any) -> Any:
    if isinstance(argument, str):
      return self._domain.parse(argument)
    assert self._domain.holds(argument), argument  # a default
    return argument

  def flag_type(self) -> str:
    return self._domain.words


def _parse(argv: list[str], doc: str, module: str) -> list[str]:
  """absl's flags; `--help` in its forms ends with status 0."""
  words = argv[1 : argv.index("--") if "--" in argv else None]
  asked = {re.sub("^--", "-", word) for word in words}
  if asked & _HELP:
    print(f"{doc}\nflags:\n{flags.FLAGS.module_help(module)}")
    sys.exit(0)
  if "-helpfull" in asked:
    print(f"{doc}\nflags:{flags.FLAGS}")
    sys.exit(0)
  return flags.FLAGS(argv)


def _of_flags(error: flags.Error, said: str, module: str) -> str:
  """absl's words, with the nearest name where it knows none."""
  if not isinstance(error, flags.UnrecognizedFlagError):
    said = re.sub("already defined as .*", "it is given twice", said)
    needed = re.match(r"flag --(\w+)=None: .*other than None", said)
    if needed:
      return f"--{needed[1]} is needed: see --help"
    said = re.sub(r"\('Non-boolean argument.*", "give it true or false", said)
    return re.sub("^(flag (?=--)|ERROR:: )", "", said)
  name = error.flagname
  if name.startswith("config.") and "config" in flags.FLAGS:
    try:
      config_lib.check_field(name.removeprefix("config."))
    except UserError as field:
      return str(field)
  known = {f.name for f in flags.FLAGS.get_key_flags_for_module(module)}
  known |= {n for n in flags.FLAGS if n.startswith("config.")}
  near = domains.nearest(name, known)
  hint = f"; did you mean --{near}?" if near else ""
  return f"there is no flag --{name}{hint or ': see --help'}"


def _stray(word: str) -> str:
  """About an argument that belongs to no flag."""
  if word.lower() in _BOTH_WORDS:
    return f"unknown argument {word!r}: write --flag={word}, or --noflag"
  return f"unknown argument {word!r}: flags begin with --; see --help"


def _check_folder() -> None:
  try:
    os.getcwd()
  except FileNotFoundError:
    raise UserError(
      "the folder that this was started in has been deleted: cd to another"
    ) from None
