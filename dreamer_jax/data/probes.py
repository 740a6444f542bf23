"""Makes the targets that the world model's probes learn, from the RAM.

`contract.PROBES` says which there are, so that the world model can be built
without knowing the game.
"""

import numpy as np

from dreamer_jax.contract import NUM_MAPS
from dreamer_jax.game.ram import GameRam
from dreamer_jax.game.rewards import is_settled

LEVEL_SCALE = 100.0  # levels that make 1.0 of `level_sum`
OWNED_SCALE = 10.0  # species that make 1.0 of `owned_count`


def probes(ram: GameRam) -> dict[str, np.ndarray]:
  """Makes the targets of `contract.PROBES`, and their weight.

  Args:
    ram: of any leading shape; a sequence of one episode along the last axis
      of it, where there is one, so that warps can be seen.

  Returns:
    `[...]` i32 for classes and f32 for the rest. `valid` f32 is 1 where
    targets can be trusted: not before play begins, and not during a warp,
    which shows the new map with the old position for about 32 frames.
  """
  party = np.arange(ram.party_hp.shape[-1]) < ram.party_count[..., None]
  hp = np.where(party, ram.live_party_hp, 0).sum(-1)
  max_hp = np.where(party, ram.party_max_hp, 0).sum(-1)
  levels = np.where(party, ram.party_level, 0).sum(-1)
  enemy = np.where(ram.in_battle, ram.enemy_hp, 0)
  return {
    "map": ram.map_id.astype(np.int32),
    "x": np.clip(ram.x, 0, 255).astype(np.int32),
    "y": np.clip(ram.y, 0, 255).astype(np.int32),
    "facing": ram.facing.astype(np.int32),
    "in_battle": ram.in_battle.astype(np.int32),
    "dialog_open": ram.dialog_open.astype(np.int32),
    "badges": ram.badge_count,
    "party_count": ram.party_count.astype(np.int32),
    "hp_fraction": _fraction(hp, max_hp),
    "enemy_hp_fraction": _fraction(enemy, ram.enemy_max_hp),
    "level_sum": (levels / LEVEL_SCALE).astype(np.float32),
    "owned_count": (ram.owned_count / OWNED_SCALE).astype(np.float32),
    "valid": is_placed(ram).astype(np.float32),
  }


def is_placed(ram: GameRam) -> np.ndarray:
  """`[...]` bool: the position can be trusted, as `probes` says of `valid`."""
  return is_settled(ram) & ~_warping(ram)


def maps_seen(ram: GameRam) -> np.ndarray:
  """Which maps an episode has met so far, as `RewardTracker` counts them.

  Args:
    ram: fields `[T]`, one episode in order.

  Returns:
    `[T, 32]` u8, a bit field: bit id % 8 of byte id // 8.
  """
  settled = is_settled(ram)
  agrees = np.append(False, ram.map_id[1:] == ram.map_id[:-1])
  agrees |= np.arange(len(settled)) == np.argmax(settled)  # home
  seen = (settled & agrees)[:, None] & (
    ram.map_id[:, None] == np.arange(NUM_MAPS)
  )
  seen = np.logical_or.accumulate(seen, axis=0)
  return np.packbits(seen, axis=-1, bitorder="little")


def _fraction(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
  return np.clip(part / np.maximum(whole, 1), 0, 1).astype(np.float32)


def _warping(ram: GameRam) -> np.ndarray:
  """[...] bool: the map just changed, the position did not yet."""
  warping = np.zeros(ram.map_id.shape, bool)
  if warping.ndim:
    changed = lambda field: field[..., 1:] != field[..., :-1]
    moved = changed(ram.x) | changed(ram.y)
    warping[..., 1:] = changed(ram.map_id) & ~moved
  return warping
