/* Sprites: the player in the middle, people around, into the OAM buffer. */
#include "assets.h"
#include "world.h"

#define PEOPLE_TILE 24 /* after six pictures of the player */
#define MIRROR 0x20
#define BEHIND 0x80
static uint8_t entry;      /* next free OAM entry */
static uint8_t people_end; /* after the last person's */

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

void hide_right_sprites(void) {
  uint8_t i;
  for (i = 0; i < 160; i += 4) {
    if (wShadowOAM[i + 1] >= 96) wShadowOAM[i] = 0;
  }
}

void draw_player(void) {
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
  entry = 0;
  put_sprite(80, 72, tile, flags, low);
}

/* One at (y, x) cells from the view's corner, which lies a cell outside. */
static void put_figure(uint8_t y, uint8_t x, uint8_t picture) {
  uint8_t tile = picture << 2;
  tile = tile + PEOPLE_TILE;
  y = y << 4;
  x = x << 4;
  x = x - 8;
  put_sprite(y, x, tile, 0, 0);
}

void draw_sprites(void) {
  const thing_t *p = (const thing_t *)people;
  uint8_t n, y, x;
  draw_player();
  for (n = map_people; n != 0; n--) {
    y = p->y - wYCoord;
    x = p->x - wXCoord;
    y = y + 5;
    x = x + 5;
    if (y < 11 && x < 11 && p->y != NOWHERE && entry < 36)
      put_figure(y, x, p->sprite);
    p++;
  }
  people_end = entry;
  hide_sprites(entry);
}

void move_people(uint8_t dir) {
  uint8_t *o = wShadowOAM + 16;
  uint8_t n, dy = dir_y[dir], dx = dir_x[dir];
  if (people_end <= 4) return;
  for (n = people_end - 4; n != 0; n--) {
    o[0] = o[0] - dy;
    o[1] = o[1] - dx;
    o += 4;
  }
}

void bubble_over(const thing_t *person) {
  uint8_t y = person->y - wYCoord, x = person->x - wXCoord;
  y = y + 4;
  x = x + 5;
  put_figure(y, x, BUBBLE);
}
