"""Sprites, 16x16 pixels each, as ASCII art.

Shades: `_` see-through, `.` white, `-` light, `#` black: a sprite has three.
"""

from dreamer_jax.lantern_isle.art.people import PEOPLE

__all__ = ["PEOPLE", "player_sprites", "sprite_rows"]

# The player's three views, standing; right is left mirrored by the hardware.
STANDING = {
  "down": """
_____######_____
___##------##___
__#----------#__
__#----##----#__
_#-##########-#_
_###........###_
_#.#.#....#.#.#_
_#...#....#...#_
__#..........#__
___##..--..##___
__#--######--#__
_#..#------#..#_
_#..#------#..#_
__##_#####_##___
___#--#__#--#___
___####__####___
""",
  "up": """
_____######_____
___##------##___
__#----------#__
__#----------#__
_#------------#_
_#------------#_
_##----------##_
_#.#--------#.#_
__#.########.#__
___##########___
__#--######--#__
_#..#------#..#_
_#..#------#..#_
__##_#####_##___
___#--#__#--#___
___####__####___
""",
  "left": """
_____######_____
___##------##___
__#----------#__
_#-----------#__
########------#_
__#...##------#_
__#.#..##----#__
__#.#...#.##-#__
__#........##___
___##....###____
____#####--#____
____#-#..#-#____
____#-#..#-#____
_____######_____
_____#----#_____
_____######_____
""",
}

# The legs (rows 10-15) in the middle of a step.
WALKING = {
  "down": """
__#--######--#__
__#..#-----#..#_
___###-----#..#_
_____##---####__
_____####--#____
________####____
""",
  "up": """
__#--######--#__
__#..#-----#..#_
___###-----#..#_
_____##---####__
_____####--#____
________####____
""",
  "left": """
____#####--#____
___#..##---#____
___#..##---##___
___########-##__
__#--#___#--#___
__###_____###___
""",
}


def sprite_rows(art: str) -> list[str]:
  """The rows of a sprite's art."""
  return art.strip("\n").split("\n")


def player_sprites() -> list[list[str]]:
  """Six 16x16 pictures: down, up, left standing, then the same walking."""
  standing = [sprite_rows(art) for art in STANDING.values()]
  walking = [
    sprite_rows(STANDING[name])[:10] + sprite_rows(art)
    for name, art in WALKING.items()
  ]
  return standing + walking
