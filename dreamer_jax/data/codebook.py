"""The tile codebook: the distinct 8x8 patterns of the game, numbered.

With it a frame is 18 x 20 ids, and a picture of ids is crisp. Patterns beyond
the capacity map to the nearest, by the Hamming distance of their pixels' bits;
`exactness` says what that costs. Ids never change meaning: `grow` only
appends.
"""

import hashlib
import io
import pathlib
import zipfile
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from dreamer_jax.data.files import write_atomic
from dreamer_jax.errors import UserError
from dreamer_jax.game import frames

_MIX_HIGH = np.uint64(0x9E3779B97F4A7C15)  # odd multipliers of the hash
_MIX_LOW = np.uint64(0xD6E8FEB86659FD93)
Frames = np.ndarray | Iterable[np.ndarray]  # packed, at once or in chunks
_CACHE_LIMIT = 1 << 18  # unknown patterns remembered


class Exactness(NamedTuple):
  """What mapping frames to the codebook loses."""

  tiles: float  # share of tiles that are exact, 0-1
  frames: float  # share of frames that are exact, 0-1
  psnr_db: float  # of grey pixels, the peak being black on white; inf: exact


class TileCodebook:
  """Patterns by id, and ids by pattern.

  Attributes:
    patterns: `[V, 16]` u8, packed as by `frames.pack`.
    capacity: the largest V.
  """

  def __init__(self, patterns: np.ndarray, capacity: int):
    """Takes patterns in the order of their ids; they must be distinct."""
    patterns = np.ascontiguousarray(patterns, np.uint8)
    if patterns.ndim != 2 or patterns.shape[1] != frames.TILE_BYTES:
      raise ValueError(f"patterns are [V, 16], not {patterns.shape}")
    if not 1 <= len(patterns) <= capacity <= np.iinfo(np.int16).max:
      raise ValueError(
        f"{len(patterns)} patterns and capacity {capacity}: wanted are "
        "1 <= patterns <= capacity <= 32767, as ids are 16 bits"
      )
    self.capacity = capacity
    self.patterns = patterns
    self._near: dict[int, int] = {}  # hash of an unknown pattern -> id
    self._index()

  @classmethod
  def build(cls, packed: Frames, capacity: int) -> "TileCodebook":
    """Numbers the patterns of frames by frequency, the most frequent first.

    Args:
      packed: `[..., 18, 20, 16]` u8, or an iterable of such arrays.
      capacity: patterns to keep at most.
    """
    return cls(_distinct(packed)[0][:capacity], capacity)

  def __len__(self) -> int:
    return len(self.patterns)

  @property
  def hash(self) -> str:
    """Hexadecimal; of the patterns in their order."""
    return hashlib.sha256(self.patterns.tobytes()).hexdigest()[:16]

  def encode(self, packed: np.ndarray) -> np.ndarray:
    """Looks tiles up.

    Args:
      packed: `[..., 16]` u8, for frames `[..., 18, 20, 16]`.

    Returns:
      `[...]` i16, for frames `[..., 18, 20]`.
    """
    packed = np.ascontiguousarray(packed, np.uint8)
    tiles = packed.reshape(-1, packed.shape[-1])
    keys = _hash(tiles)
    place = np.minimum(np.searchsorted(self._hashes, keys), len(self) - 1)
    ids = self._ids[place]
    unknown = self._hashes[place] != keys
    if unknown.any():
      ids[unknown] = self._nearest(keys[unknown], tiles[unknown])
    return ids.reshape(packed.shape[:-1])

  def decode(self, ids: np.ndarray) -> np.ndarray:
    """`[...]` ids -> `[..., 16]` u8 packed tiles."""
    return self.patterns[ids]

  def frames(self, ids: np.ndarray) -> np.ndarray:
    """`[..., 18, 20]` ids -> `[..., 144, 160]` u8 shades."""
    return frames.unpack(self.decode(ids))

  def grow(self, packed: Frames) -> int:
    """Appends the patterns of new frames, the most frequent first.

    Args:
      packed: as for `build`.

    Returns:
      How many patterns were appended; none once the capacity is reached.
    """
    patterns, _ = _distinct(packed)
    unknown = ~np.isin(_hash(patterns), self._hashes)
    new = patterns[unknown][: self.capacity - len(self)]
    if len(new):
      self.patterns = np.concatenate([self.patterns, new])
      self._near.clear()
      self._index()
    return len(new)

  def exactness(self, packed: np.ndarray) -> Exactness:
    """Compares frames `[..., 18, 20, 16]` with what the codebook makes of them.

    A tile is exact where all of its 64 pixels are.
    """
    packed = np.asarray(packed, np.uint8)
    packed = packed.reshape(-1, *packed.shape[-3:])
    back = self.decode(self.encode(packed))
    exact = (back == packed).all(-1)
    wrong = np.flatnonzero(~exact.all((1, 2)))
    if not len(wrong):
      return Exactness(1.0, 1.0, float("inf"))
    error = frames.unpack(back[wrong]).astype(np.int16)
    error -= frames.unpack(packed[wrong])
    total = np.square(error / 3.0).sum() / len(packed)
    mse = total / (frames.HEIGHT * frames.WIDTH)
    share = 1 - len(wrong) / len(packed)
    return Exactness(float(exact.mean()), share, float(-10 * np.log10(mse)))

  def save(self, path: str | pathlib.Path, game: str = "") -> None:
    """Writes an `.npz`, all of it or nothing; `game` is its ROM's SHA-1."""
    buffer = io.BytesIO()
    np.savez_compressed(
      buffer, patterns=self.patterns, capacity=np.int64(self.capacity),
      game=np.str_(game),
    )  # fmt: skip
    write_atomic(path, buffer.getvalue())

  @classmethod
  def load(
    cls, path: str | pathlib.Path, game: str = "", capacity: int = 0
  ) -> "TileCodebook":
    """Reads what `save` wrote.

    Args:
      path: of the file.
      game: SHA-1 of the ROM that it must be of; "" for any.
      capacity: that it must have; 0 for any.

    Raises:
      UserError: the file is missing, damaged, or not what it must be.
    """
    try:
      with np.load(path) as data:
        found = cls(data["patterns"], int(data["capacity"]))
        made_for = str(data["game"]) if "game" in data else ""
    except (
      OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile
    ) as error:  # fmt: skip
      raise UserError(
        f"cannot read the tile codebook {path} ({error}): it is missing or "
        "damaged; build it again from the episodes."
      ) from None
    for what, there, here in (
      ("the ROM with SHA-1", made_for, game),
      ("a codebook of", found.capacity, capacity),
    ):
      if there and here and there != here:
        raise UserError(
          f"the tile codebook {path} is of {what} {there}, the run of {here}: "
          "move it away, and it is made anew from the episodes, or choose "
          "another --workdir."
        )
    return found

  def _index(self) -> None:
    hashes = _hash(self.patterns)
    order = np.argsort(hashes)
    self._hashes = hashes[order]  # [V] u64, ascending
    self._ids = order.astype(np.int16)  # [V], of those hashes
    if (self._hashes[1:] == self._hashes[:-1]).any():
      raise ValueError("patterns repeat: each may have one id only")

  def _nearest(self, keys: np.ndarray, tiles: np.ndarray) -> np.ndarray:
    """[K] ids of the patterns nearest to [K, 16] unknown ones."""
    if len(self._near) > _CACHE_LIMIT:
      self._near.clear()
    unique, first, inverse = np.unique(
      keys, return_index=True, return_inverse=True
    )
    ids = np.empty(len(unique), np.int16)
    for i, key in enumerate(unique.tolist()):
      if key not in self._near:
        differing = np.bitwise_count(self.patterns ^ tiles[first[i]])
        self._near[key] = int(differing.sum(1, dtype=np.int32).argmin())
      ids[i] = self._near[key]
    return ids[inverse]


def _hash(tiles: np.ndarray) -> np.ndarray:
  """[K, 16] u8 -> [K] u64. Different patterns clash once in 2^64 pairs."""
  words = tiles.view("<u8")
  high, low = words[:, 0], words[:, 1]
  mixed = (high ^ (high >> np.uint64(29))) * _MIX_HIGH
  return (mixed ^ (mixed >> np.uint64(32))) + low * _MIX_LOW


def _distinct(chunks: Frames) -> tuple[np.ndarray, np.ndarray]:
  """The distinct patterns of frames, [P, 16] u8, and their counts [P].

  They come most frequent first, and among equals in order of appearance.
  """
  patterns = np.zeros((0, frames.TILE_BYTES), np.uint8)
  counts = np.zeros(0, np.int64)
  for chunk in [chunks] if isinstance(chunks, np.ndarray) else chunks:
    tiles = np.ascontiguousarray(chunk, np.uint8)
    tiles = np.concatenate([patterns, tiles.reshape(-1, frames.TILE_BYTES)])
    weight = np.ones(len(tiles), np.int64)
    weight[: len(counts)] = counts
    _, first, inverse = np.unique(
      _hash(tiles), return_index=True, return_inverse=True
    )
    order = np.argsort(first)
    counts = np.bincount(inverse, weight)[order].astype(np.int64)
    patterns = tiles[first[order]]
  order = np.argsort(-counts, kind="stable")
  return patterns[order], counts[order]
