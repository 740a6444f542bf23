"""One picture of the agent at work: game, dream, goal, rationale and value."""

import functools

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dreamer_jax.evaluation.report import video
from dreamer_jax.goals.vocabulary import GOALS
from dreamer_jax.play.runtime import Scene, value_text
from dreamer_jax.play.system1 import DREAM_STEPS

_SCALE, _MARGIN, _LINE = 3, 12, 24  # the game's; pixels
_WIDTH = _MARGIN + 160 * _SCALE + _MARGIN + 160 + _MARGIN
_TOP = _MARGIN + 144 * _SCALE + _MARGIN
_HEIGHT = _TOP + 3 * _LINE + _MARGIN
_TEXT, _QUIET, _BAR = (222, 231, 208), (134, 156, 143), (169, 197, 142)
_GAP = (144 * _SCALE - 3 * 144) // 2  # between the dreams


def compose(scene: Scene) -> np.ndarray:
  """`[H, W, 3]` u8, of even height and width."""
  whole = video.canvas(_HEIGHT, _WIDTH)
  _put(whole, video.upscale(video.colorize(scene.frame), _SCALE), 0)
  left = 2 * _MARGIN + 160 * _SCALE
  if scene.dream is not None:
    for i, frame in enumerate(scene.dream):
      top = _MARGIN + i * (144 + _GAP)
      whole[top : top + 144, left : left + 160] = video.colorize(frame)
  image = Image.fromarray(whole)
  draw = ImageDraw.Draw(image)
  if scene.dream is not None:
    for i, ahead in enumerate(DREAM_STEPS):
      place = (left + 4, _MARGIN + i * (144 + _GAP) + 4)
      words = f"dream, {ahead} ahead"
      draw.rectangle(draw.textbbox(place, words, _font(12)), (18, 28, 26))
      draw.text(place, words, _TEXT, _font(12))
  goal = GOALS[scene.decision.goal_id].text
  asking = " …" if scene.is_asking else ""
  lines = (
    (f"Goal: {goal}", _TEXT),
    (f"{scene.decision.source}{asking}: {scene.decision.rationale}", _QUIET),
    (
      f"value {value_text(scene.value)}   action {scene.step}   badges "
      f"{scene.badges}   species {scene.species}   goals reached "
      f"{scene.goals_done}",
      _QUIET,
    ),
  )
  for i, (words, color) in enumerate(lines):
    draw.text((_MARGIN, _TOP + i * _LINE), _fit(words), color, _font(16))
  return np.asarray(image)


def _put(whole: np.ndarray, picture: np.ndarray, left: int) -> None:
  height, width, _ = picture.shape
  at = _MARGIN + left
  whole[_MARGIN : _MARGIN + height, at : at + width] = picture


def _fit(words: str) -> str:
  """Cut to the picture's width."""
  room = _WIDTH - 2 * _MARGIN
  if _font(16).getlength(words) <= room:
    return words
  while words and _font(16).getlength(words + "…") > room:
    words = words[:-1]
  return words + "…"


@functools.cache
def _font(size: int) -> ImageFont.ImageFont:
  return ImageFont.load_default(size)
