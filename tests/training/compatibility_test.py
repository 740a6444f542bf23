"""Agents of another game, goals or version: refused by name, or warned of."""

import copy
import os
import shutil

import pytest

from dreamer_jax import presets
from dreamer_jax.agent import agent as agent_lib
from dreamer_jax.agent import weights
from dreamer_jax.config import change
from dreamer_jax.errors import UserError
from dreamer_jax.game import rom as roms
from dreamer_jax.goals import vocabulary
from dreamer_jax.training import compatibility
from dreamer_jax.training.compatibility import WORLD
from dreamer_jax.training.loop import Loop


@pytest.fixture(name="meta")
def fixture_meta(agent):
  return copy.deepcopy(agent.meta)


@pytest.fixture(name="env")
def fixture_env(monkeypatch):
  monkeypatch.delenv(roms.ENV_VARIABLE, raising=False)
  return presets.debug().env


def refused(call, *parts):
  """The one sentence of a refusal; each of `parts` is in it."""
  with pytest.raises(UserError) as error:
    call()
  sentence = str(error.value)
  assert "\n" not in sentence
  for part in parts:
    assert part in sentence, sentence
  return sentence


# ---- this version


def test_an_agent_of_this_version_belongs(meta):
  assert compatibility.differences(meta) == []


def test_a_policy_of_before_the_gain_is_refused_by_name(meta):
  del meta["meaning"]
  sentence = refused(
    lambda: compatibility.check("runs/x", meta), "runs/x",
    "before goals were heard eight times as loudly",
    "train clone and dreams anew", compatibility.FLAG,
  )  # fmt: skip
  told = []
  compatibility.check("runs/x", meta, warn=told.append)
  assert "eight times as loudly" in told[0] and told[0] != sentence
  compatibility.check("runs/x", meta, (WORLD,))  # the dream is as it was


@pytest.mark.parametrize(
  ("change", "parts"),
  [
    ({"goals": "0123"}, ("knows goals 0123",)),
    ({"ram_layout": "4567"}, ("layout 4567",)),
  ],
)
def test_other_goals_and_layouts(meta, change, parts):
  refused(lambda: compatibility.check("x", {**meta, **change}), *parts)
  refused(
    lambda: compatibility.check("x", {**meta, **change}, (WORLD,)), *parts
  )


def test_a_constant_that_changed_is_named(meta, monkeypatch):
  from dreamer_jax.policy import networks

  monkeypatch.setattr(networks, "GOAL_GAIN", 16.0)
  refused(
    lambda: compatibility.check("x", meta),
    "goal_gain 8.0, this version has 16.0",
  )


def test_exported_files_carry_it(agent, tmp_path):
  path = str(tmp_path / "agent.safetensors")
  agent_lib.save(path, agent, "int8")
  old = {k: v for k, v in agent.meta.items() if k != "meaning"}
  agent_lib.load(path)
  weights.retell(path, old)
  refused(lambda: agent_lib.load(path), path, "eight times as loudly")
  agent_lib.load(path, parts=(WORLD,))
  told = []
  agent_lib.load(path, warn=told.append)
  assert len(told) == 1


def test_a_file_that_says_nothing_is_a_sentence(agent, tmp_path):
  path = str(tmp_path / "agent.safetensors")
  agent_lib.save(path, agent, "int8")
  weights.retell(path, {"note": "by hand"})
  refused(lambda: agent_lib.load(path), path, "does not say its codebook")


# ---- the game


def test_an_agent_finds_its_own_game(meta, env):
  assert compatibility.find_rom("x", meta, env) == roms.embedded()


def test_the_environments_other_game_is_refused(
  meta, env, other_rom, monkeypatch
):
  monkeypatch.setenv(roms.ENV_VARIABLE, other_rom)
  own, other = roms.embedded(), roms.find(other_rom, allow_unknown=True)
  find = lambda **more: compatibility.find_rom("pretrained", meta, env, **more)
  refused(
    find, "pretrained", own.name, own.sha1, other_rom, other.sha1,
    f"unset ${roms.ENV_VARIABLE}", compatibility.FLAG,
  )  # fmt: skip
  told = []
  assert find(warn=told.append) == other
  assert own.sha1 in told[0] and other.sha1 in told[0]
  assert find(given=own.path) == own  # said anew, and right


def test_a_flags_other_game_is_refused(meta, env, other_rom):
  refused(
    lambda: compatibility.find_rom("x", meta, env, other_rom),
    other_rom,
    "--rom",
  )


def test_a_copy_of_the_game_is_the_same_game(meta, env, tmp_path):
  path = str(tmp_path / "copy.gb")
  shutil.copy(roms.embedded().path, path)
  assert compatibility.find_rom("x", meta, env, path).path == path


def test_a_game_of_its_own_is_asked_for(meta, env, other_rom, monkeypatch):
  """A run on a ROM that $DREAMER_ROM named then, and does not now."""
  other = roms.find(other_rom, allow_unknown=True)
  meta["rom"] = other.identity
  env = change(env, {"allow_unknown_rom": True})
  refused(
    lambda: compatibility.find_rom("x", meta, env),
    other.sha1,
    "the embedded game",
  )
  monkeypatch.setenv(roms.ENV_VARIABLE, other_rom)
  assert compatibility.find_rom("x", meta, env).sha1 == other.sha1


def test_a_rom_that_moved_is_found_by_its_hash(
  meta, env, other_rom, tmp_path, monkeypatch
):
  other = roms.find(other_rom, allow_unknown=True)
  meta["rom"] = other.identity
  gone = str(tmp_path / "was-here.gb")
  env = change(env, {"allow_unknown_rom": True, "rom": gone})
  find = lambda: compatibility.find_rom("x", meta, env)
  refused(find, env.rom, other.sha1, "--rom")
  monkeypatch.setenv(roms.ENV_VARIABLE, other_rom)
  assert find().path == other_rom
  shutil.copy(roms.embedded().path, env.rom)  # another game in its place
  assert find().path == other_rom
  monkeypatch.delenv(roms.ENV_VARIABLE)
  refused(find, env.rom, "where its ROM was", roms.embedded().sha1)


def test_the_runs_own_path_counts_before_the_environment(
  meta, env, other_rom, monkeypatch
):
  env = change(env, {"rom": roms.embedded().path})
  monkeypatch.setenv(roms.ENV_VARIABLE, other_rom)
  assert compatibility.find_rom("x", meta, env).sha1 == roms.embedded().sha1


def test_checkpoints_that_name_their_game_alone(meta, env, other_rom):
  """As they were before the SHA-1 was kept."""
  meta["rom"] = roms.EMBEDDED
  assert compatibility.find_rom("x", meta, env) == roms.embedded()
  find = lambda: compatibility.find_rom("x", meta, env, other_rom)
  refused(find, "an unknown game")


def test_evaluation_plays_the_game_that_was_met(agent, monkeypatch, other_rom):
  monkeypatch.setenv(roms.ENV_VARIABLE, other_rom)
  refused(lambda: agent_lib.rom_of(agent), other_rom)
  met = agent_lib.meet(agent, "x", roms.embedded().path)
  assert agent_lib.rom_of(met).sha1 == roms.embedded().sha1


def test_a_rival_of_another_game_or_pace(meta):
  rival = copy.deepcopy(meta)
  compatibility.check_rival("m", rival, meta)
  rival["config"]["env"]["action_frames"] = 30
  refused(
    lambda: compatibility.check_rival("m", rival, meta), "8 of 30 frames",
    "8 of 24 frames",
  )  # fmt: skip
  rival["rom"] = {"sha1": "0" * 40, "name": "unknown", "title": ""}
  refused(lambda: compatibility.check_rival("m", rival, meta), "0" * 40)


# ---- going on


def test_training_goes_on_where_the_policy_means_nothing_yet(meta):
  del meta["meaning"]
  rom = roms.embedded()
  at = lambda **now: meta.update(counters=now)
  going = lambda: compatibility.check_going_on("runs/x/7", meta, rom)
  at(round=0, phase="world", done=50)
  going()
  at(round=0, phase="clone", done=0)
  going()
  at(round=0, phase="clone", done=2)
  refused(going, "runs/x/7", "eight times as loudly", "another --workdir")
  at(round=1, phase="collect", done=0)
  refused(going)


def test_a_run_does_not_go_on_with_another_game(
  tiny_run, other_rom, tmp_path, monkeypatch
):
  config, workdir, _ = tiny_run
  shutil.copytree(workdir, tmp_path / "run")
  config = change(config, {"env.allow_unknown_rom": True})
  monkeypatch.setenv(roms.ENV_VARIABLE, other_rom)
  os.remove(tmp_path / "run" / "config.json")
  for name in ("demos", "episodes"):
    shutil.rmtree(tmp_path / "run" / name)
  refused(
    lambda: Loop(config, str(tmp_path / "run")), roms.embedded().sha1,
    roms.find(other_rom, allow_unknown=True).sha1,
  )  # fmt: skip


def test_runs_say_what_they_are_of(tiny_run):
  config, workdir, _ = tiny_run
  meta = agent_lib.load(workdir).meta
  assert meta["rom"] == roms.embedded().identity
  assert meta["goals"] == vocabulary.vocabulary_hash()
  assert compatibility.origin(meta)[2:] == (
    config.env.press_frames, config.env.action_frames,
  )  # fmt: skip
