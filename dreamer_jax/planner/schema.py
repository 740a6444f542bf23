"""What goes to a planner and what comes back: the roadmap's JSON, exactly.

In: `{screenshot, state, current_goal, recent_goals, feasible_goals}`. Out:
`{goal, goal_embedding, rationale, goal_id, confidence}`. The model's only
power is to choose the `goal_id`, from those that are feasible now; the
embedding is looked up in the frozen table, whatever the model says.
"""

import base64
import dataclasses
import io
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from dreamer_jax import games
from dreamer_jax.game import frames
from dreamer_jax.game.ram import GameRam
from dreamer_jax.goals import vocabulary
from dreamer_jax.goals.vocabulary import GOALS


@dataclasses.dataclass(frozen=True)
class State:
  """What the game's RAM says, for a planner."""

  map_name: str
  x: int  # player tiles from the map's left
  y: int  # player tiles from its top
  badges: int
  party_hp: tuple[float, ...]  # share of each member's maximum, 0-1
  in_battle: bool
  dialog_open: bool
  steps_without_progress: int  # actions since a story flag advanced


@dataclasses.dataclass(frozen=True)
class Outcome:
  """How a recent goal ended."""

  goal: str  # its text
  outcome: str  # "done", "dropped" or "replaced"
  steps: int  # actions that it was pursued


@dataclasses.dataclass(frozen=True)
class Request:
  """A moment at which a goal is wanted."""

  frame: np.ndarray  # [144, 160] u8, shades
  state: State
  current_goal: int | None
  feasible: tuple[int, ...]  # goal ids
  recent: tuple[Outcome, ...] = ()
  picture: bool = True  # whether to send the screen

  def to_json(self) -> dict[str, Any]:
    """The roadmap's input."""
    shot = base64.b64encode(png(self.frame)).decode() if self.picture else None
    return {"screenshot": shot, **self.words()}

  def words(self) -> dict[str, Any]:
    """The same without the picture; every string cleaned."""
    now = None if self.current_goal is None else GOALS[self.current_goal].text
    return {
      "state": dataclasses.asdict(self.state)
      | {"map_name": clean(self.state.map_name, 60)},
      "current_goal": now,
      "recent_goals": [dataclasses.asdict(o) for o in self.recent],
      "feasible_goals": {GOALS[i].name: GOALS[i].text for i in self.feasible},
    }


@dataclasses.dataclass(frozen=True)
class Reply:
  """What a model said, checked for form and nothing else."""

  goal_id: str
  goal: str
  rationale: str
  confidence: float  # 0-1


@dataclasses.dataclass(frozen=True)
class Decision:
  """The goal that System 1 is to pursue."""

  goal_id: int
  rationale: str
  source: str  # "rules", or the backend's name
  confidence: float = 1.0

  def to_json(self) -> dict[str, Any]:
    """The roadmap's output."""
    goal = GOALS[self.goal_id]
    row = vocabulary.embeddings()[self.goal_id]
    return {
      "goal": goal.text,
      "goal_embedding": [round(float(v), 5) for v in row],
      "rationale": self.rationale,
      "goal_id": goal.name,
      "confidence": self.confidence,
    }


def state_of(ram: GameRam, game: str, steps_without_progress: int) -> State:
  """Reads the state off RAM with scalar fields."""
  count = int(ram.party_count)
  most = np.maximum(ram.party_max_hp[:count], 1)
  share = np.clip(ram.live_party_hp[:count] / most, 0, 1)
  number = int(ram.map_id)
  return State(
    map_name=games.get(game).places.get(number, f"map {number}"),
    x=int(ram.x),
    y=int(ram.y),
    badges=int(ram.badge_count),
    party_hp=tuple(round(float(v), 2) for v in share),
    in_battle=bool(ram.in_battle),
    dialog_open=bool(ram.dialog_open),
    steps_without_progress=steps_without_progress,
  )


def png(frame: np.ndarray) -> bytes:
  """`[144, 160]` u8 shades as a PNG of 160 x 144 pixels, 4 greys."""
  buffer = io.BytesIO()
  Image.fromarray(frames.GREY[frame]).save(buffer, "PNG", compress_level=6)
  return buffer.getvalue()


def reply_schema(feasible: Sequence[int]) -> dict[str, Any]:
  """JSON schema of a reply; `goal_id` is an enum of the feasible goals."""
  names = [GOALS[i].name for i in feasible]
  return {
    "type": "object",
    "properties": {
      "goal_id": {"type": "string", "enum": names},
      "goal": {"type": "string"},
      "rationale": {"type": "string"},
      "confidence": {"type": "number"},
    },
    "required": ["goal_id", "goal", "rationale", "confidence"],
    "additionalProperties": False,
  }


def clean(text: str, letters: int) -> str:
  """One printable line: no control or format characters, no fences."""
  kept = "".join(
    " " if unicodedata.category(c)[0] in "CZ" else c
    for c in text[: 4 * letters]
  )
  return " ".join(kept.replace("<", "(").replace(">", ")").split())[:letters]
