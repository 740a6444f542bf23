"""Every field of the configuration has a rule, and bad values meet it."""

import json
import math
import random

import pytest

from dreamer_jax import config as config_lib
from dreamer_jax import domains, presets, rules
from dreamer_jax.errors import UserError

FIELDS = dict(domains.fields(config_lib.Config))
ODD = (
  None, True, False, "", " ", "abc", "a,b", "tiles", "-1", "é\n", -1, 0, 1, 7,
  2**31, 2**63, 10**30, -1.0, 0.0, 0.5, 1.0, 1.5, 1e30, math.nan, math.inf,
  -math.inf, [], {}, (1,), b"x",
)  # fmt: skip


def broken(path, value, preset="debug"):
  config = presets.PRESETS[preset]()
  domains.put(config, path, value)
  return config


@pytest.mark.parametrize("name", presets.PRESETS)
def test_presets_keep_the_rules(name):
  config = presets.PRESETS[name]()
  assert rules.validate(config) is config
  again = config_lib.from_dict(
    json.loads(json.dumps(vars(config), default=vars))
  )
  assert rules.validate(again) == config


def test_what_is_gone_is_read_where_it_said_nothing():
  tree = config_lib.to_dict(config_lib.Config())
  tree["world"]["menu_probes"] = False
  assert config_lib.from_dict(tree) == config_lib.Config()
  tree["world"]["menu_probes"] = True
  with pytest.raises(UserError, match=r"menu_probes.*train the run again"):
    config_lib.from_dict(tree)


def test_every_field_has_a_domain():
  leaves = config_lib.to_dict(config_lib.Config())
  paths = [
    f"{key}.{name}" if isinstance(value, dict) else key
    for key, value in leaves.items()
    for name in (value if isinstance(value, dict) else ("",))
  ]
  assert sorted(paths) == sorted(FIELDS)
  assert all(isinstance(d, domains.Domain) for d in FIELDS.values())


@pytest.mark.parametrize("path", FIELDS)
def test_odd_values_are_refused_in_a_sentence(path):
  """No odd value passes unless its domain holds it; none ends otherwise."""
  refused = 0
  for value in ODD:
    try:
      rules.validate(broken(path, value))
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
  texts = [str(v) for v in ODD if v is not None]
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
    ({"data.policy_steps": 9000}, "capacity is 4096 and .*policy_steps"),
    ({"world.dtype": "fp16"}, "dtype is 'fp16': give it one of auto"),
    ({"world.dtype": "bfloat"}, "did you mean 'bfloat16'"),
    ({"world.optimizer": "sgd"}, "optimizer is 'sgd': .*adam, laprop"),
    ({"world.blocks": 5}, "deter is 32 and .*blocks is 5.*divides"),
    ({"world.codebook": 40_000}, "codebook is 40000"),
    ({"world.classes": 300}, "classes is 300"),
    ({"world.learning_rate": math.nan}, "learning_rate is nan"),
    ({"world.ensemble": 0}, "curious_episodes is 1 and .*ensemble is 0"),
    (
      {"world.ensemble": 1, "rounds": 1, "behavior.explore_scale": 1.0},
      "explore_scale is 1.0 and .*ensemble is 1",
    ),
    ({"world.goal_heads": False}, "goal_heads.*goal_commanded=1"),
    ({"behavior.bc_sources": "random,wanderer"}, "bc_sources .*explorer"),
    ({"behavior.algorithm": "pqo"}, "algorithm.*did you mean 'ppo'"),
    (
      {"behavior.algorithm": "grpo", "behavior.branches": 1},
      "branches is 1: grpo",
    ),
    (
      {"behavior.goal_commanded": 0.8, "behavior.goal_hindsight": 0.4},
      "goal_hindsight is 0.4.*at most 1",
    ),
    ({"behavior.context": 8}, "context is 8 and .*length is 8"),
    ({"world.length": 3}, "context is 2 and .*world.length is 3"),
    ({"behavior.minibatches": 7}, "minibatches is 7: .*divides"),
    ({"behavior.goal_dim": 65}, "goal_dim is 65"),
    ({"env.start_mix": "home=1"}, "start_mix is 'home=1'.*start_states"),
    ({"env.start_mix": "home"}, "start_mix is 'home': .*NAME=WEIGHT"),
    (
      {"env.start_mix": "a=0,b=0", "env.start_states": "x"},
      "start_mix.*all weights are 0",
    ),
    ({"evaluate.rivals": "exprt"}, "rivals.*did you mean 'expert'"),
    ({"name": "a/b"}, "name is 'a/b'"),
  ],
)
def test_contradictions_name_fields_and_remedy(changes, said):
  config = presets.debug()
  for path, value in changes.items():
    domains.put(config, path, value)
  with pytest.raises(UserError, match=said):
    rules.validate(config)


@pytest.mark.parametrize(
  "changes",
  [
    {"world.ensemble": 0, "rounds": 1},
    {"world.goal_heads": False, "behavior.goal_commanded": 1.0,
     "behavior.goal_hindsight": 0.0},
    {"behavior.bc_sources": ""},
    {"evaluate.rivals": "other, bc"},
    {"world.learning_rate": 1},  # an integer will do
    {"env.start_mix": "*=1", "env.start_states": "runs/x"},
  ],
)  # fmt: skip
def test_what_fits_is_let_in(changes):
  config = presets.debug()
  for path, value in changes.items():
    domains.put(config, path, value)
  rules.validate(config)


def test_a_field_that_is_none_has_a_nearest_name():
  for path, near in {
    "world.detre": "world.deter", "wrld.deter": "world.deter",
    "seeds": "seed", "deter": "world.deter", "world": "world",
  }.items():  # fmt: skip
    with pytest.raises(UserError, match=f"did you mean '{near}"):
      config_lib.check_field(path)
