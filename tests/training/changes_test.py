"""Which settings may change when a run goes on."""

import pytest

from dreamer_jax import config as config_lib
from dreamer_jax import presets
from dreamer_jax.errors import UserError
from dreamer_jax.training import changes
from dreamer_jax.training.changes import State
from dreamer_jax.training.progress import Counters

NOTHING = State(config_lib.to_dict(presets.debug()))
PLAYED = NOTHING._replace(has_played=True)
LEARNED = PLAYED._replace(has_learned=True, counters=Counters(2, "collect"))


def given(**values):
  """The debug preset with other values, `world__updates=3` say."""
  config = presets.debug()
  for name, value in values.items():
    section, _, field = name.rpartition("__")
    setattr(getattr(config, section) if section else config, field, value)
  return config


def test_every_field_has_one_class():
  """A new field fails here: say in the table whether it may change."""
  fields = changes.flat(config_lib.to_dict(config_lib.Config()))
  named = [f for text in changes._TABLE.values() for f in text.split()]
  assert sorted(named) == sorted(fields)


@pytest.mark.parametrize(
  ("name", "value"),
  [
    ("rounds", 3), ("world__learning_rate", 0.5), ("world__refresh_updates", 9),
    ("behavior__updates", 8), ("evaluate__episodes", 7), ("env__num_envs", 3),
    ("env__rom", "/elsewhere/red.gb"), ("data__policy_episodes", 5),
    ("world__clip", 1.0), ("checkpoint_secs", 7.0), ("world__probe_scale", 2.0),
  ],
)  # fmt: skip
def test_what_steers_the_learning_may_change(name, value):
  config = given(**{name: value})
  settled = changes.settle("runs/x", LEARNED, config)
  assert settled.config == config and not settled.too_late
  field = name.replace("__", ".")
  old = changes.flat(NOTHING.settings)[field]
  assert settled.changed == {field: [old, value]}


@pytest.mark.parametrize(
  ("name", "value"),
  [
    ("world__deter", 48), ("world__batch", 4), ("behavior__goal_dim", 32),
    ("world__optimizer", "laprop"), ("world__clip", 0.0), ("seed", 1),
    ("data__demo_episodes", 3), ("data__validation", 0.1),
  ],
)  # fmt: skip
def test_what_was_learned_keeps_its_shape_and_data(name, value):
  config, field = given(**{name: value}), name.replace("__", ".")
  old = changes.flat(NOTHING.settings)[field]
  with pytest.raises(UserError) as error:
    changes.settle("runs/x", LEARNED, config)
  assert f"{field}={old} there, {value} given" in str(error.value)
  assert "--workdir" in str(error.value)
  assert changes.settle("runs/x", PLAYED, config).config == config


@pytest.mark.parametrize(
  ("name", "value"),
  [("env__max_steps", 50), ("data__demo_epsilon", 0.5),
   ("env__action_frames", 16)],
)  # fmt: skip
def test_what_was_played_keeps_its_meaning(name, value):
  config = given(**{name: value})
  with pytest.raises(UserError, match=rf"{value} given .*were played"):
    changes.settle("runs/x", PLAYED, config)
  assert changes.settle("runs/x", NOTHING, config).config == config


def test_all_that_is_refused_is_in_one_sentence():
  config = given(world__deter=48, data__demo_epsilon=0.5, rounds=9)
  with pytest.raises(UserError) as error:
    changes.settle("runs/x", LEARNED, config)
  text = str(error.value)
  assert "world.deter=32 there, 48 given" in text
  assert "data.demo_epsilon=0.05 there, 0.5 given" in text
  assert "rounds" not in text


def test_another_preset_is_called_by_its_name():
  with pytest.raises(UserError, match=r"more .*the preset 'debug'"):
    changes.settle("runs/x", LEARNED, presets.quickstart())


@pytest.mark.parametrize(
  ("counters", "is_late"),
  [
    (Counters(0, "world", 2), False), (Counters(0, "clone"), True),
    (Counters(1, "collect"), True),
  ],
)  # fmt: skip
def test_settings_of_a_round_that_is_over_are_not_taken(counters, is_late):
  """They would change nothing but the schedules, which would then be wrong."""
  state = LEARNED._replace(counters=counters)
  config = given(world__updates=40, world__learning_rate=0.5)
  settled = changes.settle("runs/x", state, config)
  assert settled.config.world.updates == (4 if is_late else 40)
  assert settled.config.world.learning_rate == 0.5
  late = {"world.updates": [4, 40]} if is_late else {}
  assert settled.too_late == late


def test_a_run_of_an_older_version_has_the_defaults_of_new_fields():
  tree = config_lib.to_dict(presets.debug())
  del tree["world"]["ensemble"]
  tree["world"]["gone"] = 1
  config = given(world__ensemble=config_lib.World().ensemble)
  state = LEARNED._replace(settings=tree)
  assert not changes.settle("runs/x", state, config).changed


def test_losses_of_another_measure_begin_an_era():
  there = config_lib.to_dict(presets.debug())
  assert not changes.begins_era(there, given(world__learning_rate=0.5))
  assert changes.begins_era(there, given(world__probe_scale=2.0))


def test_the_table_has_a_phase_for_each_of_the_first_round():
  first = {f for f, kind in changes.KINDS.items() if kind == changes.FIRST}
  assert first == set(changes._PHASE)
