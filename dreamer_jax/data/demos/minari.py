"""Writes and reads episodes as a Minari dataset.

Minari (https://minari.farama.org) is the common format of offline datasets; it
is optional: pip install "dreamer_jax[minari]". Observations are shades, `[144,
160]` u8; actions the eight buttons. What is ours besides travels in `infos`.
"""

import json
import pathlib
import shutil
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from dreamer_jax import domains
from dreamer_jax.config import RewardsConfig
from dreamer_jax.contract import BUTTONS
from dreamer_jax.data.episodes import Episode
from dreamer_jax.errors import UserError
from dreamer_jax.game import frames

_SPACES = {
  "observation_space": gymnasium.spaces.Box(
    0, 3, (frames.HEIGHT, frames.WIDTH), np.uint8
  ),
  "action_space": gymnasium.spaces.Discrete(len(BUTTONS)),
}
INFOS = ("ram", "terms", "intent", "goal")  # [T, ...] each, ours


class MinariError(UserError):
  """A dataset that cannot be written or used."""


class Placed(NamedTuple):
  """An episode, and where in a run it is."""

  episode: Episode
  folder: str = "demos"
  round_: int = 0


def check_id(dataset_id: str) -> None:
  """Refuses what is no name of a Minari dataset.

  Raises:
    MinariError: it is none.
  """
  remedy = domains.DatasetId.__metadata__[0].remedy(dataset_id)
  if remedy:
    raise MinariError(f"{dataset_id!r} names no Minari dataset: {remedy}.")


def _minari():
  try:
    import minari
    import minari.data_collector.episode_buffer
    import minari.storage
  except ImportError as error:
    raise MinariError(
      f"Minari is not installed ({error}): pip install 'minari[hdf5]>=0.5.4'."
    ) from None
  return minari


def export(
  dataset_id: str, placed: Iterable[Placed], author: str, description: str
) -> pathlib.Path:
  """Writes episodes as a Minari dataset, all of it or nothing.

  Args:
    dataset_id: such as `lantern-isle/expert-v0`.
    placed: at least one; those "as played" by a person keep their own timing,
      which the dataset's infos say.
    author: for the dataset's page.
    description: for the dataset's page.

  Returns:
    The dataset's folder, below $MINARI_DATASETS_PATH or ~/.minari.

  Raises:
    MinariError: the name is none, Minari is missing, or the dataset is there
      already.
  """
  check_id(dataset_id)
  minari = _minari()
  folder = pathlib.Path(minari.storage.get_dataset_path(dataset_id))
  if folder.exists():
    raise MinariError(
      f"there is a Minari dataset {dataset_id!r} already, in {folder}: choose "
      "another name or number (minari list local, minari delete)."
    )
  buffers = [_buffer(minari, i, p) for i, p in enumerate(placed)]
  if not buffers:
    raise MinariError("there are no episodes to export: check the folder.")
  try:
    with warnings.catch_warnings():  # of what it would like to know besides
      warnings.simplefilter("ignore")
      minari.create_dataset_from_buffers(
        dataset_id,
        buffers,
        algorithm_name="DreamerJAX",
        author=author,
        description=description,
        jpeg_encoding=False,  # shades are no photograph
        **_SPACES,
      )
  except BaseException as error:
    shutil.rmtree(folder, ignore_errors=True)
    if isinstance(error, (ValueError, AssertionError, OSError)):
      raise MinariError(
        f"Minari did not write {dataset_id!r} to {folder}: {error}."
      ) from None
    raise
  return folder


def _buffer(minari, index: int, placed: Placed):
  episode = placed.episode
  steps = len(episode)
  home = {"folder": placed.folder, "round": placed.round_}
  home["ram_layout"] = episode.layout
  infos: dict[str, Any] = {n: getattr(episode, n) for n in INFOS}
  infos["meta"] = _tiled(episode.meta, steps)
  infos["home"] = _tiled(home, steps)
  ended = bool(episode.is_terminal[-1])
  last = np.arange(steps - 1) == steps - 2
  return minari.data_collector.episode_buffer.EpisodeBuffer(
    id=index,
    seed=int(episode.meta["seed"]),
    observations=frames.unpack(episode.packed),
    actions=episode.action[1:].astype(np.int64),
    rewards=(episode.terms[1:] @ np.asarray(RewardsConfig().weights)).tolist(),
    terminations=(last & ended).tolist(),
    truncations=(last & (not ended)).tolist(),
    infos=infos,
  )


def _tiled(value: dict, steps: int) -> np.ndarray:
  """`[steps, bytes]` u8: a JSON text at every step, as infos want it."""
  text = np.frombuffer(json.dumps(value).encode(), np.uint8)
  return np.tile(text, (steps, 1))


def _untiled(infos: dict, name: str) -> dict:
  """The inverse of `_tiled`; {} where there is no such text."""
  try:
    value = json.loads(bytes(np.asarray(infos[name][0], np.uint8)))
  except (KeyError, IndexError, TypeError, ValueError):
    return {}
  return value if isinstance(value, dict) else {}


def load(source: str) -> Iterator[tuple[int, Any, dict, dict]]:
  """Reads a dataset: its id, or the folder of it.

  Yields:
    (number, Minari's EpisodeData, our meta or {}, where it was or {}).

  Raises:
    MinariError: there is none, or it is of another game.
  """
  minari = _minari()
  folder = pathlib.Path(source).expanduser()
  if not folder.is_dir():
    check_id(source)
    folder = pathlib.Path(minari.storage.get_dataset_path(source))
  if not (folder / "data").is_dir():
    raise MinariError(
      f"cannot load the Minari dataset {source!r}: {folder} holds none; give "
      "the id of a local dataset (minari list local) or its folder."
    )
  try:
    dataset = minari.MinariDataset(folder / "data")
    shape = getattr(dataset.observation_space, "shape", None)
    space = dataset.action_space
    presses = isinstance(space, gymnasium.spaces.Discrete) and (
      (space.n, space.start) == (len(BUTTONS), 0)
    )
    if shape != (frames.HEIGHT, frames.WIDTH) or not presses:
      raise MinariError(
        f"{source} has observations {shape} and actions {space}: "
        "wanted are screens of 144 x 160 shades and 8 buttons."
      )
    for episode in dataset.iterate_episodes():
      infos = episode.infos or {}
      meta, home = _untiled(infos, "meta"), _untiled(infos, "home")
      yield int(episode.id), episode, meta, home
  except (OSError, KeyError, TypeError, ValueError, AssertionError) as error:
    raise MinariError(
      f"cannot load the Minari dataset {source!r}: {error}; it is damaged, or "
      "of another version of Minari: export or download it again."
    ) from None
