"""The meaning of weights: all that they depend on besides the config.

Each checkpoint carries this table, and a later version compares it with its
own, so that a constant which changed is named rather than played with. A change
that no constant shows (another activation, say) raises the part's edition;
`tests/agent/weight_editions_test.py` fails until that is done.
"""

from typing import Any

from dreamer_jax.contract import BUTTONS, DONE_BYTES, NUM_MAPS, PROBES, TERMS
from dreamer_jax.data import probes
from dreamer_jax.policy import networks
from dreamer_jax.world_model import decoder, heads

WORLD, POLICY = "world", "policy"
EDITIONS = {WORLD: 1, POLICY: 3}
_WHAT = {WORLD: "world model", POLICY: "policy"}
# What checkpoints that do not say are of, and why they are not played.
_UNSAID = {WORLD: 1, POLICY: 1}
_CHANGES = {
  (POLICY, 2): "goals were heard eight times as loudly",
  (POLICY, 3): "its critic was held to what really followed, in bins",
}


def table() -> dict[str, dict[str, Any]]:
  """By part, what its weights depend on; JSON."""
  return {
    WORLD: {
      "edition": EDITIONS[WORLD],
      "actions": list(BUTTONS),
      "terms": list(TERMS),
      "events": dict(heads.EVENTS),
      "amounts": dict(heads.AMOUNTS),
      "amount_bins": [heads.BINS, heads.MAX_SYMLOG],
      "likely": heads.LIKELY,
      "probes": {name: probe.size for name, probe in PROBES.items()},
      "level_scale": probes.LEVEL_SCALE,
      "owned_scale": probes.OWNED_SCALE,
      "maps": NUM_MAPS,
      "goal_bytes": DONE_BYTES,
      "logit_gain": decoder.LOGIT_GAIN,
    },
    POLICY: {
      "edition": EDITIONS[POLICY],
      "actions": list(BUTTONS),
      "goal_gain": networks.GOAL_GAIN,
      "value_unit": networks.VALUE_UNIT,
      "value_symlog": networks.MAX_SYMLOG,
    },
  }


def differences(told: dict[str, dict[str, Any]], part: str) -> list[str]:
  """How a checkpoint's weights differ in meaning, a phrase each.

  Args:
    told: its table; {} where it has none.
    part: `WORLD` or `POLICY`.
  """
  here, there = table()[part], told.get(part)
  if there is None:
    if EDITIONS[part] == _UNSAID[part]:
      return []
    there = {"edition": _UNSAID[part]}
  if there.get("edition", 1) < EDITIONS[part]:
    change = _CHANGES[part, there.get("edition", 1) + 1]
    return [f"its {_WHAT[part]} was trained before {change}"]
  return [
    f"its {_WHAT[part]} was made with {name} {_short(there.get(name))}, "
    f"this version has {_short(here.get(name))}"
    for name in sorted(here.keys() | there.keys())
    if here.get(name) != there.get(name)
  ]


def _short(value: Any) -> str:
  text = str(value)
  return text if len(text) <= 80 else f"{text[:77]}..."
