"""Maps, texts, trainers and creatures as records of bytes."""

from dreamer_jax.lantern_isle.art import sprites
from dreamer_jax.lantern_isle.build import c_source, pictures
from dreamer_jax.lantern_isle.build.banks import DataBanks
from dreamer_jax.lantern_isle.world import events, maps, tables, text, trainers
from dreamer_jax.lantern_isle.world.map_types import Map, Thing

# Scripts with code of their own, in `src/scripts.c`.
SCRIPTS = (
    "mother", "guard", "keeper", "healer_1", "healer_2", "neighbour",
    "badge_guard", "dark_guard", "shop_1", "shop_2", "lamp_west", "lamp_east",
    "lighthouse_keeper", "great_lamp", "starter_0", "starter_1", "starter_2",
)  # fmt: skip
TEXT, TRAINER, ITEM, CODE = range(4)
DIRECTIONS = ("down", "up", "left", "right")
_NEEDS = ("starter", "badges", "item")
_NOWHERE = 0xFF
_LAST_MAP_ID = 63


def text_id(name: str) -> int:
  """A text's number in the ROM."""
  return list(text.TEXTS).index(name)


def script_code(script: str) -> tuple[int, int]:
  """(kind, argument) of a thing's script.

  Raises:
    ValueError: there is no such script.
  """
  if script.startswith("item:"):
    return ITEM, next(
      i.id for i in tables.ITEMS if i.name == script.removeprefix("item:")
    )
  names = [t.script for t in trainers.TRAINERS]
  if script in names:
    return TRAINER, names.index(script)
  if script in SCRIPTS:
    return CODE, SCRIPTS.index(script)
  return TEXT, text_id(script)


def _thing(thing: Thing) -> bytes:
  kinds = list(sprites.PEOPLE)
  sprite = kinds.index(thing.sprite) if thing.sprite else 0
  sight = 0
  if thing.sees:
    sight = DIRECTIONS.index(thing.sees) << 4 | thing.reach
  gone = events.EVENTS[thing.gone] if thing.gone else 0xFFFF
  kind, arg = script_code(thing.script)
  return bytes(
    [thing.y, thing.x, sprite, sight, gone >> 8, gone & 255, kind, arg]
  )


def map_record(m: Map) -> bytes:
  """A map as `src/maps.h` describes it."""
  ids = pictures.cell_ids()
  sides = [_NOWHERE if s is None else s
           for s in (m.north, m.south, m.west, m.east)]  # fmt: skip
  head = [m.id, m.width, m.height, ids[m.tileset, m.border], m.tileset, *sides]
  head += [len(m.warps), len(m.people), len(m.signs)]
  warps = [v for w in m.warps for v in (w.y, w.x, w.to_warp, w.to_map)]
  things = b"".join(_thing(t) for t in (*m.people, *m.signs))
  cells = bytes(ids[m.tileset, c] for row in m.rows for c in row)
  return bytes(head) + m.wild.bytes() + bytes(warps) + things + cells


def _gates() -> list[int]:
  rows = []
  for g in maps.GATES:
    rows += [g.map_id, *g.x, *g.y, _NEEDS.index(g.needs), g.amount]
    rows += [text_id(g.script), DIRECTIONS.index(g.back)]
  return rows


def maps_c(data: DataBanks) -> dict[str, str]:
  """map_ids.h and map_ids.c: maps in the data banks, gates, events."""
  offsets = dict.fromkeys(range(_LAST_MAP_ID + 1), 0)
  offsets |= {m.id: data.add(map_record(m)) for m in maps.MAPS.values()}
  table = b"".join(at.to_bytes(2, "little") for at in offsets.values())
  restores = [maps.RESTORES.get(i, (0, 0)) for i in range(3)]
  arrays = {
      "map_offsets": table, "gates": _gates(),
      "restores": [v for place in restores for v in place],
  }  # fmt: skip
  sizes = {
      "N_GATES": len(maps.GATES), "START_MAP": maps.START[0],
      "START_X": maps.START[1], "START_Y": maps.START[2],
      "CREDITS_MAP": maps.CREDITS[0], "CREDITS_X": maps.CREDITS[1],
      "CREDITS_Y": maps.CREDITS[2],
      "FIRST_TOWN": maps.HOME_TOWN, "SECOND_TOWN": maps.SECOND_TOWN,
      "THIRD_TOWN": maps.THIRD_TOWN,
      **{f"NEEDS_{n.upper()}": i for i, n in enumerate(_NEEDS)},
      **{f"SCRIPT_{n.upper()}": i for i, n in enumerate(SCRIPTS)},
      **{f"EV_{n.upper()}": f"{i}U" for n, i in events.EVENTS.items()},
  }  # fmt: skip
  return c_source.module("map_ids", arrays, sizes)


def texts_c(data: DataBanks) -> dict[str, str]:
  """texts.h and texts.c: texts in the data banks, words in the program."""
  offsets = b""
  numbers = {}
  for i, (name, words) in enumerate(text.TEXTS.items()):
    code = text.encode_text(words)
    if len(code) > text.MAX_BYTES:
      raise ValueError(f"text {name!r} is longer than the text buffer")
    at = data.add(code, slack=text.MAX_BYTES - len(code))
    offsets += at.to_bytes(2, "little")
    numbers[f"T_{name.upper()}"] = i
  numbers["T_CREDITS_LAST"] = max(
    i for name, i in numbers.items() if name.startswith("T_CREDITS_")
  )
  numbers["TEXT_MAX"] = text.MAX_BYTES
  words = {
    f"w_{name}": text.encode(spelling) + bytes([text.END])
    for name, spelling in text.WORDS.items()
  }
  return c_source.module("texts", {"text_offsets": offsets, **words}, numbers)


def _padded(word: str, size: int) -> bytes:
  code = text.encode(word)
  if len(code) >= size:
    raise ValueError(f"{word!r} is longer than {size - 1} letters")
  return code + bytes([text.END] * (size - len(code)))


def _decimal(value: int, size: int) -> bytes:
  return bytes.fromhex(f"{value:0{2 * size}d}")


def _species_row(s: tables.Species) -> list[int]:
  learns = [v for pair in s.learns for v in pair]
  return [*s.types, *s.stats, s.catch_rate, s.xp, *s.evolves, *learns]


def _trainer_row(t: trainers.Trainer) -> bytes:
  event = events.EVENTS[t.event].to_bytes(2, "little")
  texts = [
    text_id(f"{t.script}_{part}") for part in ("before", "lost", "after")
  ]
  team = [v for name, level in t.team for v in (tables.species_id(name), level)]
  team += [0] * (6 - len(team))
  return (
      bytes([t.trainer_class]) + _decimal(t.prize, 2) + event
      + bytes([*texts, t.gym, len(t.team), *team]) + _padded(t.name, 9)
  )  # fmt: skip


def _item_row(item: tables.Item) -> bytes:
  prices = _decimal(item.price, 3) + _decimal(item.price // 2, 3)
  return (
    bytes([item.id, item.kind, item.amount]) + prices + _padded(item.name, 10)
  )


def tables_c() -> dict[str, str]:
  """tables.h and tables.c: creatures, moves, items, trainers."""
  chart = [(a, d, int(f > 1)) for (a, d), f in tables.CHART.items()]
  moves = b"".join(_padded(m.name, 10) + bytes(m[1:]) for m in tables.MOVES)
  types = b"".join(
    bytes([t]) + _padded(name, 6) for t, name in tables.TYPE_NAMES.items()
  )
  arrays = {
      "species_names": b"".join(_padded(s.name, 9) for s in tables.SPECIES),
      "species_data": [v for s in tables.SPECIES for v in _species_row(s)],
      "move_data": moves, "type_names": types,
      "type_chart": [v for row in chart for v in row],
      "item_data": b"".join(map(_item_row, tables.ITEMS)),
      "shop_goods": [i for shop in tables.SHOPS for i in shop],
      "trainer_data": b"".join(map(_trainer_row, trainers.TRAINERS)),
      "slot_chances": trainers.SLOT_CHANCES,
      "starter_species": tables.STARTERS,
      "nicknames": b"".join(_padded(n, 9) for n in tables.NICKNAMES),
  }  # fmt: skip
  sizes = {
      "N_ITEMS": len(tables.ITEMS), "N_TYPES": len(tables.TYPE_NAMES),
      "N_CHART": len(chart), "N_SPECIES": len(tables.SPECIES),
      "N_NICKNAMES": len(tables.NICKNAMES), "MAX_LEVEL": tables.MAX_LEVEL,
      "BALL_ITEM": tables.BALL_ITEM, "BALM": tables.BALM,
      "LANTERN": tables.LANTERN, "NUDGE_MOVE": tables.NUDGE,
      "EFFECT_DRAIN": tables.DRAIN, "EFFECT_CALM": tables.CALM,
      "KIND_BALL": tables.KIND_BALL, "KIND_HEAL": tables.KIND_HEAL,
      "KIND_REVIVE": tables.KIND_REVIVE, "KIND_CALM": tables.KIND_CALM,
      "KIND_KEY": tables.KIND_KEY, "STARTER_LEVEL": tables.STARTER_LEVEL,
      "STARTER_BALLS": tables.STARTER_BALLS,
      "SHOP_SIZE_0": len(tables.SHOPS[0]), "SHOP_SIZE_1": len(tables.SHOPS[1]),
  }  # fmt: skip
  return c_source.module("tables", arrays, sizes)
