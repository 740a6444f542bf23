"""From free text to the nearest goal that may be set now.

Exact wordings (a goal's name, text or paraphrase) need nothing. Everything
else needs the text encoder of the extra [goals]: static word vectors, averaged
and projected as the table's own were. Without it other texts are dropped.
"""

import functools
import importlib.util
import pathlib
import re
from collections.abc import Callable, Sequence

import numpy as np

from dreamer_jax.errors import UserError
from dreamer_jax.goals import vocabulary
from dreamer_jax.goals.vocabulary import GOALS

THRESHOLD = 0.55  # cosine to the nearest wording; see tests/goals/snap_test.py
MAX_LETTERS = 200  # of a text that is considered

# texts -> [N, 256] f32
Encoder = Callable[[Sequence[str]], np.ndarray]


def make_encoder() -> Encoder:
  """The text encoder: the mean of WordLlama's static token vectors.

  The weights lie in the `wordllama` wheel (MIT) and are read directly; nothing
  is downloaded.

  Raises:
    UserError: the extra is not installed.
  """
  try:
    import safetensors.numpy
    import tokenizers

    found = importlib.util.find_spec("wordllama")  # found, but never imported
    if found is None:
      raise ImportError("no package wordllama")
    files = pathlib.Path(found.origin).parent
    weights = files / "weights" / "l2_supercat_256.safetensors"
    words = files / "tokenizers" / "l2_supercat_tokenizer_config.json"
    vectors = safetensors.numpy.load(weights.read_bytes())["embedding.weight"]
    tokenizer = tokenizers.Tokenizer.from_str(words.read_text("utf-8"))
  except (ImportError, OSError) as error:
    raise UserError(
      f"the goals' text encoder is not installed ({error}): "
      f"pip install 'dreamer_jax[goals]'"
    ) from None
  vectors = vectors.astype(np.float32)

  def encode(texts: Sequence[str]) -> np.ndarray:
    rows = []
    for text in texts:
      ids = tokenizer.encode(normal(text), add_special_tokens=False).ids
      rows.append(vectors[ids].mean(0) if ids else np.zeros(vectors.shape[1]))
    return np.stack(rows).astype(np.float32)

  return encode


def normal(text: str) -> str:
  """Lower case, letters and digits only, single spaces."""
  return " ".join(re.findall(r"[^\W_]+", text[:MAX_LETTERS].lower()))


def numbers(text: str) -> frozenset[int]:
  """The whole numbers that a text names."""
  return frozenset(map(int, re.findall(r"\d+", normal(text))))


def unit(rows: np.ndarray) -> np.ndarray:
  """Rows scaled to length one; zeros stay."""
  length = np.linalg.norm(rows, axis=-1, keepdims=True)
  return rows / np.maximum(length, 1e-6)


def project(vectors: np.ndarray) -> np.ndarray:
  """`[N, 256]` text vectors -> `[N, 64]` unit embeddings, as the table's."""
  table = vocabulary.table()
  return unit((vectors - table.mean) @ table.basis)


class Snapper:
  """Finds the goal that a free text means."""

  def __init__(self, encoder: Encoder | None, threshold: float = THRESHOLD):
    """`encoder` of None knows exact wordings only."""
    self._encoder = encoder
    self._threshold = threshold
    said = [(i, text) for i in range(len(GOALS)) for text in wordings(i)]
    self._exact: dict[str, list[int]] = {}
    for i, text in said:
      self._exact.setdefault(normal(text), []).append(i)
    self._owner = np.array([i for i, _ in said])
    self._numbers = [numbers(text) for _, text in said]
    if encoder is not None:
      self._wordings = project(encoder([text for _, text in said]))

  def __call__(self, text: str, allowed: Sequence[int]) -> int | None:
    """The nearest of the `allowed` goal ids, or None.

    Args:
      text: anything.
      allowed: goals that may be set now.
    """
    said = normal(text)
    for i in self._exact.get(said, ()):
      if i in allowed:
        return i
    if self._encoder is None or not said or not len(allowed):
      return None
    near = self._wordings @ project(self._encoder([text]))[0]
    usable = np.isin(self._owner, list(allowed))
    if counted := numbers(
      said
    ):  # "level 9" is nearly "level 8" to word vectors
      usable &= np.array([own == counted for own in self._numbers])
    near = np.where(usable, near, -1.0)
    best = int(near.argmax())
    return int(self._owner[best]) if near[best] >= self._threshold else None


def wordings(goal_id: int) -> tuple[str, ...]:
  """Every way in which a goal is said."""
  goal = GOALS[goal_id]
  spoken = goal.name.replace("_", " ")
  return (goal.text, spoken, *vocabulary.paraphrases(goal))


@functools.cache
def default() -> Snapper:
  """With the encoder if it is installed, else exact wordings only."""
  try:
    return Snapper(make_encoder())
  except UserError:
    return Snapper(None)
