"""Makes episodes of what a Minari dataset holds.

Our own come back as they left: who played, from where, in which folder. A
dataset of somebody else holds pictures and actions alone; it is replayed, and
every observation is compared.
"""

import zlib
from typing import Any

import numpy as np

from dreamer_jax.data import layouts
from dreamer_jax.data import origin as origins
from dreamer_jax.data.demos.minari import INFOS, MinariError, Placed
from dreamer_jax.data.episodes import (
  DEMONSTRATORS,
  FOLDERS,
  NO_GOAL,
  RAM_LAYOUT,
  SOURCES,
  Episode,
)
from dreamer_jax.game import frames
from dreamer_jax.game.emulator import PYBOY_VERSION
from dreamer_jax.game.env import GameBoyEnv
from dreamer_jax.game.memory import RAM_SIZE
from dreamer_jax.game.rom import Rom


def bring_in(
  rom: Rom, data: Any, meta: dict, home: dict, source: str | None = None
) -> tuple[Placed, list[str]]:
  """An episode of a dataset.

  Args:
    rom: the ROM.
    data: Minari's EpisodeData.
    meta: ours, of the export, or {}.
    home: where it was, or {}.
    source: who played, one of `episodes.SOURCES`, where `meta` does not say.

  Returns:
    One of ours as it was exported; another one replayed, as far as its
    screens agree. And notes for the user.

  Raises:
    UserError: it is of another ROM or version, it cannot be replayed, or
      nobody says who played.
  """
  if meta.get("source") not in SOURCES:
    if source is None:
      raise MinariError(
        f"episode {data.id} does not say who played, and what is cloned "
        "depends on it: say so with --source, such as --source=import for "
        "demonstrations or --source=random."
      )
    return _replayed(rom, data, source)
  origin = origins.of_rom(rom).any_pace
  origins.check({f"episode {data.id}": meta}, origin, origins.ITS_OWN)
  return _restored(data, meta, home), []


def _restored(data: Any, meta: dict, home: dict) -> Placed:
  """An episode of ours, as it was."""
  actions = np.asarray(data.actions)
  steps = len(actions) + 1
  infos = {name: np.asarray(data.infos[name])[:steps] for name in INFOS}
  layout, ram = _layout(data.id, infos["ram"], home)
  first, last = np.arange(steps) == 0, np.arange(steps) == steps - 1
  episode = Episode(
    packed=np.stack([frames.pack(shot) for shot in data.observations[:steps]]),
    ram=ram,
    action=np.append(0, actions).astype(np.uint8),
    intent=infos["intent"].astype(np.uint8),
    terms=infos["terms"].astype(np.float32),
    is_first=first,
    is_last=last,
    is_terminal=last & bool(np.asarray(data.terminations)[-1]),
    goal=infos["goal"].astype(np.int16),
    meta=meta,
    layout=layout,
  )
  folder, round_ = home.get("folder"), home.get("round", 0)
  if folder not in FOLDERS:  # of an export that did not say
    folder = FOLDERS[meta["source"] not in DEMONSTRATORS]
  return Placed(episode, folder, int(round_))


def _layout(
  number: int, ram: np.ndarray, home: dict
) -> tuple[str, np.ndarray]:
  """The layout of RAM `[T, R]`, and that RAM whole, `[T, RAM_SIZE]` u8."""
  known = (RAM_LAYOUT, *layouts.EARLIER)
  size = {name: int(layouts.recorded(name).sum()) for name in known}
  guess = next((n for n in known if size[n] == ram.shape[-1]), "unknown")
  layout = home.get("ram_layout", guess)
  if layout not in known or ram.shape[-1] not in (RAM_SIZE, size[layout]):
    raise MinariError(
      f"episode {number} was exported by another version of DreamerJAX (RAM "
      f"layout {layout}; this one reads {', '.join(known)}): import it with "
      "that version."
    )
  ram = ram.astype(np.uint8)
  if ram.shape[-1] < RAM_SIZE:
    ram = layouts.completed(ram, layouts.recorded(layout))
  return layout, ram


def _replayed(rom: Rom, data: Any, source: str) -> tuple[Placed, list[str]]:
  """An episode of somebody else, replayed from power-on in our timing."""
  actions = np.asarray(data.actions).astype(int)
  rows, notes = _replay(rom, data.observations, actions.tolist()), []
  same = len(rows) == len(actions) + 1
  if not same:
    notes.append(
      f"desync: the screen differs after {len(rows) - 1} of {len(actions)} "
      f"actions (PyBoy {PYBOY_VERSION}); only what is before is kept."
    )
  if len(rows) < 2:
    raise MinariError(
      f"episode {data.id} does not begin at this ROM's power-on: was it made "
      "with another ROM, or from another start?"
    )
  packed, ram, terms = (np.stack(column) for column in zip(*rows, strict=True))
  steps = len(rows)
  action = np.append(0, actions[: steps - 1]).astype(np.uint8)
  first, last = np.arange(steps) == 0, np.arange(steps) == steps - 1
  meta = {
    "source": source,
    "seed": zlib.crc32(action.tobytes()),
    "rom": rom.identity,
    "pyboy": PYBOY_VERSION,
    "env": {},
  }
  episode = Episode(
    packed=packed,
    ram=ram,
    action=action,
    intent=action.copy(),
    terms=terms,
    is_first=first,
    is_last=last,
    is_terminal=last & same & bool(np.asarray(data.terminations)[-1]),
    goal=np.full(steps, NO_GOAL, np.int16),
    meta=meta,
  )
  return Placed(episode), notes


def _replay(rom: Rom, observations, actions: list[int]) -> list:
  """Packed frame, RAM and terms of each step, as far as the screens agree."""
  env = GameBoyEnv(rom)
  frame, info = env.reset(seed=0)
  rows = []
  for t in range(len(actions) + 1):
    if t:
      frame, _, _, _, info = env.step(actions[t - 1])
    if not np.array_equal(frame, observations[t]):
      break
    rows.append((info["packed"], info["ram"], info["terms"]))
  env.close()
  return rows
