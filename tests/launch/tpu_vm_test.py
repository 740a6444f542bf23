import pytest

AT = ("--name=dream", "--zone=us-west4-a")
TPU = "gcloud compute tpus tpu-vm"
CONFIG = "--config=experiments/configs/large.py"


@pytest.mark.parametrize(
  ("flags", "command"),
  [
    (
      ("--do=create",),
      "create dream --accelerator-type=v5litepod-8 "
      "--version=v2-alpha-tpuv5-lite --zone=us-west4-a",
    ),
    (
      ("--do=create", "--type=v6e-16", "--spot", "--bucket=b", "--project=p"),
      "create dream --accelerator-type=v6e-16 --version=v2-alpha-tpuv6e "
      "--scopes=https://www.googleapis.com/auth/cloud-platform --spot "
      "--zone=us-west4-a --project=p",
    ),
    (
      ("--do=create", "--type=v2-8"),
      "create dream --accelerator-type=v2-8 --version=tpu-ubuntu2204-base "
      "--zone=us-west4-a",
    ),
    (
      ("--do=run", "--", CONFIG),
      "ssh dream --worker=all '--command=cd dreamer_jax && nohup "
      f".venv/bin/python -m experiments.train {CONFIG} >> train.log 2>&1 "
      "< /dev/null &' --zone=us-west4-a",
    ),
    (
      ("--do=run", "--type=v5litepod-16", "--bucket=b", "--", CONFIG),
      "ssh dream --worker=all '--command=cd dreamer_jax && nohup "
      ".venv/bin/python -m experiments.train --coordinator=auto "
      f"{CONFIG} >> train.log 2>&1 < /dev/null &' --zone=us-west4-a",
    ),
    (
      ("--do=logs",),
      "ssh dream --worker=0 '--command=tail -n 100 -f dreamer_jax/train.log' "
      "--zone=us-west4-a",
    ),
    (("--do=delete",), "delete dream --quiet --zone=us-west4-a"),
  ],
)
def test_dry_run_of_a_step(said, flags, command):
  assert said("tpu_vm", *AT, *flags) == [f"{TPU} {command}"]


def test_dry_run_of_setup(said):
  assert said("tpu_vm", *AT, "--do=setup", "--bucket=my-bucket") == [
    "mkdir -p build",
    "git archive --format=tar.gz --output=build/dreamer_jax.tar.gz HEAD",
    f"{TPU} scp build/dreamer_jax.tar.gz dream: --worker=all --zone=us-west4-a",
    f"{TPU} ssh dream --worker=all '--command=set -e",
    "sudo add-apt-repository -y ppa:deadsnakes/ppa",
    "sudo apt-get install -y python3.11 python3.11-venv",
    "mkdir -p dreamer_jax && tar xzf dreamer_jax.tar.gz -C dreamer_jax",
    "cd dreamer_jax && PYTHON=python3.11 EXTRAS=tpu bash launch/setup.sh",
    "if ! command -v gcsfuse; then",
    "  key=/usr/share/keyrings/cloud.google.asc",
    "  apt=https://packages.cloud.google.com/apt",
    "  curl -s $apt/doc/apt-key.gpg | sudo tee $key >/dev/null",
    '  echo "deb [signed-by=$key] $apt gcsfuse-$(lsb_release -cs) main" | \\',
    "    sudo tee /etc/apt/sources.list.d/gcsfuse.list >/dev/null",
    "  sudo apt-get update && sudo apt-get install -y gcsfuse",
    "fi",
    "mkdir -p runs && { mountpoint -q runs || \\",
    "  gcsfuse --implicit-dirs --rename-dir-limit=100000 my-bucket runs; }' "
    "--zone=us-west4-a",
  ]


def test_watch_makes_it_again_in_order(said):
  lines = said("tpu_vm", *AT, "--spot", "--bucket=b", "--do=watch")
  steps = [line.split()[4] for line in lines if line.startswith(TPU)]
  assert steps == ["describe", "delete", "create", "scp", "ssh", "ssh"]
  assert "--spot" in next(line for line in lines if " create " in line)


@pytest.mark.parametrize(
  ("flags", "sentence"),
  [
    (("--zone=z",), "--do is needed"),
    (("--zone=z", "--do=start"), "--do=start: give it one or more of create"),
    (("--do=create",), "--zone is needed"),
    (("--zone=z", "--do=create", "--type=tpu"), "--type=tpu is no TPU"),
    (("--zone=z", "--do=watch"), "--do=watch wants a --bucket"),
    (("--zone=z", "--do=run", "--type=v4-32"), "4 workers of v4-32 share"),
  ],
)
def test_misuse_is_one_sentence(launch, flags, sentence):
  done = launch("tpu_vm", "--dry_run", *flags)
  assert done.returncode == 1 and done.stderr.startswith("error: ")
  assert sentence in done.stderr and "Traceback" not in done.stderr


def test_without_gcloud(launch, tmp_path):
  done = launch("tpu_vm", *AT, "--do=delete", PATH=str(tmp_path))
  assert done.returncode == 1
  assert "gcloud is not installed: install it, https://" in done.stderr


def test_without_a_project(launch, tmp_path):
  """A made-up gcloud that knows none."""
  gcloud = tmp_path / "gcloud"
  gcloud.write_text("#!/bin/sh\nexit 0\n")
  gcloud.chmod(0o755)
  path = f"{tmp_path}:/usr/bin:/bin"
  done = launch("tpu_vm", *AT, "--do=delete", PATH=path)
  assert done.returncode == 1 and "gcloud has no project" in done.stderr


def test_watch_tries_until_it_has_one(launch, tmp_path):
  """A made-up gcloud: taken away, none to lend at first, then one."""
  log = tmp_path / "log"
  gcloud = tmp_path / "gcloud"
  gcloud.write_text(f"""#!/bin/sh
echo "$4" >> {log}
case "$4 $(grep -c "$4" {log})" in
  "describe 1") echo PREEMPTED ;;
  "describe 2") exit 1 ;;
  "describe 3") echo READY; kill -INT $PPID ;;
  "create 1") exit 1 ;;
esac
""")
  gcloud.chmod(0o755)
  done = launch(
    "tpu_vm", *AT, "--project=p", "--bucket=b", "--do=watch", "--every_secs=1",
    PATH=f"{tmp_path}:/usr/bin:/bin",
  )  # fmt: skip
  assert done.returncode == 130, done.stderr
  assert log.read_text().split() == [
    "describe", "delete", "create",
    "describe", "create", "scp", "ssh", "ssh",
    "describe",
  ]  # fmt: skip
  assert "again in 1 s" in done.stdout
