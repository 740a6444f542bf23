"""Policies that begin again in a finished run's dreams."""

import jax
import numpy as np
import pytest

from dreamer_jax.config import PolicyConfig, change
from dreamer_jax.errors import UserError
from dreamer_jax.game import rom as roms
from dreamer_jax.training import retrain


@pytest.fixture(name="study", scope="module")
def fixture_study(tiny_run):
  return retrain.Study(tiny_run[1], None, roms.embedded())


def differ(one, two):
  pairs = zip(jax.tree.leaves(one), jax.tree.leaves(two), strict=True)
  return any(not np.array_equal(a, b) for a, b in pairs)


def quiet(text):
  pass


def test_a_policy_begins_with_the_clone_and_leaves_it_alone(study):
  clone = jax.tree.map(np.asarray, study.clone(0, quiet))
  first, metrics = study.dream("ppo", 0, quiet)
  first = jax.tree.map(np.asarray, first)
  assert np.isfinite(metrics["dream_return"])
  assert differ(first, clone) and not differ(study.clone(0, quiet), clone)
  again, _ = study.dream("ppo", 0, quiet)
  assert not differ(again, first)  # the same seed, the same policy


def test_a_critic_is_grounded_as_in_a_run(study, monkeypatch):
  found, ground = {}, study._own.ground
  for name in ("ppo", "grpo"):
    keep = lambda last, name=name: found.setdefault(name, ground(last))
    monkeypatch.setattr(study._own, "ground", keep)
    study.dream(name, 0, quiet)
  assert 0 <= found["ppo"]["real_known"] <= 1
  assert np.isfinite(found["ppo"]["real_explained"])
  assert found["grpo"] == {}  # it has no critic


def test_a_setting_can_be_another_than_the_runs(tiny_run, study):
  """Also one that the replay's returns are made with."""
  far = {"policy.imagination.discount": 0.5}
  other = retrain.Study(tiny_run[1], None, roms.embedded(), far)
  assert other.config == change(study.config, far)
  returns = lambda study: study._own.replay(0, False).facts
  assert differ(returns(other), returns(study))


@pytest.mark.parametrize("path", ["network.width", "critic.bins"])
def test_a_setting_that_a_checkpoint_has_no_place_for_is_refused(path):
  said = rf"--config\.policy\.{path}.*another run"
  with pytest.raises(UserError, match=said):
    retrain.Study("runs/x", None, roms.embedded(), {f"policy.{path}": 64})


def test_grpo_has_as_many_dreams(study):
  behavior = change(
    PolicyConfig(), {"imagination.batch": 16, "imagination.branches": 2}
  )
  c = retrain.settings(behavior, "grpo")
  dreams = c.imagination
  assert (c.actor.algorithm, dreams.batch, dreams.branches) == ("grpo", 4, 8)
  assert retrain.settings(c, "grpo") == c
  assert retrain.settings(behavior, "ppo") == behavior
