"""Domains: what a setting may be, in words and as a test.

The configuration's fields are annotated with these, so that a field's rule
stands beside it: `horizon: Count = 15`.
"""

import csv
import dataclasses
import difflib
import functools
import math
import os
import re
import typing
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any

from dreamer_jax import paths
from dreamer_jax.errors import UserError

_MOST = 2**31 - 1  # what counts steps and updates on a device has 32 bits
_WIDEST = 65_536  # of a layer or a batch; no machine holds more
_PORT = (
  r"(6553[0-5]|655[0-2]\d|65[0-4]\d\d|6[0-4]\d{3}|[1-5]\d{4}|[1-9]\d{0,3})"
)
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False,
          "no": False}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Domain:
  """The values that a setting may have."""

  words: str  # completes "give it ..."
  holds: Callable[[Any], bool]
  read: Callable[[str], Any]  # of a command line; may raise ValueError
  names: tuple[str, ...] = ()  # of a choice
  is_path: bool = False  # of a file, which a text may name from a home folder

  def remedy(self, value: Any) -> str | None:
    """What to give in place of a value; None where it is in the domain."""
    if self.holds(value):
      return None
    hint = ""
    if self.names and isinstance(value, (str, list)):
      given = names_in(value) if isinstance(value, str) else value
      wrong = next((n for n in given if n not in self.names), "")
      near = nearest(wrong, self.names)
      hint = f"; did you mean {near!r}?" if near else ""
    return f"give it {self.words}{hint}"

  def parse(self, text: str) -> Any:
    """The value that a text stands for.

    Raises:
      ValueError: it is not in the domain; the message completes a sentence.
    """
    try:
      value = self.read(text)
    except UserError as error:
      raise ValueError(str(error)) from None
    except ValueError:
      raise ValueError(f"give it {self.words}") from None
    remedy = self.remedy(value)
    if remedy:
      raise ValueError(remedy)
    return value


def nearest(name: str, names: Iterable[str], least: float = 0.6) -> str | None:
  """The one of `names` that is most like `name`; None where none is."""
  return next(
    iter(difflib.get_close_matches(name, list(names), 1, least)), None
  )


def fields(section: type, prefix: str = "") -> Iterator[tuple[str, Domain]]:
  """The path of every setting of nested dataclasses, and its domain."""
  hints = typing.get_type_hints(section, include_extras=True)
  for name, hint in hints.items():
    if dataclasses.is_dataclass(hint):
      yield from fields(hint, f"{prefix}{name}.")
    else:
      yield prefix + name, _domain_of(hint)


def _domain_of(hint: Any) -> Domain:
  """Of an annotation; `Count | None` has None too, which "none" spells."""
  if typing.get_origin(hint) is Annotated:
    return hint.__metadata__[0]
  inner = next(h for h in typing.get_args(hint) if h is not type(None))
  domain = _domain_of(inner)

  def read(text: str) -> Any:
    return None if text in ("", "none", "None") else domain.read(text)

  return dataclasses.replace(
    domain, words=f"{domain.words}, or none", read=read,
    holds=lambda x: x is None or domain.holds(x),
  )  # fmt: skip


def get(tree: Any, path: str) -> Any:
  """The setting at a path, "world_model.network.deter" say."""
  return functools.reduce(getattr, path.split("."), tree)


def whole(low: int, high: int = _MOST) -> Any:
  """Integers of a range."""
  words = f"a whole number from {low:,} to {high:,}"
  if high == _MOST:
    words = f"a whole number of {low:,} or more, below 2^31"
  holds = lambda x: type(x) is int and low <= x <= high
  return Annotated[int, Domain(words, holds, int)]


def real(low: float, high: float = math.inf, *, above: bool = False) -> Any:
  """Finite numbers of a range; `above` leaves `low` itself out."""
  words = f"a number above {low:g}" if above else f"a number from {low:g} on"
  words = "a finite number" if low == -math.inf else words
  if high < math.inf:
    words = f"a number from {low:g} to {high:g}"
    words += f", but not {low:g}" if above else ""

  def holds(x: Any) -> bool:
    is_number = type(x) in (int, float) and math.isfinite(x)
    return is_number and low <= x <= high and not (above and x == low)

  return Annotated[float, Domain(words, holds, float)]


def choice(*names: str) -> Any:
  """One of some names."""
  words = f"one of {', '.join(names)}"
  return Annotated[str, Domain(words, lambda x: x in names, str, names)]


def names_in(text: str) -> tuple[str, ...]:
  """The names of a list with commas."""
  return tuple(n for n in (part.strip() for part in text.split(",")) if n)


def some_of(*names: str) -> Any:
  """Any of some names, separated by commas."""

  def holds(x: Any) -> bool:
    return isinstance(x, str) and set(names_in(x)) <= {*names}

  words = f"any of {', '.join(names)}, separated by commas"
  return Annotated[str, Domain(words, holds, str, names)]


def parse_weights(text: str) -> dict[str, float]:
  """Reads `power-on=0.2,*=0.5`.

  Raises:
    ValueError: a part, which the message quotes, is no NAME=WEIGHT.
  """
  weights = {}
  for part in filter(None, (p.strip() for p in text.split(","))):
    name, _, weight = part.rpartition("=")
    try:
      weights[name] = float(weight)
    except ValueError:
      name = ""
    if not name or not 0 <= weights[name] < math.inf:
      raise ValueError(repr(part))
  return weights


def _are_weights(x: Any) -> bool:
  try:
    return isinstance(x, str) and parse_weights(x) is not None
  except ValueError:
    return False


def like(words: str, pattern: str) -> Any:
  """Texts that a regular expression matches as a whole."""
  matches = re.compile(pattern).fullmatch
  holds = lambda x: isinstance(x, str) and matches(x) is not None
  return Annotated[str, Domain(words, holds, str)]


def several(*names: str) -> Any:
  """A list of one or more names of some, none of them twice."""

  def holds(x: Any) -> bool:
    return isinstance(x, list) and x and len({*x} & {*names}) == len(x)

  words = f"one or more of {', '.join(names)}, separated by commas"
  read = lambda text: list(names_in(text))
  return Annotated[list, Domain(words, holds, read, names)]


def _read_file(text: str) -> str:
  """A path that somebody meant: `--out --json` would name a folder `--json`."""
  if text.startswith("-"):
    raise UserError(f"give it a path; one that begins so is ./{text}")
  if "://" in text:
    raise UserError(
      "files are read and written on this machine alone; mount a bucket, and "
      "give the folder where it is mounted"
    )
  return paths.expand(text)


def _read_plain(text: str) -> str:
  path = _read_file(text)
  if os.path.isdir(path):
    raise UserError(f"give it a file; {path} is a folder")
  return path


def _read_output(text: str) -> str:
  """A file that can be written, which is known before the work for it."""
  path = _read_plain(text)
  place = paths.obstacle(os.path.dirname(path) or ".")
  if place:
    raise UserError(
      f"it cannot be written: {place} is no folder, or read-only; give it a "
      "file in another folder"
    )
  return path


def _read_folder(text: str) -> str:
  path = _read_file(text)
  if os.path.isfile(path):
    raise UserError(f"give it a folder; {path} is a file")
  return path


def _read_files(text: str) -> list[str]:
  """A path may have a comma where it is a file, or where it is quoted."""
  if '"' not in text:
    return [_read_file(path) for path in paths.split(text)]
  try:
    (row,) = csv.reader([text], skipinitialspace=True)
  except csv.Error as error:
    raise ValueError from error
  return [_read_file(path) for path in row]


def _read_flag(text: str) -> bool:
  if text.lower() not in _FLAGS:
    raise ValueError
  return _FLAGS[text.lower()]


def _is_name(x: Any) -> bool:
  return isinstance(x, str) and x.strip(" .") != "" and "/" not in x


def _is_text(x: Any) -> bool:
  return isinstance(x, str)


FLAG = Domain("True or False", lambda x: type(x) is bool, _read_flag)
FILE = Domain("a path", lambda x: _is_text(x) and x.strip() != "", _read_file)
PATH = Domain("a path", FILE.holds, _read_file, is_path=True)
Flag = Annotated[bool, FLAG]
Path = Annotated[str, PATH]
File = Annotated[str, Domain("a file", FILE.holds, _read_plain)]
Output = Annotated[str, Domain("a file", FILE.holds, _read_output)]
Folder = Annotated[str, Domain("a folder", FILE.holds, _read_folder)]
Text = Annotated[str, Domain("a text", _is_text, str)]
Names = Annotated[list, Domain("a list with commas", lambda x: type(x) is list,
                               lambda text: list(names_in(text)))]  # fmt: skip
Files = Annotated[list, Domain("paths with commas between", lambda x: type(x) is
                               list, _read_files)]  # fmt: skip
Step = like("latest, best or a number", r"latest|best|\d+")
Address = like("HOST:PORT or auto", rf"auto|([^\s:]+|\[[^\s]+\]):{_PORT}")
DatasetId = like(
  "an id such as red/walks-v0: NAME-vNUMBER or SPACE/NAME-vNUMBER, of letters, "
  "digits, - and _",
  r"(?a:([-\w]{2,}/)*[-\w]+-v\d+)",
)
Name = Annotated[str, Domain("a name without a slash", _is_name, str)]
Weights = Annotated[
  str,
  Domain("a list of NAME=WEIGHT, power-on=0.2,*=0.5 say", _are_weights, str),
]
Seed = Amount = whole(0)  # none or more of something
Count = whole(1)  # one or more of something
Size = whole(1, _WIDEST)  # of an axis of an array
Number = Annotated[
  float,
  Domain("a number", lambda x: type(x) is float and math.isfinite(x), float),
]
Share = real(0, 1)
Weight = real(0)  # of a part of a loss
Positive = real(0, above=True)
Signed = real(-math.inf)
Factor = Rate = real(0, 1, above=True)
Average = Annotated[
  float,
  Domain(
    "a number above 0 and below 1",
    lambda x: type(x) in (int, float) and 0 < x < 1,
    float,
  ),
]
Mix = Annotated[
  float,
  Domain(
    "a number from 0 up to but not 1",
    lambda x: type(x) in (int, float) and 0 <= x < 1,
    float,
  ),
]
Dtype = choice("auto", "float32", "bfloat16")
Steps = whole(1, 1_000_000)  # of an episode
Frames = whole(1, 3600)  # of the console, 59.73 a second
Badges = whole(1, 8)
EndBadges = Annotated[
  int,
  Domain(
    "a whole number from 1 to 8 (evaluate.play_on plays on after any)",
    lambda x: type(x) is int and 1 <= x <= 8,
    int,
  ),
]
Emulators = whole(1, 4096)
Processes = whole(0, 1024)
Book = whole(1, 32_767)  # tile ids have 16 bits
Classes = whole(2, 256)  # a replay remembers the one drawn in a byte
Members = whole(0, 256)
# Seeds of one kind of episode follow each other: see `training.collection`.
Episodes = whole(0, 100_000)
OwnEpisodes = whole(0, 1000)
# Whose play may be cloned beside the demonstrators'. Random play means nothing,
# and a wanderer's moods of it leave no trace in its file.
CLONED = ("randomized_expert", "policy", "explorer", "courier")
# Who plays beside an agent.
RIVALS = ("other", "planned", "random", "bc", "bc_cold", "expert")
