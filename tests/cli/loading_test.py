"""Programs refuse another game's agent, before anything is made."""

import os
import subprocess
import sys

import pytest
from rich.table import Table

from dreamer_jax.cli import common
from dreamer_jax.errors import UserError
from dreamer_jax.game import rom as roms


def test_texts_are_printed_as_they_are(capsys):
  path = "runs/[/b]/:star:/[red]x"
  table = Table("", title=path)
  table.add_row(path)
  common.CONSOLE.print(path, table)
  common.note(path)
  assert capsys.readouterr().out.count(path) == 4


def test_a_link_to_nothing_is_told(tmp_path):
  link = tmp_path / "run"
  link.symlink_to("moved")
  with pytest.raises(UserError, match="a link to moved, which is not there"):
    common._read_checkpoint(str(link))


@pytest.fixture(name="program")
def fixture_program(tmp_path):
  def run(name, *flags, **variables):
    return subprocess.run(
      [
        sys.executable, "-m", f"experiments.{name}", f"--out={tmp_path}/out",
        *flags,
      ],
      capture_output=True, text=True, timeout=200,
      env={**os.environ, "COLUMNS": "400", **variables},
    )  # fmt: skip

  return run


@pytest.mark.parametrize(
  "name",
  ["play", *(pytest.param(n, marks=pytest.mark.slow)
             for n in ("evaluate", "dream", "export"))],
)  # fmt: skip
def test_the_environments_other_game_is_refused(
  program, checkpoint, other_rom, tmp_path, name
):
  flags = ["--headless"] if name == "play" else []
  result = program(
    name, f"--checkpoint={checkpoint}", *flags, DREAMER_ROM=other_rom
  )
  assert result.returncode == 1 and result.stderr.count("\n") == 1
  for part in (
    checkpoint, roms.embedded().sha1, other_rom, "DREAMER_ROM",
    roms.find(other_rom, allow_unknown=True).sha1, "--allow_mismatch",
  ):  # fmt: skip
    assert part in result.stderr
  assert not (tmp_path / "out").exists()


def test_a_flag_goes_on_with_a_warning(program, checkpoint, other_rom):
  result = program(
    "dream", f"--checkpoint={checkpoint}", f"--rom={other_rom}", "--steps=3",
    "--context=3", "--actions=random", "--allow_mismatch",
  )  # fmt: skip
  assert result.returncode == 0, result.stderr
  assert "warning:" in result.stdout and other_rom in result.stdout
