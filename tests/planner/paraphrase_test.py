"""Wordings by a model, for review."""

import json

import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.goals import vocabulary
from dreamer_jax.planner import paraphrase
from dreamer_jax.planner.backends.abilities import Ladder
from dreamer_jax.planner.backends.base import Answer


class Says:
  """Answers this."""

  def __init__(self, text):
    self.text, self.ladder = text, Ladder(())

  def ask(self, question):
    self.question = question
    return Answer(self.text, 1, 1)


def test_only_new_wordings_with_the_same_numbers_are_kept():
  said = {
    "isle_train_to_level_8": [
      "become level 8", "become level 9", "Reach level 8 with a creature!", 7,
      "become LEVEL 8", "grow\x07 strong: level 8",
    ],
    "unasked": ["x"],
  }  # fmt: skip
  backend = Says(json.dumps(said))
  new = paraphrase.ask(backend, "m", ["isle_train_to_level_8"], 5)
  assert new == {
    "isle_train_to_level_8": ["become level 8", "grow strong: level 8"]
  }
  assert backend.question.png is None


@pytest.mark.parametrize("text", ["", "[1]", "no"])
def test_a_useless_answer_is_one_sentence(text):
  with pytest.raises(UserError, match="gave no wordings"):
    paraphrase.ask(Says(text), "m", ["next_badge"], 3)


def test_wordings_are_added_one_to_a_line(tmp_path, monkeypatch):
  path = tmp_path / "paraphrases.json"
  path.write_text("{}")
  monkeypatch.setattr(vocabulary, "PARAPHRASES", path)
  assert paraphrase.merge({"next_badge": ["a", "b"], "begin": []}) == 2
  assert paraphrase.merge({"next_badge": ["c"]}) == 1
  assert json.loads(path.read_text()) == {"next_badge": ["a", "b", "c"]}
  assert '  "b",\n' in path.read_text()
