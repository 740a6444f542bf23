"""A run's folder explains itself."""

import json

from dreamer_jax.learn import workdir


def test_every_start_is_told(tmp_path):
  for flag in ("--a", "--b"):
    workdir.explain(str(tmp_path), "debug", ["train", flag], {"devices": 1})
  starts = json.loads((tmp_path / "run.json").read_text())["starts"]
  assert [s["command"] for s in starts] == [["train", "--a"], ["train", "--b"]]
  assert starts[0]["versions"]["jax"] and "commit" in starts[0]
  text = (tmp_path / "README.txt").read_text()
  assert "train --b" in text and f"--checkpoint={tmp_path}" in text


def test_a_damaged_file_is_begun_anew(tmp_path):
  (tmp_path / "run.json").write_text('{"starts": [')
  workdir.explain(str(tmp_path), "debug", ["train"], {})
  assert len(json.loads((tmp_path / "run.json").read_text())["starts"]) == 1
