/* The overworld's picture, walking and warps. */
#include "world.h"
#include "assets.h"

const uint8_t dir_y[4] = {1, 255, 0, 0};
const uint8_t dir_x[4] = {0, 0, 255, 1};

/* crt0.s: ten cells from view_cell on, as two rows of tiles at view_to. */
uint8_t *view_cell, *view_to;
void view_run(void);

/* One row of ten cells of the view whose player stands at (y, x). */
static void view_row(uint8_t row, uint8_t y, uint8_t x) {
  y = y - 4;
  y = y + row;
  x = x - 4;
  view_cell = field_at(y, x);
  view_to = wTileMap;
  for (; row != 0; row--) view_to += 40;
  view_run();
}

void view_update(void) {
  uint8_t row;
  for (row = 0; row < 9; row++) view_row(row, wYCoord, wXCoord);
}

void load_tiles(uint8_t tileset) {
  if (tileset == 0) far_copy(V_BG, OUTDOOR_AT, OUTDOOR_SIZE);
  else if (tileset == 1) far_copy(V_BG, INDOOR_AT, INDOOR_SIZE);
  else far_copy(V_BG, CAVE_AT, CAVE_SIZE);
}

void draw_world(void) {
  view_update();
  lcd_stop();
  load_tiles(map_tileset);
  hSCX = 0;
  hSCY = 0;
  show_screen();
  draw_sprites();
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

/* To (y, x), perhaps of the next map: map and position change together, the
   size a little later, as in Red. */
static void arrive(uint8_t y, uint8_t x) {
  uint8_t to;
  if (y < map_height && x < map_width) {
    wYCoord = y;
    wXCoord = x;
    return;
  }
  if (y >= 0x80) to = map_north;
  else if (y >= map_height) to = map_south;
  else if (x >= 0x80) to = map_west;
  else to = map_east;
  load_edge_head(to);
  if (y >= 0x80) y = edge_head[2] - 1;
  else if (y >= map_height) y = 0;
  if (x >= 0x80) x = edge_head[1] - 1;
  else if (x >= map_width) x = 0;
  wLastMap = wCurMap;
  wYCoord = y;
  wXCoord = x;
  wCurMap = to;
  load_map(to);
}

void walk(uint8_t dir) {
  uint8_t ny = wYCoord + dir_y[dir];
  uint8_t nx = wXCoord + dir_x[dir];
  uint8_t i;
  wSpritePlayerFacing = dir << 2;
  queue_edge(dir, ny, nx);
  wWalkCounter = 8;
  draw_sprites();
  for (i = 0; i < 16; i++) {
    wWalkCounter = 8 - (i >> 1);
    hSCY = hSCY + dir_y[dir];
    hSCX = hSCX + dir_x[dir];
    if (i == 4 || i == 12) draw_player();
    move_people(dir);
    frame();
    if (i < 9) view_row(i, ny, nx);
  }
  arrive(ny, nx);
  wWalkCounter = 0;
  draw_sprites();
}

static const uint8_t *warp_at(uint8_t y, uint8_t x) {
  const uint8_t *w = (const uint8_t *)wWarpEntries;
  uint8_t n;
  for (n = wNumberOfWarps; n != 0; n--) {
    if (w[0] == y && w[1] == x) return w;
    w += 4;
  }
  return 0;
}

static void take_warp(void) {
  const uint8_t *w = warp_at(wYCoord, wXCoord);
  if (w) warp_to(w[3], w[2]);
}

uint8_t try_step(uint8_t dir) {
  uint8_t ny = wYCoord + dir_y[dir];
  uint8_t nx = wXCoord + dir_x[dir];
  uint8_t flags;
  wSpritePlayerFacing = dir << 2;
  if (dir == DOWN) {
    flags = cell_flags[cell_at(wYCoord, wXCoord)];
    if (flags & CELL_MAT) {
      draw_sprites();
      take_warp();
      return 1;
    }
  }
  flags = cell_flags[cell_at(ny, nx)];
  if ((flags & CELL_SOLID) || person_at(ny, nx)) {
    draw_sprites();
    frame();
    return 0;
  }
  walk(dir);
  if (flags & CELL_DOOR) take_warp();
  return 1;
}

/* The new map shows at once, the new position after the fade: as in Red. */
void warp_to(uint8_t id, uint8_t index) {
  const volatile uint8_t *end = wWarpEntries;
  wJoyIgnore = 0xFF;
  if (map_tileset == 0) wLastMap = map_id;
  wCurMap = id;
  dark(28); /* and some frames of loading: free early in an action */
  load_map(id);
  index = index << 2;
  end += index;
  wYCoord = end[0];
  wXCoord = end[1];
  draw_world();
  wJoyIgnore = 0;
}
