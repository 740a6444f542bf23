"""The one judge of whether a trained agent belongs to this version and a game.

A checkpoint's JSON says on which ROM it learned, how RAM was read, which goals
it was given and what its weights mean. Whoever loads one asks here. What
differs is refused in one sentence, or, where the person asked for it, told.
What cannot be overruled are weights of other shapes: those do not load.
"""

import os
from collections.abc import Callable, Collection
from typing import Any

from dreamer_jax import config as config_lib
from dreamer_jax.data import origin as origins
from dreamer_jax.data.layouts import EARLIER, RAM_LAYOUT
from dreamer_jax.data.origin import Origin
from dreamer_jax.errors import UserError
from dreamer_jax.game import rom as roms
from dreamer_jax.game.rom import Rom, RomError
from dreamer_jax.goals import vocabulary
from dreamer_jax.training import weight_editions
from dreamer_jax.training.progress import PHASES, Counters
from dreamer_jax.training.weight_editions import POLICY, WORLD

BOTH = (WORLD, POLICY)
FLAG = "--allow_mismatch"
_TOLD = {"config", "counters", "goals", "codebook", "rom"}  # by all versions
_BEFORE_POLICY = (0, PHASES.index("clone"), 0)  # round, phase, updates
Warn = Callable[[str], None]  # takes a sentence; a loader without one refuses


def describe(rom: Rom) -> dict[str, Any]:
  """What a checkpoint has to say so that it can be judged later; JSON."""
  return {
    "rom": rom.identity,
    "ram_layout": RAM_LAYOUT,
    "goals": vocabulary.vocabulary_hash(),
    "meaning": weight_editions.table(),
  }


def origin(meta: dict[str, Any]) -> Origin:
  """The game that an agent learned on, and the pace of its actions."""
  rom, env = meta.get("rom") or {}, meta.get("config", {}).get("env", {})
  if isinstance(rom, str):  # before the ROM's SHA-1 was kept
    rom = {"name": rom}
  return origins.of_meta({"rom": rom, "env": env})


def differences(
  meta: dict[str, Any], parts: Collection[str] = BOTH
) -> list[str]:
  """How an agent differs from what this version makes, a phrase each.

  Args:
    meta: the checkpoint's JSON.
    parts: what of it is to be used, some of `BOTH`.
  """
  found = [
    phrase
    for part in BOTH
    if part in parts
    for phrase in weight_editions.differences(meta.get("meaning", {}), part)
  ]
  goals = vocabulary.vocabulary_hash()
  if meta["goals"] != goals:
    found.append(f"it knows goals {meta['goals']}, this version has {goals}")
  layout = meta.get("ram_layout", RAM_LAYOUT)
  if layout not in (RAM_LAYOUT, *EARLIER):  # a wider one reads the same things
    found.append(
      f"its RAM was read by layout {layout}, this version has {RAM_LAYOUT}"
    )
  return found


def check(
  where: str,
  meta: dict[str, Any],
  parts: Collection[str] = BOTH,
  warn: Warn | None = None,
) -> None:
  """Refuses an agent of another version, or says how it differs.

  Args:
    where: its path.
    meta: its JSON.
    parts: what of it is to be used.
    warn: told what differs; None refuses.

  Raises:
    UserError: it differs.
  """
  missing = _TOLD - meta.keys()
  if missing:
    raise UserError(
      f"{where} does not say its {min(missing)}: it is damaged, or no agent of "
      "this project; export or train it again"
    )
  found = differences(meta, parts)
  again = "train again"
  if not differences(meta, (WORLD,)):
    again = (
      "train clone and dreams anew, in another --workdir with a copy of its "
      "demos/ and episodes/"
    )
  _judge(where, found, f"{again}, or use the version that trained it", warn)


def check_going_on(where: str, meta: dict[str, Any], rom: Rom) -> None:
  """Refuses to train on from a checkpoint of another version or game.

  A policy that was not trained yet means nothing, and is not asked.

  Args:
    where: its path.
    meta: its JSON.
    rom: what the run plays now.

  Raises:
    UserError: it differs.
  """
  now = Counters(**meta["counters"])
  began = (now.round, PHASES.index(now.phase), now.done) > _BEFORE_POLICY
  found = differences(meta, BOTH if began else (WORLD,))
  mine = origin(meta)
  here = origins.of_rom(rom, mine.press_frames, mine.action_frames)
  found += origins.differences(mine, here)
  if found:
    raise UserError(
      f"{where} cannot be trained on: {'; '.join(found)}: go on with the "
      "version and the ROM that it began with, or begin a run in another "
      "--workdir"
    )


def check_rival(
  where: str,
  rival: dict[str, Any],
  meta: dict[str, Any],
  warn: Warn | None = None,
) -> None:
  """Refuses a rival that learned on another game than an agent.

  Args:
    where: the rival's path.
    rival: its JSON.
    meta: the agent's.
    warn: told what differs; None refuses.

  Raises:
    UserError: it differs.
  """
  _judge(
    where, origins.differences(origin(rival), origin(meta)),
    "train it like this run, with dreamer-jax model-free", warn,
  )  # fmt: skip


def find_rom(
  where: str,
  meta: dict[str, Any],
  env: config_lib.EnvConfig,
  given: str | None = None,
  warn: Warn | None = None,
) -> Rom:
  """The ROM that an agent plays: its own, unless told otherwise.

  `given` counts before the path of the agent's own settings, that before the
  variable DREAMER_ROM, that before the embedded game. A file that moved is
  found by its SHA-1 in a later place; one that is there, but another game's,
  is refused.

  Args:
    where: the agent's path.
    meta: its JSON.
    env: its settings.
    given: a path that the person gave.
    warn: told that the ROM is another game's; None refuses it.

  Raises:
    RomError: there is no such ROM.
    UserError: it is another game's.
  """
  own = origin(meta)
  if not own.sha1 and not own.name:  # untrained
    return roms.find(given or env.rom, allow_unknown=env.allow_unknown_rom)
  if not given and env.rom:
    return _moved(where, own, env, warn)
  rom = roms.find(given, allow_unknown=True)
  by = "--rom" if given else f"${roms.ENV_VARIABLE}"
  told = given or os.environ.get(roms.ENV_VARIABLE)
  what = f"{rom.path} ({by})" if told else "the embedded game"
  remedy = "leave --rom out, or give its own" if given else (
    f"unset ${roms.ENV_VARIABLE}, or give its own with --rom" if told
    else f"give its own with --rom or ${roms.ENV_VARIABLE}"
  )  # fmt: skip
  return _accepted(where, own, env, rom, what, remedy, warn)


def _moved(where: str, own: Origin, env: config_lib.EnvConfig, warn) -> Rom:
  """The ROM of a run that names a file: that, or the same one elsewhere."""
  try:
    rom = roms.find(env.rom, allow_unknown=True)
  except RomError:
    rom = None
  if rom is None or _differs(own, rom):
    try:
      elsewhere = roms.find(allow_unknown=True)
    except RomError:
      elsewhere = None
    if elsewhere and not _differs(own, elsewhere):
      return elsewhere
  if rom is None:
    raise RomError(
      f"{where} was trained on {own.game}, whose ROM is not at {env.rom} any "
      f"more: say where it is with --rom or ${roms.ENV_VARIABLE}"
    )
  return _accepted(
    where, own, env, rom, f"{env.rom}, where its ROM was",
    "give its own with --rom", warn,
  )  # fmt: skip


def _accepted(where, own, env, rom, what, remedy, warn) -> Rom:
  """The ROM, if it is the agent's or the person wants it all the same."""
  if _differs(own, rom):
    found = [f"it was trained on {own.game}, and {what} is {_game(rom)}"]
    _judge(where, found, remedy, warn)
  elif not own.sha1 and rom.warning and not env.allow_unknown_rom:
    roms.find(rom.path)  # says why not
  return rom


def _differs(own: Origin, rom: Rom) -> bool:
  return bool(origins.differences(own, Origin(rom.sha1, rom.name)))


def _game(rom: Rom) -> str:
  return Origin(rom.sha1, rom.name).game


def _judge(where: str, found: list[str], remedy: str, warn) -> None:
  """Refuses what was found, or tells it to `warn`."""
  if not found:
    return
  told = f"{where} does not belong here: {'; '.join(found)}"
  if warn is None:
    raise UserError(f"{told}: {remedy}; {FLAG} goes on all the same")
  warn(f"{told}; going on all the same, as {FLAG} says")
