"""A run of the model-free baseline: emulators, updates, one file of state."""

import dataclasses
import json
import os
import time
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
from flax import serialization

from dreamer_jax import config as config_lib
from dreamer_jax.contract import BADGE
from dreamer_jax.data import origin as origins
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.data.files import write_atomic
from dreamer_jax.errors import UserError
from dreamer_jax.game.ram import decode
from dreamer_jax.game.rom import Rom
from dreamer_jax.game.vector import VectorEnv, VectorStep
from dreamer_jax.training import changes, compatibility
from dreamer_jax.training.model_free import learner
from dreamer_jax.training.model_free.learner import Net, State, Unroll
from dreamer_jax.training.model_free.player import FILE, Policy, read_tree

SEED = 500_000  # first of the training's episodes
_AVERAGED = 32  # episodes in the metrics


@dataclasses.dataclass
class Position:
  """Where a run stands; JSON."""

  env_steps: int = 0  # actions played
  episodes: int = 0  # begun
  secs: float = 0.0
  # Running moments of the discounted sum of rewards: their scale.
  count: float = 1e-4
  mean: float = 0.0
  var: float = 1.0


class Run:
  """One run in one folder; the same call goes on where it stopped."""

  def __init__(
    self,
    config: config_lib.Config,
    codebook: TileCodebook,
    workdir: str,
    rom: Rom,
  ):
    """Opens the folder.

    Args:
      config: of the agent to compare with.
      codebook: its tiles.
      workdir: of this run.
      rom: its game.

    Raises:
      UserError: the folder holds a run with other settings or of another game,
        or a damaged one.
    """
    self.config, self._codebook, self._rom = config, codebook, rom
    self._path = os.path.join(workdir, FILE)
    self._net = Net(jnp.asarray(codebook.patterns), config)
    self._act = learner.make_act(self._net)
    self._update = learner.make_update(self._net)
    self.state = learner.init(self._net, config.seed)
    self.position = Position()
    if os.path.exists(self._path):
      found, params, self.position = _read(self._path, self.state)
      other = origins.differences(
        compatibility.origin(found), origins.of_rom(rom).any_pace
      )
      if other:
        raise UserError(
          f"{self._path} goes on with its own game alone: {other[0]}; choose "
          "another --workdir"
        )
      _check_same(workdir, found, config, codebook)
      self.state = params

  def learn(self, env: VectorEnv, total: int) -> Iterator[dict[str, float]]:
    """Plays and learns until `total` actions were played.

    A resumed run begins new episodes; all else is as it was.

    Args:
      env: its episodes end, and are begun anew here.
      total: actions, those of earlier starts included.

    Yields:
      Metrics of an update.

    Raises:
      UserError: the loss is no number; the last checkpoint is kept.
    """
    player = Policy(
      self._net, self._codebook, self.state.params, self._act, env.num_envs
    )
    step = self._begin(env, player, np.arange(env.num_envs))
    returns, saved = np.zeros(env.num_envs), time.monotonic()
    ended: list[dict] = []
    while self.position.env_steps < total:
      began = time.monotonic()
      before = self.position.env_steps
      unroll, step = self._unroll(env, player, step, returns, ended)
      self.state, metrics = self._update(self.state, unroll)
      metrics = {name: float(v) for name, v in metrics.items()}
      if not np.isfinite(metrics["loss"]):
        raise UserError(
          f"the loss became {metrics['loss']} after "
          f"{self.position.env_steps:,} actions: {self._path} is kept; try a "
          "smaller model_free.rate"
        )
      player.take(self.state.params)
      secs = time.monotonic() - began
      self.position.secs += secs
      metrics["env_steps_hz"] = (self.position.env_steps - before) / secs
      metrics["env_steps"] = self.position.env_steps
      if ended:
        del ended[:-_AVERAGED]
        for name in ended[0]:
          metrics[name] = float(np.mean([e[name] for e in ended]))
      if time.monotonic() - saved > self.config.checkpoint_secs:
        self.save()
        saved = time.monotonic()
      yield metrics
    self.save()

  def save(self) -> None:
    """Writes the checkpoint, all of it or nothing."""
    meta = {
      "config": config_lib.to_dict(self.config),
      "position": dataclasses.asdict(self.position),
      **compatibility.describe(self._rom),
    }
    tree = {
      "state": serialization.to_state_dict(jax.device_get(self.state)),
      "patterns": self._codebook.patterns,
      "meta": json.dumps(meta),
    }
    write_atomic(self._path, serialization.msgpack_serialize(tree))

  def _begin(self, env, player: Policy, lanes: np.ndarray) -> VectorStep:
    """Starts episodes in `lanes`, on the next seeds."""
    first = SEED + self.position.episodes
    seeds = list(range(first, first + len(lanes)))
    self.position.episodes += len(lanes)
    player.reset(lanes, seeds)
    env.send_reset(lanes, seeds)
    return env.receive()

  def _unroll(self, env, player, step, returns, ended) -> tuple:
    """T steps of every emulator, and what they show then."""
    c, b = self.config.model_free, self.config.policy
    memory, rows, shown = player.memory, [], [step]
    for _ in range(c.unroll):
      last = player.action
      tiles, action, log_prob, value, after = player.look(step)
      rows.append((tiles, last, step.is_first, action, log_prob, value))
      player.follow(action, after)
      step = self._play(env, player, step, np.asarray(action), ended)
      shown.append(step)
    bootstrap = player.look(step)[3]
    tiles, last, first, action, log_prob, value = (
      np.stack([np.asarray(x) for x in column], 1)
      for column in zip(*rows, strict=True)
    )
    flags = lambda name: np.stack([getattr(s, name) for s in shown], 1)
    is_last = flags("is_last")
    reward = self._scaled(flags("terms"), flags("is_first"), returns)
    values = np.concatenate([value, np.asarray(bootstrap)[:, None]], 1)
    target = learner.targets(
      reward,
      is_last,
      flags("is_terminal"),
      values,
      b.imagination.discount,
      b.imagination.lambda_,
    )
    unroll = Unroll(
      memory, tiles, last, first, action, log_prob, value, target,
      1.0 - is_last[:, :-1].astype(np.float32),
    )  # fmt: skip
    return jax.tree.map(jnp.asarray, unroll), step

  def _play(self, env, player, step, action, ended: list) -> VectorStep:
    """An action each; a new episode where the last frame was shown."""
    over = np.flatnonzero(step.is_last)
    running = np.flatnonzero(~step.is_last)
    for i in over:
      ram = decode(step.ram[i])
      ended.append({
        "badges": float(ram.badge_count), "species": float(ram.owned_count),
        "length": float(step.episode_step[i]),
      })  # fmt: skip
    if len(running):
      env.send_step(action[running], running)
      self.position.env_steps += len(running)
    return self._begin(env, player, over) if len(over) else env.receive()

  def _scaled(self, terms, is_first, returns) -> np.ndarray:
    """`[N, T + 1]` rewards in units of the returns' running deviation.

    Args:
      terms: `[N, T + 1, 7]`.
      is_first: `[N, T + 1]`.
      returns: `[N]`, discounted sums so far; changed.
    """
    b, p = self.config.policy, self.position
    reward = terms @ np.asarray(self.config.rewards.weights)
    reward += b.imagination.goal_scale * terms[..., BADGE]
    sums = []
    for t in range(1, reward.shape[1]):
      returns *= b.imagination.discount * ~is_first[:, t]
      returns += reward[:, t]
      sums.append(returns.copy())
    new, size = np.stack(sums), float(np.size(sums))
    # Chan et al.'s update of a mean and a variance by a batch.
    whole, gap = p.count + size, new.mean() - p.mean
    squares = p.var * p.count + new.var() * size
    squares += gap**2 * p.count * size / whole
    p.mean, p.var = float(p.mean + gap * size / whole), float(squares / whole)
    p.count = whole
    return (reward / np.sqrt(p.var + 1e-8)).astype(np.float32)


def _read(path: str, target: State) -> tuple[dict, State, Position]:
  tree = read_tree(path)
  meta = json.loads(tree["meta"])
  try:
    state = serialization.from_state_dict(target, tree["state"])
  except (ValueError, KeyError):
    raise UserError(
      f"{path} is of a network of other sizes: choose another --workdir"
    ) from None
  found = {**meta, "patterns": tree["patterns"]}
  return found, jax.tree.map(jnp.asarray, state), Position(**meta["position"])


def _check_same(workdir: str, found: dict, config, codebook) -> None:
  """A folder belongs to one network and one codebook."""
  state = changes.State(found["config"], has_played=True, has_learned=True)
  changes.settle(workdir, state, config)
  if not np.array_equal(found["patterns"], codebook.patterns):
    raise UserError(
      f"{workdir} holds a run with another codebook, of "
      f"{len(found['patterns'])} tiles, not {len(codebook)}: choose another "
      "--workdir"
    )
