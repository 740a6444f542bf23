#include "world.h"
#include "assets.h"

const map_t *map;
const uint8_t dir_y[4] = {1, 255, 0, 0};
const uint8_t dir_x[4] = {0, 0, 255, 1};

static uint8_t *field_at(uint8_t y, uint8_t x) {
  uint16_t at;
  y = y + 5;
  x = x + 5;
  at = y;
  at = at << 5;
  at = at + x;
  return field + at;
}

uint8_t cell_at(uint8_t y, uint8_t x) { return *field_at(y, x); }

/* Rows [from, from + n) of a map into the field, from field row y on. */
static void field_rows(const map_t *m, uint8_t from, uint8_t n, uint8_t y) {
  const uint8_t *cells = m->cells;
  for (; from != 0; from--) cells += m->w;
  for (; n != 0; n--) {
    asset_copy(field_at(y, 0), cells, m->w);
    cells += m->w;
    y++;
  }
}

void load_map(uint8_t id) {
  uint8_t i, h;
  const map_t *m = maps;
  for (i = 0; i < N_MAPS; i++) {
    if (m->id == id) map = m;
    m++;
  }
  wCurMap = id;
  h = map->h;
  wCurMapHeight = h >> 1;
  wCurMapWidth = map->w >> 1;
  wCurrentMapHeight2 = h;
  wCurrentMapWidth2 = map->w;
  wCurMapTileset = map->tileset;
  wNumSigns = map->n_signs;
  fill(field, map->border, 1300);
  field_rows(map, 0, h, 0);
  if (map->north != 255) {
    m = maps + map->north;
    i = m->h - 5;
    field_rows(m, i, 5, 251);
  }
  if (map->south != 255) {
    m = maps + map->south;
    field_rows(m, 0, 5, h);
  }
}

/* One row of ten cells of the view whose player stands at (y, x). */
static void view_row(uint8_t row, uint8_t y, uint8_t x) {
  uint8_t n;
  uint8_t *cell;
  uint8_t *to = wTileMap;
  const uint8_t *tiles;
  uint16_t at;
  y = y - 4;
  y = y + row;
  x = x - 4;
  cell = field_at(y, x);
  for (; row != 0; row--) to += 40;
  for (n = 10; n != 0; n--) {
    at = *cell;
    at = at << 2;
    tiles = cell_tiles + at;
    to[0] = tiles[0];
    to[1] = tiles[1];
    to[20] = tiles[2];
    to[21] = tiles[3];
    to += 2;
    cell++;
  }
}

void view_update(void) {
  uint8_t row;
  for (row = 0; row < 9; row++) view_row(row, wYCoord, wXCoord);
}

void load_tiles(uint8_t tileset) {
  if (tileset) asset_copy(V_BG, indoor_tiles, INDOOR_TILES * 16);
  else asset_copy(V_BG, outdoor_tiles, OUTDOOR_TILES * 16);
}

void draw_world(void) {
  view_update();
  lcd_stop();
  load_tiles(map->tileset);
  hSCX = 0;
  hSCY = 0;
  show_screen();
  draw_sprites(0, 0);
  rBGP = 0xE4;
  rOBP0 = 0xD0;
  lcd_start();
  frame();
}

void dark(uint8_t frames) {
  rBGP = 0;
  rOBP0 = 0;
  wait(frames);
}

/* One strip of cells, 2x2 tiles each, queued for the map in video RAM. */
static void queue_strip(uint8_t y, uint8_t x, uint8_t is_column, uint8_t row,
                        uint8_t col) {
  uint8_t *p = vq_buf;
  uint8_t *cell = field_at(y, x);
  uint8_t n = 10, high, low, step = 1;
  const uint8_t *tiles;
  uint16_t at;
  if (is_column) {
    n = 9;
    step = 32;
  }
  col = col & 31;
  row = row & 31;
  vq_w = n << 2;
  for (; n != 0; n--) {
    at = *cell;
    at = at << 2;
    tiles = cell_tiles + at;
    high = row >> 3;
    high = high | 0x98;
    low = row << 5;
    low = low | col;
    p[0] = low;
    p[1] = high;
    p[2] = tiles[0];
    low++;
    p[3] = low;
    p[4] = high;
    p[5] = tiles[1];
    low = low + 31;
    p[6] = low;
    p[7] = high;
    p[8] = tiles[2];
    low++;
    p[9] = low;
    p[10] = high;
    p[11] = tiles[3];
    p += 12;
    cell += step;
    if (is_column) row = row + 2;
    else col = col + 2;
    row = row & 31;
    col = col & 31;
  }
}

static void queue_edge(uint8_t dir, uint8_t ny, uint8_t nx) {
  uint8_t row = hSCY >> 3;
  uint8_t col = hSCX >> 3;
  uint8_t y = ny - 4;
  uint8_t x = nx - 4;
  if (dir == DOWN) {
    row = row + 18;
    y = ny + 4;
  } else if (dir == UP) {
    row = row - 2;
  } else if (dir == LEFT) {
    col = col - 2;
  } else {
    col = col + 20;
    x = nx + 5;
  }
  queue_strip(y, x, dir >= LEFT, row, col);
}

static void cross_edge(void) {
  const map_t *m;
  uint8_t y = wYCoord;
  if (y < map->h) return;
  if (y >= 0x80) {
    m = maps + map->north;
    y = m->h - 1;
  } else {
    m = maps + map->south;
    y = 0;
  }
  wYCoord = y;
  wLastMap = map->id;
  load_map(m->id);
}

void walk(uint8_t dir) {
  uint8_t ny = wYCoord + dir_y[dir];
  uint8_t nx = wXCoord + dir_x[dir];
  uint8_t i, dy = 0, dx = 0;
  wSpritePlayerFacing = dir << 2;
  queue_edge(dir, ny, nx);
  for (i = 0; i < 16; i++) {
    wWalkCounter = 8 - (i >> 1);
    dy = dy + dir_y[dir];
    dx = dx + dir_x[dir];
    hSCY = hSCY + dir_y[dir];
    hSCX = hSCX + dir_x[dir];
    draw_sprites(dy, dx);
    frame();
    if (i < 9) view_row(i, ny, nx);
  }
  wYCoord = ny;
  wXCoord = nx;
  cross_edge();
  wWalkCounter = 0;
  draw_sprites(0, 0);
}

const thing_t *person_at(uint8_t y, uint8_t x) {
  const thing_t *p = map->people;
  uint8_t n;
  for (n = map->n_people; n != 0; n--) {
    if (p->y == y && p->x == x) return p;
    p++;
  }
  return 0;
}

static const warp_t *warp_at(uint8_t y, uint8_t x) {
  const warp_t *w = map->warps;
  uint8_t n;
  for (n = map->n_warps; n != 0; n--) {
    if (w->y == y && w->x == x) return w;
    w++;
  }
  return 0;
}

static void take_warp(void) {
  const warp_t *w = warp_at(wYCoord, wXCoord);
  if (w) warp_to(w->to_map, w->to_y, w->to_x);
}

uint8_t try_step(uint8_t dir) {
  uint8_t ny = wYCoord + dir_y[dir];
  uint8_t nx = wXCoord + dir_x[dir];
  uint8_t flags;
  wSpritePlayerFacing = dir << 2;
  if (dir == DOWN) {
    flags = cell_flags[cell_at(wYCoord, wXCoord)];
    if (flags & CELL_MAT) {
      draw_sprites(0, 0);
      take_warp();
      return 1;
    }
  }
  flags = cell_flags[cell_at(ny, nx)];
  if ((flags & CELL_SOLID) || person_at(ny, nx)) {
    draw_sprites(0, 0);
    frame();
    return 0;
  }
  walk(dir);
  if (flags & CELL_DOOR) take_warp();
  return 1;
}

void warp_to(uint8_t id, uint8_t y, uint8_t x) {
  wJoyIgnore = 0xFF;
  if (map->tileset == 0) wLastMap = map->id;
  wCurMap = id;
  dark(28); /* and 4 frames of loading: free early in an action */
  load_map(id);
  wYCoord = y;
  wXCoord = x;
  draw_world();
  wJoyIgnore = 0;
}
