"""Objects in a model's text: JSON, and what models write in its place.

Strict JSON is tried first. Then come single and curly quotes, Python's and
bare words, comments, trailing and forgotten commas, and quotation marks within
a string. What does not close is no object: nothing is ever completed.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

_MAX_DEPTH = 16
# A text is given up after so many braces that open nothing, and so many letters
# read for nothing: a hostile one must not keep the player's processor.
_MAX_FAILURES, _MAX_WASTED = 2000, 1_000_000
_CLOSERS = {'"': '"', "'": "'", "`": "`", "“": "”“", "‘": "’‘", "„": "“”"}
_SKIPPED = re.compile(r"(?:\s+|//[^\n]*|#[^\n]*|/\*.*?\*/)*", re.DOTALL)
# What may follow a string; at the end of a line the comma may be missing.
_ENDS_STRING = re.compile(
  r"""\s*(?:[,;:=}\]]|$)|[ \t]*\n\s*["'`]?\w+["'`]?\s*[:=]"""
)
_NEXT_KEY = re.compile(r"\w+\s*[:=]")
_COLON = re.compile(r":|=>?")
_COMMAS = re.compile(r"(?:\s*(?:[,;…]|\.\.\.))+")
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_BARE_KEY = re.compile(r"[\w.-]+")
_BARE = re.compile(r"[^,{}\[\]\n\"]+")
_WORDS = {
  "true": True, "false": False, "null": None, "none": None, "undefined": None,
}  # fmt: skip
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_STRICT = json.JSONDecoder(strict=False)


def objects(text: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
  """The outermost objects of a text, in its order.

  Yields:
    (start, end, value); `text[start:end]` is the object.
  """
  at, failures, wasted = text.find("{"), 0, 0
  while at >= 0 and failures < _MAX_FAILURES and wasted < _MAX_WASTED:
    reader = _Reader(text, at)
    try:
      value, end = reader.outermost()
    except (ValueError, IndexError, RecursionError):
      failures, wasted, end = failures + 1, wasted + reader.at - at, at + 1
    else:
      yield at, end, value
    at = text.find("{", end)


class _Reader:
  """Reads one value after another; raises ValueError or IndexError."""

  def __init__(self, text: str, at: int):
    self._text, self.at = text, at

  def outermost(self) -> tuple[dict[str, Any], int]:
    """The object that begins here, and where it ends."""
    try:
      return _STRICT.raw_decode(self._text, self.at)
    except (ValueError, RecursionError):
      return self.object(0), self.at

  def object(self, depth: int) -> dict[str, Any]:
    result = {}
    self.at += 1
    while self._next() != "}":
      key = self._key()
      self._next()
      colon = _COLON.match(self._text, self.at)
      if not colon:
        raise ValueError("no colon")
      self.at = colon.end()
      result[key] = self._value(depth + 1)
      self._separator("}")
    self.at += 1
    return result

  def _array(self, depth: int) -> list[Any]:
    result = []
    self.at += 1
    while self._next() != "]":
      result.append(self._value(depth + 1))
      self._separator("]")
    self.at += 1
    return result

  def _next(self) -> str:
    """The character after space and comments."""
    self.at = _SKIPPED.match(self._text, self.at).end()
    return self._text[self.at]

  def _separator(self, closer: str) -> None:
    """A comma, which may be missing before a quote, a key or the closer."""
    found = self._next()
    if commas := _COMMAS.match(self._text, self.at):
      self.at = commas.end()
    elif found not in (closer, *_CLOSERS) and not (
      _NEXT_KEY.match(self._text, self.at)
    ):
      raise ValueError("no comma")

  def _key(self) -> str:
    if self._text[self.at] in _CLOSERS:
      return self._string()
    found = _BARE_KEY.match(self._text, self.at)
    if not found:
      raise ValueError("no key")
    self.at = found.end()
    return found[0]

  def _value(self, depth: int) -> Any:
    if depth > _MAX_DEPTH:
      raise ValueError("too deep")
    found = self._next()
    if found == "{":
      return self.object(depth)
    if found == "[":
      return self._array(depth)
    return self._string() if found in _CLOSERS else self._bare()

  def _string(self) -> str:
    """Up to a quote that something of the syntax follows."""
    text, at = self._text, self.at + 1
    closers, kept = _CLOSERS[text[self.at]], []
    while True:
      if at >= len(text):
        self.at = at
        raise ValueError("no end")
      letter = text[at]
      if letter == "\\":
        found = text[at + 1]
        code = text[at + 2 : at + 6] if found == "u" else ""
        code = code if _HEX.fullmatch(code) else ""  # such as a path's \user
        kept.append(chr(int(code, 16)) if code else _ESCAPES.get(found, found))
        at += 6 if code else 2
        continue
      at += 1
      if letter in closers and _ENDS_STRING.match(text, at):
        self.at = at
        return "".join(kept)
      kept.append(letter)

  def _bare(self) -> Any:
    """A number, a word of JSON's or Python's, or else plain text."""
    found = _BARE.match(self._text, self.at)
    if not found:
      raise ValueError("no value")
    self.at = found.end()
    word = re.split(r"//|#|/\*", found[0])[0].strip()
    if word.lower() in _WORDS:
      return _WORDS[word.lower()]
    try:
      return float(word)
    except ValueError:
      return word
