import json
import os
import subprocess

import pytest

CONFIG = "--config=experiments/configs/debug.py"
TRAIN = f"python -m experiments.train {CONFIG}"


def write_report(folder, badges, drift):
  folder.mkdir(parents=True)
  tree = {"badges": {"mean": badges}, "drift_tiles": {"50": {"mean": drift}}}
  (folder / "report.json").write_text(json.dumps(tree))


def test_dry_run(said):
  flags = ("--name=s", "--seeds=0,7",
           "--variant=wide:world_model.network.deter=64,rounds=1",
           "--variant=plain:", "--evaluate=--world_only")  # fmt: skip
  wide = "--config.world_model.network.deter=64 --config.rounds=1"
  measure = "python -m experiments.evaluate --checkpoint=runs/s"
  assert said("sweep", *flags, "--", CONFIG) == [
    f"{TRAIN} {wide} --config.seed=0 --workdir=runs/s/wide-0",
    f"{measure}/wide-0 --world_only",
    f"{TRAIN} {wide} --config.seed=7 --workdir=runs/s/wide-7",
    f"{measure}/wide-7 --world_only",
    f"{TRAIN} --config.seed=0 --workdir=runs/s/plain-0",
    f"{measure}/plain-0 --world_only",
    f"{TRAIN} --config.seed=7 --workdir=runs/s/plain-7",
    f"{measure}/plain-7 --world_only",
  ]


def test_dry_run_on_slurm(said):
  flags = ("--on=slurm", "--seeds=3", "--sbatch=--time=2:00:00")
  assert said("sweep", *flags, "--", CONFIG) == [
    "sbatch --job-name=sweep-plain-3 --time=2:00:00 launch/slurm.sbatch "
    f"{CONFIG} --config.seed=3 --workdir=runs/sweep/plain-3"
  ]


def test_table_of_what_is_measured(launch, tmp_path):
  """All is measured: nothing is started, and the table has means and seeds."""
  for seed, badges in enumerate((1.0, 0.5)):
    write_report(tmp_path / "s" / f"a-{seed}", badges, 3.25)
  flags = ("--name=s", f"--root={tmp_path}", "--seeds=0,1", "--variant=a:")
  done = launch("sweep", *flags, COLUMNS="120")
  assert done.returncode == 0, done.stderr
  assert "0.75 (1.00, 0.50)" in done.stdout
  assert "3.25 (3.25, 3.25)" in done.stdout and "2 of 2" in done.stdout
  assert "experiments.train" not in done.stdout


def test_a_run_that_fails_stops_no_other(launch, tmp_path):
  """The first cannot even begin; the second is measured already."""
  write_report(tmp_path / "sweep" / "plain-1", 1.0, 2.0)
  done = launch(
    "sweep", f"--root={tmp_path}", "--seeds=0,1", "--", "--config=nowhere.py",
    COLUMNS="120",
  )  # fmt: skip
  assert done.returncode == 1
  assert "1 of 2; seed 0 not begun" in done.stdout
  assert "the same command goes on" in done.stdout


@pytest.mark.parametrize(
  ("flags", "sentence"),
  [
    (("--variant=a",), "--variant=a is not NAME:field=value"),
    (("--variant=a:b",), "--variant=a:b is not NAME:field=value"),
    (("--variant=a:", "--variant=a:b=1"), "'a' is taken"),
    (("--seeds=one",), "'one' is no number"),
    (("--", "--workdir=x"), "--workdir is chosen by the launcher"),
  ],
)
def test_misuse_is_one_sentence(launch, flags, sentence):
  done = launch("sweep", "--dry_run", *flags)
  assert done.returncode == 1 and done.stderr.startswith("error: ")
  assert sentence in done.stderr


def sbatch(*flags, **variables):
  return subprocess.run(
    ["bash", "launch/slurm.sbatch", *flags], capture_output=True, text=True,
    env={**os.environ, "DRY_RUN": "1", **variables}, timeout=60,
  )  # fmt: skip


def test_slurm_job():
  train = ".venv/bin/python -m experiments.train"
  measure = (
    "srun --nodes=1 --ntasks=1 .venv/bin/python -m experiments.evaluate "
    "--checkpoint=runs/x"
  )
  assert sbatch("--workdir=runs/x", CONFIG).stdout.splitlines() == [
    f"srun {train} --workdir=runs/x {CONFIG}",
    measure,
  ]
  two = sbatch("--workdir=runs/x", SLURM_NTASKS="2").stdout.splitlines()
  assert two == [f"srun {train} --coordinator=auto --workdir=runs/x", measure]
  none = sbatch(CONFIG)
  assert none.returncode == 1 and "--workdir is needed" in none.stderr
