"""The service's decisions, without sockets: when it asks, and what it drops."""

import functools
import json

import numpy as np

from dreamer_jax.config import change
from dreamer_jax.games.lantern_isle.goals import NAME as LANTERN_ISLE
from dreamer_jax.planner import journal
from dreamer_jax.planner.service import Planner
from tests.planner.driving import CONFIG, Driver, Fake, moment


def test_one_virtual_hour_never_more_than_five_calls_a_minute():
  """Battles end all the time, flags advance, System 1 begs."""
  rng = np.random.default_rng(0)
  backend = Fake()
  driver = Driver(backend)
  flags = set()
  known = functools.cache(lambda outcome, flags: moment(outcome, flags))
  while driver.now < 3600:
    if rng.random() < 0.01:
      flags.add(int(rng.integers(0, 2560)))
    if rng.random() < 0.2:
      driver.planner.request("value")
    outcome = "won" if rng.random() < 0.3 else ""
    driver.step(known(outcome, frozenset(flags)))
  at = np.array(driver.calls_at)
  assert 250 <= len(at) <= 300  # it asks as often as it may
  assert np.diff(at).min() >= 12.0
  for t in at:
    assert ((at >= t) & (at < t + 60)).sum() <= 5
  assert len(backend.questions) == len(at)


def test_triggers_are_coalesced_into_one_question():
  backend = Fake()
  driver = Driver(backend)
  driver.step()
  for _ in range(10):
    driver.step(outcome="won")
  driver.planner.request("goal done")
  driver.run(13.0)
  asked = driver.lines("call")
  assert len(asked) == 2
  assert asked[1]["trigger"] == ["battle", "request: goal done"]


def test_a_stale_reply_is_dropped():
  backend = Fake()
  driver = Driver(backend)
  driver.planner.step(moment())
  driver.planner.wait(5)
  driver.now += 61
  driver.planner.step(moment())
  assert driver.lines("drop")[0]["why"] == "stale"
  assert driver.planner.decision.source == "rules"


def test_a_goal_that_was_reached_meanwhile_is_dropped():
  backend = Fake("isle_go_home")
  driver = Driver(backend)
  driver.planner.step(moment())
  driver.planner.wait(5)
  home = {"wCurMap": 37, "wCurMapWidth": 4, "wCurMapHeight": 4}
  driver.planner.step(moment(**home))
  assert driver.lines("drop")[0]["why"] == "already done"


def test_a_models_goal_is_kept_until_its_next_word():
  """A battle's end asks again, but does not throw the present goal away."""
  backend = Fake()
  driver = Driver(backend)
  driver.run(1.0)
  assert driver.planner.decision.source == "fake"
  driver.planner.step(moment("won"))
  assert driver.planner.decision.source == "fake"
  driver.planner.request("low value")  # it gives the goal up
  driver.planner.step(moment())
  assert driver.planner.decision.source == "rules"


def test_recent_goals_are_told_with_their_outcome():
  backend = Fake()
  driver = Driver(backend)
  driver.run(1.0)
  driver.planner.request("low value")
  driver.run(14.0)
  words = json.loads(backend.questions[-1].user.splitlines()[1])
  assert words["recent_goals"][-1]["outcome"] == "dropped"
  assert words["recent_goals"][-1]["goal"] == "find a new place"


def test_budgets_of_calls_and_of_dollars():
  for limits, most in (({"max_calls": 3}, 3), ({"max_usd": 0.2}, 3)):
    config = change(CONFIG, {"max_usd": 1e6, **limits})
    backend = Fake()
    driver = Driver(backend, config=config, models=("of tomorrow",))
    for _ in range(400):
      driver.step(outcome="won")
    assert driver.planner.off == "the budget is spent"
    assert len(backend.questions) <= driver.planner.budget.calls
    assert driver.planner.budget.usd <= config.max_usd
    if "max_calls" in limits:
      assert len(backend.questions) == most
    else:  # 900 in and 60 out at 5 and 30 dollars, worst case 8000 and 4096
      assert len(backend.questions) > most


def test_without_a_backend_only_the_rules_speak():
  driver = Driver(None)
  driver.run(300.0)
  assert driver.planner.off == "rules only" and not driver.calls_at
  assert not driver.lines("call") and not driver.lines("off")


def test_a_full_disk_ends_the_journal_and_not_the_play(tmp_path):
  log = journal.Journal(tmp_path)  # a folder: it cannot be written
  planner = Planner(LANTERN_ISLE, moment(), log=log)
  planner.step(moment())
  assert log.trouble and planner.decision.source == "rules"
