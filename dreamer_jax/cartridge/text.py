"""Every text of Lantern Isle, and Red's character codes.

A text is pages of two lines, of at most 18 and 17 letters (the arrow waits at
the end of the second); a form feed starts a page.
`{mine}`, `{foe}`, `{move}`, `{kind}` and `{num}` are filled in by the game.
"""

END, LINE, PAGE = 0x50, 0x4F, 0x51
INSERTS = {"mine": 1, "foe": 2, "move": 3, "kind": 4, "num": 5}
_INSERT_WIDTHS = {"mine": 8, "foe": 8, "move": 7, "kind": 8, "num": 3}

CODES = {
    " ": 0x7F, "(": 0x9A, ")": 0x9B, ":": 0x9C, "'": 0xE0, "-": 0xE3,
    "?": 0xE6, "!": 0xE7, ".": 0xE8, "/": 0xF3, ",": 0xF4,
    **{chr(ord("A") + i): 0x80 + i for i in range(26)},
    **{chr(ord("a") + i): 0xA0 + i for i in range(26)},
    **{chr(ord("0") + i): 0xF6 + i for i in range(10)},
}  # fmt: skip

TEXTS = {
  # Opening
  "intro": (
    "Night is long on\nLantern Isle."
    "\fBut its creatures\nglow in the dark."
    "\fGo, LUMI! Ask the\nKEEPER for one."
  ),
  # Home town
  "mother": "Rest a bit, dear.\fThere! All your\nfriends are well.",
  "books": "Books on lamps,\nwicks and tides.",
  "sign_home": "LUMI's house",
  "sign_keeper": "KEEPER ODA's house",
  "villager": "The KEEPER's house\nhas three lamps.",
  "guard": "Beyond lies FERN\nROAD. Walk well!",
  "guard_stop": "Wait! No light, no\nroad north.\fSee the KEEPER.",
  # Keeper's house
  "keeper": "Three lamps, LUMI.\nOne is for you.",
  "keeper_after": "Warden MARLA waits\nin BRIGHTWATER.",
  "starter_ask": "{kind}\nin this lamp.",
  "lamp_dim": "It glows softly.",
  "starter_got": (
    "{kind} is now\nyour friend!\fTake 10 BALLS too.\nGood luck!"
  ),
  # Route
  "sign_south": "FERN ROAD\nTo DUSKHAVEN",
  "sign_north": "FERN ROAD\nTo BRIGHTWATER",
  "walker": "Weaken it, then\nthrow a BALL!",
  # Second town
  "sign_gym": "BRIGHTWATER GYM\nWarden MARLA",
  "sign_heal": "HEALING HOUSE\nRest for free",
  "fisher": "MARLA's BEAKON is\nfierce. Be ready!",
  "healer": "Welcome! Let me\nsee your friends.\fAll well again!",
  "guest": "Lose all, and you\nwake up healed.",
  # Gym
  "gym_guide": "Level 7, and then\nsome: then go!",
  "leader_before": "I am MARLA, warden\nof the big lamp.\fShow your light!",
  "leader_lost": "MARLA: What a\nbright light!",
  "leader_badge": "The LAMP BADGE is\nyours, LUMI.",
  "leader_done": (
    "LUMI got the\nLAMP BADGE!\fYou did it! The\nisle shines on."
  ),
  "leader_after": "Keep your light\nburning, LUMI.",
  # Battle
  "wild": "A wild {foe}\nappeared!",
  "trainer": "Warden MARLA sends\n{foe}!",
  "go": "Go, {mine}!",
  "use_mine": "{mine} used\n{move}!",
  "use_foe": "Foe {foe}\nused {move}!",
  "strong": "It hits hard!",
  "weak": "It hardly hurts.",
  "faint_foe": "Foe {foe}\nfainted!",
  "faint_mine": "{mine}\nfainted!",
  "xp": "{mine} gained\n{num} EXP!",
  "level": "{mine} grew\nto level {num}!",
  "ran": "Got away safely!",
  "ran_not": "Could not get\naway!",
  "no_run": "No running from\na warden!",
  "no_balls": "No BALLS left!",
  "no_catch": "It belongs to\nMARLA!",
  "throw": "LUMI threw\na BALL!",
  "broke": "{foe}\nbroke free!",
  "caught": "Gotcha! {foe}\nwas caught!",
  "added": "{foe} was added\nto the party.",
  "sent": "{foe} went to\nthe KEEPER.",
  "won": "LUMI got 1000\nfor winning.",
  "lost": "No friend can\nfight on.\fLUMI saw only\ndarkness...",
  "fainted_cant": "{mine}\ncannot fight.",
}


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
