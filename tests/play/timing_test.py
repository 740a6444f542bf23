"""The loop's timing tool: what it counts. Timings themselves are no test."""

import numpy as np
import pytest

from dreamer_jax.planner.backends import fake_server
from dreamer_jax.play import timing
from dreamer_jax.play.system1 import System1
from dreamer_jax.play.timing import Spell


def test_the_summary_compares_like_with_like():
  off = np.linspace(0, 1, 101)
  spells = [
    Spell(False, off, off, 0, 0.0, 2, 0),
    Spell(True, off + 1, off, 5, 1.0, 3, 1),
    Spell(False, off, off, 0, 0.0, 2, 0),
    Spell(True, off + 1, off, 5, 0.5, 3, 0),
  ]
  result = timing.summarize(spells)
  assert result["added_p99_ms"] == pytest.approx(1.0)
  assert result["added_late_p99_ms"] == pytest.approx(0.0)
  both = result["without"], result["with_planner"]
  assert [b["calls"] for b in both] == [0, 10]
  assert both[1]["goals_missed"] == 1 and both[1]["in_flight"] == 0.75


def test_its_faults_are_the_servers():
  assert set(timing.FAULTS) <= set(fake_server.BEHAVIORS)


@pytest.mark.slow
def test_a_short_run_keeps_a_call_in_flight(agent):
  pytest.importorskip("openai")
  system1 = System1(agent)
  system1.warm_up()
  spells = timing.measure(system1, 4.0, "openai", spells=1)
  assert [s.has_planner for s in spells] == [False, True]
  assert spells[0].calls == 0 and spells[1].calls >= 2
  assert spells[1].in_flight > 0.7 and spells[1].missed == 0
