"""Branched play: from one saved moment, many futures on the real game.

Moments are taken out of episodes by replaying their inputs. From each, several
sequences of actions are played on the emulator, which is exact ground truth of
what each would have led to, also for actions that nobody would have taken.
Every sequence is then played again with other random numbers: how far the two
real games come apart is what chance alone does, and no model can know it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dreamer_jax.contract import BUTTONS
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.policies import random_actions
from dreamer_jax.data.probes import probes
from dreamer_jax.evaluation.world_model.rollouts import Filtered
from dreamer_jax.evaluation.world_model.windows import STEPS, Windows
from dreamer_jax.game import reroll
from dreamer_jax.game.env import GameBoyEnv
from dreamer_jax.game.frames import COLUMNS, ROWS, TILE_BYTES
from dreamer_jax.game.ram import decode
from dreamer_jax.game.vector import VectorEnv

# What is played from a moment: what its episode went on to do; what another
# one did; any buttons, held for a while; straight walks.
KINDS = ("own", "other", "random", "walk")
_REPEAT = 0.8  # random play holds a button for 5 actions
_STRAIGHT = (4, 13)  # actions of a straight walk, from and below
_ARROWS = [BUTTONS.index(name) for name in ("up", "down", "left", "right")]


class Branches(NamedTuple):
  """S moments times B sequences: N = S*B windows, moment by moment."""

  windows: Windows
  rerolled: Windows  # the same actions, other random numbers
  kind: np.ndarray  # [N] int, of `KINDS`
  moment: np.ndarray  # [N] int, 0..S-1


class Played(NamedTuple):
  """What the emulator showed along N sequences of K actions."""

  ram: np.ndarray  # [N, K+1, RAM_SIZE] u8
  terms: np.ndarray  # [N, K+1, 7] f32
  packed: dict[int, np.ndarray]  # [N, 18, 20, 16] u8 at some steps


def make(
  data: Filtered,
  places: np.ndarray,
  per_moment: int,
  horizon: int,
  seed: int,
  env: VectorEnv,
) -> Branches:
  """Plays branches from moments of episodes that began at power-on.

  Args:
    data: the episodes, filtered.
    places: `[S, 2]` (episode, step) of the moments.
    per_moment: B, sequences from each.
    horizon: K, actions of each; the episodes go on for as long.
    seed: of the actions and of the other random numbers.
    env: plays; its options are the episodes', but nothing ends an episode.
  """
  rng = np.random.default_rng(seed)
  kinds = kinds_of(per_moment)
  action = np.concatenate(
    [sequences(data.episodes, places, i, kinds, horizon, rng)
     for i in range(len(places))]
  )  # fmt: skip
  states = moments(env, data.episodes, places)
  repeated = [state for state in states for _ in kinds]
  again = rerolled(env, states, per_moment, rng)
  index = np.repeat(np.arange(len(places)), per_moment)
  at = places[index]
  build = lambda played: Windows(
    start=data.latents(at[:, 0], at[:, 1]),
    action=action,
    labels=_labels(played.ram),
    terms=played.terms,
    seen=_seen(data, at),
    packed=played.packed,
    cluster=at[:, 0],
  )
  return Branches(
    build(play(env, repeated, action)),
    build(play(env, again, action)),
    np.tile([KINDS.index(k) for k in kinds], len(places)),
    index,
  )


def kinds_of(count: int) -> list[str]:
  """The kinds of a moment's sequences: its own, then the others in turn."""
  others = KINDS[1:]
  return [KINDS[0], *(others[i % len(others)] for i in range(count - 1))]


def sequences(
  episodes: Sequence[Episode],
  places: np.ndarray,
  which: int,
  kinds: Sequence[str],
  horizon: int,
  rng: np.random.Generator,
) -> np.ndarray:
  """`[B, K]` i32 actions to be played from moment `which` of `places`."""

  def recorded(i: int) -> np.ndarray:
    e, s = places[i]
    return episodes[e].action[s + 1 : s + 1 + horizon].astype(np.int32)

  rows = []
  for kind in kinds:
    if kind == "own":
      rows.append(recorded(which))
    elif kind == "other":  # any but itself, where there is another
      step = int(rng.integers(1, max(2, len(places))))
      rows.append(recorded((which + step) % len(places)))
    elif kind == "random":
      drawn = random_actions(rng, _REPEAT)
      rows.append(np.array([next(drawn) for _ in range(horizon)], np.int32))
    else:
      rows.append(_straight(horizon, rng))
  return np.stack(rows)


def _straight(horizon: int, rng: np.random.Generator) -> np.ndarray:
  """`[K]`: one arrow after another, each held for some actions."""
  parts, length = [], 0
  while length < horizon:
    parts.append(np.full(rng.integers(*_STRAIGHT), rng.choice(_ARROWS)))
    length += len(parts[-1])
  return np.concatenate(parts)[:horizon].astype(np.int32)


def moments(
  env: VectorEnv, episodes: Sequence[Episode], places: np.ndarray
) -> list[bytes]:
  """The emulator's states at `[S, 2]` (episode, step), by replaying inputs."""
  states: dict[tuple[int, int], bytes] = {}
  wanted = {e: sorted({s for f, s in places.tolist() if f == e})
            for e in sorted({e for e, _ in places.tolist()})}  # fmt: skip
  # The longest first: emulators that share a call end at like times.
  order = sorted(wanted, key=lambda e: -wanted[e][-1])
  for i in range(0, len(order), env.num_envs):
    group = order[i : i + env.num_envs]
    lanes = np.arange(len(group))
    seeds = [int(episodes[e].meta["seed"]) for e in group]
    env.reset(lanes, seeds)
    for t in range(1, wanted[group[0]][-1] + 1):
      running = [n for n, e in enumerate(group) if t <= wanted[e][-1]]
      action = [int(episodes[group[n]].action[t]) for n in running]
      env.send_step(np.array(action), running)
      env.receive(running)
      for n in running:
        if t in wanted[group[n]]:
          states[group[n], t] = env.save_state(n)
  return [states[e, s] for e, s in places.tolist()]


def rerolled(
  env: VectorEnv, states: Sequence[bytes], count: int, rng: np.random.Generator
) -> list[bytes]:
  """The moments with other random numbers, each `count` times in turn."""
  game = GameBoyEnv(env.rom, **env.env_options)
  try:
    pairs = reroll.find_state(game, states[0])
    ways = [reroll.reroll(game, s, pairs, rng, count) for s in states]
    return [state for way in ways for state in way]
  finally:
    game.close()


def play(env: VectorEnv, states: Sequence[bytes], action: np.ndarray) -> Played:
  """Plays `[N, K]` actions, each row from its state."""
  count, horizon = action.shape
  steps = (0, *(k for k in STEPS if k <= horizon))
  ram, terms = [], []
  packed = {
    k: np.zeros((count, ROWS, COLUMNS, TILE_BYTES), np.uint8) for k in steps
  }
  for i in range(0, count, env.num_envs):
    rows = np.arange(i, min(i + env.num_envs, count))
    lanes = rows - i
    env.send_reset(lanes, [0] * len(rows), [states[n] for n in rows])
    shown = [env.receive(lanes)]
    packed[0][rows] = shown[0].packed
    for t in range(horizon):
      env.send_step(action[rows, t], lanes)
      shown.append(env.receive(lanes))
      if t + 1 in packed:
        packed[t + 1][rows] = shown[-1].packed
    ram.append(np.stack([s.ram for s in shown], 1))
    terms.append(np.stack([s.terms for s in shown], 1))
  return Played(np.concatenate(ram), np.concatenate(terms), packed)


def _labels(ram: np.ndarray) -> dict[str, np.ndarray]:
  """`[N, K+1]` targets of the probes."""
  rows = [probes(decode(r)) for r in ram]
  return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def _seen(data: Filtered, places: np.ndarray) -> np.ndarray:
  """`[N, 32]` u8: the map where a branch begins, alone.

  An emulator that loads a state counts its visits of maps from there.
  """
  here = np.array([data.labels[e]["map"][s] for e, s in places.tolist()])
  seen = here[:, None] == np.arange(8 * data.seen[0].shape[-1])
  return np.packbits(seen, axis=-1, bitorder="little")
