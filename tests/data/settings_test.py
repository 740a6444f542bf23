"""Episodes of other settings are not taken for those that are wanted."""

import pytest

from dreamer_jax.data import settings
from dreamer_jax.data.episodes import EpisodeStore
from dreamer_jax.data.settings import Settings
from dreamer_jax.errors import UserError

WANTED = Settings(
  {"max_steps": 5, "stop_badges": None}, {"policy": "expert", "epsilon": 0.1}
)


def made(**changes):
  meta = {"env": dict(WANTED.env), "how": dict(WANTED.how)}
  return {**meta, "start": "power-on", **changes}


def test_the_same():
  assert settings.differences(made(), WANTED) == []


@pytest.mark.parametrize(
  ("changes", "phrase"),
  [
    ({"how": {"policy": "expert", "epsilon": 0.3}}, "epsilon 0.3, not 0.1"),
    ({"how": {"policy": "random"}}, "policy random, not expert"),
    ({"env": {"max_steps": 9, "stop_badges": None}}, "max_steps 9, not 5"),
    ({"start": "home"}, "start home, not power-on"),
  ],
)
def test_what_differs_is_named(changes, phrase):
  assert phrase in settings.differences(made(**changes), WANTED)


def test_what_is_taken_for_granted_is_the_same_when_told():
  told = made(env={**WANTED.env, "press_frames": 8, "patience": None})
  assert settings.differences(told, WANTED) == []
  told["env"]["press_frames"] = 6
  assert settings.differences(told, WANTED) == ["press_frames 6, not 8"]
  strays = made(how={**WANTED.how, "strays": 0.0})  # of a script that has some
  assert settings.differences(strays, WANTED) == []


def test_older_files_do_not_tell_how():
  meta = made()
  del meta["how"]
  assert settings.differences(meta, WANTED) == []


def test_files_are_refused_in_a_sentence(tmp_path, make_episode):
  store = EpisodeStore(tmp_path)
  more = {"how": {"policy": "expert", "epsilon": 0.3}}
  paths = [
    store.add(0, make_episode(seed=s, source="expert", meta=made(**more)))
    for s in range(3)
  ]
  with pytest.raises(UserError) as error:
    settings.check(paths, WANTED)
  sentence = str(error.value)
  for part in ("0 episodes", "3 of", str(tmp_path), "epsilon 0.3, not 0.1",
               "--workdir"):  # fmt: skip
    assert part in sentence
  settings.check(paths, Settings(WANTED.env, more["how"]))
