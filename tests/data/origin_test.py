"""Play of two games, or of two paces, stays apart."""

import dataclasses

import pytest

from dreamer_jax.data import episodes
from dreamer_jax.data import origin as origins
from dreamer_jax.data.episodes import EpisodeStore
from dreamer_jax.data.origin import Origin, OriginError

OURS = Origin("a" * 40, "Lantern Isle", 8, 24)


def meta(sha1="a" * 40, name="Lantern Isle", **env):
  return {"rom": {"sha1": sha1, "name": name, "title": ""}, "env": env}


def test_the_same_game_and_pace():
  assert origins.differences(origins.of_meta(meta()), OURS) == []
  other_name = meta(name="unknown")  # the hash decides
  assert origins.differences(origins.of_meta(other_name), OURS) == []


def test_another_game_names_both():
  (phrase,) = origins.differences(origins.of_meta(meta("b" * 40)), OURS)
  assert "b" * 40 in phrase and "a" * 40 in phrase


@pytest.mark.parametrize("env", [{"press_frames": 6}, {"action_frames": 16}])
def test_another_pace_names_both(env):
  (phrase,) = origins.differences(origins.of_meta(meta(**env)), OURS)
  assert "8 of 24 frames" in phrase
  assert str(next(iter(env.values()))) in phrase


def test_what_is_not_told_is_not_compared():
  assert origins.differences(origins.of_meta({}), OURS) == []
  by_hand = {**meta(), "timing": "as played"}
  slow = OURS._replace(action_frames=30)
  assert origins.differences(origins.of_meta(by_hand), slow) == []


def test_a_folder_of_another_game_is_refused(tmp_path, make_episode):
  store = EpisodeStore(tmp_path)
  for seed in (1, 2, 3):
    store.add(0, make_episode(seed=seed, meta=meta("b" * 40)))
  with pytest.raises(OriginError, match=r"0001\.ep \(and 2 more\)") as error:
    EpisodeStore(tmp_path, OURS)
  assert "\n" not in str(error.value) and "--workdir" in str(error.value)
  assert len(EpisodeStore(tmp_path)) == 3  # nothing is lost


def test_a_folder_takes_the_game_of_its_first(tmp_path, make_episode):
  store = EpisodeStore(tmp_path)
  store.add(0, make_episode(seed=1, meta=meta()))
  for later in (store, EpisodeStore(tmp_path)):
    with pytest.raises(OriginError, match="b" * 40):
      later.add(0, make_episode(seed=2, meta=meta("b" * 40)))
  assert store.seeds(0, "random") == {1}


def test_what_comes_later_is_looked_at_too(tmp_path, make_episode):
  store = EpisodeStore(tmp_path, OURS)
  path = store.path(0, "random", 5)
  episodes.save(path, make_episode(seed=5, meta=meta("b" * 40)))
  with pytest.raises(OriginError, match=path.name):
    store.load(path)


def test_both_folders_of_a_run_are_of_one_game(tmp_path, make_episode):
  demos = EpisodeStore(tmp_path / "demos")
  demos.add(0, make_episode(source="human", meta=meta("b" * 40)))
  with pytest.raises(OriginError, match="demos"):
    episodes.open_run(tmp_path, "episodes", OURS)


def test_a_peek_reads_no_more_than_the_header(tmp_path, make_episode):
  path = tmp_path / "x.ep"
  episodes.save(path, make_episode(seed=7, meta=meta()))
  assert episodes.peek(path) == episodes.load(path).meta
  path.write_bytes(path.read_bytes()[:60])
  assert episodes.peek(path) == {} == episodes.peek(tmp_path / "none.ep")


def test_an_imported_play_is_of_its_rom(rom, make_episode):
  made = make_episode(meta={"rom": rom.identity, "timing": "as played"})
  made = dataclasses.replace(made)
  assert origins.of_meta(made.meta) == origins.of_rom(rom).any_pace
