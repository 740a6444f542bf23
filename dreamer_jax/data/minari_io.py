"""Episodes as a Minari dataset, and back.

Minari (https://minari.farama.org) is the common format of offline datasets; it
is optional: pip install "dreamer_jax[minari]". Observations are shades, `[144,
160]` u8; actions the eight buttons. What is ours besides travels in `infos`.
A dataset that is imported is replayed, so that its RAM and rewards are made
anew, and every observation is compared.
"""

import json
import pathlib
import warnings
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import gymnasium
import numpy as np

from dreamer_jax.data.episodes import NO_GOAL, Episode
from dreamer_jax.errors import UserError
from dreamer_jax.game import frames
from dreamer_jax.game.emulator import BUTTONS, PYBOY_VERSION
from dreamer_jax.game.env import GameBoyEnv
from dreamer_jax.game.rewards import DEFAULT_WEIGHTS
from dreamer_jax.game.rom import Rom

_SPACES = {
  "observation_space": gymnasium.spaces.Box(
    0, 3, (frames.HEIGHT, frames.WIDTH), np.uint8
  ),
  "action_space": gymnasium.spaces.Discrete(len(BUTTONS)),
}
_INFOS = ("ram", "terms", "intent", "goal")  # [T, ...] each, ours


class MinariError(UserError):
  """A dataset that cannot be written or used."""


def _minari():
  try:
    import minari
    import minari.data_collector.episode_buffer
  except ImportError as error:
    raise MinariError(
      f"Minari is not installed ({error}): pip install 'minari[hdf5]>=0.5.4'."
    ) from None
  return minari


def export(
  dataset_id: str, episodes: Iterable[Episode], author: str, description: str
) -> pathlib.Path:
  """Writes episodes as a Minari dataset.

  Args:
    dataset_id: such as `lantern-isle/expert-v0`.
    episodes: at least one; those "as played" by a person keep their own
      timing, which the dataset's infos say.
    author: for the dataset's page.
    description: for the dataset's page.

  Returns:
    The dataset's folder, below $MINARI_DATASETS_PATH or ~/.minari.

  Raises:
    MinariError: Minari is missing, or the dataset is there already.
  """
  minari = _minari()
  buffers = [_buffer(minari, i, e) for i, e in enumerate(episodes)]
  if not buffers:
    raise MinariError("there are no episodes to export: check the folder.")
  try:
    with warnings.catch_warnings():  # of what it would like to know besides
      warnings.simplefilter("ignore")
      dataset = minari.create_dataset_from_buffers(
        dataset_id,
        buffers,
        algorithm_name="DreamerJAX",
        author=author,
        description=description,
        jpeg_encoding=False,  # shades are no photograph
        **_SPACES,
      )
  except (ValueError, AssertionError) as error:
    raise MinariError(
      f"Minari did not write {dataset_id!r}: {error}; is there a dataset of "
      "that name already (minari list local, minari delete)?"
    ) from None
  return pathlib.Path(dataset.storage.data_path).parent


def _buffer(minari, index: int, episode: Episode):
  meta = json.dumps(episode.meta)
  steps = len(episode)
  infos: dict[str, Any] = {n: getattr(episode, n) for n in _INFOS}
  infos["meta"] = np.tile(np.frombuffer(meta.encode(), np.uint8), (steps, 1))
  ended = bool(episode.is_terminal[-1])
  last = np.arange(steps - 1) == steps - 2
  return minari.data_collector.episode_buffer.EpisodeBuffer(
    id=index,
    seed=int(episode.meta["seed"]),
    observations=frames.unpack(episode.packed),
    actions=episode.action[1:].astype(np.int64),
    rewards=(episode.terms[1:] @ np.asarray(DEFAULT_WEIGHTS)).tolist(),
    terminations=(last & ended).tolist(),
    truncations=(last & (not ended)).tolist(),
    infos=infos,
  )


def load(source: str) -> Iterator[tuple[int, Any, dict]]:
  """Reads a dataset: its id, or the folder of it.

  Yields:
    (number, Minari's EpisodeData, our meta or {}).

  Raises:
    MinariError: there is none, or it is of another game.
  """
  minari = _minari()
  folder = pathlib.Path(source)
  try:
    if (folder / "data").is_dir():
      dataset = minari.MinariDataset(folder / "data")
    else:
      dataset = minari.load_dataset(source)
  except (FileNotFoundError, ValueError) as error:
    raise MinariError(
      f"cannot load the Minari dataset {source!r}: {error}; give the id of a "
      "local dataset (minari list local) or its folder."
    ) from None
  shape = dataset.observation_space.shape
  if shape != (frames.HEIGHT, frames.WIDTH) or (
    getattr(dataset.action_space, "n", 0) != len(BUTTONS)
  ):
    raise MinariError(
      f"{source} has observations {shape} and actions {dataset.action_space}: "
      "wanted are screens of 144 x 160 shades and 8 buttons."
    )
  for episode in dataset.iterate_episodes():
    infos = episode.infos or {}
    meta = infos.get("meta")
    ours = json.loads(bytes(np.asarray(meta[0]))) if meta is not None else {}
    yield int(episode.id), episode, ours


def _replay(rom: Rom, observations, actions: list[int], meta: dict) -> list:
  """Packed frame, RAM and terms of each step, as far as the screens agree."""
  env = GameBoyEnv(rom, **{**meta.get("env", {}), "max_steps": None})
  frame, info = env.reset(seed=meta.get("seed", 0))
  rows = []
  for t in range(len(actions) + 1):
    if t:
      frame, _, _, _, info = env.step(actions[t - 1])
    if not np.array_equal(frame, observations[t]):
      break
    rows.append((info["packed"], info["ram"], info["terms"]))
  env.close()
  return rows


def bring_in(rom: Rom, data: Any, meta: dict) -> tuple[Episode, list[str]]:
  """Replays a dataset's episode on the ROM, from power-on.

  Args:
    rom: the ROM.
    data: Minari's EpisodeData.
    meta: ours, of the export; else {}: the default timing and seed are tried.

  Returns:
    The episode as far as its screens agree, and notes for the user.

  Raises:
    MinariError: nothing of it can be replayed.
  """
  if meta.get("timing") == "as played":
    raise MinariError(
      f"episode {data.id} keeps a person's own timing, which a dataset of "
      "actions cannot replay: import its recording (.play) instead."
    )
  actions = np.asarray(data.actions).astype(int)
  rows, notes = _replay(rom, data.observations, actions.tolist(), meta), []
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
  infos = data.infos or {}
  intent = np.asarray(infos.get("intent", action), np.uint8)[:steps]
  goal = np.asarray(infos.get("goal", np.full(steps, NO_GOAL)), np.int16)
  rom_meta = {"sha1": rom.sha1, "title": rom.title, "name": rom.name}
  default = {"seed": zlib.crc32(action.tobytes()), "env": {}}
  own = {"source": "import", "rom": rom_meta, "pyboy": PYBOY_VERSION}
  terminal = np.zeros(steps, bool)
  terminal[-1] = same and bool(np.asarray(data.terminations)[-1])
  first, last = np.arange(steps) == 0, np.arange(steps) == steps - 1
  return (
    Episode(
      packed, ram, action, intent, terms, first, last, terminal, goal[:steps],
      {**default, **meta, **own},
    ),
    notes,
  )  # fmt: skip
