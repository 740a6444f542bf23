"""System 2: sets System 1's goals, and never makes it wait.

`Planner.step` is called after every action. It looks at the triggers, at the
running call and at the limits, and returns at once. A rule's goal is set
immediately where a new one is needed; the model's replaces it when it comes,
if it still makes sense then. Every fault leaves the rules in charge.
"""

import collections
import dataclasses
import functools
import time
from collections.abc import Callable

from dreamer_jax.goals import vocabulary
from dreamer_jax.goals.predicates import Facts
from dreamer_jax.goals.vocabulary import GOALS
from dreamer_jax.planner import calls, faults, journal, reader, rules, triggers
from dreamer_jax.planner.access import Access
from dreamer_jax.planner.backends.base import Backend
from dreamer_jax.planner.calls import Attempt, Job, Moment, Result, Situation
from dreamer_jax.planner.faults import Fault
from dreamer_jax.planner.limits import Budget
from dreamer_jax.planner.report import Report
from dreamer_jax.planner.schema import Decision, Outcome
from dreamer_jax.planner.settings import Settings

_RECENT = 6  # goals whose outcomes are told


class Planner:
  """Sets goals for one episode."""

  def __init__(
    self,
    game: str,
    moment: Moment,
    backend: Backend | None = None,
    models: tuple[str, ...] = (),
    *,
    config: Settings | None = None,
    log: journal.Journal | None = None,
    tell: Callable[[str], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
  ):
    """Sets the first goal, by the rules.

    Args:
      game: the ROM's name, as `game.rom.find` gives it.
      moment: at which the episode begins.
      backend: asked besides the rules; None for the rules alone.
      models: its model ids, in order of preference.
      config: limits.
      log: where decisions are written; None keeps them in memory.
      tell: gets a line when the rules take over, and when a model is back.
      clock: seconds.
    """
    if backend is not None and not models:
      raise ValueError("a backend needs at least one model id")
    self._game, self._backend = game, backend
    self._config = config or Settings()
    self.log = log or journal.Journal(None)
    self.report = Report(tell)
    self._clock = clock
    self._access = Access(self._config, models if backend else (), backend)
    self._job: tuple[Job, Attempt, float] | None = None
    self._zombie: Job | None = None  # missed its deadline, still running
    self._wanted: Attempt | None = None
    self._requested = ""
    self._given_up: collections.deque[int] = collections.deque(maxlen=3)
    self._recent: collections.deque[Outcome] = collections.deque(maxlen=_RECENT)
    self._steps = self._goal_step = 0
    self._triggers = triggers.Triggers(
      moment.facts.ram, self._config.stuck_steps, self._config.stall_steps
    )
    self.then = moment.facts  # when the present goal was set
    self.decision: Decision | None = None
    self._want((triggers.START,), moment)

  # ---- what System 1 and the loop use

  @property
  def goal_id(self) -> int:
    """The goal to pursue now."""
    return self.decision.goal_id

  @property
  def off(self) -> str:
    """Why no model is asked any more; empty while one is."""
    return self._access.off

  @property
  def budget(self) -> Budget:
    """What was spent so far."""
    return self._access.budget

  @property
  def is_asking(self) -> bool:
    """Whether a call is in flight."""
    return self._job is not None or self._zombie is not None

  def wait(self, secs: float) -> None:
    """Returns when no call is in flight, or late; for tests and for leaving."""
    for job in (self._job[0] if self._job else None, self._zombie):
      if job is not None:
        job.wait(secs)

  def is_done(self, facts: Facts) -> bool:
    """Whether the present goal's predicate holds."""
    return bool(vocabulary.done(self.goal_id, facts, self.then))

  def request(self, why: str) -> None:
    """System 1 wants a new goal; taken up at the next step."""
    self._requested = why

  def step(self, moment: Moment) -> Decision:
    """Takes the moment after an action; returns at once.

    Returns:
      The goal to pursue from now on.
    """
    now = self._clock()
    self._steps += 1
    self._collect(moment, now)
    reasons = self._triggers.update(moment.facts.ram, moment.outcome)
    if self._requested:
      reasons.append(f"{triggers.REQUEST}: {self._requested}")
      self._requested = ""
    if triggers.STORY in reasons:
      self._given_up.clear()
    if reasons:
      self._want(tuple(reasons), moment)
    self._call(moment, now)
    return self.decision

  def close(self) -> None:
    """Ends the journal; a running call is left to its end."""
    self.log.close()

  # ---- wanting a goal

  def _want(self, reasons: tuple[str, ...], moment: Moment) -> None:
    """A rule's goal at once where one is needed; and a question to come."""
    self._rule_goal(reasons, moment)
    if self.off:
      return
    before = self._wanted
    attempt = Attempt(reasons, cap=self._config.max_output_tokens)
    if before is not None:  # coalesced: one question for all
      joined = tuple(dict.fromkeys((*before.reasons, *reasons)))
      attempt = dataclasses.replace(before, reasons=joined)
    self._wanted = attempt

  def _rule_goal(self, reasons: tuple[str, ...], moment: Moment) -> None:
    """A model's goal that can still be reached is kept till its next word."""
    facts, now = moment.facts, self.decision
    if now is not None:
      done = self.is_done(facts)
      fails = any(r.startswith((triggers.STUCK, triggers.REQUEST))
                  for r in reasons)  # fmt: skip
      if fails and not done and now.goal_id not in self._given_up:
        self._given_up.append(now.goal_id)
      if not (done or fails or now.source == "rules") and vocabulary.feasible(
        now.goal_id, facts, self._game
      ):
        return
    chosen = rules.choose(facts, self._game, self._given_up)
    self._set(chosen, reasons, facts)

  def _set(
    self, decision: Decision, reasons, facts: Facts, result=None, latency=None
  ) -> None:
    """Makes it the present goal, and writes it down."""
    before = self.decision
    done = before is not None and self.is_done(facts)
    if before is None or done or before.goal_id != decision.goal_id:
      if before is not None:
        steps = self._steps - self._goal_step
        text = GOALS[before.goal_id].text
        how = "done" if done else "replaced"
        if before.goal_id in self._given_up:
          how = "dropped"
        self._recent.append(Outcome(text, how, steps))
      self.then, self._goal_step = facts, self._steps
    self.decision = decision
    self._write(
      "goal", reasons, result, latency, goal=GOALS[decision.goal_id].name,
      source=decision.source, rationale=decision.rationale,
      confidence=decision.confidence,
    )  # fmt: skip

  # ---- asking

  def _call(self, moment: Moment, now: float) -> None:
    """Starts a call if one is wanted and may be made."""
    if self._zombie is not None and self._zombie.is_over:
      late, self._zombie = self._zombie.result, None
      self.budget.spend(late.tokens_in, late.tokens_out, late.usd)
    attempt, access = self._wanted, self._access
    if attempt is None or self.is_asking or not access.is_ready(now):
      return
    if not access.begin(now, attempt.cap):
      self._turned_off()
      return
    self._wanted = None
    situation = Situation(
      moment, self._game, self._triggers.steps_without_progress,
      None if self.decision is None else self.goal_id, tuple(self._recent),
    )  # fmt: skip
    self._write("call", attempt.reasons, model=access.model)
    ask = functools.partial(
      calls.ask, self._backend, access.model, situation, attempt, access.form,
      self._config.timeout_secs,
    )  # fmt: skip
    self._job = (Job(ask), attempt, now)

  def _collect(self, moment: Moment, now: float) -> None:
    """Takes up a call that is over, or gives up one that is late."""
    if self._job is None:
      return
    job, attempt, began = self._job
    latency = now - began
    if job.is_over:
      self._job = None
      result = job.result
      self.budget.spend(result.tokens_in, result.tokens_out, result.usd)
      if result.fault is None:
        if self._access.succeed():
          self._write("settled", (), form=str(self._access.form))
        self._consider(result, attempt, latency, moment)
      else:
        self._fail(result.fault, attempt, now, result, latency)
    elif latency > self._config.deadline_secs:
      self._job, self._zombie = None, job
      self._fail(Fault(faults.TIMEOUT), attempt, now, None, latency)

  def _consider(
    self, result: Result, attempt: Attempt, latency: float, moment: Moment
  ) -> None:
    """Sets the goal of a reply, unless it comes too late or makes no sense."""
    choice, facts = result.choice, moment.facts
    goal, why = choice.goal, choice.why
    if latency > self._config.stale_secs:
      why = "stale"
    elif goal is not None and vocabulary.done(goal, facts):
      why = "already done"
    elif goal is not None and not vocabulary.feasible(goal, facts, self._game):
      why = reader.INFEASIBLE
    if why:
      self._write("drop", attempt.reasons, result, latency, why=why)
      self.report.dropped(why, self._steps)
      return
    reply, source = choice.reply, self._backend.name
    rationale = journal.redact(reply.rationale)
    chosen = Decision(goal, rationale, source, reply.confidence)
    self._set(chosen, attempt.reasons, facts, result, latency)
    self.report.heard(source, self._steps)

  def _fail(
    self, fault: Fault, attempt: Attempt, now: float, result, latency: float
  ) -> None:
    """What is tried next; the rules' goal stays meanwhile."""
    why = self._access.phrase(fault)
    self._write(
      "fault", attempt.reasons, result, latency, kind=fault.kind,
      status=fault.status, why=why,
    )  # fmt: skip
    model, form = self._access.model, self._access.form
    again = self._access.fail(fault, attempt, now)
    plainer = ""
    if self._access.model == model and self._access.form != form:
      plainer = str(self._access.form)
      self._write("plainer", (), form=plainer, model=model)
    self.report.count(why)
    if self.off:
      self._turned_off()
      return
    self.report.failed(why, self._steps, plainer)
    if again is not None:
      newer = self._wanted.reasons if self._wanted else ()
      joined = tuple(dict.fromkeys((*again.reasons, *newer)))
      self._wanted = dataclasses.replace(again, reasons=joined)

  def _turned_off(self) -> None:
    """No more calls in this run; the rules go on."""
    self._wanted = None
    self._write("off", (), why=self.off)
    self.report.off(self.off, self._steps)

  def _write(self, event, reasons, result=None, latency=None, **more) -> None:
    """One line of the journal."""
    if result is not None:
      more |= {
        "tokens_in": result.tokens_in, "tokens_out": result.tokens_out,
        "usd": round(result.usd, 6),
      }  # fmt: skip
    self.log.write(
      secs=round(self._clock(), 3), step=self._steps, event=event,
      trigger=list(reasons), latency_secs=latency and round(latency, 3), **more,
    )  # fmt: skip
