"""Goals in words, and the encoder behind their embeddings."""

import importlib.util

import numpy as np
import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.goals import embeddings, make_embeddings, vocabulary
from dreamer_jax.goals.vocabulary import GOALS

needs_encoder = pytest.mark.skipif(
  not all(
    importlib.util.find_spec(name)
    for name in ("wordllama", "tokenizers", "safetensors")
  ),
  reason="the extra [goals] is not installed",
)


def test_a_text_in_its_plainest_form():
  assert embeddings.normal("Go to *Brightwater*!") == "go to brightwater"
  assert embeddings.normal("isle_go_home") == "isle go home"
  assert embeddings.numbers("level 8, or 12") == {8, 12}


def test_every_goal_has_its_text_and_its_name_among_its_wordings():
  for i, goal in enumerate(GOALS):
    said = embeddings.wordings(i)
    assert said[0] == goal.text and goal.name.replace("_", " ") in said


@needs_encoder
def test_the_table_in_the_package_is_what_the_program_computes():
  made = make_embeddings.compute(embeddings.make_encoder())
  stored = vocabulary.table()
  np.testing.assert_allclose(made.embeddings, stored.embeddings, atol=2e-3)
  np.testing.assert_allclose(made.basis, stored.basis, atol=2e-3)


def test_a_missing_encoder_is_one_sentence(monkeypatch):
  monkeypatch.setattr(embeddings.importlib.util, "find_spec", lambda name: None)
  with pytest.raises(UserError, match=r"pip install 'dreamer_jax\[goals\]'"):
    embeddings.make_encoder()
