"""The whole configuration: nested dataclasses.

Fields carry their unit and reason. Functions elsewhere take the few values
they use, not this tree. Presets are in `presets.py`.
"""

import dataclasses
import difflib
from typing import Any

from dreamer_jax.errors import UserError


@dataclasses.dataclass(unsafe_hash=True)
class Env:
  """The emulator and the episodes played on it."""

  rom: str = ""  # path; empty = $DREAMER_ROM, else the embedded Lantern Isle
  allow_unknown_rom: bool = False
  press_frames: int = 8  # a button is held this long ...
  action_frames: int = 24  # ... of an action's frames (59.73 frames a second)
  max_steps: int = 3000  # actions before an episode is cut off
  stop_badges: int = 2  # the episode is over with this many badges
  start_frames: int = 60  # power-on waits 0..this many frames, by seed
  start_states: str = ""  # archive of start states to train from; empty for
  #   power-on, where evaluation always starts
  start_mix: str = ""  # their weights: power-on=0.2,starter=1,*=0.5
  num_envs: int = 16  # emulators stepped together
  num_workers: int = 2  # processes they live in; 0 = in this process


@dataclasses.dataclass(unsafe_hash=True)
class World:
  """The RSSM, its tile encoder and decoder, and its loss."""

  deter: int = 512
  stoch: int = 32  # categorical variables ...
  classes: int = 32  # ... of this many classes each
  blocks: int = 1  # of the GRU: block-diagonal with more, for wide ones
  hidden: int = 512  # width of the dense layers around the GRU
  tile_width: int = 24  # channels of one tile, where pictures are read
  pair_width: int = 48  # channels of a 2x2 cell of tiles
  cell_width: int = 96  # channels of a 6x4 cell of tiles
  head_width: int = 256
  codebook: int = 1024  # capacity; the whole of Lantern Isle shows about 800
  #   patterns, up to the first badge 553; 4096-8192 suit Red
  decoder: str = "tiles"  # or "pixels": shades, for comparison
  decoder_width: int = 16  # channels of one tile of the picture
  decoded_frames: float = 0.15  # share of a batch's frames, drawn anew each
  #   update, on which the decoder is trained: unbiased, and the softmax costs
  read_frames: float = 0.25  # ... heads and ensemble; all with a rare event
  softmax_tiles: int = 0  # of the codebook that compete in an update: those
  #   that occur, and some others; 0 for all. 1024 suits books of thousands
  battle_scale: float = 1.0  # weight of a battle's picture
  changed_scale: float = 0.0  # more weight of a tile that just changed
  rare_power: float = 0.0  # weight of a tile id by its rarity to this power
  dtype: str = "auto"  # of matrix products: bfloat16 where the hardware
  #   multiplies it, else float32; or one of these. Weights and sums are float32
  unimix: float = 0.01  # uniform share of every latent distribution
  sampler: str = "straight_through"  # or "gumbel"
  temperature: float = 1.0  # of gumbel, at the start
  temperature_decay: float = 0.9999  # a factor per update
  temperature_floor: float = 0.3  # below it gumbel turns straight-through
  free_nats: float = 1.0  # KL below this is not pushed down, at first ...
  free_nats_end: float = 1.0  # ... and after `decay_updates`
  dyn_scale: float = 1.0  # prior towards posterior
  rep_scale: float = 0.5  # posterior towards prior; DreamerV3 has 0.1
  probe_scale: float = 1.0
  reward_scale: float = 1.0
  probe_grad: bool = True  # probes may shape the latent
  goal_heads: bool = True  # predict which goals hold ...
  goal_scale: float = 0.3  # ... with this weight: 320 bits, many of them about
  #   a history that a window cannot know, else weigh as much as the picture
  ensemble: int = 4  # small priors whose disagreement says what is not known
  ensemble_width: int = 128
  overshoot_scale: float = 0.0  # of the KL along dreams from the posterior ...
  overshoot_steps: int = 15  # ... of this many steps at the end of training
  learning_rate: float = 3e-3
  warmup: int = 100  # updates until the learning rate is reached
  decay_updates: int = 0  # until a cosine brought it down to a tenth; 0 = as
  #   many as all rounds do; -1 = it stays at its height
  clip: float = 100.0  # global gradient norm; 0 for any
  batch: int = 16  # sequences in an update
  length: int = 32  # steps of each
  stream_windows: int = 8  # windows in a row that a sequence reads on average,
  #   its latents carried over; 0: each begins anew
  event_share: float = 0.125  # of the sequences, drawn about rare events for
  #   the heads' sake, and weighted back for the dynamics
  own_share: float = 0.25  # of streams, in later rounds, that begin in the
  #   policy's own play: what it tried and the dream had wrong
  updates: int = 4000  # in the first round
  refresh_updates: int = 1500  # in each later round
  log_every: int = 50  # updates a dispatch
  # How it is trained, beside `learning_rate`, `warmup` and `clip` above.
  optimizer: str = "adam"  # or "laprop", DreamerV3's
  agc: float = 0.0  # adaptive gradient clipping: a unit's gradient to its
  #   weights, at most; DreamerV3 has 0.3. 0, as of `clip`, for none
  weight_decay: float = 0.0  # of matrices, a share of the learning rate
  ema_decay: float = 0.999  # of the averaged weights that act, dream and are
  #   evaluated; 0 = none are kept, and the newest do all that
  epochs: float = 0.0  # passes over the replay in the first round; above 0 it
  #   stands in for `updates` ...
  refresh_epochs: float = 0.0  # ... and this for `refresh_updates`
  validate_every: int = 500  # updates between checks on held-out episodes,
  #   see `data.validation`; 0 = none
  validate_batches: int = 8  # of the training's size, always the same windows
  collapse_stops: bool = False  # an alarm of `learn.watch` ends the run


@dataclasses.dataclass(unsafe_hash=True)
class Behavior:
  """System 1: behaviour cloning, then policy optimisation in dreams."""

  width: int = 256  # two hidden layers of this
  dtype: str = "auto"  # of their products, as `world.dtype`
  actor_unimix: float = 0.01  # uniform share of the policy: never exactly 0
  bc_updates: int = 8000
  bc_refresh_updates: int = 200  # after the latents moved, in later rounds: of
  #   the clone, which holds the actor back and is a baseline
  bc_batch: int = 16
  bc_length: int = 32
  bc_rate: float = 1e-3  # brought down to a tenth in the first round
  bc_sources: str = "random,explorer,courier"  # whose play is cloned beside the
  #   demonstrators', in the other half of the batch; "policy" may be added
  bc_episodes: int = 0  # demonstrations that are cloned, of the smallest seeds;
  #   the world model sees all. 0: all are
  bc_commanded: float = 0.5  # share of cloned windows that are told the default
  #   goal, where a badge follows; the others are told what came next
  goal_noise: float = 0.02  # deviation of each number of a goal's embedding,
  #   0.16 of its length in all: as far as goals of much the same meaning
  label_smoothing: float = 0.02
  algorithm: str = "ppo"  # or "grpo": no critic, a dream is judged by its
  #   siblings; it wants `branches` of about 8, and a smaller `batch`
  critic_warmup: int = 40  # updates of the critic alone, the actor cloned
  updates: int = 160  # in each round
  restart: bool = True  # each round's policy begins at the clone: what was
  #   learned of a poorer model is not carried on
  batch: int = 16  # replay sequences whose steps ...
  length: int = 32  # ... start dreams
  own_share: float = 0.5  # of those, in later rounds, of the policy's own play
  context: int = 8  # steps of each that only warm the latent up
  branches: int = 2  # dreams from each start, with the same goal: finding
  #   starts costs a tenth of an update. GRPO's groups
  goal_commanded: float = 0.5  # share of starts whose goal is the default ...
  goal_hindsight: float = 0.25  # ... or what the recorded play came to next;
  #   the rest have any goal that makes sense
  horizon: int = 15
  uncertainty_cap: float = 0.0  # nats of the ensemble's disagreement at which
  #   a dream is cut short; 0: never
  explore_scale: float = 0.0  # reward of a nat of it, for exploring policies
  discount: float = 0.99
  lambda_: float = 0.95
  epochs: int = 1
  minibatches: int = 8  # steps of actor and critic in each: with 2, values far
  #   from a goal lag far behind what dreams say
  clip_ratio: float = 0.2
  entropy_scale: float = 1e-2  # a nat's worth in units of advantage ...
  entropy_floor: float = 0.3  # ... while the mean is below this many nats:
  #   against collapse, not for dithering
  kl_scale: float = 0.3  # to the cloned policy
  actor_rate: float = 3e-4
  critic_rate: float = 1e-3
  grad_clip: float = 10.0
  slow_fraction: float = 0.1  # of the slow critic's move per update: values
  #   must travel hundreds of steps in some hundreds of updates
  return_floor: float = 1.0  # rewards; returns that range over less are not
  #   blown up
  group_floor: float = 0.1  # the same for the spread of GRPO's groups
  goal_scale: float = 100.0  # reward of reaching the commanded goal: with
  #   20, PPO finds that winning wild battles for ever pays better
  check_every: int = 100  # updates between checks of critic and model on
  #   held-out episodes; 0 = none
  goal_dim: int = 64
  log_every: int = 20  # updates a dispatch


@dataclasses.dataclass(unsafe_hash=True)
class Data:
  """What is collected, and what the device keeps of it."""

  demo_episodes: int = 48  # of the scripted expert, before the first round
  demo_epsilon: float = 0.05  # share of its actions that are random
  explore_episodes: int = 48  # of the expert with many random actions
  explore_steps: int = 1500  # actions in each of those
  explore_epsilon: float = 0.3
  explore_strays: float = 0.0  # chance at each step of its walks that it goes
  #   somewhere wrong on purpose, into a dead end or against a shut gate
  explorer_episodes: int = 16  # of the script that goes and looks everywhere
  explorer_steps: int = 2500
  wanderer_episodes: int = 0  # of the same script with random play and straight
  #   walks in between: what actions do where no script would choose them
  wanderer_steps: int = 2500
  courier_episodes: int = 0  # of the script that does one errand after another:
  #   demonstrations for goals on command
  courier_steps: int = 2500
  policy_episodes: int = 32  # fresh, before each later round
  policy_steps: int = 0  # actions in each of those; 0: `env.max_steps`
  policy_patience: int = 0  # without progress, that end one in a trap; 0: none
  curious_episodes: int = 8  # fresh too, leaning to what the ensemble doubts
  curiosity: float = 1.0  # nats that a deviation of doubt above others is worth
  capacity: int = 200_000  # steps on all devices together (0.9 kB each)
  validation: float = 0.05  # share of the first round's episodes that are held
  #   out, by a hash of source and seed. Only the codebook sees them: it knows
  #   what can be drawn, not what follows what


@dataclasses.dataclass(unsafe_hash=True)
class Evaluate:
  """What `experiments.evaluate` plays and measures."""

  episodes: int = 16  # from power-on, a policy
  seed: int = 2_000_000  # first of the seeds kept for evaluation: nothing is
  #   ever chosen by them. Comparisons use 1,200,000 to 1,299,999
  scripted: int = 24  # episodes on which the world model is judged: a third
  #   each demonstrations, the same with many random actions, wandering
  windows: int = 512  # open-loop forecasts along them, of up to 100 steps
  moments: int = 64  # saved states, from each of which the emulator ...
  branches: int = 8  # ... plays this many sequences of actions
  greedy: bool = False  # most likely action instead of a sample
  max_steps: int = 0  # actions of an episode from power-on; 0: as in training
  stop_badges: int = -1  # that end it; 0: none do; -1: as in training
  rivals: str = "other,random,bc,expert"  # who plays beside the agent: itself
  #   in the other manner (greedy or sampled), random play, its clone, a script
  goal_trials: int = 100  # commanded goals that the scripted play reached next,
  #   and as many chance ones that make sense ...
  goal_steps: int = 200  # ... with so many actions for each ...
  goal_context: int = 32  # ... the emulator plays so many before them again


@dataclasses.dataclass(unsafe_hash=True)
class ModelFree:
  """The baseline that learns on the emulator, see `learn.modelfree`.

  Widths, discount, lambda, clipping and rewards are those of `Behavior` and
  `World`. The rest is what is usual for recurrent PPO.
  """

  unroll: int = 64  # steps of each emulator between two updates
  epochs: int = 3
  minibatches: int = 4  # of whole emulators: memory wants their order
  rate: float = 3e-4
  grad_clip: float = 0.5
  entropy_scale: float = 1e-2
  value_scale: float = 0.5  # of the critic's loss; it shares the encoder


@dataclasses.dataclass(unsafe_hash=True)
class Config:
  """One run. `experiments/configs/*.py` return one of these."""

  name: str = "base"
  seed: int = 0
  rounds: int = 3  # world model, policy, fresh episodes, again
  checkpoint_secs: float = 60.0  # at the least between two checkpoints
  env: Env = dataclasses.field(default_factory=Env)
  world: World = dataclasses.field(default_factory=World)
  behavior: Behavior = dataclasses.field(default_factory=Behavior)
  data: Data = dataclasses.field(default_factory=Data)
  evaluate: Evaluate = dataclasses.field(default_factory=Evaluate)
  model_free: ModelFree = dataclasses.field(default_factory=ModelFree)


def check_field(path: str) -> None:
  """Checks that `path`, "world.deter" say, names a field.

  Raises:
    UserError: it does not; the sentence offers the nearest name.
  """
  node: Any = Config()
  for name in path.split("."):
    fields = dataclasses.fields(node) if dataclasses.is_dataclass(node) else ()
    names = [f.name for f in fields]
    if name not in names:
      near = difflib.get_close_matches(name, names, 1, 0.0)
      hint = f"; did you mean {near[0]!r}?" if near else ""
      raise UserError(f"--config.{path}: there is no field {name!r}{hint}")
    node = getattr(node, name)


def to_dict(config: Config) -> dict:
  """Plain nested dictionaries, for JSON."""
  return dataclasses.asdict(config)


def from_dict(tree: dict) -> Config:
  """The inverse of `to_dict`.

  Raises:
    UserError: the tree has a field that this version does not know.
  """
  config = Config()
  for key, value in tree.items():
    if isinstance(value, dict):
      for name, leaf in value.items():
        check_field(f"{key}.{name}")
        setattr(getattr(config, key), name, leaf)
    else:
      check_field(key)
      setattr(config, key, value)
  return config
