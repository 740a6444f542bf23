"""RAM samples built by name, for sequences that no recording has."""


import pytest

from dreamer_jax.game import memory
from dreamer_jax.game import rom as roms
from dreamer_jax.game.ram import decode


def member(
  hp=20, max_hp=20, level=5, exp=100, otid=1, dvs=1, species=9
) -> bytes:
  """One 44-byte party struct."""
  data = bytearray(44)
  data[0] = species
  data[1:3] = hp.to_bytes(2, "big")
  data[12:14] = otid.to_bytes(2, "big")
  data[14:17] = exp.to_bytes(3, "big")
  data[27:29] = dvs.to_bytes(2, "big")
  data[33] = level
  data[34:36] = max_hp.to_bytes(2, "big")
  return bytes(data)


def play_ram(party=None, **values):
  """A `GameRam` in the middle of play: map 1, (3, 4), one member."""
  party = [member()] if party is None else party
  base = dict(
    wStatusFlags6=1,
    wStatusFlags4=8,
    wCurMap=1,
    wXCoord=3,
    wYCoord=4,
    wCurMapWidth=10,
    wCurMapHeight=9,
    wPlayerMoney=[0, 0x20, 0],
    wPartyCount=len(party),
    wPartyMons=b"".join(party),
    hWY=0x90,
  )
  return decode(memory.build(**{**base, **values}))


@pytest.fixture
def make_member():
  return member


@pytest.fixture
def make_ram():
  return play_ram


@pytest.fixture(scope="session")
def rom():
  """The embedded game, or the one of $DREAMER_ROM."""
  return roms.find(allow_unknown=True)
