"""The texts of battles and menus, and Red's character codes.

A text is pages of two lines, of at most 18 and 17 letters (the arrow waits at
the end of the second); a form feed starts a page.
`{mine}`, `{foe}`, `{move}`, `{kind}` and `{num}` are filled in by the game.
"""

from dreamer_jax.lantern_isle.world.story_texts import STORY

END, LINE, PAGE = 0x50, 0x4F, 0x51
INSERTS = {"mine": 1, "foe": 2, "move": 3, "kind": 4, "num": 5}
_INSERT_WIDTHS = {"mine": 8, "foe": 8, "move": 9, "kind": 9, "num": 4}

CODES = {
    " ": 0x7F, "(": 0x9A, ")": 0x9B, ":": 0x9C, "'": 0xE0, "-": 0xE3,
    "?": 0xE6, "!": 0xE7, ".": 0xE8, "/": 0xF3, ",": 0xF4,
    **{chr(ord("A") + i): 0x80 + i for i in range(26)},
    **{chr(ord("a") + i): 0xA0 + i for i in range(26)},
    **{chr(ord("0") + i): 0xF6 + i for i in range(10)},
}  # fmt: skip

# Each text is copied to RAM from its bank before it is shown.
MAX_BYTES = 128

TEXTS = {
  **STORY,
  # Battle
  "wild": "A wild {foe}\nappeared!",
  "trainer": "{kind} sends\n{foe}!",
  "go": "Go, {mine}!",
  "use_mine": "{mine} used\n{move}!",
  "use_foe": "Foe {foe}\nused {move}!",
  "missed": "It missed!",
  "weary": "{mine} is\nweary, but tries.",
  "no_pp": "No power is left\nfor this move.",
  "calmed_foe": "{foe}\nhits less hard!",
  "calmed_mine": "{mine}\nhits less hard!",
  "bared_foe": "{foe}\nlost some guard!",
  "bared_mine": "{mine}\nlost some guard!",
  "strong": "It hits hard!",
  "weak": "It hardly hurts.",
  "faint_foe": "Foe {foe}\nfainted!",
  "faint_mine": "{mine}\nfainted!",
  "xp": "{mine} gained\n{num} EXP!",
  "level": "{mine} grew\nto level {num}!",
  "learned": "{mine} learned\n{move}!",
  "evolving": "{mine} begins\nto shine...",
  "evolved": "{mine} became\n{kind}!",
  "evolved_not": "{mine}\nstays as it is.",
  "ran": "Got away safely!",
  "ran_not": "Could not get\naway!",
  "no_run": "No running from\nthis fight!",
  "no_catch": "It has a friend\nalready!",
  "no_room": "The KEEPER has no\nroom for more!",
  "throw": "LUMI threw a\n{kind}!",
  "broke": "{foe}\nbroke free!",
  "caught": "Gotcha! {foe}\nwas caught!",
  "added": "{foe} was added\nto the party.",
  "ask_name": "Give it a\nnickname?",
  "sent": "{foe} went to\nthe KEEPER.",
  "won": "LUMI got {num}\nfor winning.",
  "lost": "No friend can\nfight on.\fLUMI saw only\ndarkness...",
  "fainted_cant": "{mine}\ncannot fight.",
  # Menus
  "used": "LUMI used the\n{kind}.",
  "no_use": "It would have no\neffect.",
  "not_now": "This is not the\ntime for that.",
  "lantern_glows": "The LANTERN shines\nfor you.",
  "ask_save": "Save the\ngame?",
  "saved": "The game is saved.",
}

# Single words on the screens: C has them as `w_NAME`.
WORDS = {
    "fight": "FIGHT", "item": "ITEM", "kin": "KIN", "run": "RUN",
    "yes": "YES", "no": "NO", "lumi": "LUMI", "press_start": "PRESS START",
    "which_one": "Which one?", "whom": "Use it on whom?", "pp": "PP",
    "hp": "HP", "attack": "ATTACK", "guard": "GUARD", "speed": "SPEED",
    "dex": "DEX", "bag": "BAG", "save": "SAVE", "options": "OPTION",
    "back": "BACK", "look": "LOOK", "first": "FIRST", "text": "TEXT",
    "fast": "FAST", "mid": "MID ", "slow": "SLOW", "flashes": "FLASHES",
    "on": "ON ", "off": "OFF", "unknown": "--------", "sell": "SELL",
    "your_coins": "COINS", "thank_you": "Thank you!",
    "too_dear": "Too dear.", "not_that": "Not that.", "continue": "CONTINUE",
    "new_game": "NEW GAME", "none": "           ", "the_end": "THE END",
}  # fmt: skip


def encode(text: str) -> bytes:
  """Encodes words without inserts in Red's character codes.

  Raises:
    KeyError: a letter that the font lacks.
  """
  return bytes(CODES[letter] for letter in text)


def encode_text(text: str) -> bytes:
  """Encodes a text with lines, pages and inserts, and its end mark.

  Raises:
    ValueError: a line is too long or a page has three lines.
  """
  pages = []
  for page in text.split("\f"):
    lines = page.split("\n")
    if len(lines) > 2:
      raise ValueError(f"a page has two lines: {page!r}")
    coded = [
      _line(line, most) for line, most in zip(lines, (18, 17), strict=False)
    ]
    pages.append(bytes([LINE]).join(coded))
  return bytes([PAGE]).join(pages) + bytes([END])


def _line(line: str, most: int) -> bytes:
  out = b""
  width = 0
  for i, part in enumerate(line.replace("}", "{").split("{")):
    out += bytes([INSERTS[part]]) if i % 2 else encode(part)
    width += _INSERT_WIDTHS[part] if i % 2 else len(part)
  if width > most:
    raise ValueError(f"{line!r} may need {width} letters; it has {most}")
  return out
