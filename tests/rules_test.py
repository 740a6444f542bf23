"""Every field of the configuration has a rule, and bad values meet it."""

import dataclasses
import json
import math
import random

import pytest

from dreamer_jax import config as config_lib
from dreamer_jax import config_versions, domains, presets
from dreamer_jax.errors import UserError

FIELDS = dict(domains.fields(config_lib.Config))
ODD = (
  None, True, False, "", " ", "abc", "a,b", "tiles", "-1", "é\n", -1, 0, 1, 7,
  2**31, 2**63, 10**30, -1.0, 0.0, 0.5, 1.0, 1.5, 1e30, math.nan, math.inf,
  -math.inf, [], {}, (1,), b"x",
)  # fmt: skip


def broken(path, value, preset="debug"):
  return config_lib.change(presets.PRESETS[preset](), {path: value})


@pytest.mark.parametrize("name", presets.PRESETS)
def test_presets_keep_the_rules(name):
  config = presets.PRESETS[name]()
  again = config_lib.from_dict(
    json.loads(json.dumps(vars(config), default=vars))
  )
  assert again == config


def test_none_is_made_that_breaks_a_rule():
  """However it is made: no caller has to think of it."""
  config = presets.debug()
  env = dataclasses.replace(config.env, press_frames=24)
  tree = config_lib.to_dict(config)
  tree["env"]["press_frames"] = 24
  for make in (
    lambda: config_lib.Config(env=env),
    lambda: dataclasses.replace(config, env=env),
    lambda: config_lib.change(config, {"env.press_frames": 24}),
    lambda: config_lib.from_dict(tree),
  ):
    with pytest.raises(UserError, match="press_frames is 24 and"):
      make()


def test_every_field_has_a_domain():
  paths = config_lib.leaves(config_lib.to_dict(config_lib.Config()))
  assert sorted(paths) == sorted(FIELDS)
  assert all(isinstance(d, domains.Domain) for d in FIELDS.values())


@pytest.mark.parametrize("path", FIELDS)
def test_odd_values_are_refused_in_a_sentence(path):
  """No odd value passes unless its domain holds it; none ends otherwise."""
  refused = 0
  for value in ODD:
    try:
      broken(path, value)
      assert FIELDS[path].holds(value)
    except UserError as error:
      refused += 1
      text = str(error)
      assert path in text and repr(value) in text and "give" in text
      assert "\n" not in text and len(text) < 400
  assert refused >= 10


@pytest.mark.parametrize("path", FIELDS)
def test_texts_are_read_or_refused(path):
  """What a command line may say, by a seeded chance of characters."""
  rng = random.Random(path)
  texts = [str(v) for v in ODD]
  for _ in range(200):
    letters = rng.choices("0123456789.-+eEx_ntf,=~/ ", k=rng.randint(0, 9))
    texts.append("".join(letters))
  for text in texts:
    try:
      value = FIELDS[path].parse(text)
    except ValueError as error:
      assert str(error)
    else:
      assert FIELDS[path].holds(value)


@pytest.mark.parametrize(
  ("changes", "said"),
  [
    ({"env.press_frames": 24}, "action_frames is 24.*fewer frames"),
    ({"env.max_steps": 0}, "max_steps is 0: give it a whole number from 1"),
    ({"env.max_steps": -5}, "max_steps is -5"),
    ({"env.num_envs": 0}, "num_envs is 0: give it a whole number from 1"),
    ({"rounds": 0}, "rounds is 0"),
    ({"data.capacity": 10}, "capacity is 10 and .*larger capacity"),
    ({"data.validation": 5.0}, "validation is 5.0: .*from 0 to 0.5"),
    ({"data.own.steps": 9000}, "capacity is 4096 and .*own.steps"),
    (
      {"world_model.network.dtype": "fp16"},
      "dtype is 'fp16': give it one of auto",
    ),
    ({"world_model.network.dtype": "bfloat"}, "did you mean 'bfloat16'"),
    (
      {"world_model.optimizer.kind": "sgd"},
      "kind is 'sgd': .*adam, laprop",
    ),
    (
      {"world_model.network.blocks": 5},
      "deter is 32 and .*blocks is 5.*divides",
    ),
    ({"world_model.network.codebook": 40_000}, "codebook is 40000"),
    ({"world_model.network.classes": 300}, "classes is 300"),
    ({"world_model.optimizer.learning_rate": math.nan}, "learning_rate is nan"),
    (
      {"world_model.network.ensemble": 0},
      "curious_episodes is 1 and .*ensemble is 0",
    ),
    (
      {
        "world_model.network.ensemble": 1,
        "rounds": 1,
        "policy.imagination.explore_scale": 1.0,
      },
      "explore_scale is 1.0 and .*ensemble is 1",
    ),
    ({"world_model.loss.goal_heads": False}, "goal_heads.*goal_commanded=1"),
    (
      {"policy.cloning.sources": "explorer,wanderer"}, "sources .*courier",
    ),
    ({"policy.actor.algorithm": "pqo"}, "algorithm.*did you mean 'ppo'"),
    (
      {"policy.actor.algorithm": "grpo", "policy.imagination.branches": 1},
      "branches is 1: grpo",
    ),
    (
      {
        "policy.imagination.goal_commanded": 0.8,
        "policy.imagination.goal_hindsight": 0.4,
      },
      "goal_hindsight is 0.4.*at most 1",
    ),
    ({"policy.imagination.context": 8}, "context is 8 and .*length is 8"),
    (
      {"world_model.sampling.length": 3},
      "context is 2 and .*world_model.sampling.length is 3",
    ),
    ({"policy.actor.minibatches": 7}, "minibatches is 7: .*divides"),
    ({"policy.network.goal_dim": 65}, "goal_dim is 65"),
    ({"env.start_mix": "home=1"}, "start_mix is 'home=1'.*start_states"),
    ({"env.start_mix": "home"}, "start_mix is 'home': .*NAME=WEIGHT"),
    (
      {"env.start_mix": "a=0,b=0", "env.start_states": "x"},
      "start_mix.*all weights are 0",
    ),
    (
      {"evaluate.play_on": True, "evaluate.stop_badges": 1},
      "play_on is True and .*stop_badges is 1: .*leave one out",
    ),
    ({"evaluate.stop_badges": 0}, "evaluate.play_on plays on"),
    ({"evaluate.rivals": "exprt"}, "rivals.*did you mean 'expert'"),
    ({"name": "a/b"}, "name is 'a/b'"),
  ],
)
def test_contradictions_name_fields_and_remedy(changes, said):
  with pytest.raises(UserError, match=said):
    config_lib.change(presets.debug(), changes)


@pytest.mark.parametrize(
  "changes",
  [
    {"world_model.network.ensemble": 0, "rounds": 1},
    {"world_model.loss.goal_heads": False,
     "policy.imagination.goal_commanded": 1.0,
     "policy.imagination.goal_hindsight": 0.0},
    {"policy.cloning.sources": ""},
    {"evaluate.rivals": "other, bc"},
    {"world_model.optimizer.learning_rate": 1},  # an integer will do
    {"env.start_mix": "*=1", "env.start_states": "runs/x"},
  ],
)  # fmt: skip
def test_what_fits_is_let_in(changes):
  config_lib.change(presets.debug(), changes)


@pytest.mark.parametrize("path", config_versions.GONE)
def test_a_field_that_is_gone_says_what_took_its_place(path):
  _, remedy = config_versions.GONE[path]
  with pytest.raises(UserError, match=f"{path} is gone: {remedy}"):
    config_lib.check_field(path)


def test_a_field_that_is_none_has_a_nearest_name():
  for path, near in {
    "world.detre": "world_model.network.deter",
    "wrld.deter": "world_model.network.deter", "seeds": "seed",
    "behavior.bc_rate": "policy.cloning.learning_rate",
    "deter": "world_model.network.deter", "world": "world",
  }.items():  # fmt: skip
    with pytest.raises(UserError, match=f"did you mean '{near}"):
      config_lib.check_field(path)
