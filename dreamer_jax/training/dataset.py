"""The episodes of a run: plays what each round wants, reads it for learning.

Round 0 is scripted: demonstrations, and exploring play by the same expert with
many random actions. Later rounds are played by the policy. No script knows a
user's own ROM: there, a person's demonstrations take the expert's place, and
random play that holds its buttons explores.
"""

import dataclasses
import functools
import hashlib
import pathlib
from collections.abc import Callable, Iterable, Iterator, Mapping

import jax
import jax.numpy as jnp
import numpy as np
from absl import logging

from dreamer_jax import domains, games
from dreamer_jax.config import Config
from dreamer_jax.data import episodes, sampling, settings
from dreamer_jax.data import replay as replay_lib
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.data.episodes import Episode
from dreamer_jax.data.files import remove_leftovers
from dreamer_jax.data.policies import Policy
from dreamer_jax.errors import UserError
from dreamer_jax.game import rom as roms
from dreamer_jax.goals import relabeling
from dreamer_jax.paths import command
from dreamer_jax.training import playing
from dreamer_jax.training.codebook_file import CodebookFile
from dreamer_jax.training.collection import Job, deal, plan, plan_own
from dreamer_jax.training.devices import Devices
from dreamer_jax.types import Batch

# Fills in a replay's memory, see `training.replay_latents`.
Remember = Callable[[replay_lib.Replay], replay_lib.Replay]


class Experience:
  """The episodes of a run's folder, which all its processes share.

  Each process plays and learns from the episodes of its own seeds; all of them
  count for what must be the same everywhere: codebook, held-out episodes.
  """

  def __init__(
    self, config: Config, workdir: str, devices: Devices | None = None
  ):
    """Finds the ROM; makes and writes nothing.

    Args:
      config: of the run.
      workdir: its folder.
      devices: of the run; None for one of this process's.

    Raises:
      UserError: the ROM, or the episodes that are there, cannot be used.
    """
    self._config = config
    self._devices = devices or Devices(jax.local_devices()[:1])
    self._cloned = domains.names_in(config.policy.cloning.sources)
    self.rom = roms.find(
      config.env.rom, allow_unknown=config.env.allow_unknown_rom
    )
    if self.rom.warning:
      logging.warning("%s: %s", self.rom.name, self.rom.warning)
    origin = playing.origin_of(config, self.rom)
    self._stores = {
      name: episodes.open_run(workdir, name, origin)
      for name in episodes.FOLDERS
    }

  def check(self) -> None:
    """Checks what playing will need, before anything is played.

    Raises:
      UserError: as of `missing`; or there are no start states where the
        settings say, or none of this game or of those names.
    """
    playing.starts(self._config, self.rom)
    self.missing(0)

  def clean(self) -> None:
    """Deletes what killed writers left; only the run's owner may."""
    for store in self._stores.values():
      remove_leftovers(store.folder)

  def played_by_policies(self) -> int:
    """How many episodes there are of what was trained here."""
    there = self._stores["episodes"]
    return sum(len(there.list(source=name)) for name in episodes.OWN)

  def missing(self, round_: int) -> list[Job]:
    """What this process has yet to play first in a round.

    Raises:
      UserError: no script knows the game, and nobody has shown it; or there
        are episodes of other settings in place of those that are wanted.
    """
    is_scripted = bool(games.get(self.rom).players)
    demos = self._stores["demos"]
    if not is_scripted and not len(demos):
      record = command("demos record", workdir=demos.folder.parent)
      raise UserError(
        f"there are no demonstrations of {self.rom.name} in {demos.folder}, "
        f"and no script knows it: play some with {record}, or import them "
        "with dreamer-jax demos import."
      )
    return self._left(round_, plan(self._config, round_, is_scripted))

  def missing_own(self, round_: int, weights: Mapping[str, str]) -> list[Job]:
    """What this process has yet to play of a round's own games.

    They are stored as the next round's, which learns from them first. Games
    that other weights have played, of a run whose checkpoints were lost, are
    played again: they say nothing of this policy.

    Args:
      round_: number of the round.
      weights: digests of policy and clone, by source.
    """
    return self._left(round_ + 1, plan_own(self._config, round_, weights))

  def own_games(self, round_: int, source: str) -> dict[int, np.ndarray]:
    """Reward terms `[T, 7]` of own games, by seed, of all processes.

    Args:
      round_: number of the round as whose they are stored.
      source: one of `episodes.OWN`.
    """
    paths = self._stores["episodes"].list(round_, source)
    return {_seed(path): self._load(path).terms for path in paths}

  def _left(self, round_: int, wanted: list[Job]) -> list[Job]:
    """This process's share of jobs, less the episodes that are there."""
    jobs = []
    for job in wanted:
      there = self._there(round_, job)
      ours = filter(self._devices.is_ours, job.seeds)
      seeds = tuple(s for s in ours if s not in there)
      if seeds:
        jobs.append(dataclasses.replace(job, seeds=seeds))
    return jobs

  def _there(self, round_: int, job: Job) -> set[int]:
    """Seeds of the job that were played already."""
    store = self._stores[job.folder]
    path = functools.partial(store.path, round_, job.source)
    there = store.seeds(round_, job.source) & set(job.seeds)
    if job.weights:
      how = lambda seed: (episodes.peek(path(seed)) or {}).get("how", {})
      there = {s for s in there if how(s).get("weights") == job.weights}
    paths = [path(seed) for seed in sorted(there)]
    start = playing.start_of(self._config, self.rom, job)
    settings.check(
      paths, playing.settings_of(self._config, job), start
    )
    return there

  def play(
    self,
    round_: int,
    job: Job,
    make_learned: Callable[[int], Policy] | None,
    on_steps: Callable[[int], None],
  ) -> Iterator[Episode]:
    """Plays a job's episodes, saves each, and passes it on.

    Args:
      round_: number of the round.
      job: what to play.
      make_learned: `make_learned(n)` is the learned policy for n emulators,
        curious where the job is.
      on_steps: as of `data.collect.collect`.
    """
    for episode in playing.play(
      self._config, self.rom, job, make_learned, on_steps
    ):
      self._stores[job.folder].add(round_, episode)
      yield episode

  def training(self, last_round: int) -> Iterator[Episode]:
    """Episodes to learn from, of rounds 0 to `last_round`, oldest first."""
    return map(self._load, self._training(last_round))

  def held_out(self) -> list[Episode]:
    """Episodes that nothing is learned from: a share of the first round's.

    Later rounds have none, so that figures compare over the whole run.
    """
    return [self._load(p) for p, is_out in self._paths(0) if is_out]

  def steps(self) -> int:
    """Steps to learn from in the first round."""
    total = sum(episodes.load_header(p)["steps"] for p in self._training(0))
    return min(total, self._config.data.capacity)

  def _load(self, path: pathlib.Path) -> Episode:
    return self._stores[path.parent.name].load(path)

  def _training(self, last_round: int) -> list[pathlib.Path]:
    return [p for p, is_held_out in self._paths(last_round) if not is_held_out]

  def _paths(self, last_round: int) -> Iterator[tuple[pathlib.Path, bool]]:
    """Episodes of rounds 0 to `last_round`, and whether each is held out.

    The first of a folder never is: something of each kind must be learned.
    """
    share = self._config.data.validation
    for folder in episodes.FOLDERS:
      for round_ in range(last_round + 1):
        for i, path in enumerate(self._stores[folder].list(round_)):
          yield path, round_ == 0 and i > 0 and _draw(path) < share

  def codebook(self, file: CodebookFile) -> TileCodebook:
    """Reads the run's codebook, or makes it from the first round's episodes.

    Args:
      file: where it is kept; nothing is written.
    """
    there = file.read()
    if there is None and not self._training(0):
      raise UserError(
        "nothing was played and nothing is there to learn from: raise "
        "--config.data.scripted.demo_episodes or explore_episodes"
      )
    frames = (self._load(path).packed for path, _ in self._paths(0))
    return there or file.make(frames)

  def begin_codebook(self, file: CodebookFile) -> TileCodebook:
    """The same for the run's owner: what was made is written."""
    if self._devices.is_lead:
      file.keep(self.codebook(file))
    self._devices.wait("codebook")
    return file.load()

  def grow(
    self, codebook: TileCodebook, file: CodebookFile, round_: int
  ) -> TileCodebook:
    """The codebook, saved, with what rounds 1 to `round_` showed first.

    The old one is lost.
    """
    if self._devices.is_lead:
      for store in self._stores.values():
        for later in range(1, round_ + 1):  # one of them may have been undone
          for path in store.list(later):
            codebook.grow(self._load(path).packed)
      file.keep(codebook)
    self._devices.wait(f"codebook of round {round_}")
    return codebook if self._devices.is_lead else file.load()

  def replay(self, codebook: TileCodebook, last_round: int):
    """The devices' replay of rounds 0 to `last_round`.

    Raises:
      UserError: there is too little to share it between the devices.
    """
    devices = self._devices
    capacity = self._config.data.capacity // devices.count
    paths, parts = self._training(last_round), []
    if devices.count > 1:
      paths = [p for p in paths if devices.is_ours(_seed(p))]
    for device, own in zip(
      devices.local, deal(paths, len(devices.local)), strict=True
    ):
      with jax.default_device(device):
        part = replay_lib.create(capacity)
        part = self._fill(part, map(self._load, own), codebook)
      self._check(part)
      parts.append(part)
    return devices.join(parts)

  def _check(self, part: replay_lib.Replay) -> None:
    """A device must have windows of all kinds that it may be asked for."""
    world, behavior = self._config.world_model, self._config.policy
    length, count = (
      max(world.sampling.length, behavior.imagination.length),
      self._devices.count,
    )
    lacks = ""
    if not sampling.count_starts(part, length):
      lacks = f"{length} steps in a row of any play"
    elif behavior.cloning.updates and not sampling.count_clones(
      part, behavior.cloning.length
    ):
      lacks = f"{behavior.cloning.length} steps in a row that may be cloned"
    if lacks:
      shared = f", shared by {count} devices, one of which" if count > 1 else ""
      raise UserError(
        f"the experience is too little: it{shared} has no {lacks}; raise "
        "--config.data.scripted.demo_episodes and explore_episodes, or their "
        "steps"
        + (", or choose fewer with --devices" if count > 1 else "")
      )

  def held_out_windows(
    self, codebook: TileCodebook, remember: Remember | None = None
  ) -> Batch | None:
    """`[K, B, T, ...]`, always the same; None where too little is held out.

    Args:
      codebook: makes ids of the tiles.
      remember: fills in what a world model knew at each step, from power-on;
        None for windows that begin anew.
    """
    return self._windows(self.held_out(), codebook, remember)

  def fresh_windows(
    self, codebook: TileCodebook, round_: int, remember: Remember
  ) -> Batch | None:
    """The same of what the policy played that a round learns from first."""
    paths = self._stores["episodes"].list(round_, "policy")
    return self._windows(list(map(self._load, paths)), codebook, remember)

  def _windows(
    self, chosen: list[Episode], codebook: TileCodebook,
    remember: Remember | None,
  ) -> Batch | None:  # fmt: skip
    c, steps = self._config.world_model, sum(map(len, chosen))
    if steps < c.sampling.length or c.schedule.validate_batches < 1:
      return None
    replay = self._fill(replay_lib.create(steps), chosen, codebook)
    replay = remember(replay) if remember else replay
    draw = lambda key: sampling.sample(
      replay, key, c.sampling.batch, c.sampling.length
    )
    keys = jax.random.split(jax.random.PRNGKey(0), c.schedule.validate_batches)
    batches = [draw(key) for key in keys]
    return jax.tree.map(lambda *x: jnp.stack(x), *batches)

  def _shown(self) -> list[int] | None:
    """Seeds of the demonstrations that are cloned; None where all are."""
    most = self._config.policy.cloning.episodes
    if not most:
      return None
    there = set(self._stores["demos"].list())
    return sorted(_seed(p) for p in self._training(0) if p in there)[:most]

  def _pace(self) -> list[float] | None:
    """Median actions to each badge of demonstrators, see `relabel.cloneable`.

    None where no own games are there, or to be cloned.
    """
    own = self._stores["episodes"].list(source="policy")
    if not own or not self._config.policy.cloning.own:
      return None
    return self._demonstrated

  @functools.cached_property
  def _demonstrated(self) -> list[float]:
    there = set(self._stores["demos"].list())
    shown = [p for p in self._training(0) if p in there]
    took: dict[int, list[int]] = {}
    for path in shown:
      for i, (start, end) in enumerate(relabeling.ways(self._load(path))):
        took.setdefault(i, []).append(end - start)
    return [float(np.median(took[i])) for i in sorted(took)]

  def _fill(self, replay, chosen: Iterable[Episode], codebook: TileCodebook):
    label = functools.partial(
      relabeling.labels,
      sources=self._cloned,
      shown=self._shown(),
      pace=self._pace(),
      discount=self._config.policy.imagination.discount,
      goal_scale=self._config.policy.imagination.goal_scale,
      weights=np.asarray(self._config.rewards.weights, np.float32),
      ruled=self._config.policy.imagination.goal_ruled,
    )
    return replay_lib.add(replay, chosen, codebook, label)


def _seed(path: pathlib.Path) -> int:
  return int(path.stem.split("-")[-1])


def _draw(path: pathlib.Path) -> float:
  """A number in [0, 1) that belongs to an episode's source and seed.

  By the source's first name, so that no episode changes sides.
  """
  _, source, seed = path.stem.split("-")
  name = f"{episodes.NAMED_BEFORE.get(source, source)}-{seed}"
  return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) / 2**32
