from types import SimpleNamespace

from dreamer_jax import config as config_lib
from dreamer_jax.data.policies import RandomPolicy
from dreamer_jax.evaluate import evaluation


def test_episodes_begin_at_power_on_whatever_training_did(tmp_path):
  config = config_lib.debug()
  config.env.num_workers = 0
  config.env.start_states = str(tmp_path)
  agent = SimpleNamespace(config=config)
  played = evaluation.play(agent, RandomPolicy, "random", [1, 2], max_steps=3)
  assert [e.meta["start"] for e in played] == ["power-on"] * 2
  assert not any(e.decode_ram().is_playing[0] for e in played)
