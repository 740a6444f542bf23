/* Sprites: the player in the middle, people around, into the OAM buffer. */
#include "assets.h"
#include "world.h"

#define PEOPLE_TILE 24 /* after six pictures of the player */
#define MIRROR 0x20
#define BEHIND 0x80
static uint8_t entry; /* next free OAM entry */

static void put_sprite(uint8_t y, uint8_t x, uint8_t tile, uint8_t flags,
                       uint8_t low_flags) {
  uint8_t i = entry << 2;
  uint8_t *o = wShadowOAM + i;
  uint8_t left = tile, right = tile + 1;
  if (flags & MIRROR) {
    left = right;
    right = tile;
  }
  o[0] = y;
  o[1] = x;
  o[2] = left;
  o[3] = flags;
  o[4] = y;
  o[5] = x + 8;
  o[6] = right;
  o[7] = flags;
  y = y + 8;
  o[8] = y;
  o[9] = x;
  o[10] = left + 2;
  o[11] = low_flags;
  o[12] = y;
  o[13] = x + 8;
  o[14] = right + 2;
  o[15] = low_flags;
  entry = entry + 4;
}

void hide_sprites(uint8_t from) {
  uint8_t i = from << 2;
  for (; i < 160; i += 4) wShadowOAM[i] = 0;
}

void hide_boxed_sprites(void) {
  uint8_t i;
  for (i = 0; i < 160; i += 4) {
    if (wShadowOAM[i] >= 112) wShadowOAM[i] = 0;
  }
}

static void put_player(void) {
  uint8_t facing = wSpritePlayerFacing;
  uint8_t tile = facing, flags = 0, low, cell;
  if (facing == 12) {
    tile = 8;
    flags = MIRROR;
  }
  if (wWalkCounter > 2 && wWalkCounter < 7) {
    tile = tile + 12;
    if (facing < 8 && (wYCoord & 1)) flags = MIRROR;
  }
  low = flags;
  cell = cell_at(wYCoord, wXCoord);
  if (cell_flags[cell] & CELL_GRASS) low = low | BEHIND;
  put_sprite(80, 72, tile, flags, low);
}

/* People of one map whose row 0 is `top` rows below the player's map's. */
static void put_people(const map_t *m, uint8_t top, uint8_t dy, uint8_t dx) {
  const thing_t *p = m->people;
  uint8_t n, y, x, tile;
  for (n = m->n_people; n != 0; n--) {
    y = p->y + top;
    y = y - wYCoord;
    x = p->x - wXCoord;
    y = y + 5;
    x = x + 5;
    if (y < 11 && x < 11 && entry < 36) {
      y = y << 4;
      y = y - dy;
      x = x << 4;
      x = x - 8;
      x = x - dx;
      tile = p->sprite << 2;
      tile = tile + PEOPLE_TILE;
      put_sprite(y, x, tile, 0, 0);
    }
    p++;
  }
}

void draw_sprites(uint8_t dy, uint8_t dx) {
  const map_t *m;
  uint8_t top;
  entry = 0;
  put_player();
  put_people(map, 0, dy, dx);
  if (map->north != 255) {
    m = maps + map->north;
    top = 0 - m->h;
    put_people(m, top, dy, dx);
  }
  if (map->south != 255) {
    m = maps + map->south;
    top = map->h;
    put_people(m, top, dy, dx);
  }
  hide_sprites(entry);
}
