"""`planner.jsonl`: a line for every decision, and never a key."""

import json
import pathlib
from typing import Any, TextIO

from dreamer_jax.planner.backends import environment


def redact(text: str) -> str:
  """`text` without any of this process's keys, should a server echo one."""
  for key in environment.secrets():
    text = text.replace(key, "***")
  return text


class Journal:
  """Appends lines of JSON; a disk that fails ends the journal, not the play."""

  def __init__(self, path: str | pathlib.Path | None):
    """Opens `path`, made if absent; None keeps the lines in memory only."""
    self.lines: list[dict[str, Any]] = []
    self.trouble = ""  # why nothing is written any more
    self._file: TextIO | None = None
    if path is not None:
      try:
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115
      except OSError as error:
        self.trouble = f"{path}: {error.strerror}"

  def write(self, **fields: Any) -> None:
    """One line; None values are left out."""
    fields = {k: v for k, v in fields.items() if v is not None}
    if self._file is None:
      self.lines.append(fields)
      return
    try:
      self._file.write(redact(json.dumps(fields)) + "\n")
      self._file.flush()
    except OSError as error:
      self.trouble = f"{self._file.name}: {error.strerror}"
      self.close()

  def close(self) -> None:
    """No more lines."""
    if self._file is not None:
      self._file.close()
      self._file = None


def read(path: str | pathlib.Path) -> list[dict[str, Any]]:
  """The lines of a journal; a torn last one is left out."""
  lines = []
  for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
    try:
      lines.append(json.loads(line))
    except ValueError:
      continue
  return lines
