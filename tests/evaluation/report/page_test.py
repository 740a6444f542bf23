import html.parser
import io
import json
import pathlib
import re

import numpy as np
import pytest
from rich.console import Console

from dreamer_jax.evaluation.report import charts, results, video
from dreamer_jax.evaluation.report import page as report_lib

STEPS = ("1", "5", "15", "50")


def spread(mean, best=None):
  ends = {"ci95": [mean - 0.2, mean + 0.2]}
  return {"mean": mean, **({} if best is None else {"max": best}), **ends}


@pytest.fixture
def report():
  drift = lambda scale: {k: spread(scale * int(k)) for k in STEPS}
  play = {"badges": spread(0.5, 1), "species": spread(11, 12)}
  return {
    "rom": {"name": "Lantern <Isle>", "sha1": "ab" * 20},
    "episodes": 16,
    **play,
    "steps_to": {"a badge": 612.5, "two <badges>": None},
    "drift_tiles": drift(0.06),
    "drift_copy_last": drift(0.2),
    "pixel_accuracy": {"posterior": 0.99999, "50": 0.8},
    "psnr_db": 27.9,
    "policy_hz": {"median": 1022.7, "p99_ms": 3.14},
    "model_mb": 9.8,
    "model_params": 2_443_130,
    "baselines": {"random": play, "bc": {"badges": spread(0.25)}},
    "seed": 3,
    "versions": {"jax": "0.10.2"},
    "config": {"world": {"free_nats": 1.0, "log_every": 50}},
  }


@pytest.fixture
def metrics():
  ticks = [*range(5), *range(9, 14)]
  return [
    {
      "tick": t, "phase": phase, "tile_accuracy": 0.1, "loss": 30.0, "kl": 3.0,
      "bc_accuracy": 0.5, "dream_return": 1.0, "entropy": 0.7,
    }
    for phase in ("world", "clone", "dream")
    for t in ticks
  ]  # fmt: skip


def row(report, label):
  return next(r for r in results.rows(report) if r.label == label)


def test_targets_are_judged_by_the_mean(report):
  badges = row(report, "Badges an episode")
  assert badges.value == "0.50" and badges.interval == "[0.30, 0.70]"
  assert badges.is_met is False and badges.note == "best episode 1"
  assert badges.random == "0.50" and badges.bc == "0.25"
  assert row(report, "Species owned").is_met is True
  assert row(report, "Drift, tiles, step 50").is_met is True
  assert row(report, "PSNR of pictures, dB").is_met is False
  assert row(report, "System 1, one core, Hz").value == "1,023"
  assert row(report, "Model and policy, MB").is_met is True
  assert row(report, "Maps visited").is_met is None


def test_held_out_loss_is_drawn_beside_the_training(metrics):
  spec = next(c for c in charts.CURVES if c.key == "loss")
  assert "held out" not in charts.curve(spec, metrics)
  for record in metrics[::3]:
    record["val_loss"] = 40.0
  assert "held out" in charts.curve(spec, metrics)


@pytest.mark.parametrize(
  ("drift", "is_met"), [(4.999, True), (5.0, False), (None, None)]
)
def test_drift_has_to_be_below_its_target(drift, is_met):
  report = {"drift_tiles": {"50": {"mean": drift}}}
  assert row(report, "Drift, tiles, step 50").is_met is is_met


@pytest.mark.parametrize(
  ("kl", "note"),
  [(1.02, "collapsed onto the 1 free nats"), (4.0, "above"), (None, "")],
)
def test_a_collapsed_latent_is_named(kl, note):
  assert note in row({"kl_nats": kl}, "KL to the prior, nats").note


@pytest.mark.parametrize(
  ("share", "text"),
  [(1.0, "100.0 %"), (0.99999, "> 99.9 %"), (0.5, "50.0 %"), (None, "–")],
)
def test_percent_is_never_rounded_up_to_all(share, text):
  assert results.percent(share) == text


def test_table_fits_a_terminal(report):
  for tree in (report, {}):
    console = Console(width=80, file=io.StringIO(), color_system=None)
    console.print(report_lib.table(tree))
    text = console.file.getvalue()
    assert "…" not in text and "Badges an episode" in text
    assert ("miss" in text) == bool(tree)


class Reader(html.parser.HTMLParser):
  """Collects what a page refers to, and checks that its tags are closed."""

  VOID = ("meta", "img", "br", "link")

  def __init__(self, text):
    super().__init__()
    self.targets, self.open = [], []
    self.feed(text)

  def handle_starttag(self, tag, attrs):
    self.targets += [v for k, v in attrs if k.split(":")[-1] in REFERS]
    if tag not in self.VOID:
      self.open.append(tag)

  def handle_startendtag(self, tag, attrs):
    self.targets += [v for k, v in attrs if k.split(":")[-1] in REFERS]

  def handle_endtag(self, tag):
    assert self.open.pop() == tag


REFERS = ("src", "href", "srcset", "data")


def test_page_is_whole_and_needs_nothing_else(report, metrics, tmp_path):
  picture = np.zeros((4, 4, 3), np.uint8)
  strip = tmp_path / "strip.png"
  video.write_png(strip, picture)
  path = tmp_path / "report.html"
  pictures = {
    "as an array": picture,
    "as bytes": video.png(picture),
    "as a file": strip,
    "as a video": tmp_path / "videos" / "a b.mp4",
  }
  report_lib.write_html(report, metrics, pictures, path)
  text = path.read_text()
  page = Reader(text)
  assert not page.open
  embedded = [t for t in page.targets if t.startswith("data:image/png;base64,")]
  assert len(embedded) == 3
  others = [t for t in page.targets if t not in embedded and t[0] != "#"]
  assert others == ["videos/a%20b.mp4"]
  assert not re.search(r"url\((?!#)|@import|<script|<link", text)
  assert text.count("<svg") == 7  # drift and six curves
  assert "free nats, 1" in text and "not reached" in text
  assert "Lantern &lt;Isle&gt;" in text and "<Isle>" not in text
  assert "two &lt;badges&gt;" in text and "612" in text
  ids = re.findall(r'\bid="([^"]+)"', text)
  assert len(ids) == len(set(ids))


def test_page_of_nothing(tmp_path):
  path = tmp_path / "report.html"
  report_lib.write_html({}, [], {}, path)
  text = path.read_text()
  assert not Reader(text).open
  assert "<svg" not in text and "–" in text


def test_page_keeps_every_figure(report, tmp_path):
  path = tmp_path / "report.html"
  report_lib.write_html(report, [], {}, path)
  text = html.unescape(path.read_text())
  tree = text[text.index("<pre>") + 5 : text.index("</pre>")]
  assert json.loads(tree) == report


@pytest.mark.parametrize("name", ("quickstart", "lantern", "world"))
def test_nothing_is_cut_at_80_columns(name):
  path = pathlib.Path(__file__).parents[3] / f"docs/results/{name}.json"
  console = Console(width=80, file=io.StringIO(), color_system=None)
  console.print(report_lib.table(json.loads(path.read_text())))
  text = console.file.getvalue()
  assert "…" not in text and "random" in text
  assert max(map(len, text.splitlines())) <= 80
