"""Whether this ROM, this PyBoy and this machine will work: checks, a page.

Every check plays on the real emulator and says what it saw, and what to do
where it failed.
"""

import base64
import html
import os
import pathlib
import platform
import time
from typing import NamedTuple

import numpy as np

from dreamer_jax import games
from dreamer_jax.contract import BUTTONS
from dreamer_jax.errors import UserError
from dreamer_jax.evaluation.report import style, video
from dreamer_jax.game import intro, sanity
from dreamer_jax.game.emulator import IS_COMPILED, PYBOY_VERSION
from dreamer_jax.game.env import GameBoyEnv
from dreamer_jax.game.ram import decode
from dreamer_jax.game.rom import Rom

_TESTED_PYBOY = "2.8."
_ENOUGH_HZ = 150.0  # actions a second of one process
_BATTERY_SUFFIXES = (".ram", ".sav", ".rtc", ".srm")


class Check(NamedTuple):
  """One line of the page."""

  name: str
  ok: bool | None  # None: works, with a caveat
  text: str


class Page(NamedTuple):
  """What the doctor found."""

  rom: Rom
  checks: list[Check]
  picture: np.ndarray  # [H, W, 3] u8: title, start of play, later

  @property
  def ok(self) -> bool:
    """No check failed."""
    return all(check.ok is not False for check in self.checks)


def examine(rom: Rom, secs: float = 3.0, max_actions: int = 3000) -> Page:
  """Runs every check, one after another.

  Args:
    rom: a ROM that `rom.find` let in.
    secs: how long the speed is measured.
    max_actions: of the intro.
  """
  beside = _files_beside(rom)
  env = GameBoyEnv(rom)
  checks = [_identity(rom), _machine()]
  env.reset(seed=0)
  _walk(env, [BUTTONS.index("b")] * 20)
  shots = {"title": env.frame()}
  env.reset(seed=0)
  try:
    began = time.perf_counter()
    count = intro.play(env, max_actions=max_actions)
    took = time.perf_counter() - began
    checks.append(
      Check("intro", True, f"the player can act after {count} actions, "
            f"{took:.1f} s")
    )  # fmt: skip
    shots["play begins"] = env.frame()
    checks += [_ram(env, rom), _clock(env), _menu(env)]
  except UserError as error:
    checks.append(Check("intro", False, str(error)))
  checks += [_determinism(env), _speed(env, secs)]
  shots["some random play later"] = env.frame()
  env.close()
  checks.append(_battery(rom, beside))
  panels = [video.colorize(shot) for shot in shots.values()]
  picture = video.beside(panels, list(shots), f"{rom.name}, {rom.title}", 2)
  return Page(rom, checks, picture)


def _identity(rom: Rom) -> Check:
  text = f"{rom.name}, title {rom.title!r}, SHA-1 {rom.sha1}"
  if rom.warning:
    return Check("game", None, f"{text}: {rom.warning}")
  return Check("game", True, text)


def _machine() -> Check:
  cores = os.cpu_count() or 1
  text = f"PyBoy {PYBOY_VERSION}, Python {platform.python_version()}, "
  text += f"{cores} cores, {platform.system()} {platform.machine()}"
  if not IS_COMPILED:
    return Check("machine", None, f"{text}; this PyBoy is not compiled and "
                 "will be slow: install its wheel")  # fmt: skip
  if not PYBOY_VERSION.startswith(_TESTED_PYBOY):
    return Check("machine", None, f"{text}; tested with {_TESTED_PYBOY}x: "
                 "states and replays of other versions may differ")  # fmt: skip
  return Check("machine", True, text)


def _ram(env: GameBoyEnv, rom: Rom) -> Check:
  world = games.get(rom).world()
  found = sanity.problems(env.read_ram(), world, games.get(rom).species)
  if found:
    return Check("RAM", False, "; ".join(found) + ": this is not Red's layout")
  ram = decode(env.read_ram())
  place = f"{world.name(ram.map_id)} ({int(ram.x)}, {int(ram.y)})"
  return Check("RAM", True, f"{place}, money {int(ram.money)}, party of "
               f"{int(ram.party_count)}: every rule holds")  # fmt: skip


def _clock(env: GameBoyEnv) -> Check:
  state = env.save_state()
  before = decode(env.read_ram()).play_time_frames
  _walk(env, [BUTTONS.index("b")] * 5)
  passed = int(decode(env.read_ram()).play_time_frames - before)
  env.load_state(state)
  # The clock may miss frames while the game is busy.
  ok = 60 <= passed <= 130 or None
  text = f"play time went on by {passed} frames in 120"
  return Check("clock", ok, text)


def _menu(env: GameBoyEnv) -> Check:
  """Start opens a menu that `dialog_open` sees, and B closes it."""
  state = env.save_state()
  env.press(BUTTONS.index("start"))
  opened = bool(decode(env.read_ram()).dialog_open)
  for _ in range(4):
    env.press(BUTTONS.index("b"))
  closed = bool(decode(env.read_ram()).can_act)
  env.load_state(state)
  if opened and closed:
    return Check("menu", True, "Start opens it, B closes it, the RAM says so")
  if closed:
    return Check("menu", None, "Start opened nothing that the RAM tells of")
  return Check("menu", False, "after Start and B the player cannot act")


def _determinism(env: GameBoyEnv) -> Check:
  """The same seed and the same state, twice each."""
  actions = np.random.default_rng(0).integers(0, len(BUTTONS), 60)
  env.reset(seed=1)
  first = _walk(env, actions)
  env.reset(seed=2)
  env.reset(seed=1)
  if _walk(env, actions) != first:
    return Check("determinism", False, "the same seed and actions gave another "
                 "episode: install the tested PyBoy")  # fmt: skip
  state = env.save_state()
  after = _walk(env, actions)
  env.reset(seed=2)
  env.load_state(state)
  if _walk(env, actions) != after:
    return Check("determinism", False, "a saved state did not go on as the "
                 "game did: install the tested PyBoy")  # fmt: skip
  return Check("determinism", True, "240 actions: seeds and saved states "
               "repeat to the byte")  # fmt: skip


def _speed(env: GameBoyEnv, secs: float) -> Check:
  rng = np.random.default_rng(1)
  count, began = 0, time.perf_counter()
  while (passed := time.perf_counter() - began) < secs:
    env.step(int(rng.integers(0, len(BUTTONS))))
    count += 1
  hz = count / passed
  text = f"{hz:,.0f} actions a second in one process, {hz * 24 / 60:.0f} times "
  text += "real time"
  if hz < _ENOUGH_HZ:
    return Check("speed", None, f"{text}: slow; collecting will take long")
  return Check("speed", True, text)


def _files_beside(rom: Rom) -> dict[str, bytes]:
  """Battery files beside the ROM, by name."""
  path = pathlib.Path(rom.path)
  names = [path.name + s for s in _BATTERY_SUFFIXES]
  names += [path.stem + s for s in _BATTERY_SUFFIXES]
  files = [path.with_name(n) for n in names]
  return {f.name: f.read_bytes() for f in files if f.is_file()}


def _battery(rom: Rom, before: dict[str, bytes]) -> Check:
  after = _files_beside(rom)
  if after != before:
    return Check("battery", False, "a file beside the ROM changed: "
                 f"{', '.join(sorted(set(after) | set(before)))}")  # fmt: skip
  if before:
    return Check("battery", True, f"{', '.join(sorted(before))} beside the ROM "
                 "left alone, not read: give it with --battery")  # fmt: skip
  return Check("battery", True, "no file beside the ROM was made")


def _walk(env: GameBoyEnv, actions) -> list[bytes]:
  """What each action showed: RAM and screen."""
  shown = []
  for action in actions:
    env.press(int(action))
    shown.append(env.read_ram().tobytes() + env.frame().tobytes())
  return shown


def write_html(page: Page, path: str | os.PathLike) -> None:
  """Writes the page; it needs no other file."""
  marks = {
    True: '<span class="ok">ok</span>',
    False: '<span class="miss">fails</span>',
    None: '<span class="miss">beware</span>',
  }
  rows = "\n".join(
    f"<tr><th>{html.escape(c.name)}</th><td>{marks[c.ok]}</td>"
    f'<td class="text">{html.escape(c.text)}</td></tr>'
    for c in page.checks
  )
  title = "will work" if page.ok else "will not work"
  picture = base64.b64encode(video.png(page.picture)).decode()
  text = (
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    f"<title>DreamerJAX: doctor</title>\n<style>\n{style.CSS}"
    "td.text { text-align: left; white-space: normal; width: 100%; "
    "overflow-wrap: anywhere; }\n</style>\n</head>\n<body>\n<main>\n"
    f"<header><h1>{html.escape(page.rom.name)} {title}</h1></header>\n"
    f"<section>\n<table>\n<tbody>\n{rows}\n</tbody>\n</table>\n</section>\n"
    '<section><figure><img alt="screens" src="data:image/png;base64,'
    f'{picture}"></figure></section>\n</main>\n</body>\n</html>\n'
  )
  video.write_atomic(path, text.encode())
