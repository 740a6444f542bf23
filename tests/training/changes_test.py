"""Which settings may change when a run goes on."""

import pytest

from dreamer_jax import config as config_lib
from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.errors import UserError
from dreamer_jax.training import changes
from dreamer_jax.training.changes import State
from dreamer_jax.training.progress import Counters

NOTHING = State(config_lib.to_dict(presets.debug()))
PLAYED = NOTHING._replace(has_played=True)
LEARNED = PLAYED._replace(has_learned=True, counters=Counters(2, "collect"))


def given(**values):
  """The debug preset with other values, `env__num_envs=3` say."""
  config = presets.debug()
  return change(
    config, {name.replace("__", "."): value for name, value in values.items()}
  )


def test_every_field_has_one_class():
  """A new field fails here: say in the table whether it may change."""
  fields = changes.settings(config_lib.Config())
  named = [
    f"{section}.{field}".lstrip(".")
    for sections in changes._TABLE.values()
    for section, text in sections.items()
    for field in text.split()
  ]
  assert sorted(named) == sorted(fields)


@pytest.mark.parametrize(
  ("name", "value"),
  [
    ("rounds", 3), ("world_model__optimizer__learning_rate", 0.5),
    ("world_model__schedule__refresh_updates", 9),
    ("policy__schedule__updates", 8), ("evaluate__episodes", 7),
    ("env__num_envs", 3),
    ("env__rom", "/elsewhere/red.gb"), ("data__own__episodes", 5),
    ("world_model__optimizer__clip", 1.0), ("checkpoint_secs", 7.0),
    ("world_model__loss__probe_scale", 2.0),
  ],
)  # fmt: skip
def test_what_steers_the_learning_may_change(name, value):
  config = given(**{name: value})
  settled = changes.settle("runs/x", LEARNED, config)
  assert settled.config == config and not settled.too_late
  field = name.replace("__", ".")
  old = config_lib.leaves(NOTHING.settings)[field]
  assert settled.changed == {field: [old, value]}


@pytest.mark.parametrize(
  ("name", "value"),
  [
    ("world_model__network__deter", 48), ("world_model__sampling__batch", 4),
    ("policy__network__goal_dim", 32), ("seed", 1),
    ("world_model__optimizer__kind", "laprop"),
    ("world_model__optimizer__clip", None),
    ("data__scripted__demo_episodes", 3), ("data__validation", 0.1),
  ],
)  # fmt: skip
def test_what_was_learned_keeps_its_shape_and_data(name, value):
  config, field = given(**{name: value}), name.replace("__", ".")
  old = config_lib.leaves(NOTHING.settings)[field]
  with pytest.raises(UserError) as error:
    changes.settle("runs/x", LEARNED, config)
  assert f"{field}={old} there, {value} given" in str(error.value)
  assert "--workdir" in str(error.value)
  assert changes.settle("runs/x", PLAYED, config).config == config


@pytest.mark.parametrize(
  ("name", "value"),
  [("env__max_steps", 50), ("data__scripted__demo_epsilon", 0.5),
   ("env__action_frames", 16)],
)  # fmt: skip
def test_what_was_played_keeps_its_meaning(name, value):
  config = given(**{name: value})
  with pytest.raises(UserError, match=rf"{value} given .*were played"):
    changes.settle("runs/x", PLAYED, config)
  assert changes.settle("runs/x", NOTHING, config).config == config


def test_all_that_is_refused_is_in_one_sentence():
  config = given(
    world_model__network__deter=48, data__scripted__demo_epsilon=0.5, rounds=9
  )
  with pytest.raises(UserError) as error:
    changes.settle("runs/x", LEARNED, config)
  text = str(error.value)
  assert "world_model.network.deter=32 there, 48 given" in text
  assert "data.scripted.demo_epsilon=0.05 there, 0.5 given" in text
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
  config = given(
    world_model__schedule__updates=40, world_model__optimizer__learning_rate=0.5
  )
  settled = changes.settle("runs/x", state, config)
  assert settled.config.world_model.schedule.updates == (4 if is_late else 40)
  assert settled.config.world_model.optimizer.learning_rate == 0.5
  late = {"world_model.schedule.updates": [4, 40]} if is_late else {}
  assert settled.too_late == late


def test_a_run_of_an_older_version_has_the_defaults_of_new_fields():
  tree = config_lib.to_dict(presets.debug())
  del tree["world_model"]["network"]["ensemble"]
  tree["world_model"]["gone"] = 1
  default = config_lib.WorldModelNetwork().ensemble
  config = given(world_model__network__ensemble=default)
  state = LEARNED._replace(settings=tree)
  assert not changes.settle("runs/x", state, config).changed


def test_losses_of_another_measure_begin_an_era():
  there = config_lib.to_dict(presets.debug())
  same = given(world_model__optimizer__learning_rate=0.5)
  assert not changes.begins_era(there, same)
  assert changes.begins_era(there, given(world_model__loss__probe_scale=2.0))


def test_the_table_has_a_phase_for_each_of_the_first_round():
  first = {f for f, kind in changes.KINDS.items() if kind == changes.FIRST}
  assert first == set(changes._PHASE)
