import socket
import sys

CONFIG = "--config=experiments/configs/debug.py"


def test_dry_run(said):
  assert said("local", "--processes=2", "--", CONFIG, "--workdir=runs/x") == [
    "python -m experiments.train --coordinator=127.0.0.1:12321 "
    "--num_processes=2 --process_id=0 "
    "--config=experiments/configs/debug.py --workdir=runs/x",
    "python -m experiments.train --coordinator=127.0.0.1:12321 "
    "--num_processes=2 --process_id=1 "
    "--config=experiments/configs/debug.py --workdir=runs/x",
  ]


def test_devices_of_each(said):
  flags = ("--processes=2", "--port=7", "--gpus", "--cpu_devices=4")
  assert said("local", *flags, "--", CONFIG)[1] == (
    "CUDA_VISIBLE_DEVICES=1 JAX_PLATFORMS=cpu "
    "XLA_FLAGS=--xla_force_host_platform_device_count=4 "
    "python -m experiments.train --coordinator=127.0.0.1:7 "
    "--num_processes=2 --process_id=1 --config=experiments/configs/debug.py"
  )


def test_one_process_needs_no_coordinator(said):
  assert said("local", "--processes=1", "--", CONFIG) == [
    "python -m experiments.train --config=experiments/configs/debug.py"
  ]


def test_misuse_is_one_sentence(launch):
  for rest, sentence in (
    (["--", "--process_id=3"], "--process_id is chosen by the launcher"),
    (["debug"], "flags of the run follow --"),
  ):
    done = launch("local", *rest)
    assert done.returncode == 1 and done.stderr.startswith("error: ")
    assert sentence in done.stderr and "Traceback" not in done.stderr


def test_a_port_in_use(launch):
  with socket.socket() as other:
    other.bind(("127.0.0.1", 0))
    other.listen()
    done = launch("local", f"--port={other.getsockname()[1]}", "--", CONFIG)
  assert done.returncode == 1 and "is in use" in done.stderr


def test_one_that_fails_ends_the_others(launch, tmp_path):
  """Two made-up processes: one fails at once, one would sleep for ever."""
  script = tmp_path / "python"
  script.write_text(
    f"#!{sys.executable}\n"
    "import sys, time\n"
    "rank = [a for a in sys.argv if a.startswith('--process_id=')][0][-1]\n"
    "print('I am', rank, flush=True)\n"
    "time.sleep(3)\n"
    "sys.exit(7) if rank == '0' else time.sleep(600)\n"
  )
  script.chmod(0o755)
  done = launch("local", "--port=12399", "--", LAUNCH_PYTHON=str(script))
  assert done.returncode == 7
  assert "[0] I am 0" in done.stdout and "[1] I am 1" in done.stdout
