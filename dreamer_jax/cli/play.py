"""Plays the game: System 1 at the console's pace, System 2 setting its goals.

  dreamer-jax play --checkpoint=runs/quickstart --headless

A window shows the game (--headless: the terminal does), and a video keeps it
with the goal, its reason, the value and what the agent dreams will come next.

Who sets the goals:
  --planner=rules    a fixed order of goals; needs nothing (the default)
  --planner=gemini   Google's models; the key is $GEMINI_API_KEY
  --planner=openai   OpenAI's, with $OPENAI_API_KEY; or, with --base_url, any
                     compatible server: Ollama, llama.cpp, vLLM, LM Studio
                     (these two want pip install 'dreamer_jax[planner]')
  --planner=gemini_legacy  Gemini by google-generativeai, which has ended
  --planner=cassette a recording (--cassette) that --record made
  --planner=fixed    always the same goal, --goal

Decisions are written to planner.jsonl beside the video: what asked for
them, the goal, who set it, how long it took, tokens and dollars. Keys are
written nowhere. Without an answer the rules' goals go on.
"""

import contextlib
import dataclasses
import os

import numpy as np
from absl import flags
from rich.table import Table

from dreamer_jax import domains as d
from dreamer_jax.cli import common, loading
from dreamer_jax.errors import UserError
from dreamer_jax.program import define

PLANNERS = (
  "rules", "gemini", "openai", "gemini_legacy", "cassette", "fixed",
  "genai",  # gemini's name of before
)  # fmt: skip
CHECKPOINT = common.define_checkpoint()
LOAD = loading.Loader()
PLANNER = define("planner", d.choice(*PLANNERS), "rules", "who sets the goals")
SPEED = define("speed", d.choice("1x", "max"), "1x", "the console's, or all")
HEADLESS = flags.DEFINE_bool("headless", False, "the terminal, no window")
STEPS = define("steps", d.Count, 1500, "actions; 2.5 are a second")
SEED = define("seed", d.Amount, 1_000_000, "of the episode")
GREEDY = flags.DEFINE_bool("greedy", False, "most likely action, no sampling")
OUT = define("out", d.Folder, None, "folder; default the run's videos/")
VIDEO = flags.DEFINE_bool("video", True, "write an mp4 of the play")
GOAL = define("goal", d.Text, "next_badge", "of --planner=fixed")
BASE_URL = define("base_url", d.Text, None, "another server's address")
MODELS = define("models", d.Names, None, "model ids, in order of preference")
MAX_USD = define("max_usd", d.Weight, 1.0, "dollars for calls, at most")
MAX_CALLS = define("max_calls", d.Amount, 500, "calls, at most")
RECORD = define("record", d.Output, None, "write the calls to a cassette")
CASSETTE = define("cassette", d.File, None, "recording to play")
LOW_VALUE = define(
  "low_value",
  d.Number,
  0.02,
  "System 1 asks for another goal below this value ...",
)
LOW_STEPS = define("low_steps", d.Count, 200, "... for so many actions")


def make_backend():
  """The backend that --planner names, and its model ids."""
  from dreamer_jax.planner.backends import base, cassette
  from dreamer_jax.planner.settings import Settings

  if PLANNER.value in ("rules", "fixed"):
    return None, ()
  if PLANNER.value == "cassette":
    if CASSETTE.value is None:
      raise UserError("--planner=cassette wants --cassette=FILE")
    return cassette.Cassette(CASSETTE.value), ("recorded",)
  backend = base.make(PLANNER.value, BASE_URL.value)
  if not MODELS.value and (BASE_URL.value or backend.is_local):
    flag = "--base_url" if BASE_URL.value else "OPENAI_BASE_URL"
    raise UserError(f"{flag} wants --models=NAME: what that server serves")
  known = Settings()
  usual = (
    known.openai_models if PLANNER.value == "openai" else known.gemini_models
  )
  if RECORD.value:
    backend = cassette.Recorder(backend, RECORD.value)
  return backend, tuple(MODELS.value or usual)


def planner_maker(backend, models, log):
  """`(game, first moment) -> planner`."""
  from dreamer_jax.goals.vocabulary import IDS
  from dreamer_jax.planner.fixed import Fixed
  from dreamer_jax.planner.service import Planner
  from dreamer_jax.planner.settings import Settings

  if PLANNER.value == "fixed":
    if GOAL.value not in IDS:
      names = ", ".join(list(IDS)[:12])
      raise UserError(f"there is no goal {GOAL.value!r}: {names}, ...")
    return lambda game, moment: Fixed(IDS[GOAL.value], moment)
  usual = Settings()
  if backend is not None and backend.is_local:
    usual = usual.patient()
  limits = dataclasses.replace(
    usual, max_usd=MAX_USD.value, max_calls=MAX_CALLS.value
  )
  tell = lambda line: common.CONSOLE.print(line, markup=False, highlight=False)
  return lambda game, moment: Planner(
    game, moment, backend, models, config=limits, log=log, tell=tell
  )


def main() -> None:
  if not HEADLESS.value:  # before minutes of getting ready
    from dreamer_jax.game import emulator
    from dreamer_jax.play import screens

    emulator.check_display(screens.NO_WINDOW)
  common.set_up_jax()
  backend, models = make_backend()
  from dreamer_jax.game.env import GameBoyEnv
  from dreamer_jax.planner import journal
  from dreamer_jax.play import pacing, recorder, runtime, screens
  from dreamer_jax.play.system1 import System1

  agent = LOAD(CHECKPOINT.value)
  config = agent.config.env
  run = common.results_folder(CHECKPOINT.value)
  out = OUT.value or f"{run}/videos"
  log = journal.Journal(os.path.join(out, "planner.jsonl"))
  make = planner_maker(backend, models, log)
  env = GameBoyEnv(
    agent.rom, press_frames=config.press_frames,
    action_frames=config.action_frames, start_frames=config.start_frames,
  )  # fmt: skip
  system1 = System1(agent, GREEDY.value)
  with common.CONSOLE.status("getting ready ..."):
    system1.warm_up()
  real_time = SPEED.value == "1x"
  path = os.path.join(out, f"play-{SEED.value}.mp4")
  with contextlib.ExitStack() as stack:
    stack.callback(env.close)
    screen = screens.Terminal() if HEADLESS.value else screens.Window()
    viewers = [stack.enter_context(contextlib.closing(screen))]
    if VIDEO.value:
      fps = pacing.FRAME_HZ / config.action_frames * (1 if real_time else 4)
      kept = recorder.Recording(path, fps, may_skip=real_time)
      viewers.append(stack.enter_context(kept))
    player = runtime.Runtime(
      env, system1, make, viewers=tuple(viewers),
      dream_every=2 if VIDEO.value else 0,
      ask=runtime.Ask(LOW_VALUE.value, LOW_STEPS.value),
    )  # fmt: skip
    pacer = pacing.Pacer(pacing.FRAME_HZ if real_time else None)
    summary = player.run(STEPS.value, SEED.value, pacer)
  common.CONSOLE.print(table(summary, player.planner))
  common.CONSOLE.print(f"Decisions: {out}/planner.jsonl")
  if VIDEO.value:
    common.CONSOLE.print(f"Written: {path}")


def table(summary, planner) -> Table:
  """What the episode came to."""
  result = Table("", "")
  result.add_row("actions", f"{summary.steps:,}")
  result.add_row("badges, species", f"{summary.badges}, {summary.species}")
  reached = ", ".join(f"{name} ({at})" for at, name, _ in summary.reached[:12])
  result.add_row("goals reached (action)", reached or "none")
  spent, report = planner.budget, planner.report
  result.add_row("planner", report.calls(spent.calls))
  if spent.calls:
    result.add_row(
      "tokens, dollars",
      f"{spent.tokens_in:,} in, {spent.tokens_out:,} out, ${spent.usd:.4f}",
    )
  if report.in_charge():
    result.add_row("in charge", report.in_charge())
  if SPEED.value == "1x" and len(summary.times) > 2:
    from dreamer_jax.play.pacing import jitter_ms

    off = np.percentile(jitter_ms(summary.times), [50, 99])
    result.add_row("frame jitter", f"{off[0]:.1f} ms, 99 of 100 {off[1]:.1f}")
  return result
