"""Trains in several processes of this machine, as one run.

  python -m launch.local --processes=2 -- \
    --config=experiments/configs/base.py --workdir=runs/base

What follows -- goes to experiments.train. Each line of output begins with the
number of its process. One that ends with an error ends the others; the same
command goes on from the last checkpoint. One process alone uses all devices,
so this pays where it feeds them too slowly, or to try what a pod will do.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

from absl import flags

from dreamer_jax import domains as d
from dreamer_jax.errors import UserError
from dreamer_jax.program import define
from launch import commands

PROCESSES = define("processes", d.Count, 2, "to start")
PORT = define("port", d.whole(1, 65535), 12321, "where they meet")
GPUS = flags.DEFINE_bool("gpus", False, "a GPU for each process, by its number")
CPUS = define(
  "cpu_devices",
  d.Amount,
  0,
  "emulated CPU devices in each process; 0: as there are",
)
_GRACE_SECS = 20  # for the others, once one has ended badly


def environment(process: int) -> dict[str, str]:
  """The variables that a process is given."""
  given = {}
  if GPUS.value:
    given["CUDA_VISIBLE_DEVICES"] = str(process)
  if CPUS.value:
    given["JAX_PLATFORMS"] = "cpu"
    given["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={CPUS.value}"
  return given


def command(process: int, rest: list[str]) -> list[str]:
  """What a process runs."""
  together = [
    f"--coordinator=127.0.0.1:{PORT.value}",
    f"--num_processes={PROCESSES.value}",
    f"--process_id={process}",
  ]
  return commands.train((together if PROCESSES.value > 1 else []) + rest)


def check_port() -> None:
  """Raises `UserError` where something else listens."""
  with socket.socket() as probe:
    try:
      probe.bind(("127.0.0.1", PORT.value))
    except OSError:
      raise UserError(
        f"--port={PORT.value} is in use: end the run that holds it, or choose "
        "another"
      ) from None


def copy_output(process: int, stream) -> None:
  """Prints a process's lines with its number before them."""
  for line in stream:
    print(f"[{process}] {line}", end="", flush=True)


def wait(children: list[subprocess.Popen]) -> int:
  """Waits for all; once one has failed, ends the rest. Returns its code."""
  while True:
    codes = [child.poll() for child in children]
    failed = next((c for c in codes if c), None)
    if failed is not None or None not in codes:
      break
    time.sleep(0.1)
  stop(children)
  return abs(failed or 0)


def stop(children: list[subprocess.Popen]) -> None:
  """Ends what still runs: politely, then not."""
  for child in children:
    if child.poll() is None:
      child.send_signal(signal.SIGTERM)
  deadline = time.monotonic() + _GRACE_SECS
  for child in children:
    try:
      child.wait(max(deadline - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
      child.kill()
      child.wait()


def main(rest: list[str]) -> int:
  for name in ("coordinator", "num_processes", "process_id"):
    commands.check_rest(rest, name)
  plan = [(environment(i), command(i, rest)) for i in range(PROCESSES.value)]
  for env, words in plan:
    print(commands.line(words, env), flush=True)
  if commands.DRY_RUN.value:
    return 0
  check_port()
  children = [
    subprocess.Popen(
      words, env={**os.environ, **env}, cwd=commands.ROOT, text=True,
      stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    for env, words in plan
  ]  # fmt: skip
  readers = [
    threading.Thread(target=copy_output, args=(i, child.stdout), daemon=True)
    for i, child in enumerate(children)
  ]
  for reader in readers:
    reader.start()
  try:
    code = wait(children)
  finally:
    stop(children)
  for reader in readers:
    reader.join(5)
  if code:
    print(f"a process ended with code {code}", file=sys.stderr)
  return code


if __name__ == "__main__":
  commands.run(main)
