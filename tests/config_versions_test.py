"""Settings of version 0.2 mean in this version what they meant then."""

import json
import pathlib

import pytest

from dreamer_jax import config as config_lib
from dreamer_jax import config_versions, presets
from dreamer_jax.errors import UserError
from dreamer_jax.training import changes

# Every preset, as version 0.2 wrote it into run folders and checkpoints.
OLD = json.loads(
  pathlib.Path(__file__).with_name("settings_of_0_2.json").read_text()
)
LEAF = "world_model.optimizer.clip"
CLONED = "policy.cloning.sources"
# What a preset was given since, and what it had then.
SINCE = {
  "lantern": {
    "rounds": 2, "policy.imagination.discount": 0.99,
    "policy.actor.kl_scale": 0.6,
  },
}  # fmt: skip


def preset_of_then(name):
  return config_lib.change(presets.PRESETS[name](), SINCE.get(name, {}))


@pytest.mark.parametrize("name", OLD)
def test_presets_are_the_same(name):
  assert config_lib.from_dict(OLD[name]) == preset_of_then(name)


@pytest.mark.parametrize("name", OLD)
def test_a_run_goes_on_without_a_change(name):
  state = changes.State(OLD[name], has_played=True, has_learned=True)
  settled = changes.settle("runs/x", state, preset_of_then(name))
  assert not settled.changed and not settled.too_late
  assert not changes.begins_era(OLD[name], settled.config)


def test_every_setting_of_then_has_a_place():
  known = dict(config_lib.d.fields(config_lib.Config))
  assert set(config_versions.MOVED.values()) <= known.keys()
  for tree in OLD.values():
    found = config_versions.current(config_lib.leaves(tree))
    assert found.keys() <= known.keys()


@pytest.mark.parametrize(
  ("old", "path", "value"),
  [
    ({"world.clip": 0.0}, LEAF, None), ({"world.clip": 7.0}, LEAF, 7.0),
    ({"env.rom": ""}, "env.rom", None), ({"env.rom": "x"}, "env.rom", "x"),
    ({"behavior.critic_bins": 0}, "policy.critic.bins", None),
    ({"behavior.kl_scale": 0.0}, "policy.actor.kl_scale", 0.0),
    ({"data.policy_steps": 0}, "data.own.steps", None),
    ({"behavior.species_scale": 4.0}, "rewards.species", 8.0),
    ({"world.decay_updates": -1}, "world_model.optimizer.decay", False),
    ({"world.decay_updates": -1}, "world_model.optimizer.decay_updates", None),
    ({"evaluate.stop_badges": -1}, "evaluate.stop_badges", None),
    ({"evaluate.stop_badges": -1}, "evaluate.play_on", False),
    ({"evaluate.stop_badges": 0}, "evaluate.play_on", True),
    ({"evaluate.stop_badges": 1}, "evaluate.stop_badges", 1),
    ({"behavior.bc_sources": "random,policy"}, CLONED,
     "randomized_expert,policy"),
    ({"behavior.bc_sources": ""}, CLONED, ""),
    ({CLONED: "random,courier"}, CLONED, "randomized_expert,courier"),  # 0.3
    ({LEAF: 3.0}, LEAF, 3.0),  # of this version
  ],
)  # fmt: skip
def test_codes_become_what_they_stood_for(old, path, value):
  assert config_versions.current(old)[path] == value


@pytest.mark.parametrize(
  ("path", "silent", "asked"),
  [
    ("world.menu_probes", False, True),
    ("world.changed_scale", 0.0, 3.0),
    ("world_model.loss.changed_scale", 0.0, 3.0),
  ],
)
def test_what_is_gone_is_read_where_it_said_nothing(path, silent, asked):
  def tree(value):
    for name in reversed(path.split(".")):
      value = {name: value}
    return value

  assert config_lib.from_dict(tree(silent)) == config_lib.Config()
  with pytest.raises(UserError, match=f"{path}.*train the run again"):
    config_lib.from_dict(tree(asked))


def test_a_configuration_is_frozen_and_changed_by_a_copy():
  config = config_lib.Config()
  with pytest.raises(AttributeError):
    config.seed = 1
  with pytest.raises(AttributeError):
    config.policy.actor.epochs = 2
  other = config_lib.change(config, {"policy.actor.epochs": 2, "seed": 1})
  assert (other.policy.actor.epochs, other.seed) == (2, 1)
  assert (config.policy.actor.epochs, config.seed) == (1, 0)
  assert other.world_model is config.world_model
  assert hash(other) != hash(config)
  with pytest.raises(TypeError, match="Actor has no field 'epoch'"):
    config_lib.change(config, {"policy.actor.epoch": 2})
  with pytest.raises(TypeError, match="Config has no field 'polcy'"):
    config_lib.change(config, {"polcy.actor.epochs": 2})


def test_groups_are_small():
  """A person must be able to read a group's `--help` at a glance."""
  sizes = {}
  for path, _ in config_lib.d.fields(config_lib.Config):
    section = path.rpartition(".")[0]
    sizes[section] = sizes.get(section, 0) + 1
  assert max(sizes.values()) <= 15
