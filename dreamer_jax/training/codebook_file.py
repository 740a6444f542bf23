"""The file of a run's codebook, `codebook.npz`, which may be lost.

It can be made again, of the first round's episodes or of a checkpoint, so a
damaged one stops nobody.
"""

import os
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from absl import logging

from dreamer_jax.config import Config
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.errors import UserError
from dreamer_jax.game.rom import Rom


class CodebookFile(NamedTuple):
  """Where a run keeps its codebook."""

  path: str
  capacity: int  # of the codebook, as configured
  game: str  # SHA-1 of its ROM

  def read(self) -> TileCodebook | None:
    """None where the file is lost, damaged, or of another capacity.

    Raises:
      UserError: it is another game's.
    """
    if not os.path.exists(self.path):
      return None
    try:
      there = TileCodebook.load(self.path)
    except UserError as error:
      logging.warning("%s It is made anew.", error)
      return None
    if there.capacity != self.capacity:
      return None
    return self.load()

  def load(self) -> TileCodebook:
    """The codebook that is there.

    Raises:
      UserError: it is lost, damaged, or of another game or capacity.
    """
    return TileCodebook.load(self.path, self.game, self.capacity)

  def make(self, packed: Iterable[np.ndarray]) -> TileCodebook:
    """A codebook of frames; nothing is written."""
    return TileCodebook.build(packed, self.capacity)

  def keep(self, codebook: TileCodebook) -> None:
    """Writes a codebook, unless it stands there.

    Raises:
      UserError: it cannot be written.
    """
    there = self.read()
    if there is None or not np.array_equal(there.patterns, codebook.patterns):
      codebook.save(self.path, self.game)


def of(config: Config, workdir: str, rom: Rom) -> CodebookFile:
  """The file in a run's folder."""
  path = os.path.join(workdir, "codebook.npz")
  return CodebookFile(path, config.world_model.network.codebook, rom.sha1)
