"""What a person is told about the model's calls."""

import dataclasses

from dreamer_jax.planner import faults
from dreamer_jax.planner.faults import Fault
from dreamer_jax.planner.report import Report
from tests.planner.driving import CONFIG, Driver, Fake


class Script(Fake):
  """Raises these faults, one a call, and then answers."""

  def __init__(self, *faults_):
    super().__init__()
    self.faults = list(faults_)

  def ask(self, question):
    if self.faults:
      raise self.faults.pop(0)
    return super().ask(question)


def test_it_says_once_when_the_rules_take_over_and_when_not():
  backend = Script(Fault(faults.MALFORMED, detail="it has no JSON object"))
  driver = Driver(backend)
  planner = driver.run(14.0)
  assert driver.told == [
    "System 2: it has no JSON object; the rules set the goals since action 2",
    "System 2: fake sets the goals again, from action 32 on",
  ]
  assert planner.report.in_charge() == ""
  assert planner.report.calls(planner.budget.calls) == (
    "2 calls, 1 of no use: 1 × it has no JSON object"
  )


def test_the_same_trouble_is_not_told_again_but_counted():
  backend = Script(*[Fault(faults.TIMEOUT)] * 50)
  driver = Driver(backend)
  planner = driver.run(100.0)
  assert len(driver.told) == 1 and "no answer in time" in driver.told[0]
  count = planner.budget.calls
  assert f"{count} of no use: {count} × " in planner.report.calls(count)
  assert planner.report.in_charge().startswith("the rules, since action 2: no")


def test_a_key_that_is_refused_ends_it_in_one_line():
  driver = Driver(Script(Fault(faults.BAD_KEY, 401)))
  planner = driver.run(30.0)
  assert driver.told == [
    "System 2: nowhere refused the key (401); there are no more calls; the "
    "rules set the goals since action 2"
  ]
  assert planner.report.calls(1).startswith("1 call, 1 of no use")


def test_a_goal_that_cannot_be_is_told():
  driver = Driver(Fake("red_beat_misty"))
  planner = driver.run(5.0)
  assert "a goal that cannot be reached now" in driver.told[0]
  assert planner.report.ruled_since == 2


def test_a_spent_budget_is_told():
  driver = Driver(Fake(), config=dataclasses.replace(CONFIG, max_calls=1))
  driver.run(5.0)
  driver.planner.request("test")
  driver.run(20.0)
  assert "the budget is spent; there are no more calls" in driver.told[-1]


def test_every_kind_has_words():
  names = [name for name in vars(faults) if name.isupper()]
  values = [v for v in (getattr(faults, n) for n in names) if type(v) is str]
  kinds = [value for value in values if value in faults._PHRASES]
  assert len(kinds) == len(faults._PHRASES)
  for kind in kinds:
    assert "{" not in faults.phrase(Fault(kind, 500), "http://h")
  assert Report().calls(0) == "0 calls"
