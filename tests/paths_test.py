import pathlib
import shlex

import pytest

from dreamer_jax import domains, paths
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


def test_what_keeps_a_folder_from_being_written(tmp_path):
  """Known before the work whose results go there."""
  (tmp_path / "file").write_text("")
  assert paths.obstacle(str(tmp_path / "new" / "folder")) == ""
  assert paths.obstacle(str(tmp_path / "file" / "x")) == f"{tmp_path}/file"
  read = domains.Output.__metadata__[0].read
  assert read(f"{tmp_path}/new/x.json") == f"{tmp_path}/new/x.json"
  with pytest.raises(UserError, match=r"cannot be written.*file is no folder"):
    read(f"{tmp_path}/file/x.json")


def test_commands_can_be_copied():
  said = paths.command("play", checkpoint="my runs/it's x", steps=3)
  assert shlex.split(said) == [
    "dreamer-jax", "play", "--checkpoint=my runs/it's x",
    "--steps=3",
  ]  # fmt: skip
  plain = paths.command("play", checkpoint=pathlib.Path("runs/x"))
  assert plain == "dreamer-jax play --checkpoint=runs/x"


@pytest.mark.parametrize(
  ("text", "want"),
  [
    ("", []),
    ("a.bk2", ["a.bk2"]),
    ("a.bk2,b.bk2", ["a.bk2", "b.bk2"]),
    (" a.bk2 , b.bk2,", ["a.bk2", "b.bk2"]),
    ("Red, any%.bk2", ["Red, any%.bk2"]),
    ("a.bk2,Red, any%.bk2,no.bk2", ["a.bk2", "Red, any%.bk2", "no.bk2"]),
    ("no, such.bk2", ["no", "such.bk2"]),
  ],
)
def test_files_of_a_list_may_have_commas(tmp_path, monkeypatch, text, want):
  monkeypatch.chdir(tmp_path)
  for name in ("a.bk2", "b.bk2", "Red, any%.bk2"):
    pathlib.Path(name).touch()
  assert paths.split(text) == want


def test_a_flag_of_files_knows_commas_quotes_and_the_home_folder(
  tmp_path, monkeypatch
):
  monkeypatch.chdir(tmp_path)
  monkeypatch.setenv("HOME", str(tmp_path))
  pathlib.Path("Red, any%.bk2").touch()
  parse = domains.Files.__metadata__[0].parse
  whole = str(tmp_path / "Red, any%.bk2")
  assert parse("~/Red, any%.bk2,~/b") == [whole, str(tmp_path / "b")]
  assert parse('"~/no, such",b') == [str(tmp_path / "no, such"), "b"]
