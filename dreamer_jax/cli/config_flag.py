"""The flag `--config`, and a flag for each of its fields.

A preset is a name (`quickstart`), a file whose `get_config()` returns a
`Config`, or a run's `config.json`. Every field is a flag of its own, so that
absl reads `--config.world_model.network.deter=64` as it reads any other, before
`--config` or after it; `rules` then judges the whole.
"""

import dataclasses
import json
import os
import runpy
from typing import Any

from absl import flags

from dreamer_jax import config as config_lib
from dreamer_jax import domains, paths, program
from dreamer_jax.config import Config, change
from dreamer_jax.errors import UserError
from dreamer_jax.presets import PRESETS

flags.disclaim_key_flags()  # --help of a program shows --config
_FOLDER = os.path.join("experiments", "configs")
_KINDS = "a preset, a Python file with get_config(), or a run's config.json"


class ConfigFlag:
  """What `--config` and its fields' flags came to."""

  def __init__(self, default: str):
    """Defines them; `default` is a preset's name."""
    self._preset = program.define(
      "config", domains.File, default,
      f"{_KINDS}; presets are {', '.join(PRESETS)}. Any field is a flag of its "
      "own: --config.world_model.schedule.updates=500; --helpfull lists them",
      allow_overwrite=False,
    )  # fmt: skip
    self._fields = Fields()

  @property
  def value(self) -> Config:
    """The configuration, checked.

    Raises:
      UserError: there is no such preset, or a rule is broken.
    """
    given = self._fields.given
    return change(read_preset(self._preset.value), given)


class Fields:
  """A flag for each field, or for those of some sections."""

  def __init__(self, prefix: str = ""):
    """Defines them; `prefix` is what their paths begin with."""
    self._flags = {
      path: _define(path, domain)
      for path, domain in domains.fields(Config)
      if path.startswith(prefix)
    }

  @property
  def given(self) -> dict[str, Any]:
    """Values of the fields that were given, by path."""
    return {p: f.value for p, f in self._flags.items() if f.present}


def _define(path: str, domain: domains.Domain) -> flags.Flag:
  """The flag of a field; `--noconfig.path` too where it is true or false."""
  flag = flags.Flag(
    program.DomainParser(domain), flags.ArgumentSerializer(),
    f"config.{path}", None, domain.words, boolean=domain is domains.FLAG,
    allow_overwrite=False,
  )  # fmt: skip
  flags.DEFINE_flag(flag, module_name="the fields of --config")
  return flag


def read_preset(text: str) -> Config:
  """The configuration that a name or a file stands for.

  Args:
    text: see this module. The documented path of a preset,
      experiments/configs/NAME.py, names it from any folder.

  Raises:
    UserError: there is none, or the file is no configuration.
  """
  path = paths.expand(text)
  folder, file = os.path.split(path)
  name = file.removesuffix(".py")
  is_ours = name in PRESETS and folder in ("", _FOLDER)
  if is_ours and not os.path.exists(path):
    return PRESETS[name]()
  if not os.path.isfile(path):
    near = domains.nearest(name, PRESETS)
    hint = f"; did you mean {near}?" if near else f"; give it {_KINDS}"
    what = "is a folder" if os.path.isdir(path) else "there is no such file"
    raise UserError(f"--config={text}: {what}{hint}")
  found = _of_json(path) if path.endswith(".json") else _of_python(path)
  told = {p for p, domain in domains.fields(Config) if domain.is_path}
  named = {path: domains.get(found, path) for path in told}
  return change(found, {  # as a flag would have it
    p: paths.expand(v) for p, v in named.items() if v and isinstance(v, str)
  })  # fmt: skip


def _of_json(path: str) -> Config:
  try:
    with open(path, encoding="utf-8") as file:
      tree = json.load(file)
    if not isinstance(tree, dict):
      raise ValueError("it is no object of fields")
  except (OSError, ValueError) as error:
    raise UserError(f"--config={path} cannot be read ({error})") from None
  try:
    return config_lib.from_dict(tree)
  except UserError as error:
    raise UserError(f"{path} is no configuration: {error}") from None


def _of_python(path: str) -> Config:
  """Runs a file; whatever a person's code raises is named, not shown."""
  try:
    found = runpy.run_path(path)["get_config"]()
  except KeyError as error:
    if error.args != ("get_config",):
      raise _faulty(path, error) from error
    lacks = f"--config={path} has no get_config(): give it {_KINDS}"
    raise UserError(lacks) from None
  except dataclasses.FrozenInstanceError as error:
    raise UserError(
      f"{_faulty(path, error)}: a configuration never changes; return "
      'config.change(presets.debug(), {"world_model.network.deter": 64}), say'
    ) from None
  except Exception as error:
    raise _faulty(path, error) from error
  if not isinstance(found, Config):
    raise UserError(
      f"get_config() of {path} returns a {type(found).__name__}: let it return "
      "a dreamer_jax.config.Config, as experiments/configs/debug.py does"
    )
  return found


def _faulty(path: str, error: Exception) -> UserError:
  said = " ".join(str(error).split())
  return UserError(
    f"--config={path} cannot be run ({type(error).__name__}: {said})"
  )
