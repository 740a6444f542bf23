"""The wordings of goals, and the text encoder that makes their embeddings.

The encoder needs the extra [goals]: static word vectors, averaged. Only a new
table of goals wants it; playing does not.
"""

import importlib.util
import pathlib
import re
from collections.abc import Callable, Sequence

import numpy as np

from dreamer_jax.errors import UserError
from dreamer_jax.goals import vocabulary
from dreamer_jax.goals.vocabulary import GOALS

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


def wordings(goal_id: int) -> tuple[str, ...]:
  """Every way in which a goal is said."""
  goal = GOALS[goal_id]
  spoken = goal.name.replace("_", " ")
  return (goal.text, spoken, *vocabulary.paraphrases(goal))
