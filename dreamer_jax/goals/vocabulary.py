"""The goals that System 2 may set and System 1 is conditioned on.

A goal is data: a name, a text, a kind, and declarative predicates (never
code). Embeddings are a frozen table, made by `goals.make_embeddings`; the hash
of table and goals travels with every checkpoint, so that a policy is never
given goals it was not trained on.
"""

import dataclasses
import functools
import hashlib
import json
import pathlib
from typing import NamedTuple

import numpy as np

from dreamer_jax import games
from dreamer_jax.errors import UserError
from dreamer_jax.game.goals import ANY_GAME, KINDS, Goal
from dreamer_jax.goals import predicates
from dreamer_jax.goals.generic import GENERIC
from dreamer_jax.goals.predicates import Facts

__all__ = ["GOALS", "KINDS", "Goal", "done", "embeddings", "feasible_ids"]

GOALS: tuple[Goal, ...] = (
  *GENERIC,
  *(goal for game in games.every() for goal in game.goals),
)
IDS: dict[str, int] = {goal.name: i for i, goal in enumerate(GOALS)}
DIM = 64  # of an embedding
TABLE = pathlib.Path(__file__).with_name("table.npz")
PARAPHRASES = pathlib.Path(__file__).with_name("paraphrases.json")
# Checkpoints call these goals by an older hash, which covered when they make
# sense too.
_NAMED_BEFORE = {"54cf7cb99ad4f254": "1bf564f8f5277eb5"}
REBUILD = (
  "run `python -m dreamer_jax.goals.make_embeddings` (it wants the extra "
  "[goals]: pip install 'dreamer_jax[goals]')"
)


class Table(NamedTuple):
  """What `goals.make_embeddings` computes."""

  embeddings: np.ndarray  # [number of goals, 64] f32, unit length
  mean: np.ndarray  # [256] f32, of the encoder's text vectors
  basis: np.ndarray  # [256, 64] f32, principal directions, strongest first


def paraphrases(goal: Goal) -> tuple[str, ...]:
  """Other ways to say a goal's text, reviewed additions included."""
  return (*goal.paraphrases, *_additions().get(goal.name, ()))


@functools.cache
def _additions() -> dict[str, list[str]]:
  return json.loads(PARAPHRASES.read_text(encoding="utf-8"))


def fingerprint() -> str:
  """Changes when a goal's id or wording changes: the table is then stale."""
  data = [(g.name, g.text, paraphrases(g)) for g in GOALS]
  return hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]


@functools.cache
def table() -> Table:
  """The frozen table.

  Raises:
    UserError: it is missing, or older than the goals' wording.
  """
  try:
    with np.load(TABLE) as data:
      made_for, rows = str(data["fingerprint"]), {
        name: data[name].astype(np.float32) for name in Table._fields
      }  # fmt: skip
  except (OSError, KeyError, ValueError) as error:
    raise UserError(f"cannot read the goals' table {TABLE}: {REBUILD}") from (
      error
    )
  if made_for != fingerprint():
    raise UserError(f"the goals' table is older than the goals: {REBUILD}")
  return Table(**rows)


def embeddings(dim: int = DIM) -> np.ndarray:
  """`[len(GOALS), dim]` f32, unit length, in the order of ids.

  Raises:
    UserError: `dim` is more than the table has, or the table is stale.
  """
  if not 0 < dim <= DIM:
    raise UserError(
      f"goal_dim={dim}: the goals' table has {DIM} numbers a goal; choose at "
      f"most that many"
    )
  rows = table().embeddings[:, :dim]
  return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-6)


@functools.cache
def vocabulary_hash() -> str:
  """Changes when a goal's id, text, embedding or what fulfils it changes.

  When a goal makes sense is left out: no policy hears it, and a fact about a
  game may be corrected without training again.
  """
  digest = hashlib.sha256(table().embeddings.tobytes())
  data = [dataclasses.asdict(goal) for goal in GOALS]
  for goal in data:
    del goal["feasible"]
  digest.update(json.dumps(data).encode())
  name = digest.hexdigest()[:16]
  return _NAMED_BEFORE.get(name, name)


def done(goal_id: int, now: Facts, then: Facts | None = None) -> np.ndarray:
  """`[...]` bool: the goal is reached, having been set at `then`."""
  return predicates.holds(GOALS[goal_id].done, now, then)


def feasible(
  goal_id: int, now: Facts, game: str, memo: dict | None = None
) -> np.ndarray:
  """`[...]` bool: it makes sense to set the goal now, in this game."""
  goal = GOALS[goal_id]
  if goal.game not in (ANY_GAME, game):
    return np.zeros(now.ram.map_id.shape, bool)
  may = predicates.holds(goal.feasible, now, memo=memo)
  if predicates.is_relative(goal.done) or not may.any():
    return may
  return may & ~predicates.holds(goal.done, now, memo=memo)


def feasible_ids(now: Facts, game: str) -> list[int]:
  """The goals that may be set now; never empty, for goal 0 always may.

  Args:
    now: facts of one step, scalar fields.
    game: the ROM's name, as `game.rom.find` gives it.
  """
  memo: dict = {}
  return [i for i in range(len(GOALS)) if feasible(i, now, game, memo)]
