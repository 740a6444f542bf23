"""Long random play, and what must never be seen in it.

Crashes and hangs of a worker are the pool's to notice; a game that broke is
noticed here by its RAM, and a leak by the memory that processes hold.
"""

import os
import pathlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from dreamer_jax.data.episodes import Episode
from dreamer_jax.game.env import GameBoyEnv
from dreamer_jax.game.memory import OFFSETS
from dreamer_jax.game.ram import PARTY_SIZE, GameRam, decode
from dreamer_jax.game.rewards import is_settled
from dreamer_jax.game.rom import Rom

# Steps for which a sample may look wrong: a warp lasts two of 24 frames, a
# new member's slot is written while its nickname is asked.
_PATIENCE = {"position": 6, "clock": 60, "party": 0, "money": 0, "hp": 30}


class Fault(NamedTuple):
  """What looked wrong, and where."""

  what: str  # a key of `RULES`
  seed: int  # of the episode
  step: int  # where it began
  steps: int  # for how long


RULES = {
  "position": "the player stands outside of the map",
  "clock": "the game's clock stands still: the game hangs",
  "party": f"the party has more than {PARTY_SIZE} members",
  "money": "the money is no decimal number",
  "hp": "a member has more HP than its maximum",
}


def faults(episode: Episode) -> list[Fault]:
  """What is wrong in an episode of random play."""
  ram = episode.decode_ram()
  found = []
  for what, wrong in _wrong(episode.ram, ram).items():
    start, steps = longest_run(wrong & ram.is_playing)
    if steps > _PATIENCE[what]:
      found.append(Fault(what, int(episode.meta["seed"]), start, steps))
  return found


def _wrong(raw: np.ndarray, ram: GameRam) -> dict[str, np.ndarray]:
  """`[T]` bool for each of `RULES`, of one episode's `[T, ...]`."""
  clock = np.append(True, np.diff(ram.play_time_frames) != 0)
  money = raw[:, OFFSETS["wPlayerMoney"]]
  count = raw[:, OFFSETS["wPartyCount"]][:, 0]
  member = np.arange(PARTY_SIZE) < ram.party_count[:, None]
  return {
    "position": ~is_settled(ram),
    "clock": ~clock,
    "party": count > PARTY_SIZE,
    "money": ((money >> 4 > 9) | (money & 15 > 9)).any(-1),
    "hp": (member & (ram.party_hp > ram.party_max_hp)).any(-1),
  }


def longest_run(flags: np.ndarray) -> tuple[int, int]:
  """Start and length of the longest run of True in `[T]` bool."""
  edges = np.flatnonzero(np.diff(np.r_[False, flags, False]))
  starts, lengths = edges[::2], edges[1::2] - edges[::2]
  if not len(starts):
    return 0, 0
  longest = int(np.argmax(lengths))
  return int(starts[longest]), int(lengths[longest])


def states_on_the_way(
  rom: Rom, make_expert: Callable, count: int, every: int, seed: int
) -> list[bytes]:
  """States to start from that random play alone would not reach.

  Args:
    rom: the game.
    make_expert: `make_expert(rng)` returns an object with `act(ram)`.
    count: of the states; the first is before any action.
    every: actions between two of them.
    seed: of the expert and the episode.
  """
  env = GameBoyEnv(rom)
  expert = make_expert(np.random.default_rng(seed))
  states = []
  env.start(seed)
  for action in range(count * every):
    if action % every == 0:
      states.append(env.save_state())
    env.press(expert.act(decode(env.read_ram())))
  env.close()
  return states


class MemoryWatch:
  """The memory of processes over a run, as far as the system tells it."""

  def __init__(self):
    self._samples: dict[int, list[tuple[int, float]]] = {}

  def sample(self, pids: Sequence[int], steps: int) -> None:
    """Notes how much each process holds after so many steps."""
    for pid in pids:
      rss = rss_mb(pid)
      if rss is not None:
        self._samples.setdefault(pid, []).append((steps, rss))

  def growth(self, after: int) -> dict[int, dict[str, Any]]:
    """From the first sample after so many steps to the end, by process.

    Returns:
      `first_mb`, `last_mb`, `peak_mb` and `growth`, a share of the first;
      processes with fewer than two such samples are left out.
    """
    told = {}
    for pid, samples in self._samples.items():
      rss = [value for steps, value in samples if steps >= after]
      if len(rss) > 1:
        told[pid] = {
          "first_mb": rss[0],
          "last_mb": rss[-1],
          "peak_mb": max(rss),
          "growth": rss[-1] / rss[0] - 1,
        }
    return told


def rss_mb(pid: int) -> float | None:
  """Resident memory of a process in MB (10^6); None where it is not told."""
  try:
    pages = pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]
  except (OSError, IndexError):
    return None
  return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def complaints(report: dict[str, Any], max_growth: float) -> list[str]:
  """What a soak's report holds against the game, as sentences.

  Args:
    report: `restarts`, a number; `faults`, a list of `Fault` as dicts;
      `memory`, a list of `MemoryWatch.growth`'s values with a `name`.
    max_growth: of a process's memory, a share.
  """
  wrong = []
  if report["restarts"]:
    wrong.append(f"{report['restarts']} workers died or hung")
  for fault in report["faults"][:3]:
    wrong.append(
      f"{RULES[fault['what']]} (seed {fault['seed']}, from step "
      f"{fault['step']} for {fault['steps']})"
    )
  for process in report["memory"]:
    if process["growth"] > max_growth:
      share = 100 * process["growth"]
      wrong.append(f"the memory of {process['name']} grew by {share:.1f} %")
  return wrong
