"""A TPU VM or a pod slice on Google Cloud: made, filled, run, taken down.

  python -m launch.tpu_vm --name=dream --zone=us-west4-a --type=v5litepod-8 \
    --bucket=my-bucket --spot --do=create,setup,run,watch -- \
    --config=experiments/configs/large.py
  python -m launch.tpu_vm --name=dream --zone=us-west4-a --do=logs
  python -m launch.tpu_vm --name=dream --zone=us-west4-a --do=delete

What follows -- goes to --module. `setup` sends the last commit of this clone.
A bucket is mounted on every worker and holds the runs: a spot machine that was
taken away is made again by `watch`, and goes on from the last checkpoint.
"""

import re
import shlex
import shutil
import subprocess
import time

from absl import flags

from dreamer_jax import domains as d
from dreamer_jax.errors import UserError
from dreamer_jax.program import define
from launch import commands

STEPS = ("create", "setup", "run", "logs", "watch", "delete")
DO = define("do", d.several(*STEPS), None, "in this order", required=True)
NAME = define("name", d.Text, "dreamer", "of the machine")
ZONE = define("zone", d.Text, None, "as us-west4-a")
PROJECT = define("project", d.Text, None, "default gcloud's own")
TYPE = define("type", d.Text, "v5litepod-8", "accelerator; a slice too")
VERSION = define(
  "version", d.Text, None, "the VM's runtime; default the one for the type"
)
SPOT = flags.DEFINE_bool("spot", False, "cheaper, and may be taken away")
BUCKET = define("bucket", d.Text, None, "holds the runs; no gs://")
MODULE = define(
  "module", d.Text, "experiments.train", "to run; launch.sweep on one machine"
)
EVERY = define("every_secs", d.Count, 60, "watch looks this often")

_RUNTIMES = {
  "v5litepod": "v2-alpha-tpuv5-lite", "v5p": "v2-alpha-tpuv5",
  "v6e": "v2-alpha-tpuv6e",
}  # fmt: skip
_INSTALL = "install it, https://cloud.google.com/sdk/docs/install"
_GONE = "GONE"
_LOST = {"PREEMPTED", "TERMINATED", "STOPPED", "SUSPENDED", _GONE}
_ARCHIVE = "build/dreamer_jax.tar.gz"
# The VMs' own Python is 3.10.
_SETUP = """\
set -e
sudo add-apt-repository -y ppa:deadsnakes/ppa
sudo apt-get install -y python3.11 python3.11-venv
mkdir -p dreamer_jax && tar xzf dreamer_jax.tar.gz -C dreamer_jax
cd dreamer_jax && PYTHON=python3.11 EXTRAS=tpu bash launch/setup.sh"""
_MOUNT = r"""if ! command -v gcsfuse; then
  key=/usr/share/keyrings/cloud.google.asc
  apt=https://packages.cloud.google.com/apt
  curl -s $apt/doc/apt-key.gpg | sudo tee $key >/dev/null
  echo "deb [signed-by=$key] $apt gcsfuse-$(lsb_release -cs) main" | \
    sudo tee /etc/apt/sources.list.d/gcsfuse.list >/dev/null
  sudo apt-get update && sudo apt-get install -y gcsfuse
fi
mkdir -p runs && { mountpoint -q runs || \
  gcsfuse --implicit-dirs --rename-dir-limit=100000 BUCKET runs; }"""


def generation() -> str:
  """Of --type: v5litepod of v5litepod-8."""
  return TYPE.value.rpartition("-")[0]


def hosts() -> int:
  """How many VMs --type has: each has 4 chips, or 8 where one is enough."""
  found = re.fullmatch(r"(v2|v3|v4|v5p|v5litepod|v6e)-(\d+)", TYPE.value)
  if not found:
    raise UserError(
      f"--type={TYPE.value} is no TPU: v2-8, v4-32, v5litepod-8, v6e-16 are"
    )
  count = int(found.group(2))
  if found.group(1) in ("v5litepod", "v6e"):
    return 1 if count <= 8 else -(-count // 4)
  return -(-count // 8)  # these count cores, two a chip


def gcloud(verb: str, *rest: str) -> list[str]:
  """A command for the machine."""
  where = [f"--zone={ZONE.value}"]
  if PROJECT.value:
    where.append(f"--project={PROJECT.value}")
  path = ["gcloud", "compute", "tpus", "tpu-vm", verb]
  return [*path, *([] if verb == "scp" else [NAME.value]), *rest, *where]


def ssh(script: str, worker: str = "all") -> list[str]:
  """A command that runs a script on the machine's workers."""
  return gcloud("ssh", f"--worker={worker}", f"--command={script}")


def create(_) -> None:
  """Makes the machine."""
  version = VERSION.value or _RUNTIMES.get(generation(), "tpu-ubuntu2204-base")
  options = [f"--accelerator-type={TYPE.value}", f"--version={version}"]
  if BUCKET.value:
    options.append("--scopes=https://www.googleapis.com/auth/cloud-platform")
  options += ["--spot"] if SPOT.value else []
  commands.call(gcloud("create", *options))


def setup(_) -> None:
  """Sends the last commit to every worker and installs it there."""
  commands.call(["mkdir", "-p", "build"])
  commands.call(
    ["git", "archive", "--format=tar.gz", f"--output={_ARCHIVE}", "HEAD"]
  )
  commands.call(gcloud("scp", _ARCHIVE, f"{NAME.value}:", "--worker=all"))
  script = _SETUP
  if BUCKET.value:
    script += "\n" + _MOUNT.replace("BUCKET", shlex.quote(BUCKET.value))
  commands.call(ssh(script))


def run(rest: list[str]) -> None:
  """Starts the run in the background on every worker."""
  several = ["--coordinator=auto"] if hosts() > 1 else []
  words = [".venv/bin/python", "-m", MODULE.value, *several, *rest]
  log = f"nohup {shlex.join(words)} >> train.log 2>&1 < /dev/null &"
  commands.call(ssh(f"cd dreamer_jax && {log}"))


def logs(_) -> None:
  """Follows the first worker's log."""
  commands.call(ssh("tail -n 100 -f dreamer_jax/train.log", worker="0"))


def watch(rest: list[str]) -> None:
  """Until stopped: makes the machine again whenever it was taken away."""
  while True:
    state = look()
    if state in _LOST or commands.DRY_RUN.value:
      print(f"# {state or 'when it was taken away'}: made again", flush=True)
      try:
        for step in (delete, create, setup, run)[state == _GONE :]:
          step(rest)
      except UserError as error:  # there may be none to lend just now
        print(f"# {error}; again in {EVERY.value} s", flush=True)
    if commands.DRY_RUN.value:
      return
    time.sleep(EVERY.value)


def look() -> str:
  """The machine's state."""
  command = gcloud("describe", "--format=value(state)")
  try:
    return commands.call(command, stdout=subprocess.PIPE).strip()
  except UserError:
    return _GONE


def delete(_) -> None:
  """Takes the machine down; the bucket stays."""
  commands.call(gcloud("delete", "--quiet"))


def check(rest: list[str]) -> None:
  """Raises `UserError` at the first thing that is missing or odd."""
  if not ZONE.value:
    raise UserError("--zone is needed, as --zone=us-west4-a: where to look is "
                    "`gcloud compute tpus locations list`")  # fmt: skip
  commands.check_rest(rest, "coordinator")
  needs = {"watch": "a machine that is made again begins empty"}
  if hosts() > 1 and "run" in DO.value:
    needs["run"] = f"{hosts()} workers of {TYPE.value} share the run's files"
  for step, why in needs.items():
    if step in DO.value and not BUCKET.value:
      raise UserError(f"--do={step} wants a --bucket: {why}")
  if commands.DRY_RUN.value:
    return
  if not shutil.which("gcloud"):
    raise UserError(f"gcloud is not installed: {_INSTALL}")
  if PROJECT.value:
    return
  ask = ["gcloud", "config", "get-value", "project"]
  if not commands.call(ask, stdout=subprocess.PIPE).strip():
    raise UserError(
      "gcloud has no project: give --project=ID, or run `gcloud config set "
      "project ID`"
    )


def main(rest: list[str]) -> None:
  check(rest)
  for step in DO.value:
    globals()[step](rest)


if __name__ == "__main__":
  commands.run(main)
