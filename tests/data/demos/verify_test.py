import dataclasses

import numpy as np
import pytest

from dreamer_jax.data.collect import collect
from dreamer_jax.data.demos.verify import compare, fingerprint, verify
from dreamer_jax.data.policies import RandomPolicy
from dreamer_jax.data.start_states import StartState
from dreamer_jax.errors import UserError
from dreamer_jax.game.vector import VectorEnv


@pytest.fixture(scope="module")
def played(rom):
  """Four episodes; the emulators are at another place in each."""
  with VectorEnv(3, num_workers=0, rom=rom, max_steps=30) as env:
    return list(
      collect(env, RandomPolicy(3, 0.5), seeds=range(4), source="random")
    )


def changed(episode, **fields):
  return dataclasses.replace(episode, **fields)


def test_replayed_inputs_give_the_same_frames(rom, played):
  verdicts = list(verify(played, rom=rom, num_envs=2, num_workers=1))
  assert sorted(v.seed for v in verdicts) == [0, 1, 2, 3]
  assert all(v.field == "" and v.frames == 31 for v in verdicts)


def test_another_input_is_found(rom, played):
  action = played[1].action.copy()
  action[5:] = 2  # the start button leaves the title
  wrong = [played[0], changed(played[1], action=action)]
  good, bad = sorted(verify(wrong, rom=rom, num_envs=2, num_workers=0))
  assert good.field == "" and bad.field in ("packed", "ram")
  assert bad.step >= 5


def test_the_first_difference_is_named(played):
  packed, ram = played[0].packed.copy(), played[0].ram.copy()
  packed[7, 3, 3, 3] ^= 1
  ram[9, 0] ^= 1
  wrong = changed(played[0], packed=packed, ram=ram)
  whole = fingerprint(played[0])
  assert compare(fingerprint(wrong), whole)[2:4] == ("packed", 7)
  names = ("packed", "ram", "action", "intent", "terms", "is_first", "goal")
  short = {name: getattr(played[0], name)[:20] for name in names}
  ends = np.arange(20) == 19
  short = changed(played[0], **short, is_last=ends, is_terminal=ends & False)
  assert compare(fingerprint(short), whole)[2:4] == ("is_last", 19)
  assert compare(whole, whole)[2:4] == ("", -1)


def test_start_states_are_begun_at_where_they_are_known(rom):
  with VectorEnv(2, num_workers=0, rom=rom, max_steps=6) as env:
    env.reset(seeds=[0, 0])
    for _ in range(4):
      env.step(np.array([2, 2]))
    start = StartState("further", env.save_state(0), {})
    starts = {7: start}
    shown = list(
      collect(
        env, RandomPolicy(2), seeds=[7, 8], source="random", states=starts.get
      )
    )
  without = {v.seed: v for v in verify(shown, rom=rom, num_workers=0)}
  assert "'further'" in without[7].skipped and without[7].frames == 0
  assert without[8].frames == 7 and not without[8].skipped
  known = {"further": start}
  verdicts = list(verify(shown, rom=rom, num_workers=0, starts=known))
  assert [(v.field, v.frames, v.skipped) for v in verdicts] == [("", 7, "")] * 2


def test_what_a_person_played_is_skipped(rom, played):
  meta = {**played[0].meta, "timing": "as played"}
  mine = changed(played[0], meta=meta)
  (verdict,) = verify([mine], rom=rom)
  assert "as played" in verdict.skipped


def test_other_roms_and_mixtures_are_refused(rom, played):
  other = {**played[0].meta, "rom": {"sha1": "0" * 40}}
  with pytest.raises(UserError, match="was recorded on the ROM"):
    next(verify([changed(played[0], meta=other)], rom=rom))
  mixed = {**played[1].meta, "env": {"max_steps": 9}}
  with pytest.raises(UserError, match="different options"):
    next(verify([played[0], changed(played[1], meta=mixed)], rom=rom))
  with pytest.raises(UserError, match="one seed twice"):
    next(verify([played[0], played[0]], rom=rom))
  assert list(verify([], rom=rom)) == []
