"""The goal in a model's answer, however the answer is wrapped.

The first object that names a goal of the enum counts, after the thinking part.
A goal is named by its id or its own text, and by nothing that is merely near.
"""

import functools
import html
import json
import math
import re
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from dreamer_jax.goals.embeddings import MAX_LETTERS, normal
from dreamer_jax.goals.vocabulary import GOALS
from dreamer_jax.planner import faults, lenient
from dreamer_jax.planner.backends.base import Answer
from dreamer_jax.planner.faults import Fault
from dreamer_jax.planner.schema import Reply, clean

MAX_ANSWER_LETTERS = 262_144  # thinking included; longer ones are no answer
MAX_GOAL_LETTERS, MAX_RATIONALE_LETTERS = 120, 300
UNKNOWN, INFEASIBLE = "unknown goal", "infeasible"
_MAX_DEPTH = 6  # wrappers around an object
_THINKING = r"(?:\w+:)?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|" \
            r"analysis|scratchpad|details)"  # fmt: skip
_OPENS = re.compile(
  rf"<\s*{_THINKING}(?:\s[^<>]*)?>|\[THINK\]|◁think▷|<\|begin_of_thought\|>|"
  r"<\|START_THINKING\|>|<\|channel\|>\s*analysis|<unused94>", re.IGNORECASE
)  # fmt: skip
_CLOSES = re.compile(
  rf"<\s*/\s*{_THINKING}\s*>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>|"
  r"<\|END_THINKING\|>|<\|channel\|>\s*final|<unused95>", re.IGNORECASE
)  # fmt: skip
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\x00"))
_WIDE = str.maketrans("｛｝［］：，＂＇", "{}[]:,\"'")
_GOAL_KEY = re.compile(
  r"(?:next|new|best|final|chosen|selected|recommended|suggested|target)?goal"
  r"(?:id|name)?"
)
_FILLERS = {"", "id", "goal", "goal id"}  # that say nothing in a label
_SURE = {
  "certain": 1.0, "absolute": 1.0, "very high": 0.95, "high": 0.8,
  "sure": 0.8, "confident": 0.8, "medium": 0.5, "moderate": 0.5, "mid": 0.5,
  "very low": 0.05, "low": 0.2, "unsure": 0.2,
}  # fmt: skip


class Choice(NamedTuple):
  """What an answer came to."""

  reply: Reply
  goal: int | None  # a feasible one, or None
  why: str = ""  # there is none


def read(answer: Answer, feasible: Collection[int]) -> Choice:
  """Finds the goal that an answer names.

  Args:
    answer: of a model.
    feasible: ids of the goals that may be set now.

  Raises:
    Fault: it is empty, too long, cut off, or has no object that names a goal.
  """
  text = _unwrapped(answer.text)
  useless = faults.TRUNCATED if answer.is_cut else faults.MALFORMED
  if not text:
    raise Fault(faults.TRUNCATED if answer.is_cut else faults.EMPTY)
  if len(text) > MAX_ANSWER_LETTERS:
    raise Fault(faults.MALFORMED, detail="the answer is too long")
  has_object, said = False, []
  for version in _versions(text):
    found = list(lenient.objects(version))
    has_object |= bool(found)
    chosen = [(a, b, _choice(tree, feasible)) for a, b, tree in found]
    chosen = [(a, b, choice) for a, b, choice in chosen if choice]
    said = _after_thinking(version, chosen, answer.is_cut)
    if chosen:
      break
  said.sort(key=lambda choice: not choice.reply.goal_id)  # ids before words
  for choice in said:
    if choice.goal is not None:
      return choice
  if said and not answer.is_cut:
    return said[0]
  what = (
    "no object of the answer names a goal" if has_object
    else "the answer has no JSON object"
  )  # fmt: skip
  raise Fault(useless, detail=what)


def _unwrapped(text: str) -> str:
  """Without what cannot be seen; a JSON string of JSON is unpacked."""
  text = text.translate(_INVISIBLE).strip()
  if text.startswith('"') and len(text) <= MAX_ANSWER_LETTERS:
    try:
      inner = json.loads(text)
    except (ValueError, RecursionError):
      inner = text
    text = inner.strip() if isinstance(inner, str) else text
  return text


def _versions(text: str) -> Iterator[str]:
  """The text, and how else it may be meant: the first that chooses counts."""
  others = (
    html.unescape(text),
    re.sub(r"(?m)^[ \t]*[>|+]+ ?", "", text),  # a quotation, or a change
    re.sub(r"\\+n", "\n", re.sub(r'\\+(?=")', "", text)),  # quoted JSON
    text.translate(_WIDE),
  )
  yield text
  yield from (other for other in others if other != text)


def _after_thinking(
  text: str, found: list[tuple[int, int, Choice]], is_cut: bool
) -> list[Choice]:
  """The choices that count, the first of them most.

  Where nothing follows the thinking, or it never ends, its last object is the
  answer: servers that take thoughts apart put all of it there.
  """
  fits = [(a, b) for a, b, choice in found if choice.goal is not None]
  is_told = lambda at: any(a <= at < b for a, b in fits)  # within an object
  marks = [(m.start(), m.end(), True) for m in _OPENS.finditer(text)]
  marks += [(m.start(), m.end(), False) for m in _CLOSES.finditer(text)]
  marks = sorted(mark for mark in marks if not is_told(mark[0]))
  parts, is_open = _outside(marks, len(text))
  said = [c for a, _, c in found if any(s <= a < e for s, e in parts)]
  last = text[slice(*parts[-1])] if parts else ""
  if said or last.strip() or (is_open and is_cut):
    return said
  return [choice for *_, choice in found][::-1]


def _outside(
  marks: list[tuple[int, int, bool]], size: int
) -> tuple[list[tuple[int, int]], bool]:
  """What is no thinking of a text, and whether its thinking never ends.

  Args:
    marks: (start, end, it begins a thought) in order.
    size: of the text.
  """
  parts, begin, depth = [], 0, 0
  for start, end, opens in marks:
    if opens:
      parts += [(begin, start)] if not depth else []
      depth += 1
    elif depth > 1:
      depth -= 1
    else:
      parts = parts if depth else []  # else the thoughts began elsewhere
      depth, begin = 0, end
  return parts if depth else [*parts, (begin, size)], depth > 0


def _choice(tree: dict[str, Any], feasible: Collection[int]) -> Choice | None:
  """What an object, or one within it, chooses; ids come before words."""
  nodes = [(_fields(node), node) for node in _nodes(tree, 0)]
  refused = None
  for has_id in (True, False):
    for (name, goal), node in nodes:
      if not (name if has_id else goal and not name):
        continue
      choice = _named(name, goal, node, feasible)
      if choice.goal is not None:
        return choice
      refused = refused or choice
    if refused is not None:
      break
  return refused


def _nodes(tree: Any, depth: int) -> Iterator[dict[str, Any]]:
  """All objects of a tree, outer ones first; texts of JSON are opened."""
  if depth > _MAX_DEPTH:
    return
  if isinstance(tree, str) and "{" in tree:
    tree = [value for _, _, value in lenient.objects(tree)]
  if isinstance(tree, dict):
    yield tree
    tree = list(tree.values())
  if isinstance(tree, list):
    for child in tree:
      yield from _nodes(child, depth + 1)


def _fields(tree: dict[str, Any]) -> tuple[str, str]:
  """(goal id, goal) of an object, empty where it has none."""
  known = {re.sub(r"[\W_]", "", str(k)).lower(): v for k, v in tree.items()}
  text = lambda value: value.strip() if isinstance(value, str) else ""
  goals = {k: text(v) for k, v in known.items() if _GOAL_KEY.fullmatch(k)}
  names = (v for k, v in goals.items() if k.endswith(("id", "name")) and v)
  name = next(names, "") or text(known.get("id"))
  if "outcome" in known:  # one of the game data's recent goals
    return name, ""
  return name, next((v for k, v in goals.items() if k.endswith("goal")), "")


def _named(
  name: str, goal: str, tree: dict[str, Any], feasible: Collection[int]
) -> Choice:
  known = _meant(name)
  known = _meant(goal) if known is None else known
  rationale = tree.get("rationale", "")
  reply = Reply(
    clean(name, MAX_GOAL_LETTERS),
    clean(goal, MAX_GOAL_LETTERS),
    clean(rationale if isinstance(rationale, str) else "",
          MAX_RATIONALE_LETTERS),
    confidence(tree.get("confidence")),
  )  # fmt: skip
  if known is None:
    return Choice(reply, None, UNKNOWN)
  if known not in feasible:
    return Choice(reply, None, INFEASIBLE)
  return Choice(reply, known)


def _meant(said: str) -> int | None:
  """The goal whose id or text this is, or whose label: "12: id - text"."""
  names = _names()
  if len(said) > MAX_LETTERS:
    return None
  said = re.sub(r"^\W*\d+\s*[.:)-]\s*", "", said)  # a list's number
  if (whole := names.get(normal(said))) is not None:
    return whole
  parts = {normal(p) for p in re.split(r"[:=|(]|\s[-–—]\s", said, maxsplit=1)}
  meant = {names.get(part) for part in parts - _FILLERS}
  return meant.pop() if len(meant) == 1 else None


@functools.cache
def _names() -> dict[str, int]:
  """Ids and texts, in `normal`'s form; no two goals share one."""
  return {
    normal(said): i
    for i, goal in enumerate(GOALS)
    for said in (goal.name, goal.text)
  }


def confidence(said: Any) -> float:
  """A number from 0 to 1 for what stands as confidence; 0.5 says nothing."""
  if isinstance(said, bool) or said is None:
    return 0.5 if said is None else float(said)
  if isinstance(said, str):
    words = re.sub(r"(?<=\d),(?=\d)", ".", said.strip().lower())
    found = re.search(
      r"([\d.]+)\s*(?:(?:/|out of)\s*([\d.]+)|(%|percent))?", words
    )
    if found is None:
      near = (v for word, v in _SURE.items() if re.search(rf"\b{word}", words))
      return next(near, 0.5)
    try:
      said = float(found[1]) / (float(found[2] or 1) or 1)
    except ValueError:
      return 0.5
    said = said / 100 if found[3] else said
  if not isinstance(said, int | float):
    return 0.5
  try:
    said = float(said)
  except OverflowError:
    return 1.0
  if not math.isfinite(said):
    return 0.0
  return min(max(said / 100 if 10 < said <= 100 else said, 0.0), 1.0)
