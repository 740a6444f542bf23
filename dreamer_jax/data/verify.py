"""Whether stored episodes come back from their inputs, to the byte."""

import numpy as np

from dreamer_jax.data.episodes import Episode
from dreamer_jax.errors import UserError
from dreamer_jax.game.emulator import PYBOY_VERSION
from dreamer_jax.game.env import GameBoyEnv

_COMPARED = {"packed": "screen", "ram": "RAM", "terms": "terms"}


class ReplayError(UserError):
  """An episode that does not come back."""


def replays(env: GameBoyEnv, episode: Episode) -> bool:
  """Plays an episode's seed and actions again, and compares every step.

  Args:
    env: of the episode's ROM and options.
    episode: of the environment.

  Returns:
    False where its start is not known: it began at a start state, or keeps a
    person's own timing (then its recording is what is verified).

  Raises:
    ReplayError: a screen, the RAM or a term differs.
  """
  meta = episode.meta
  if meta.get("timing") == "as played":
    return False
  _, info = env.reset(seed=meta["seed"])
  if not np.array_equal(info["ram"], episode.ram[0]):
    if episode.decode_ram().is_playing[0]:
      return False
    raise _differs(episode, 0, "start")
  for t in range(len(episode)):
    if t:
      info = env.step(int(episode.action[t]))[4]
    for name, field in (
      ("screen", "packed"),
      ("RAM", "ram"),
      ("terms", "terms"),
    ):
      if not np.array_equal(info[field], getattr(episode, field)[t]):
        raise _differs(episode, t, name)
  return True


def _differs(episode: Episode, step: int, what: str) -> ReplayError:
  meta = episode.meta
  return ReplayError(
    f"the episode {meta['source']} {meta['seed']} does not come back: at step "
    f"{step} of {len(episode) - 1} the {what} differs. It was played with "
    f"PyBoy {meta.get('pyboy')} on {meta['rom']['name']}; this is PyBoy "
    f"{PYBOY_VERSION}."
  )
