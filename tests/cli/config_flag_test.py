"""`--config`: presets by name and by file, and its fields' flags."""

import json
import os
import subprocess
import sys

import pytest
from absl import flags

import experiments
from dreamer_jax import config as config_lib
from dreamer_jax import domains, presets, program
from dreamer_jax.cli import config_flag
from dreamer_jax.config import change
from dreamer_jax.errors import UserError


@pytest.fixture
def configured(monkeypatch):
  """`configured("--config=debug", ...)`: what a program would be given."""
  alone = flags.FlagValues()
  define, define_flag = flags.DEFINE, flags.DEFINE_flag
  monkeypatch.setattr(
    flags, "DEFINE",
    lambda *args, **more: define(*args, flag_values=alone, **more),
  )  # fmt: skip
  monkeypatch.setattr(
    flags, "DEFINE_flag",
    lambda flag, **more: define_flag(flag, flag_values=alone, **more),
  )  # fmt: skip
  monkeypatch.setattr(flags, "FLAGS", alone)
  flag = config_flag.ConfigFlag("quickstart")

  def configure(*words):
    assert len(alone(["program", *words])) == 1
    return flag.value

  return configure


@pytest.mark.parametrize("name", presets.PRESETS)
def test_a_preset_by_its_name_or_path_from_anywhere(
  configured, tmp_path, monkeypatch, name
):
  monkeypatch.chdir(tmp_path)
  wanted = presets.PRESETS[name]()
  for text in (name, f"{name}.py", f"experiments/configs/{name}.py"):
    assert config_flag.read_preset(text) == wanted
  assert configured(f"--config={name}") == wanted


def test_without_it_there_is_the_default(configured):
  assert configured() == presets.quickstart()


def test_fields_before_and_after_with_and_without_equals(configured):
  config = configured(
    "--config.seed=3", "--config", "debug",
    "--config.world_model.sampling.batch", "4",
    "-config.world_model.network.dtype=bfloat16",
    "--noconfig.world_model.loss.probe_grad",
    "--config.env.allow_unknown_rom",
  )  # fmt: skip
  wanted = presets.debug()
  assert config == change(wanted, {
    "seed": 3, "env.allow_unknown_rom": True, "world_model.sampling.batch": 4,
    "world_model.network.dtype": "bfloat16",
    "world_model.loss.probe_grad": False,
  })  # fmt: skip


def test_a_runs_own_settings(configured, tmp_path):
  path = tmp_path / "config.json"
  wanted = change(presets.debug(), {"env.start_states": "~/states"})
  path.write_text(json.dumps(config_lib.to_dict(wanted)))
  config = configured(f"--config={path}", "--config.rounds=7")
  assert config.rounds == 7 and config.name == "debug"
  assert config.env.start_states == os.path.expanduser("~/states")


def test_a_preset_of_ones_own(configured, tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  (tmp_path / "mine.py").write_text(
    "from dreamer_jax import config, presets\n"
    "def get_config():\n"
    "  return config.change(presets.debug(), {'name': 'mine'})\n"
  )
  assert configured("--config=mine.py").name == "mine"


@pytest.mark.parametrize(
  ("text", "said"),
  [
    ("", "has no get_config"),
    ("def get_config(", "cannot be run .SyntaxError"),
    (
      "from dreamer_jax import presets\n"
      "def get_config():\n"
      "  presets.debug().rewards.badge = 64",
      "never changes; return",
    ),
    ("import nothing_such", "cannot be run .ModuleNotFoundError"),
    ("def get_config(): return {}['x']", "cannot be run .KeyError"),
    ("def get_config(): return None", "returns a NoneType: let it return"),
    ("def get_config(x): return x", "cannot be run .TypeError"),
  ],
)
def test_a_file_that_is_no_preset(tmp_path, text, said):
  path = tmp_path / "wrong.py"
  path.write_text(text)
  with pytest.raises(
    UserError, match=f"{path}.*{said}|{said}.*{path}"
  ) as error:
    config_flag.read_preset(str(path))
  assert "\n" not in str(error.value)


@pytest.mark.parametrize(
  ("text", "said"),
  [
    ("[]", "cannot be read"),
    ("{", "cannot be read"),
    ('{"world": 7}', "there is no field 'world'"),
    ('{"world": {"detre": 7}}', "did you mean 'world_model.network.deter'"),
    ('{"seed": {"a": 7}}', "there is no field 'a'"),
    ('{"world": {"deter": "big"}}', "deter is 'big': give it"),
    ('{"rounds": null}', "rounds is None: give it"),
    ('{"env": {"rom": 7}}', "rom is 7: give it a path"),
  ],
)
def test_json_that_is_no_configuration(configured, tmp_path, text, said):
  path = tmp_path / "x.json"
  path.write_text(text)
  with pytest.raises(UserError, match=said):
    configured(f"--config={path}")


@pytest.mark.parametrize(
  ("words", "said"),
  [
    (["--config=quickstrt"], "did you mean quickstart"),
    (["--config=x.json"], "there is no such file; give it a preset"),
    (["--config=/"], "give it a file; / is a folder"),
    (["--config="], "give it a file"),
    (["--config"], "Missing value for flag --config"),
    (["--config.world.detre=3"], "did you mean 'world_model.network.deter'"),
    (["--config.world=3"], "there is no field 'world'"),
    (["--config.rounds=1", "--config.rounds=2"], "=2: it is given twice"),
    (["--config=debug", "--config=base"], "=base: it is given twice"),
    (["--noconfig.rounds"], "did you mean --config.rounds"),
    (
      ["--config.world_model.network.dtype=fp16"],
      "one of auto, float32, bfloat16",
    ),
    (["--config.world_model.network.deter=1.5"], "give it a whole number"),
    (["--config.world_model.network.deter=true"], "give it a whole number"),
    (["--config.world_model.loss.probe_grad=maybe"], "give it True or False"),
    (["--config.env.rom=~nosuchuser/x"], "no home folder ~nosuchuser"),
    (["--config.env.press_frames=24"], "fewer frames"),
    (["--config.data.capacity=10"], "larger capacity"),
  ],
)
def test_mistakes_are_one_sentence(configured, words, said):
  with pytest.raises((flags.Error, UserError)) as error:
    configured(*words)
  sentence = program.explain(error.value)
  assert said in sentence and "\n" not in sentence


@pytest.mark.usefixtures("configured")
def test_every_field_is_a_flag_with_its_domain_for_help():
  for path, domain in domains.fields(config_lib.Config):
    assert flags.FLAGS[f"config.{path}"].help == domain.words


@pytest.mark.parametrize(
  ("module", "words", "said"),
  [
    ("experiments/train.py", ["--config=debug", "--config.rounds=0"],
     "error: --config.rounds=0: give it a whole number"),
    ("experiments/evaluate.py", ["--checkpoint=pretraned"], "mean pretrained"),
  ],
)  # fmt: skip
def test_programs_run_as_scripts(tmp_path, module, words, said):
  """Beside a program lies `inspect`, which must not hide Python's own."""
  root = os.path.dirname(os.path.dirname(experiments.__file__))
  done = subprocess.run(
    [sys.executable, os.path.join(root, module), *words],
    capture_output=True, text=True, timeout=120, cwd=tmp_path,
    env={**os.environ, "PYTHONPATH": root},
  )  # fmt: skip
  assert done.returncode == 1 and said in done.stderr
  assert done.stderr.count("\n") == 1 and not list(tmp_path.iterdir())


def test_help_ends_well(tmp_path):
  for form in ("--help", "--helpshort", "--helpfull"):
    done = subprocess.run(
      [sys.executable, "-m", "experiments.inspect", form],
      capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0 and "--checkpoint" in done.stdout
    assert not done.stderr
