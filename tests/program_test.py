"""Every program: its help, and bad values of its flags as one sentence."""

import contextlib
import functools
import importlib
import pathlib
import random
import subprocess
import sys

import pytest
from absl import flags

import dreamer_jax
import experiments
import launch
from dreamer_jax import program
from dreamer_jax.cli import dispatch
from dreamer_jax.errors import UserError

BAD = (
  "", " ", "abc", "-1", "-5", "0", "1.5", "1e400", "nan", "inf", "-inf",
  "9" * 40, "0x10", "true", "~nosuchuser/x", "--json", "-x", "a,b", ",", "[]",
  "None", "é", "a\nb", "%s", "$HOME", "/dev/null/x",
)  # fmt: skip
OURS = ("experiments", "launch", "dreamer_jax")  # whose modules define flags
MAIN = 'if __name__ == "__main__":'
FREE = {"a text", "a list with commas"}  # domains that hold any text


def programs():
  """Names of the modules that are programs, and how each is called."""
  for command, (name, _) in dispatch.COMMANDS.items():
    yield f"dreamer_jax.cli.{name}", f"dreamer-jax {command}"
  for package in (launch, dreamer_jax):
    folder = pathlib.Path(package.__path__[0])
    for path in sorted(folder.rglob("*.py")):
      if MAIN in path.read_text() and path.name != "__main__.py":
        parts = path.relative_to(folder.parent).with_suffix("").parts
        yield ".".join(parts), f"python -m {'.'.join(parts)}"


CALLED = dict(programs())
PROGRAMS = list(CALLED)


@contextlib.contextmanager
def without_programs():
  """No flag of ours, as where a program starts; other tests import some."""
  where = {n: flags.FLAGS.find_module_defining_flag(n) for n in flags.FLAGS}
  ours = {n: m for n, m in where.items() if (m or "").startswith(OURS)}
  kept = {n: flags.FLAGS[n] for n in ours}
  flags.FLAGS.remove_flag_values(kept)
  yield
  for name, flag in kept.items():
    flags.FLAGS[name] = flag
    flags.FLAGS.register_flag_by_module(ours[name], flag)


@functools.cache
def flags_of(name):
  """A program's module, and its flags apart from all others."""
  there = sys.modules.pop(name, None)
  with without_programs():
    before = set(flags.FLAGS)
    module = importlib.import_module(name)
    own = {n: flags.FLAGS[n] for n in flags.FLAGS if n not in before}
    flags.FLAGS.remove_flag_values(own)
  if there is not None:
    sys.modules[name] = there
  return module, own


def read(flag, text):
  """Parses one flag; the sentence that its program would end with, or None."""
  alone = flags.FlagValues()
  alone[flag.name] = flag
  flag.unparse()
  try:
    alone(["program", f"--{flag.name}={text}"])
  except (flags.Error, UserError) as error:
    sentence = program.explain(error)
    assert sentence and "\n" not in sentence
    return sentence
  finally:
    flag.using_default_value = True
  return None


def texts(seed):
  rng = random.Random(seed)
  letters = "0123456789.-+e_xnaf,=~/: "
  some = ("".join(rng.choices(letters, k=rng.randint(1, 8))) for _ in range(40))
  return [*BAD, *some]


def test_all_programs_are_found():
  assert {"dreamer_jax.cli.train", "dreamer_jax.cli.inspect", "launch.local",
          "dreamer_jax.lantern_isle.build.build"} <= set(PROGRAMS)  # fmt: skip
  assert len(PROGRAMS) >= 26


def test_the_page_of_commands_teaches(capsys, monkeypatch):
  for words in ([], ["--help"], ["-h"]):
    monkeypatch.setattr(sys, "argv", ["dreamer-jax", *words])
    dispatch.main()
    page = capsys.readouterr().out
    assert all(name in page for name in dispatch.COMMANDS)
    assert "--checkpoint=pretrained" in page
    assert max(map(len, page.splitlines())) <= 80


def test_nobody_need_read_the_page_to_its_end():
  done = subprocess.run(
    f"{sys.executable} -m dreamer_jax --help | true", shell=True,
    capture_output=True, text=True, timeout=60,
  )  # fmt: skip
  assert not done.stderr


@pytest.mark.parametrize(
  ("words", "said"),
  [("trian", "did you mean train?"), ("rom", "rom doctor, rom play")],
)
def test_a_command_that_is_not_there(capsys, monkeypatch, words, said):
  monkeypatch.setattr(sys, "argv", ["dreamer-jax", words, "--x=1"])
  with pytest.raises(SystemExit) as caught:
    dispatch.main()
  told = capsys.readouterr().err
  assert caught.value.code == 1 and told.startswith("error: ") and said in told


def test_each_command_is_an_experiment_too():
  """`python -m experiments.NAME`, as the brief has it, is a thin module."""
  folder = pathlib.Path(experiments.__path__[0])
  for command, (name, _) in dispatch.COMMANDS.items():
    path = folder / f"{name}.py"
    path = path if path.exists() else folder / name / "__main__.py"
    assert f'run("{command}")' in path.read_text()


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_teaches(name):
  module, own = flags_of(name)
  assert CALLED[name] in module.__doc__
  assert len(module.__doc__.split()) >= 15
  assert all(flag.help for flag in own.values())


@pytest.mark.parametrize("name", PROGRAMS)
def test_bad_values_of_flags_are_one_sentence(name):
  """A flag is true or false, or has a domain that refuses what is not in it."""
  _, own = flags_of(name)
  for flag in own.values():
    if isinstance(flag, (flags.BooleanFlag, flags.MultiFlag)):
      continue
    assert isinstance(flag.parser, program.DomainParser), flag.name
    sentences = [read(flag, text) for text in texts(flag.name)]
    is_free = flag.parser.flag_type() in FREE
    assert is_free or sum(s is not None for s in sentences) >= 4, flag.name
    for sentence in filter(None, sentences):
      assert "give it" in sentence or "there is" in sentence
    if isinstance(flag.default, (int, float)) and flag.default is not True:
      for text in ("abc", "", "nan", "inf", "9" * 400):
        assert read(flag, text), f"--{flag.name}={text}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_mistyped_flag_has_a_nearest_name(name, monkeypatch):
  _, own = flags_of(name)
  for flag in list(own.values())[:20]:
    if flag.name.startswith("config."):
      continue
    with monkeypatch.context() as patch:
      fake = flags.FlagValues()
      for other in own.values():
        fake[other.name] = other
        fake.register_key_flag_for_module("p", other)
      patch.setattr(flags, "FLAGS", fake)
      patch.setattr("sys.argv", ["p"])
      wrong = flag.name[:-1] + "zz"
      with pytest.raises(flags.Error) as caught:
        fake(["p", f"--{wrong}=1"])
      assert f"there is no flag --{wrong}" in program.explain(caught.value)
