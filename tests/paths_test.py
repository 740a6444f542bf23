import pathlib
import shlex

import pytest

from dreamer_jax import paths
from dreamer_jax.errors import UserError


@pytest.mark.parametrize(
  ("typed", "meant"),
  [
    ("runs/x", "runs/x"), ("runs/x/", "runs/x"), ("runs/x//", "runs/x"),
    ("/", "/"), ("", ""), (".", "."), ("a b/c", "a b/c"), ("./~x", "./~x"),
    ("$HOME/x", "$HOME/x"), ("gs://bucket/x/", "gs://bucket/x"),
  ],
)  # fmt: skip
def test_all_but_homes_and_slashes_stay(typed, meant):
  assert paths.expand(typed) == meant


def test_home_is_meant_by_a_tilde(monkeypatch):
  monkeypatch.setenv("HOME", "/home/red")
  assert paths.expand("~/runs/x/") == "/home/red/runs/x"
  assert paths.expand("~") == "/home/red"
  with pytest.raises(UserError, match=r"~nosuchuser.*\./~nosuchuser/x"):
    paths.expand("~nosuchuser/x")


def test_commands_can_be_copied():
  said = paths.command("experiments.play", checkpoint="my runs/it's x", steps=3)
  assert shlex.split(said) == [
    "python", "-m", "experiments.play", "--checkpoint=my runs/it's x",
    "--steps=3",
  ]  # fmt: skip
  plain = paths.command("experiments.play", checkpoint=pathlib.Path("runs/x"))
  assert plain == "python -m experiments.play --checkpoint=runs/x"
