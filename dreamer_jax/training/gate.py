"""Compares a round's policy with the one kept before it, and may undo it.

Both have played the same seeds, so games compare in pairs. A round whose policy
plays worse is undone, so that rounds do not lose what earlier ones gained.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from dreamer_jax.contract import BADGE
from dreamer_jax.policy import learner as policy_learner
from dreamer_jax.training.session import Session

LEAST_GAMES = 4  # fewer say nothing


class Verdict(NamedTuple):
  """How the games of two policies differ."""

  games: int  # that both have played
  new: float  # mean score
  kept: float
  gain: float  # new - kept
  error: float  # standard error of it, over games
  rival: str = "the policy before"  # whose games the kept ones are

  @property
  def is_worse(self) -> bool:
    """The mean score fell by more than its standard error."""
    return self.games >= LEAST_GAMES and self.gain < -self.error

  def __str__(self) -> str:
    if not self.games:
      return "no games of an earlier policy to compare it with"
    return (
      f"score {self.new:.2f} in {self.games} games, {self.gain:+.2f} ± "
      f"{self.error:.2f} compared with the same games of {self.rival}"
    )


def score(terms: np.ndarray, limit: int) -> float:
  """The sum over badges of 1 - actions / limit: sooner is more.

  Args:
    terms: `[T, 7]`, reward terms of a game.
    limit: actions in a game, at most.
  """
  badges = terms[:, BADGE]
  left = 1.0 - np.arange(len(badges)) / limit
  return float(badges @ np.maximum(left, 0.0))


def judge(
  new: Mapping[int, np.ndarray], kept: Mapping[int, np.ndarray], limit: int
) -> Verdict:
  """Compares games of the same seeds.

  Args:
    new: terms `[T, 7]` of the new policy's games, by seed.
    kept: of the one before.
    limit: actions in a game, at most.
  """
  seeds = sorted(set(new) & set(kept))
  if not seeds:
    alone = float(np.mean([score(terms, limit) for terms in new.values()]))
    return Verdict(0, alone, 0.0, 0.0, 0.0)
  scores = np.array(
    [[score(games[seed], limit) for games in (new, kept)] for seed in seeds]
  )
  gain = scores[:, 0] - scores[:, 1]
  spread = gain.std(ddof=1) if len(gain) > 1 else 0.0
  error = spread / np.sqrt(len(gain))
  return Verdict(len(seeds), *scores.mean(0), gain.mean(), error)


def decide(
  session: Session, games: Mapping[int, np.ndarray], say: Callable[[str], None]
) -> Verdict:
  """Keeps a round's policy, or goes back to the one that was kept before it.

  In the first round that is the clone. Going back restores the world model too,
  since the older policy was trained on its latents. The round's games stay to
  be learned from.

  Args:
    session: of the run, in the phase that played them.
    games: terms `[T, 7]` of those of the round's policy, by seed.
    say: takes a line for people to read.
  """
  c, config = session.counters, session.config
  name = f"round {c.round + 1}"
  if not c.round:
    _keep(session, "clone")
  before = {}  # a run of an older version has kept nothing yet
  if c.kept_round:
    before = session.experience.own_games(c.kept_round, c.kept_source)
  limit = config.data.own.steps or config.env.max_steps
  verdict = judge(games, before, limit)
  if c.kept_source == "clone":
    verdict = verdict._replace(rival="its clone")
  if config.policy.schedule.gate and verdict.is_worse and _undo(session):
    say(f"The policy of {name} is worse and undone: {verdict}")
  else:
    _keep(session, "policy")
    say(f"The policy of {name} is kept: {verdict}")
  return verdict


def _keep(session: Session, source: str) -> None:
  """Notes that later rounds are compared with the policy that acts now."""
  c = session.counters
  c.kept_tick = c.tick + 1  # of the checkpoint at this phase's end
  c.kept_round, c.kept_source = c.round + 1, source


def _undo(session: Session) -> bool:
  """Restores what was kept last; False where its checkpoint is lost."""
  if session.counters.round:
    return session.go_back(session.counters.kept_tick)
  own = session.learners()
  own.behavior = policy_learner.begin_at_clone(own.behavior)
  return True
