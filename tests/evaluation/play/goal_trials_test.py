import numpy as np
import pytest

from dreamer_jax import games
from dreamer_jax.agent.agent import policy_maker
from dreamer_jax.data.collect import collect
from dreamer_jax.data.policies import ExpertPolicy
from dreamer_jax.evaluation.play import goal_success, goal_trials
from dreamer_jax.evaluation.play.goal_trials import Plan, Trial
from dreamer_jax.evaluation.world_model import branches
from dreamer_jax.game import rom as roms
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.goals import predicates, vocabulary
from dreamer_jax.goals.vocabulary import GOALS, IDS, KINDS
from dreamer_jax.lantern_isle.players.expert import Expert

PLAN = Plan(count=10, steps=60, context=4, seed=1_200_000)


@pytest.fixture(scope="module")
def vector():
  with VectorEnv(2, num_workers=0, max_steps=200) as env:
    yield env


@pytest.fixture(scope="module")
def episodes(vector):
  make = lambda rng: Expert(rng, epsilon=0.0)
  seeds = [1_200_001, 1_200_002]
  play = collect(vector, ExpertPolicy(2, make), seeds=seeds, source="expert")
  return sorted(play, key=lambda e: e.meta["seed"])


@pytest.fixture(scope="module")
def chosen(episodes):
  return goal_trials.choose(episodes, roms.EMBEDDED, PLAN)


class Script:
  """Goes on as the episodes went."""

  def __init__(self, episodes, asked):
    self._episodes, self._asked = episodes, asked
    self.told, self._watched = [], True

  def reset(self, indices, seeds):
    self._rows = [self._asked[s - PLAN.seed] for s in seeds]
    self._watched, self._t = not self._watched, 0

  def command(self, indices, goals):
    self.told += list(goals)

  def overrule(self, actions):
    if not self._watched:  # what was before
      return
    want = [
      self._episodes[t.episode].action[t.step - PLAN.context + self._t]
      for t in self._rows
    ]
    assert list(actions[: len(want)]) == want

  def __call__(self, step):
    self._t += 1
    action = np.zeros(2, int)
    if not self._watched:
      return action
    for i, t in enumerate(self._rows):
      at = t.step - PLAN.context + self._t
      action[i] = self._episodes[t.episode].action[at]
    return action


def states(vector, episodes, asked):
  places = np.array([(t.episode, t.step - PLAN.context) for t in asked])
  return branches.moments(vector, episodes, places)


def test_goals_make_sense_and_were_reached(episodes, chosen):
  assert {t.group for t in chosen} == set(goal_trials.GROUPS)
  for trial in chosen:
    episode = episodes[trial.episode]
    facts = predicates.of_episode(episode.decode_ram(), episode.terms)
    now = facts[trial.step]
    assert vocabulary.feasible(trial.goal, now, roms.EMBEDDED)
    later = facts[trial.step + 1 : trial.step + 1 + PLAN.steps]
    hits = vocabulary.done(trial.goal, later, now)
    if trial.group == "achieved":
      assert hits.argmax() >= 4 and hits.any()


class Recorder:
  """Keeps what it is shown."""

  def __init__(self):
    self.shown, self.actions = [], []

  def __call__(self, step):
    self.shown.append((step.packed.copy(), step.is_first.copy()))
    return np.zeros(2, int)

  def overrule(self, actions):
    self.actions.append(actions.tolist())


def test_a_policy_sees_all_that_came_before(episodes):
  """Of both episodes the steps before the moment, the last ones together."""
  policy, starts = Recorder(), [(episodes[0], 5), (episodes[1], 3)]
  goal_success.watch(policy, 2, starts)
  first = np.array([is_first for _, is_first in policy.shown])
  assert first.T.tolist() == [[True] + [False] * 4, [True] * 3 + [False] * 2]
  for row, (episode, start) in enumerate(starts):
    packed = [packed[row] for packed, _ in policy.shown[-start:]]
    np.testing.assert_array_equal(packed, episode.packed[:start])
    actions = [actions[row] for actions in policy.actions[-start:]]
    assert actions == episode.action[1 : start + 1].tolist()


def test_kinds_take_turns(chosen):
  kinds = [GOALS[t.goal].kind for t in chosen if t.group == "feasible"]
  counts = {kind: kinds.count(kind) for kind in KINDS if kind in kinds}
  assert len(counts) >= 3 and max(counts.values()) <= 2


def test_the_scripted_play_reaches_what_it_reached(vector, episodes, chosen):
  asked = [t for t in chosen if t.group == "achieved"]
  made = []

  def make(count):
    made.append(Script(episodes, asked))
    return made[-1]

  saved = states(vector, episodes, asked)
  took = goal_success.play(vector, episodes, asked, saved, make, PLAN)
  in_order = sorted(asked, key=lambda trial: trial.step)
  assert made[0].told == [trial.goal for trial in in_order]
  assert all(5 <= steps <= PLAN.steps for steps in took)


def test_what_lay_before_counts(episodes):
  """A map that was met before the trial is no new one."""
  episode = episodes[0]
  ram = episode.decode_ram()
  facts = predicates.of_episode(ram, episode.terms)
  moved = np.flatnonzero(np.diff(np.bitwise_count(facts.maps_seen).sum(-1)))
  step = int(moved[-1]) + 2  # all maps of this episode are known
  start = step - PLAN.context
  part = slice(start, start + PLAN.context + PLAN.steps + 1)
  trial = Trial(0, step, IDS["new_map"], "feasible")
  plan = PLAN._replace(steps=min(PLAN.steps, len(episode) - step - 1))
  assert goal_success.judge(
    episode, trial, episode.ram[part], episode.terms[part], plan
  ) is None  # fmt: skip
  before = trial._replace(step=step - 8)
  part = slice(start - 8, start + PLAN.context + PLAN.steps + 1)
  took = goal_success.judge(
    episode, before, episode.ram[part], episode.terms[part], plan
  )
  assert took is not None and took <= 8


def test_a_wrong_replay_is_seen(episodes, chosen):
  trial = chosen[0]
  ram = np.zeros((PLAN.context + PLAN.steps + 1, episodes[0].ram.shape[1]))
  with pytest.raises(RuntimeError, match="did not replay"):
    goal_success.judge(episodes[trial.episode], trial, ram.astype(np.uint8),
                 np.zeros((len(ram), 7)), PLAN)  # fmt: skip


def test_players_on_the_same_trials(agent, vector, episodes):
  plan = PLAN._replace(count=3, steps=8)
  random = goal_success.UncommandedRandom
  players = {"agent": policy_maker(agent), "random": random}
  tree = goal_success.measure(
    vector, episodes, players, plan, lambda text: None
  )
  for group in goal_trials.GROUPS:
    for name in players:
      whole = tree[group][name]["all"]
      assert 0 <= whole["ci95"][0] <= whole["mean"] <= whole["ci95"][1] <= 1
    count = tree[group]["agent"]["all"]["count"]
    assert count == tree[group]["random"]["all"]["count"]
  assert len(tree["trials"]) == sum(
    tree[group]["agent"]["all"]["count"] for group in goal_trials.GROUPS
  )
  again = goal_success.measure(
    vector, episodes, players, plan, lambda text: None
  )
  assert again == tree


def test_no_moment_no_trials(vector, episodes):
  plan = PLAN._replace(steps=500)
  tree = goal_success.measure(vector, episodes, {}, plan, lambda text: None)
  assert tree["trials"] == [] and tree["achieved"] == {}


def test_a_policy_hears_its_goal(agent):
  policy = policy_maker(agent, greedy=True)(2)
  policy.command([1], [IDS["win_battle"]])
  assert policy._goal.tolist() == [0, IDS["win_battle"]]
  policy.overrule(np.array([3, 4]))
  assert policy._action.tolist() == [3, 4]


def test_a_lane_that_begins_anew_leaves_the_others_alone():
  script = goal_success.CommandedScript(games.get(roms.EMBEDDED), 3)
  script._couriers = ["one", "two", "three"]
  script.reset([1], [7])
  assert script._couriers == ["one", None, "three"]
