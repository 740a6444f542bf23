import dataclasses

import numpy as np
import pytest

from dreamer_jax import presets
from dreamer_jax.config import change
from dreamer_jax.data import start_states
from dreamer_jax.data.codebook import TileCodebook
from dreamer_jax.data.demos import make_start_states
from dreamer_jax.data.episodes import EpisodeStore
from dreamer_jax.data.policies import RandomPolicy
from dreamer_jax.errors import UserError
from dreamer_jax.game import intro
from dreamer_jax.game import rom as roms
from dreamer_jax.game.env import GameBoyEnv
from dreamer_jax.training import codebook_file, collection, playing
from dreamer_jax.training.dataset import Experience
from tests.data.conftest import made_episode

DIGESTS = {"policy": "p", "clone": "c"}


@pytest.fixture
def config():
  config = change(
    presets.debug(), {"env.num_workers": 0, "data.scripted.explore_steps": 4}
  )
  return config


def play(experience, job):
  return list(experience.play(0, job, None, lambda steps: None))


def test_scripted_game_has_demonstrations_and_exploring(config):
  jobs = collection.plan(config, 0)
  assert [(j.folder, j.source) for j in jobs] == [
    ("demos", "expert"), ("episodes", "randomized_expert"),
    ("episodes", "explorer"), ("episodes", "wanderer"), ("episodes", "courier"),
  ]  # fmt: skip
  players = [j.player for j in jobs]
  assert players == ["expert", "expert", "explorer", "wanderer", "courier"]


def test_the_policys_episodes_may_be_shorter(config):
  (curious,) = collection.plan(config, 1)
  assert (curious.player, curious.source) == ("curious", "curious")
  (job,) = collection.plan_own(config, 1, DIGESTS)
  assert (job.player, job.max_steps) == ("learned", config.env.max_steps)
  assert job.patience is None
  config = change(config, {"data.own.steps": 17, "data.own.patience": 5})
  (job,) = collection.plan_own(config, 2, DIGESTS)
  assert (job.max_steps, len(job.seeds)) == (17, config.data.own.episodes)
  assert job.patience == 5
  assert all(job.patience is None for job in collection.plan(config, 0))


def test_all_rounds_play_the_same_seeds_and_at_first_the_clone(config):
  own = lambda round_: collection.plan_own(config, round_, DIGESTS)
  first, second = own(0), own(1)
  assert [job.source for job in first] == ["clone", "policy"]
  assert [job.weights for job in first] == ["c", "p"]
  assert [job.source for job in second] == ["policy"]
  assert first[0].seeds == first[1].seeds == second[0].seeds
  without = change(config, {"policy.schedule.gate": False})
  jobs = collection.plan_own(without, 0, DIGESTS)
  assert [job.source for job in jobs] == ["policy"]


def test_games_of_other_weights_are_played_again(config, tmp_path):
  """A policy is judged by games that it has played itself."""
  config = change(config, {"policy.schedule.gate": False, "env.num_workers": 0})
  experience = Experience(config, str(tmp_path))
  left = lambda digest: experience.missing_own(0, {"policy": digest})
  (job,) = left("before")
  list(experience.play(1, job, RandomPolicy, lambda steps: None))
  assert left("before") == []
  assert left("after") == [dataclasses.replace(job, weights="after")]


def foreign_run(config, tmp_path):
  """A run on a game that no script knows: ours under another name."""
  experience = Experience(config, str(tmp_path / "run"))
  experience.rom = experience.rom._replace(name=roms.LIKE)
  return experience


@pytest.fixture
def foreign(config, tmp_path):
  return foreign_run(config, tmp_path)


def test_a_users_own_game_wants_demonstrations(foreign, tmp_path):
  with pytest.raises(UserError) as error:
    foreign.missing(0)
  assert "demos record" in str(error.value) and roms.LIKE in str(error.value)


def test_a_users_own_game_is_explored_by_random_play(foreign, config, tmp_path):
  ours = Experience(config, str(tmp_path / "ours"))
  job = dataclasses.replace(ours.missing(0)[1], seeds=(1,))
  shown = play(ours, job)[0]
  shown = dataclasses.replace(shown, meta={**shown.meta, "source": "human"})
  EpisodeStore(tmp_path / "run" / "demos").add(0, shown)
  (job,) = foreign.missing(0)
  assert (job.folder, job.source) == ("episodes", "random")
  assert job.player == "random"
  played = play(foreign, dataclasses.replace(job, seeds=(7, 8)))
  assert [e.meta["source"] for e in played] == ["random"] * 2
  assert len(list(foreign.training(0))) == 3


def test_held_out_episodes_are_never_learned_from(config, tmp_path):
  """A share of the first round, the same however often it is asked."""
  holding = lambda share: foreign_run(
    change(config, {"data.validation": share}), tmp_path
  )
  foreign = holding(0.3)
  store = EpisodeStore(tmp_path / "run" / "episodes")
  for round_, seeds in ((0, range(40)), (1, range(500, 510))):
    for seed in seeds:
      store.add(round_, made_episode(5, seed))
  seed_of = lambda chosen: [e.meta["seed"] for e in chosen]
  held_out = seed_of(foreign.held_out())
  assert 6 <= len(held_out) <= 18 and 0 not in held_out
  learned = seed_of(foreign.training(1))
  assert sorted(held_out + learned) == [*range(40), *range(500, 510)]
  assert foreign.steps() == 5 * (40 - len(held_out))
  assert set(held_out) <= set(seed_of(holding(0.4).held_out()))


def test_a_new_name_of_a_source_leaves_what_is_held_out(config, tmp_path):
  """A script's noisy play was filed as random: the same seeds stay out."""
  config = change(config, {"data.validation": 0.3})
  held_out = []
  for name in ("random", "randomized_expert"):
    experience = Experience(config, str(tmp_path / name))
    store = EpisodeStore(tmp_path / name / "episodes")
    for seed in range(40):
      store.add(0, made_episode(5, seed, source=name))
    held_out.append([e.meta["seed"] for e in experience.held_out()])
  assert held_out[0] == held_out[1] and len(held_out[0]) > 5


def test_demonstrations_of_another_game_are_refused(
  config, tmp_path, other_rom
):
  other = roms.find(other_rom, allow_unknown=True)
  store = EpisodeStore(tmp_path / "demos")
  meta = {"rom": other.identity, "timing": "as played"}
  store.add(0, made_episode(5, source="human", meta=meta))
  with pytest.raises(UserError) as error:
    Experience(config, str(tmp_path))
  for part in (other.sha1, roms.embedded().sha1, "demos", "--workdir"):
    assert part in str(error.value)
  config = change(config, {"env.rom": other_rom, "env.allow_unknown_rom": True})
  assert Experience(config, str(tmp_path)).steps() == 5


def test_episodes_of_another_pace_are_refused(config, tmp_path):
  store = EpisodeStore(tmp_path / "episodes")
  meta = {"rom": roms.embedded().identity, "env": {"action_frames": 24}}
  store.add(0, made_episode(5, meta=meta))
  config = change(config, {"env.action_frames": 30})
  with pytest.raises(UserError, match="8 of 24 frames, not 8 of 30 frames"):
    Experience(config, str(tmp_path))


def test_episodes_that_come_meanwhile_are_looked_at(
  config, tmp_path, other_rom
):
  experience = Experience(config, str(tmp_path))
  other = roms.find(other_rom, allow_unknown=True)
  meta = {"rom": other.identity, "env": {}}
  EpisodeStore(tmp_path / "episodes").add(0, made_episode(5, meta=meta))
  with pytest.raises(UserError, match=other.sha1):
    list(experience.training(0))


def test_episodes_of_other_settings_are_not_taken(config, tmp_path):
  experience = Experience(config, str(tmp_path))
  job = experience.missing(0)[1]
  play(experience, dataclasses.replace(job, seeds=job.seeds[:1]))
  assert len(experience.missing(0)[1].seeds) == len(job.seeds) - 1
  config = change(config, {"data.scripted.explore_epsilon": 0.77})
  with pytest.raises(UserError, match=r"epsilon 0\.\d+, not 0\.77"):
    Experience(config, str(tmp_path)).missing(0)


def test_a_codebook_of_another_game_is_refused(config, tmp_path):
  experience = Experience(config, str(tmp_path))
  path = tmp_path / "codebook.npz"
  file = codebook_file.of(config, str(tmp_path), experience.rom)
  patterns = np.arange(32, dtype=np.uint8).reshape(2, 16)
  book = TileCodebook(patterns, config.world_model.network.codebook)
  book.save(path, "0" * 40)
  with pytest.raises(UserError, match=r"codebook.*0000"):
    experience.codebook(file)
  book.save(path)  # does not tell
  assert len(experience.codebook(file)) == 2


def test_a_codebook_that_is_damaged_or_of_another_size_is_made_anew(
  config, tmp_path, caplog
):
  experience = Experience(config, str(tmp_path))
  EpisodeStore(tmp_path / "episodes").add(0, made_episode(5))
  file = codebook_file.of(config, str(tmp_path), experience.rom)
  patterns = np.arange(32, dtype=np.uint8).reshape(2, 16)
  TileCodebook(patterns, 7).save(file.path, experience.rom.sha1)
  made = experience.codebook(file)
  assert made.capacity == config.world_model.network.codebook
  assert TileCodebook.load(file.path).capacity == 7  # who looks writes nothing
  (tmp_path / "codebook.npz").write_bytes(b"PK half of it")
  assert len(experience.begin_codebook(file)) == len(made)
  assert "made anew" in caplog.text and len(file.load()) == len(made)


def test_exploring_starts_where_the_mix_says(config, tmp_path):
  env = GameBoyEnv(roms.find(config.env.rom))
  env.reset(seed=0)
  intro.play(env)
  start_states.Archive(tmp_path / "a").add(
    make_start_states.describe(env, "home", "me", {})
  )
  env.close()
  config = change(config, {"env.start_states": str(tmp_path / "a")})
  experience = Experience(config, str(tmp_path / "run"))
  demos, exploring, _ = experience.missing(0)
  assert playing.start_of(config, experience.rom, demos)(1) is None
  episodes = play(experience, dataclasses.replace(exploring, seeds=(1, 2)))
  assert all(e.decode_ram().is_playing[0] for e in episodes)
  with_mix = lambda mix: Experience(
    change(config, {"env.start_mix": mix}), str(tmp_path / "run")
  )
  experience = with_mix("power-on=1,home=0")
  (episode,) = play(experience, dataclasses.replace(exploring, seeds=(3,)))
  assert not episode.decode_ram().is_playing[0]
  with pytest.raises(UserError, match="'nowhere'"):
    play(with_mix("nowhere=1"), exploring)
