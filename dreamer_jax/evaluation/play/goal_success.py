"""Commanded goals: told what to do at a moment of a game, does it do it?

The policy plays on from `trials`' moments, and has seen the episode from
power-on, as in play; the goal's own predicate judges, on the emulator's RAM.
"""

from collections.abc import Callable, Sequence

import numpy as np

from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.policies import Policy, RandomPolicy, policy_rng
from dreamer_jax.evaluation.play.goal_trials import GROUPS, Plan, Trial, choose
from dreamer_jax.evaluation.statistics import wilson95
from dreamer_jax.evaluation.world_model import branches
from dreamer_jax.game.ram import decode
from dreamer_jax.game.vector import VectorEnv, VectorStep
from dreamer_jax.games.definition import Game, Player
from dreamer_jax.goals import predicates, tasks, vocabulary
from dreamer_jax.goals.vocabulary import GOALS, KINDS

_FLAGS = ("is_first", "is_last", "is_terminal", "is_lost")


class UncommandedRandom(RandomPolicy):
  """Random play, which no goal reaches."""

  remembers = False  # what was before makes no difference

  def command(self, indices, goals) -> None:
    """Is not heard."""

  def overrule(self, actions) -> None:
    """Makes no difference."""


class CommandedScript:
  """The script, told the same goals: what a goal's 200 actions can do.

  A courier with a task for the goal, the expert where there is none.
  """

  remembers = False

  def __init__(self, game: Game, num_envs: int):
    """Plays `num_envs` emulators of a game that has a courier."""
    self._game = game
    self._goal = np.zeros(num_envs, np.int32)
    self._seeds = np.zeros(num_envs, np.int64)
    self._couriers: list[Player | None] = [None] * num_envs

  def command(self, indices, goals) -> None:
    """Gives emulators `indices` goals, by id."""
    self._goal[indices] = goals

  def reset(self, indices, seeds) -> None:
    """Emulators `indices` begin with these seeds."""
    self._seeds[indices] = seeds
    for i in indices:
      self._couriers[i] = None

  def overrule(self, actions) -> None:
    """Others play still: who comes after them begins anew."""
    self._couriers = [None] * len(self._couriers)

  def __call__(self, step: VectorStep) -> np.ndarray:
    """`[N]` actions; 0 for what was never told anything."""
    actions = np.zeros(len(self._couriers), np.int64)
    rams = decode(step.ram)
    for i in np.flatnonzero(step.ram.any(-1)):
      if self._couriers[i] is None:
        task = tasks.task_for(self._game, int(self._goal[i]), rams[i])
        rng = policy_rng(int(self._seeds[i]))
        self._couriers[i] = self._game.tasks.player(rng, task)
      actions[i] = self._couriers[i].act(rams[i])
    return actions


def play(
  env: VectorEnv,
  episodes: Sequence[Episode],
  trials: Sequence[Trial],
  states: Sequence[bytes],
  make_policy: Callable[[int], Policy],
  plan: Plan,
) -> list[int | None]:
  """Plays every trial; actions until its goal was reached, None if it was not.

  Args:
    env: nothing ends its episodes.
    episodes: of the trials.
    trials: what to play.
    states: emulators' states, `plan.context` actions before each trial.
    make_policy: `make_policy(n)` plays n emulators, and can be commanded.
    plan: how long.
  """
  policy = make_policy(env.num_envs)
  result: list[int | None] = [None] * len(trials)
  order = sorted(range(len(trials)), key=lambda row: trials[row].step)
  for i in range(0, len(trials), env.num_envs):
    rows = order[i : i + env.num_envs]  # of like pasts, to watch together
    ram, terms = _play_some(env, episodes, trials, states, policy, plan, rows)
    for lane, row in enumerate(rows):
      trial = trials[row]
      result[row] = judge(
        episodes[trial.episode], trial, ram[lane], terms[lane], plan
      )
  return result


def _play_some(env, episodes, trials, states, policy, plan: Plan, rows: list):
  """RAM `[n, context + steps + 1, R]` and terms of as many as fit at once."""
  lanes = np.arange(len(rows))
  seeds = [plan.seed + row for row in rows]
  watched = np.stack([
    episodes[t.episode].action[t.step - plan.context + 1 : t.step + 1]
    for t in (trials[row] for row in rows)
  ])  # fmt: skip
  starts = [
    (episodes[t.episode], t.step - plan.context)
    for t in (trials[row] for row in rows)
  ]
  policy.command(lanes, [trials[row].goal for row in rows])
  policy.reset(lanes, seeds)
  if getattr(policy, "remembers", True):
    watch(policy, env.num_envs, starts)
  policy.reset(lanes, seeds)  # its chance begins here, whatever it has seen
  env.send_reset(lanes, seeds, [states[row] for row in rows])
  step = env.receive()
  step = step._replace(is_first=np.zeros_like(step.is_first))
  ram, terms = [step.ram[lanes]], [step.terms[lanes]]
  for t in range(plan.context + plan.steps):
    action = np.array(policy(step))
    if t < plan.context:
      action[lanes] = watched[:, t]
      policy.overrule(action)
    env.send_step(action[lanes], lanes)
    step = env.receive()
    ram.append(step.ram[lanes])
    terms.append(step.terms[lanes])
  return np.stack(ram, 1), np.stack(terms, 1)


def watch(
  policy: Policy, num_envs: int, starts: Sequence[tuple[Episode, int]]
) -> None:
  """Shows a policy what was played until now, from power-on.

  Args:
    policy: of `num_envs` emulators, of which the first take part.
    num_envs: N.
    starts: an episode for each, and the step up to which, without it, frames
      are shown. All end together; who begins later sees its first frame until
      then, each time as the first.
  """
  longest = max(start for _, start in starts)
  rows = len(starts)
  step = VectorStep(
    packed=np.zeros((num_envs, *starts[0][0].packed.shape[1:]), np.uint8),
    ram=np.zeros((num_envs, starts[0][0].ram.shape[1]), np.uint8),
    terms=np.zeros((num_envs, starts[0][0].terms.shape[1]), np.float32),
    outcome=np.zeros(num_envs, np.uint8),
    episode_step=np.zeros(num_envs, np.int32),
    **{name: np.zeros(num_envs, bool) for name in _FLAGS},
  )
  for t in range(longest):
    at = [max(0, t - longest + start) for _, start in starts]
    for row, (episode, _) in enumerate(starts):
      step.packed[row] = episode.packed[at[row]]
      step.ram[row] = episode.ram[at[row]]
    step.is_first[:rows] = np.equal(at, 0)
    step.episode_step[:rows] = at
    action = np.array(policy(step))
    action[:rows] = [
      e.action[i + 1] for (e, _), i in zip(starts, at, strict=True)
    ]
    policy.overrule(action)


def judge(
  episode: Episode, trial: Trial, ram: np.ndarray, terms: np.ndarray, plan: Plan
) -> int | None:
  """Actions from the trial's step until its goal was reached.

  Args:
    episode: of the trial; what lies before counts, maps visited say.
    trial: what was asked.
    ram: `[context + steps + 1, RAM_SIZE]` u8, from before the context on.
    terms: `[context + steps + 1, 7]` f32.
    plan: how long.

  Returns:
    1 or more; None where it was not reached.

  Raises:
    RuntimeError: the emulator did not replay the episode.
  """
  start = trial.step - plan.context
  if not np.array_equal(ram[plan.context], episode.ram[trial.step]):
    raise RuntimeError(
      f"step {trial.step} of episode {episode.meta['seed']} did not replay"
    )
  whole = np.concatenate([episode.ram[: start + 1], ram[1:]])
  gains = np.concatenate([episode.terms[: start + 1], terms[1:]])
  facts = predicates.of_episode(decode(whole), gains)
  then, now = facts[trial.step], facts[trial.step + 1 :]
  hits = np.flatnonzero(vocabulary.done(trial.goal, now, then))
  return int(hits[0]) + 1 if len(hits) else None


def measure(
  env: VectorEnv,
  episodes: Sequence[Episode],
  players: dict[str, Callable[[int], Policy]],
  plan: Plan,
  say: Callable[[str], None],
) -> dict:
  """All players on the same trials.

  Args:
    env: plays; its options are the episodes', but nothing ends an episode.
    episodes: scripted, from power-on.
    players: by name; each can be commanded, see `DreamerPolicy`.
    plan: how many trials, and how long.
    say: told what is going on.

  Returns:
    `goals` of report.json: by group, player and kind the share that was
    reached with its 95 % interval, their number, and the median of actions
    where it was; and every trial.
  """
  trials = choose(episodes, env.rom.name, plan)
  places = np.array([(t.episode, t.step - plan.context) for t in trials])
  tree: dict = {"steps": plan.steps, "context": plan.context}
  if not trials:
    return {**tree, **{group: {} for group in GROUPS}, "trials": []}
  say(f"finding the moments of {len(trials)} commanded goals")
  states = branches.moments(env, episodes, places)
  took = {}
  for name, make_policy in players.items():
    say(f"playing {len(trials)} commanded goals: {name}")
    took[name] = play(env, episodes, trials, states, make_policy, plan)
  for group in GROUPS:
    rows = [i for i, trial in enumerate(trials) if trial.group == group]
    tree[group] = {
      name: _by_kind([trials[i] for i in rows], [steps[i] for i in rows])
      for name, steps in took.items()
    }
  tree["trials"] = [
    {
      "goal": GOALS[t.goal].name, "kind": GOALS[t.goal].kind,
      "group": t.group, "seed": int(episodes[t.episode].meta["seed"]),
      "step": t.step, **{name: took[name][i] for name in took},
    }
    for i, t in enumerate(trials)
  ]  # fmt: skip
  return tree


def _by_kind(trials: list[Trial], took: list[int | None]) -> dict:
  """Share reached, of how many, and how soon; of each kind and of all."""
  tree = {}
  for kind in (*KINDS, "all"):
    mine = [
      steps
      for trial, steps in zip(trials, took, strict=True)
      if kind in ("all", GOALS[trial.goal].kind)
    ]
    got = [steps for steps in mine if steps is not None]
    if mine:
      tree[kind] = {
        **wilson95(len(got), len(mine)),
        "count": len(mine),
        "median_steps": float(np.median(got)) if got else None,
      }
  return tree
