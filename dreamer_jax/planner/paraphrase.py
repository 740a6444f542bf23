"""Asks a model for other wordings of the goals, for a person to review.

  python -m dreamer_jax.planner.paraphrase --planner=openai --goals=isle_go_home

The wordings go into `goals/paraphrases.json`, one to a line: read the diff,
delete what does not mean the same, then run `python -m
dreamer_jax.goals.make_embeddings`. A changed table is a new vocabulary, which
older checkpoints do not know.
"""

import json

from dreamer_jax import domains as d
from dreamer_jax import program
from dreamer_jax.data.files import write_atomic
from dreamer_jax.errors import UserError
from dreamer_jax.goals import embeddings, vocabulary
from dreamer_jax.goals.vocabulary import GOALS, IDS
from dreamer_jax.planner import faults, lenient
from dreamer_jax.planner.backends import base
from dreamer_jax.planner.backends.base import Backend, Question
from dreamer_jax.planner.faults import Fault
from dreamer_jax.planner.schema import clean
from dreamer_jax.planner.settings import Settings
from dreamer_jax.program import define

PLANNER = define("planner", d.choice(*base.NAMES), "openai", "who is asked")
BASE_URL = define("base_url", d.Text, None, "another server's address")
MODEL = define("model", d.Text, None, "its id; default the planner's")
NAMES = define("goals", d.Names, None, "names; default all")
COUNT = define("count", d.whole(1, 10), 3, "wordings of each")

_SYSTEM = (
  "You paraphrase goals of a role-playing game for a text encoder. Keep names "
  "and numbers as they are. Answer with JSON only: a list of short wordings "
  "for each goal's name."
)
_BATCH = 10  # goals in a call
_MAX_LETTERS = 80


def ask(
  backend: Backend, model: str, names: list[str], count: int
) -> dict[str, list[str]]:
  """New wordings of these goals; what is no wording is left out.

  Raises:
    UserError: the model gave no usable answer.
  """
  wordings = {"type": "array", "items": {"type": "string"}}
  schema = {
    "type": "object",
    "properties": {name: wordings for name in names},
    "required": names,
    "additionalProperties": False,
  }
  goals = {name: GOALS[IDS[name]].text for name in names}
  user = f"{count} wordings of each:\n{json.dumps(goals)}"
  question = Question(model, _SYSTEM, user, None, schema, 4096, 60.0)
  found = lenient.objects(_answer(backend, question))
  said = next((tree for *_, tree in found if set(tree) & set(names)), None)
  if said is None:
    raise UserError(f"{model} gave no wordings: try again, or another --model")
  texts = {name: said.get(name) for name in names}
  return {
    name: _usable(name, found if isinstance(found, list) else [])[:count]
    for name, found in texts.items()
  }


def _answer(backend: Backend, question: Question) -> str:
  """The model's text, asked as plainly as its server needs."""
  model = question.model
  while True:
    try:
      form = backend.ladder.form(model)
      return backend.ask(question._replace(form=form)).text
    except Fault as fault:
      if not backend.ladder.step(model, fault):
        raise UserError(
          f"{model} gave no wordings ({faults.phrase(fault)}): try again"
        ) from None


def _usable(name: str, texts: list) -> list[str]:
  """New, printable, and with the goal's own numbers."""
  known = {embeddings.normal(text) for text in embeddings.wordings(IDS[name])}
  counted = embeddings.numbers(GOALS[IDS[name]].text)
  kept = []
  for text in texts:
    if not isinstance(text, str):
      continue
    text = clean(text, _MAX_LETTERS)
    said = embeddings.normal(text)
    if said and said not in known and embeddings.numbers(text) == counted:
      known.add(said)
      kept.append(text)
  return kept


def merge(new: dict[str, list[str]]) -> int:
  """Adds wordings to the file; returns how many."""
  data = json.loads(vocabulary.PARAPHRASES.read_text(encoding="utf-8"))
  for name, texts in new.items():
    if texts:
      data[name] = [*data.get(name, ()), *texts]
  text = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
  write_atomic(vocabulary.PARAPHRASES, text.encode())
  return sum(map(len, new.values()))


def main(argv: list[str]) -> None:
  """Asks, and writes."""
  del argv
  names = NAMES.value or list(IDS)
  unknown = set(names) - set(IDS)
  if unknown:
    raise UserError(f"there are no goals {sorted(unknown)}: see --help")
  usual = Settings()
  models = (
    usual.openai_models if PLANNER.value == "openai" else usual.gemini_models
  )
  backend = base.make(PLANNER.value, BASE_URL.value)
  for i in range(0, len(names), _BATCH):
    part = names[i : i + _BATCH]
    new = ask(backend, MODEL.value or models[0], part, COUNT.value)
    print(f"{i + len(part)}/{len(names)} goals, {merge(new)} new wordings")
  print(f"Read the diff of {vocabulary.PARAPHRASES}, then {vocabulary.REBUILD}")


if __name__ == "__main__":
  program.run(main)
