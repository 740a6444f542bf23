"""The tolerant reader: a good object counts however it is wrapped."""

import html
import json

import numpy as np
import pytest

from dreamer_jax.goals.vocabulary import GOALS, IDS
from dreamer_jax.planner import faults, lenient, reader
from dreamer_jax.planner.backends.base import Answer
from dreamer_jax.planner.faults import EMPTY, MALFORMED, TRUNCATED, Fault

FEASIBLE = tuple(IDS[n] for n in ("next_badge", "new_map", "isle_go_home"))
GOAL = IDS["new_map"]
GOOD = {
  "goal_id": "new_map", "goal": "look around", "rationale": "it's \"new\"",
  "confidence": 0.75,
}  # fmt: skip
OTHER = json.dumps(GOOD | {"goal_id": "isle_go_home"})
SAID = json.dumps(GOOD)


def read(text, is_cut=False, feasible=FEASIBLE):
  return reader.read(Answer(text, 1, 1, is_cut), feasible)


def fault_of(text, is_cut=False):
  with pytest.raises(Fault) as caught:
    read(text, is_cut)
  return caught.value


WRAPS = (
  lambda s: s,
  lambda s: f"```json\n{s}\n```",
  lambda s: f"```\n{s}\n```\nThat is my choice.",
  lambda s: f"~~~JSON\r\n{s}\r\n~~~",
  lambda s: f"<think>\nThe team is weak {{hp: 3}}.\n</think>\n\n{s}",
  lambda s: f"<think>{OTHER} is tempting, but no.</think>{s}",
  lambda s: f"The thoughts began elsewhere {OTHER}</think>\n{s}",
  lambda s: f"<think>a</think> <think>{OTHER}</think> {s}",
  lambda s: f"<thinking>{OTHER}</thinking>{s}",
  lambda s: f"<reasoning>x</reasoning>\n<answer>{s}</answer>",
  lambda s: f"[THINK]{OTHER}[/THINK]{s}",
  lambda s: f"◁think▷{OTHER}◁/think▷{s}",
  lambda s: f"<seed:think>{OTHER}</seed:think>{s}",
  lambda s: "<|channel|>analysis<|message|>" + OTHER + "<|end|><|start|>"
            "assistant<|channel|>final<|message|>" + s,
  lambda s: f"<think>hm, {OTHER}? No: {s}",
  lambda s: f"<think>so it is {s}</think>",
  lambda s: f"{s}\n<think>was that right? {OTHER}",
  lambda s: f"Sure! Here is the JSON you asked for:\n{s}\nAnything else?",
  lambda s: f"{s}\n{OTHER}",
  lambda s: f'{{"state": {{"x": 1}}, "feasible_goals": {{"a": "b"}}}}\n{s}',
  lambda s: f'{{"recent_goals": [{{"goal": "go to home", "outcome": "done", '
            f'"steps": 3}}]}} {s}',
  lambda s: f"{{goal_id}} or {{like: this}} {s}",
  lambda s: f"[{s}]",
  lambda s: f'{{"answer": {s}}}',
  lambda s: f'{{"a": {{"b": [{{"c": {s}}}]}}}}',
  lambda s: json.dumps({"name": "goal", "arguments": s}),
  lambda s: json.dumps([{"id": "call_1", "type": "function", "function":
                         {"name": "goal", "arguments": s}}]),
  lambda s: f"<tool_call>\n{s}\n</tool_call>",
  lambda s: json.dumps(s),
  lambda s: "\ufeff" + s,
  lambda s: "\u200b \n" + s + "\x00",
  lambda s: "{" + s + "}",
  lambda s: f"> {s}",
  lambda s: f"final answer: \\boxed{{{s}}}",
)  # fmt: skip
FORMS = (
  json.dumps,
  lambda tree: json.dumps(tree, indent=2),
  lambda tree: json.dumps(tree)[:-1] + ",}",
  lambda tree: json.dumps(tree)[:-1] + ", // done\n}",
  repr,
  lambda tree: repr(tree | {"sure": True, "x": None}),
  lambda tree: json.dumps(tree | {"more": [1, {"deep": {}}], "n": None}),
  lambda tree: json.dumps(tree).replace('": "', '" : "').replace(", ", "\n,"),
  lambda tree: json.dumps(tree).replace("goal_id", "goalId"),
)  # fmt: skip


@pytest.mark.parametrize("wrap", range(len(WRAPS)))
@pytest.mark.parametrize("form", range(len(FORMS)))
def test_a_good_object_is_found_in_every_wrap(wrap, form):
  choice = read(WRAPS[wrap](FORMS[form](GOOD)))
  assert choice.goal == GOAL
  assert choice.reply.rationale == 'it\'s "new"'
  assert choice.reply.confidence == 0.75


LINES = json.dumps(GOOD, indent=2)


@pytest.mark.parametrize(
  "text",
  [
    html.escape(SAID), html.escape(LINES), html.escape(f"<p>{LINES}</p>"),
    SAID.replace('"', '\\"'), json.dumps(json.dumps(SAID)),
    f"```json\n{json.dumps(SAID)}\n```", f"Answer: {json.dumps(LINES)}.",
    "".join(f"> {line}\n" for line in LINES.splitlines()),
    "".join(f"+{line}\n" for line in LINES.splitlines()),
    "| goal | why |\n|---|---|\n| isle_go_home | no |\n\n" + SAID,
    f"```yaml\ngoal_id: isle_go_home\n```\n```json\n{SAID}\n```",
    '｛"goal_id"："new_map"，"confidence"：0.75｝',
    f'<think time="3s">{OTHER}</think>{SAID}',
    f'<details type="reasoning" done="true">\n<summary>Thought for 3 s'
    f"</summary>\n> {OTHER}\n</details>\n{SAID}",
    f"<unused94>thought\n{OTHER}<unused95>{SAID}",
    '{"goal_id": "new_map", "confidence": 0.75, "rationale": "C:\\users"}',
    '{"goal_id": "new_map", "confidence": 0.75, "rationale": "\\uZZZZ"}',
    SAID.replace(", ", "\n"), SAID.replace(", ", ";"), SAID[:-1] + ", ...}",
    SAID.replace('": ', '" = '), SAID.replace('": ', '" => '),
    "{\n  goal_id: new_map\n  confidence: 0.75\n}",
    f"<think>{OTHER}</think>{SAID}<think>{OTHER}</think>",
    f"<think>a <think> b {OTHER}</think> {OTHER}</think>{SAID}",
    *(
      f'{{"{key}": "new_map", "confidence": 0.75}}'
      for key in ("next_goal", "selected_goal", "chosenGoalId", "goal_name",
                  "GOAL-ID", "Next goal", "target goal")
    ),
  ],
)  # fmt: skip
def test_a_good_object_is_found_in_rarer_wraps(text):
  choice = read(text)
  assert choice.goal == GOAL and choice.reply.confidence == 0.75


def test_the_goal_that_is_set_now_is_no_answer():
  for key in ("current_goal", "previous_goal", "goals", "recent_goals"):
    assert fault_of(f'{{"{key}": "new_map"}}').kind == MALFORMED


def test_wraps_within_wraps():
  rng = np.random.default_rng(0)
  outer = [w for w in WRAPS if w(SAID).count(OTHER) == 0]
  for _ in range(300):
    text = FORMS[rng.integers(len(FORMS))](GOOD)
    for _ in range(2):
      inner = outer[rng.integers(1, len(outer))](text)
      text = inner if "\\" not in inner else text
    assert read(WRAPS[rng.integers(4)](text)).goal == GOAL, text


def test_no_goal_outside_of_the_enum_is_ever_taken():
  """Objects of every goal's id and text, of near ones, and torn ones."""
  rng = np.random.default_rng(1)
  words = [said for goal in GOALS for said in (goal.name, goal.text)]
  for _ in range(1500):
    name, goal = rng.choice(words, 2)
    if rng.random() < 0.3:
      cut = rng.integers(len(name) + 1)
      name = name[:cut] + rng.choice(["", "x", " ", "_2"]) + name[cut:]
    text = FORMS[rng.integers(len(FORMS))](GOOD | {"goal_id": name,
                                                   "goal": goal})  # fmt: skip
    text = WRAPS[rng.integers(len(WRAPS))](text)
    if rng.random() < 0.3:
      at = rng.integers(len(text))
      text = text[:at] + text[at + rng.integers(1, 9) :]
    feasible = tuple(rng.choice(len(GOALS), 20, replace=False).tolist())
    try:
      choice = read(text, bool(rng.random() < 0.2), feasible)
    except Fault:
      continue
    assert choice.goal is None or choice.goal in feasible
    assert (choice.goal is None) == bool(choice.why)


@pytest.mark.parametrize(
  ("name", "found"),
  [
    ("new_map", True), ("NEW_MAP", True), ("`new_map`", True),
    (" new map ", True), ("find a new place", True),
    ("Find a new place.", True), ("12: Find a new place", True),
    ("3) new_map", True), ("7. new_map", True),
    ("new_map: find a new place", True), ("new_map (find a new place)", True),
    ("find a new place - new_map", True), ("goal_id=new_map", True),
    ("find new places", False), ("a new place", False), ("new_maps", False),
    ("new_map; drop table", False), ("new_map or isle_go_home", False),
    ("new_map: go to home", False), ("new_map" + "!" * 300, False),
    ("12", False), ("not new_map", False), ("red_beat_misty", False),
  ],
)  # fmt: skip
def test_a_goal_is_named_by_itself_alone(name, found):
  choice = read(json.dumps(GOOD | {"goal_id": name}))
  assert choice.goal == (GOAL if found else None)
  why = reader.INFEASIBLE if name == "red_beat_misty" else reader.UNKNOWN
  assert choice.why == ("" if found else why)


def test_words_may_stand_for_the_id_only_exactly():
  assert read('{"goal": "find a new place"}').goal == GOAL
  assert read('{"goal_id": "", "goal": "Find a new place!"}').goal == GOAL
  assert read('{"goal_id": 12, "goal": "find a new place"}').goal == GOAL
  assert read('{"goal": "find some new place"}').goal is None
  echo = '{"goal": "find a new place", "outcome": "dropped", "steps": 2}'
  assert fault_of(f"[{echo}]").kind == MALFORMED


def test_the_first_that_fits_counts_and_an_id_before_words():
  bad = json.dumps(GOOD | {"goal_id": "red_beat_misty", "goal": ""})
  assert read(f"{bad} {SAID}").goal == GOAL
  assert read(f'{{"goal": "go to home"}} {SAID}').goal == GOAL
  assert read(f"{OTHER} {SAID}").goal == IDS["isle_go_home"]


@pytest.mark.parametrize(
  ("said", "value"),
  [
    (0.3, 0.3), ("0.3", 0.3), ("high", 0.8), ("Very High", 0.95), ("low", 0.2),
    ("medium", 0.5), ("80%", 0.8), ("80 percent", 0.8), (80, 0.8), (100, 1.0),
    ("8/10", 0.8), ("8 out of 10", 0.8), ("0,85", 0.85),
    (7, 1.0), (-3, 0.0), (1e308, 1.0), (10**400, 1.0),
    (None, 0.5), ([0.9], 0.5), ({"p": 1}, 0.5), (True, 1.0), ("?", 0.5),
    ("1.2.3", 0.5), ("5/0", 1.0), (float("nan"), 0.0), (float("inf"), 0.0),
  ],
)  # fmt: skip
def test_confidence_never_spoils_an_answer(said, value):
  choice = read(json.dumps(GOOD | {"confidence": said}))
  assert choice.goal == GOAL
  assert choice.reply.confidence == pytest.approx(value)


@pytest.mark.parametrize(
  ("text", "kind"),
  [
    ("", EMPTY), ("  \n", EMPTY), ("\ufeff", EMPTY), ("{", MALFORMED),
    ("[]", MALFORMED), ("null", MALFORMED), ('"new_map"', MALFORMED),
    ("{}", MALFORMED), ('{"goal_id": 7}', MALFORMED), ("new_map", MALFORMED),
    ('{"goal_id": ["new_map"]}', MALFORMED), ("x" * 20_000, MALFORMED),
    ("[" * 15_000, MALFORMED), ("I cannot help with that.", MALFORMED),
    (SAID[:-1], MALFORMED), (SAID[:30], MALFORMED), ("{" * 50_000, MALFORMED),
    ('{a:"' * 50_000, MALFORMED), ("<think>" * 9000, MALFORMED),
    (SAID[:-1] + ', "x": "' + "y" * 300_000 + '"}', MALFORMED),
    (f"<think>{SAID}</think> I would rather not say.", MALFORMED),
    ('{"type": "object", "properties": {"goal_id": {"enum": ["new_map"]}}}',
     MALFORMED),
  ],
)  # fmt: skip
def test_what_is_no_reply(text, kind):
  fault = fault_of(text)
  assert fault.kind == kind
  assert faults.phrase(fault)


def test_an_answer_that_is_cut_off():
  assert fault_of(SAID[:40], is_cut=True).kind == TRUNCATED
  assert fault_of("", is_cut=True).kind == TRUNCATED
  assert fault_of(f"<think>perhaps {SAID} or", is_cut=True).kind == TRUNCATED
  assert read(f"{SAID} because the", is_cut=True).goal == GOAL
  assert read(f"<think>x</think>{SAID} for", is_cut=True).goal == GOAL


def test_a_reply_is_cleaned():
  tree = GOOD | {"goal": "a\0b\u202e", "rationale": "long " * 200}
  reply = read(json.dumps(tree)).reply
  assert reply.goal == "a b" and len(reply.rationale) <= 300
  assert read(json.dumps(GOOD | {"rationale": ["x"]})).reply.rationale == ""


def test_escaped_markup_and_marks_within_a_string():
  assert read(html.escape(SAID)).goal == GOAL
  assert read(json.dumps(GOOD | {"rationale": "a </think> b"})).goal == GOAL
  assert read("<think>x</think>" + json.dumps(
    GOOD | {"rationale": "<think> { </think>"})).goal == GOAL  # fmt: skip


@pytest.mark.parametrize(
  ("text", "tree"),
  [
    ("{'a': True, 'b': None,}", {"a": True, "b": None}),
    ("{a: very high, b: .5 // x\n, c: [1, 2,]}",
     {"a": "very high", "b": 0.5, "c": [1, 2]}),
    ("{“a”: “b”, ‘c’: ‘d’}", {"a": "b", "c": "d"}),
    ('{"a": "the "great" lamp", "b": 1}', {"a": 'the "great" lamp', "b": 1}),
    ("{'a': 'the lamp's light'}", {"a": "the lamp's light"}),
    ('{"a": 1 "b": "x\ny"}', {"a": 1, "b": "x\ny"}),
    ('{/* no */ "a": 80%, # or\n"b": "\\u0041\\n\\q"}',
     {"a": "80%", "b": "A\nq"}),
  ],
)  # fmt: skip
def test_what_models_write_in_place_of_json(text, tree):
  assert [value for *_, value in lenient.objects(f"x {text} y")] == [tree]


def test_nothing_is_ever_completed():
  for text in ("{'a': 1", "{'a': 'b}", "{a}", "{'a' 1}", "{'a': {'b': 1}"):
    assert all("a" not in tree for *_, tree in lenient.objects(text))
