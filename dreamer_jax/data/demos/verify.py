"""Plays recorded inputs again, and compares every frame.

An episode is a function of its ROM, seed and inputs. Where a replay differs,
it was recorded with another ROM, emulator or version, or something is
nondeterministic, and its pictures cannot be trusted.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from dreamer_jax.data import layouts
from dreamer_jax.data.collect import collect, policies_for
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.start_states import StartState, obstacle
from dreamer_jax.errors import UserError
from dreamer_jax.game.rom import Rom
from dreamer_jax.game.vector import VectorEnv, VectorStep

_COMPARED = ("packed", "ram", "terms", "is_last", "is_terminal")


class Verdict(NamedTuple):
  """How one episode's replay compares with it."""

  seed: int
  frames: int  # compared
  field: str  # that differs first; "" if every one is the same
  step: int  # where it does; -1 for nowhere
  skipped: str = ""  # why it was not replayed; "" if it was


class ReplayPolicy:
  """Plays recorded actions, by seed; any action where they are over."""

  def __init__(self, num_envs: int, actions: Mapping[int, np.ndarray]):
    """`actions[seed]` are an episode's, `[T]`, as `Episode.action`."""
    self._actions = actions
    self._playing = [np.zeros(1, np.uint8)] * num_envs

  def reset(self, indices: Sequence[int], seeds: Sequence[int]) -> None:
    """Takes up the recordings of these seeds."""
    for index, seed in zip(indices, seeds, strict=True):
      self._playing[index] = self._actions[seed]

  def __call__(self, step: VectorStep) -> np.ndarray:
    """`[N]` actions."""
    following = step.episode_step + 1  # `action[t]` led to step t
    return np.array(
      [
        recorded[t] if t < len(recorded) else 0
        for recorded, t in zip(self._playing, following, strict=True)
      ]
    )


class Fingerprint(NamedTuple):
  """An episode without its pictures: what was done, and hashes of the rest."""

  seed: int
  layout: str  # of the RAM that is compared
  action: np.ndarray  # [T] u8
  hashes: dict[str, np.ndarray]  # [T] u64 for each field that is compared


def fingerprint(episode: Episode, layout: str = "") -> Fingerprint:
  """Hashes every frame and what came with it.

  Args:
    episode: a recording, or its replay.
    layout: of the RAM that the recording has; by default the episode's own.
  """
  layout = layout or episode.layout
  rows = {name: getattr(episode, name) for name in _COMPARED}
  rows["ram"] = rows["ram"][:, layouts.recorded(layout)]
  return Fingerprint(
    int(episode.meta["seed"]), layout, episode.action.copy(),
    {name: _hashes(row) for name, row in rows.items()},
  )  # fmt: skip


def _hashes(rows: np.ndarray) -> np.ndarray:
  digest = lambda row: hashlib.blake2b(row.tobytes(), digest_size=8).digest()
  return np.frombuffer(b"".join(map(digest, rows)), np.uint64)


def verify(
  episodes: Iterable[Episode],
  *,
  rom: Rom,
  num_envs: int = 16,
  num_workers: int = 2,
  starts: Mapping[str, StartState] | None = None,
) -> Iterator[Verdict]:
  """Replays episodes from where they began.

  Args:
    episodes: of distinct seeds, collected with the same options; one at a
      time is kept in memory.
    rom: the game they were recorded on.
    num_envs: emulators.
    num_workers: processes.
    starts: states to begin at, by name; without its own, or played in uneven
      actions, an episode is skipped.

  Yields:
    One verdict an episode: first the skipped ones, the others in the order in
    which their replays end.

  Raises:
    UserError: another ROM, or episodes of several collections.
  """
  recorded: dict[int, Fingerprint] = {}
  meta: dict[str, Any] = {}
  starts, start_of = starts or {}, {}
  for episode in episodes:
    if skipped := obstacle(episode.meta, starts):
      yield Verdict(int(episode.meta["seed"]), 0, "", -1, skipped)
      continue
    meta = meta or episode.meta
    _check(episode.meta, meta, rom)
    mark = fingerprint(episode)
    if mark.seed in recorded:
      raise UserError("episodes of one seed twice: verify each round apart.")
    recorded[mark.seed] = mark
    start_of[mark.seed] = starts.get(episode.meta.get("start"))
  if not recorded:
    return
  actions = {seed: mark.action for seed, mark in recorded.items()}
  with VectorEnv(
    num_envs, num_workers=num_workers, rom=rom, **meta["env"]
  ) as env:
    policies = policies_for(env, lambda n: ReplayPolicy(n, actions))
    for replay in collect(
      env, policies, seeds=recorded, source=meta["source"], states=start_of.get
    ):
      mark = recorded[replay.meta["seed"]]
      yield compare(mark, fingerprint(replay, mark.layout))


def _check(meta: dict[str, Any], first: dict[str, Any], rom: Rom) -> None:
  if meta["rom"]["sha1"] != rom.sha1:
    raise UserError(
      f"the episode of seed {meta['seed']} was recorded on the ROM with SHA-1 "
      f"{meta['rom']['sha1']}, not {rom.sha1}: name its own with --rom."
    )
  if (meta["env"], meta["source"]) != (first["env"], first["source"]):
    raise UserError(
      "these episodes were collected with different options: verify each "
      "collection apart."
    )


def compare(recorded: Fingerprint, replay: Fingerprint) -> Verdict:
  """The first difference between an episode and its replay."""
  lengths = len(recorded.action), len(replay.action)
  frames = min(lengths)
  first = (frames, "") if len(set(lengths)) == 1 else (frames, "length")
  for name in _COMPARED:
    a, b = recorded.hashes[name][:frames], replay.hashes[name][:frames]
    differ = np.flatnonzero(a != b)
    if len(differ) and differ[0] < first[0]:
      first = int(differ[0]), name
  step, field = first
  return Verdict(recorded.seed, frames, field, step if field else -1)
