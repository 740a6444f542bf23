"""What becomes of an error: a sentence where a person caused it."""

import errno
import io
import os
import subprocess
import sys

import pytest

from dreamer_jax import program
from dreamer_jax.errors import UserError


@pytest.mark.parametrize(
  ("error", "said"),
  [
    (UserError("one\n  two"), "one two"),
    (OSError(errno.ENOSPC, "No space left on device", "/x"), "disk is full"),
    (ValueError("write: No space left on device [/x]"), "disk is full"),
    (OSError(errno.EDQUOT, "Disk quota exceeded"), "the disk is full"),
    (PermissionError(errno.EACCES, "Permission denied", "/x"), "cannot use /x"),
    (IsADirectoryError(errno.EISDIR, "Is a directory", "/x"), "cannot use /x"),
    (MemoryError(), "memory does not suffice"),
    (RuntimeError("RESOURCE_EXHAUSTED: Out of memory"), "memory does not"),
  ],
)
def test_what_a_person_can_cause_is_a_sentence(error, said):
  sentence = program.explain(error)
  assert said in sentence and "\n" not in sentence


@pytest.mark.parametrize(
  "error", [ValueError("x"), KeyError("x"), io.UnsupportedOperation("x")]
)
def test_a_fault_of_ours_keeps_its_traceback(error):
  assert program.explain(error) is None


def run(body, **options):
  text = f"from dreamer_jax import program\ndef main(_):\n  {body}\n"
  return subprocess.run(
    [sys.executable, "-c", text + "program.run(main)"],
    stderr=subprocess.PIPE, text=True, timeout=60, **options,
  )  # fmt: skip


def test_ctrl_c_is_one_line():
  done = run("raise KeyboardInterrupt")
  assert done.returncode == 130 and done.stderr.split() == ["stopped"]


def test_letters_that_an_output_lacks_are_question_marks():
  for variables in ({"PYTHONIOENCODING": "ascii"}, {"PYTHONUTF8": "1"}):
    done = run(
      "print('\\u00d7 2 \\udcff')", stdout=subprocess.PIPE,
      env={**os.environ, **variables},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(" 2 ?\n")


def test_a_reader_that_has_gone_is_no_error():
  process = subprocess.Popen(
    [sys.executable, "-c", "from dreamer_jax import program\n"
     "program.run(lambda _: [print('x' * 99) for _ in range(10**5)] and None)"],
    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
  )  # fmt: skip
  process.stdout.readline()
  process.stdout.close()
  assert process.stderr.read() == "" and process.wait(60) != 0


def test_no_device_is_one_sentence():
  done = run(
    "import jax, os; os.environ['JAX_PLATFORMS'] = 'typo'; "
    "jax.config.update('jax_platforms', 'typo'); jax.devices()"
  )
  assert done.returncode == 1 and done.stderr.count("\n") == 1
  assert "JAX_PLATFORMS=typo" in done.stderr


@pytest.mark.parametrize(
  "setting", ["JAX_ENABLE_X64=maybe", "JAX_NUM_CPU_DEVICES=x"]
)
def test_a_setting_that_jax_does_not_take_is_one_sentence(setting):
  name, value = setting.split("=")
  done = run(f"import os; os.environ[{name!r}] = {value!r}; import jax")
  assert done.returncode == 1 and done.stderr.count("\n") == 1
  assert setting in done.stderr


def test_a_folder_that_was_deleted(tmp_path):
  gone = tmp_path / "gone"
  gone.mkdir()
  text = (
    "import os; from dreamer_jax import program; "
    f"os.chdir({str(gone)!r}); os.rmdir({str(gone)!r}); program.run(print)"
  )
  done = subprocess.run(
    [sys.executable, "-c", text], capture_output=True, text=True, timeout=60
  )
  assert done.returncode == 1 and "has been deleted" in done.stderr
