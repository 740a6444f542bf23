"""Measures how long a dream stays true, and all else of a world model.

The model filters an episode up to step s, then forecasts under given actions
without seeing another frame. Windows along episodes show it in ordinary play,
branches from saved moments show it for any actions; the rest asks what can be
known at all, and whether the model knows what it does not.
"""

import contextlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.data.episodes import Episode
from dreamer_jax.evaluation.world_model import (
  aliasing,
  branches,
  calibration,
  event_forecasts,
  events,
  sensitivity,
  windows,
)
from dreamer_jax.evaluation.world_model.drift import GROUPS, Judge
from dreamer_jax.evaluation.world_model.rollouts import (
  Dreamer,
  Filtered,
  Reader,
  filter_episodes,
)
from dreamer_jax.evaluation.world_model.windows import PlaceFn, Windows
from dreamer_jax.game.vector import VectorEnv
from dreamer_jax.world_model.model import WorldModel

MODE, SAMPLED = "tiles", "sampled"  # the forecasts of the model itself
FLOOR, SHUFFLED = "floor", "random_action"
# Forecast -> key of the report, as older readers know it.
_KEYS = {
  MODE: "drift_tiles", SAMPLED: "drift_sampled", FLOOR: "drift_floor",
  SHUFFLED: "drift_random_action", "copy_last": "drift_copy_last",
  "dead_reckoning": "drift_dead_reckoning",
}  # fmt: skip


class Plan(NamedTuple):
  """What to measure on."""

  windows: int  # forecasts along the episodes
  moments: int  # saved, to branch from; 0 leaves branches out
  branches: int  # sequences of actions from each
  seed: int  # of all choices


class Model(NamedTuple):
  """A world model with what reads and dreams it, compiled once."""

  world: WorldModel
  params: dict
  codebook: TileCodebook
  read: Reader
  dream: Dreamer
  foresee: Callable  # of `event_forecasts.make_prospector`


def prepare(world: WorldModel, params, codebook: TileCodebook) -> Model:
  """Bundles a model."""
  return Model(
    world, params, codebook, Reader(world, params),
    Dreamer(world, params), event_forecasts.make_prospector(world, params),
  )  # fmt: skip


def measure(
  model: Model,
  episodes: Sequence[Episode],
  place: PlaceFn,
  plan: Plan,
  make_env: Callable[[], contextlib.AbstractContextManager[VectorEnv]] | None,
  say: Callable[[str], None] = lambda text: None,
) -> dict:
  """Measures a world model on episodes that it was not trained on.

  Args:
    model: of `prepare`.
    episodes: from power-on.
    place: puts positions of all maps on one plane.
    plan: how much.
    make_env: emulators to branch on, with the episodes' options but without
      an end; None leaves branches out.
    say: told what is going on.

  Returns:
    figures of report.json; those that the episodes are too short for are
    left out.
  """
  say("watching episodes")
  data = filter_episodes(model.world, model.params, model.codebook, episodes)
  exact = [model.codebook.exactness(e.packed).tiles for e in episodes]
  exact = np.average(exact, weights=[len(e) for e in episodes])
  report = {"kl_nats": data.kl, "codebook_exact": float(exact)}
  horizon = windows.horizon_of(data)
  if not horizon:
    return report
  say("measuring the drift of dreams")
  judged, dream = _along(model, data, place, plan, horizon)
  dream["aliasing"] = aliasing.measure(episodes, _positions(data, place))
  say("measuring what dreams foresee")
  dream |= _foresight(model, data)
  if make_env is not None and plan.moments:
    say("branching on the emulator")
    dream["branches"] = _branched(model, data, place, plan, make_env)
    chance = dream["branches"]["all"]["drift"]["chance"]
    report["drift_chance"] = chance
  return {**report, **_flat(judged), "dream": dream}


def _along(model, data, place, plan, horizon) -> tuple[dict, dict]:
  """Windows along the episodes."""
  at = windows.draw(data, plan.windows, horizon, plan.seed)
  cut = windows.cut(data, at, horizon)
  judge = Judge(cut, model.read, place)
  seen = lambda k: data.latents(at[:, 0], at[:, 1] + k)
  judge.add(FLOOR, seen, (0, *cut.steps))
  most = model.dream(cut.start, cut.action, cut.steps)
  judge.add(MODE, most.at)
  drawn = model.dream(cut.start, cut.action, cut.steps, True, plan.seed)
  judge.add(SAMPLED, drawn.at)
  del drawn
  order = np.random.default_rng(plan.seed).permutation(cut.count)
  other = model.dream(cut.start, cut.action[order], cut.steps)
  judge.add(SHUFFLED, other.at)
  judge.add_copy()
  judge.add_reckoning()
  tree = judge.report()
  return tree, {"windows": tree, "doubt": sensitivity.doubt(judge, MODE, most)}


def _foresight(model: Model, data: Filtered) -> dict:
  """Events, calibration and HP on windows that lie side by side."""
  tree = {"events": {}, "calibration": {}, "hp_error": {}}
  for within in events.WITHIN:
    at = events.places(data, within)
    if not len(at):
      continue
    cut = windows.cut(data, at, within)
    key = str(within)
    for part in ("events", "calibration"):
      tree[part][key] = {}
    for name, sampled in ((MODE, False), (SAMPLED, True)):
      seen = model.foresee(cut, sampled)
      tree["events"][key][name] = events.measure(cut, seen, within)
      tree["calibration"][key][name] = calibration.measure(cut, seen)
      if not sampled:
        last = {n: x[:, -1] for n, x in seen.hp.items()}
        tree["hp_error"][key] = calibration.hp_error(cut, last, within)
    if "posterior" not in tree["hp_error"]:
      out = model.read.heads(cut.start)
      now = {name: out[f"probe_{name}"] for name in event_forecasts.HP}
      tree["hp_error"]["posterior"] = calibration.hp_error(cut, now, 0)
  return tree


def _branched(model, data, place, plan, make_env) -> dict:
  """Branches from saved moments, and the same with other random numbers."""
  horizon = windows.horizon_of(data)
  at = windows.draw(data, plan.moments, horizon, plan.seed + 1)
  with make_env() as env:
    tree = branches.make(data, at, plan.branches, horizon, plan.seed, env)
  judge = Judge(tree.windows, model.read, place)
  cut = tree.windows
  most = model.dream(cut.start, cut.action, cut.steps)
  judge.add(MODE, most.at)
  drawn = model.dream(cut.start, cut.action, cut.steps, True, plan.seed)
  judge.add(SAMPLED, drawn.at)
  judge.add_copy()
  judge.add_reckoning()
  judge.add_game("chance", tree.rerolled)
  kinds = {}
  for i, kind in enumerate(branches.KINDS):
    if (tree.kind == i).any():
      kinds[kind] = judge.report(tree.kind == i)
  return {
    "moments": len(at),
    "replay_exact": _replayed(data, at, tree),
    **judge.report(),
    "kinds": kinds,
    "events": _branched_events(model, tree),
    "sensitivity": sensitivity.sensitivity(tree, most, model.read),
    "doubt": sensitivity.doubt(judge, MODE, most),
  }


def _branched_events(model: Model, tree: branches.Branches) -> dict:
  """What the model foresees in branches, and what the real game would."""
  report = {}
  for within in events.WITHIN:
    if within > tree.windows.action.shape[1]:
      continue
    cut = _first(tree.windows, within)
    report[str(within)] = {
      MODE: events.measure(cut, model.foresee(cut), within),
      "chance": events.ceiling(cut, tree.rerolled, within),
    }
  return report


def _first(cut: Windows, steps: int) -> Windows:
  """The first steps of windows."""
  return cut._replace(
    action=cut.action[:, :steps],
    labels={name: x[:, : steps + 1] for name, x in cut.labels.items()},
    terms=cut.terms[:, : steps + 1],
  )


def _replayed(data: Filtered, at: np.ndarray, tree) -> float:
  """The share of own branches whose pictures are the episode's own."""
  own = tree.kind == branches.KINDS.index("own")
  last = tree.windows.steps[-1]
  shown = tree.windows.packed[last][own]
  real = np.stack([data.episodes[e].packed[s + last] for e, s in at.tolist()])
  return float((shown == real).reshape(len(at), -1).all(1).mean())


def _positions(data: Filtered, place: PlaceFn) -> list[np.ndarray]:
  """`[T, 2]` on the plane, NaN where the position cannot be trusted."""
  result = []
  for labels in data.labels:
    at = place(labels["map"], labels["x"], labels["y"])
    valid = labels["valid"][:, None] > 0
    result.append(np.where(valid, np.stack(at, -1), np.nan))
  return result


def _flat(tree: dict) -> dict:
  """The figures at the top of report.json, as its readers know them."""
  every, calm = (tree[group] for group in GROUPS)
  pixels, maps = every["pixels"], every["map"][MODE]
  mean = lambda by_step: {k: v["mean"] for k, v in by_step.items()}
  drift = {
    key: {k: v for k, v in every["drift"][name].items() if k != "0"}
    for name, key in _KEYS.items()
  }
  return {
    **drift,
    "drift_no_battle": calm["drift"][MODE],
    "map_accuracy": mean(maps),
    **({"map_accuracy_50": maps["50"]["mean"]} if "50" in maps else {}),
    "pixel_accuracy": {
      "posterior": pixels[FLOOR]["0"]["mean"], **mean(pixels[MODE]),
    },
    "psnr_db": every["psnr_db"][FLOOR]["0"],
    "windows": {
      "all": every["windows"]["0"],
      "no_battle": calm["windows"][max(maps, key=int)],
    },
  }  # fmt: skip
