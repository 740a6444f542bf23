"""Plays episodes: a generator, so that saving and progress stay outside it.

An episode is a function of its seed and the policy, whatever else is played
beside it. A collection that was killed is resumed by playing the seeds that
are missing.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dreamer_jax.data.episodes import FIELDS, NO_GOAL, Episode
from dreamer_jax.data.policies import Policy
from dreamer_jax.data.start_states import POWER_ON, StartState
from dreamer_jax.game.env import PYBOY_VERSION
from dreamer_jax.game.ram import decode
from dreamer_jax.game.vector import VectorEnv, VectorStep

_FROM_STEP = ("packed", "ram", "terms", "is_first", "is_last", "is_terminal")


def collect(
  env: VectorEnv,
  policy: Policy | Sequence[Policy],
  *,
  seeds: Iterable[int],
  source: str,
  how: Mapping[str, Any] | None = None,
  states: Callable[[int], StartState | None] | None = None,
  on_steps: Callable[[int], None] | None = None,
) -> Iterator[Episode]:
  """Plays one episode for each seed.

  Args:
    env: all of its environments are used, and reset.
    policy: `reset` with the seeds, then called at every step. Several play
      the parts of `env.split` in turn: one thinks while the others' parts
      play, which keeps the workers busy. See `policies_for`.
    seeds: of the episodes, each non-negative.
    source: one of `episodes.SOURCES`, for the episodes' `meta`.
    how: the policy's settings, for it too; see `data.settings`.
    states: `states(seed)` is where that episode starts; None for power-on.
    on_steps: called after each step with the number of environments that
      played, for progress.

  Yields:
    Episodes in the order in which they end, the same order each time. One
    that was lost with its worker is played again from its start.

  Raises:
    ValueError: nothing would end the episodes.
    WorkerError: a worker died; the episodes yielded so far are whole.
  """
  if not env.env_options.get("max_steps"):
    raise ValueError("collect needs environments with max_steps set")
  policies = policy if isinstance(policy, Sequence) else [policy]
  waiting = _Waiting(seeds)
  start_state = states or (lambda seed: None)
  lanes = [
    _Lane(env, indices, player, waiting, start_state)
    for indices, player in zip(env.split(len(policies)), policies, strict=True)
  ]
  for lane in lanes:
    lane.begin()
  try:
    while any(lane.is_playing for lane in lanes):
      for lane in lanes:
        if lane.is_playing:
          played, ended = lane.turn()
          if on_steps is not None and played:
            on_steps(played)
          for player in ended:
            yield player.episode(_meta(env, source, how, player))
  except GeneratorExit:  # the caller wants no more: leave env in order
    env.settle()
    raise


def policies_for(
  env: VectorEnv, make_policy: Callable[[int], Policy]
) -> list[Policy]:
  """`make_policy(n)` for each part of `env.split`, to play in turn."""
  return [make_policy(len(part)) for part in env.split()]


class _Waiting:
  """Seeds to be played; those of lost episodes come first."""

  def __init__(self, seeds: Iterable[int]):
    self._seeds = iter(seeds)
    self._again: list[int] = []

  def take(self) -> int | None:
    return self._again.pop(0) if self._again else next(self._seeds, None)

  def put_back(self, seed: int) -> None:
    self._again.append(seed)


class _Player:
  """The steps of one running episode."""

  def __init__(self, seed: int, place: int, start: StartState | None):
    self.seed, self.start = seed, start
    self._place = place  # its row in the lane's steps
    self._steps: list[VectorStep] = []
    self._choices: list[tuple[int, int, int]] = []  # action, intent, goal

  def see(self, step: VectorStep) -> None:
    self._steps.append(step)

  def choose(self, action: int, intent: int, goal: int) -> None:
    """What is done after the latest step, meant by it, and its goal."""
    self._choices.append((action, intent, goal))

  def episode(self, meta: dict[str, Any]) -> Episode:
    shown = {
      name: np.stack([getattr(step, name)[self._place] for step in self._steps])
      for name in _FROM_STEP
    }
    action, intent, goal = zip(*self._choices, strict=True)
    chosen = {
      "action": (0, *action),  # that led to each step
      "intent": (0, *intent),
      "goal": (*goal, goal[-1]),  # of the last step: as before
    }
    for name, values in chosen.items():
      shown[name] = np.array(values, FIELDS[name][1])
    return Episode(**shown, meta=meta)


class _Lane:
  """A part of the environments, and who plays it. One message is under way."""

  def __init__(
    self,
    env: VectorEnv,
    indices: np.ndarray,
    policy: Policy,
    waiting: _Waiting,
    start_state: Callable[[int], StartState | None],
  ):
    self._env, self._indices, self._policy = env, indices, policy
    self._waiting, self._start_state = waiting, start_state
    self._players: list[_Player | None] = [None] * len(indices)
    self._sent: list[int] = []  # rows that the message is for

  @property
  def is_playing(self) -> bool:
    """Whether an episode runs."""
    return any(self._players)

  def begin(self) -> None:
    """Starts the first episodes."""
    self._assign()

  def turn(self) -> tuple[int, list[_Player]]:
    """Receives what was sent, and sends what is next.

    Returns:
      How many actions were played, and the players whose episodes ended.
    """
    step = self._env.receive(self._indices)
    played, ended = 0, []
    for i in self._sent:
      player = self._players[i]
      if step.is_lost[i]:
        continue
      player.see(step)
      played += not step.is_first[i]
      if step.is_last[i]:
        ended.append(player)
        self._players[i] = None
    for i in np.flatnonzero(step.is_lost):
      if self._players[i] is not None:
        self._waiting.put_back(self._players[i].seed)
        self._players[i] = None
    if not self._assign():
      self._act(step)
    return played, ended

  def _assign(self) -> bool:
    """Starts waiting episodes in free environments; False if none started."""
    fresh = {}
    for i, player in enumerate(self._players):
      if player is None and (seed := self._waiting.take()) is not None:
        fresh[i] = _Player(int(seed), i, self._start_state(int(seed)))
        self._players[i] = fresh[i]
    if not fresh:
      return False
    self._sent = list(fresh)
    seeds = [player.seed for player in fresh.values()]
    starts = [player.start for player in fresh.values()]
    self._policy.reset(self._sent, seeds)
    self._env.send_reset(
      self._indices[self._sent], seeds, [s and s.state for s in starts]
    )
    return True

  def _act(self, step: VectorStep) -> None:
    self._sent = [i for i, player in enumerate(self._players) if player]
    if not self._sent:
      return
    actions = np.asarray(self._policy(step), np.int64)
    goals = getattr(self._policy, "goal", None)
    goals = np.full(len(actions), NO_GOAL) if goals is None else goals
    meant = getattr(self._policy, "intent", None)
    meant = actions if meant is None else meant
    columns = zip(actions.tolist(), meant.tolist(), goals.tolist(), strict=True)
    for i, choice in enumerate(columns):
      if self._players[i] is not None:
        self._players[i].choose(*choice)
    self._env.send_step(actions[self._sent], self._indices[self._sent])


def _meta(env: VectorEnv, source: str, how, player: _Player) -> dict[str, Any]:
  meta = {
    "source": source,
    "seed": player.seed,
    "start": player.start.name if player.start else POWER_ON,
    "rom": env.rom.identity,
    "pyboy": PYBOY_VERSION,
    "env": env.env_options,
  }
  return meta if how is None else {**meta, "how": dict(how)}


class Tally:
  """Running figures of a collection.

  Attributes:
    episodes: finished.
    env_steps: actions played, also in episodes that still run.
    badges: sum over finished episodes of those held at the end.
    species: the same of species owned.
  """

  def __init__(self):
    self.episodes = self.env_steps = self.badges = self.species = 0
    self._began = time.perf_counter()

  @property
  def secs(self) -> float:
    """Since the start."""
    return time.perf_counter() - self._began

  @property
  def steps_hz(self) -> float:
    """Actions a second so far."""
    return self.env_steps / max(self.secs, 1e-9)

  def count_steps(self, steps: int) -> None:
    """For `collect`'s `on_steps`."""
    self.env_steps += steps

  def watch(self, episodes: Iterable[Episode]) -> Iterator[Episode]:
    """Passes episodes on, counting them."""
    for episode in episodes:
      last = decode(episode.ram[-1])
      self.episodes += 1
      self.badges += int(last.badge_count)
      self.species += int(last.owned_count)
      yield episode
