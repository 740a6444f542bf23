/* The current map: from its data bank into RAM, and who is where. */
#include "assets.h"
#include "world.h"

uint8_t *field_at(uint8_t y, uint8_t x) {
  uint16_t at;
  y = y + 5;
  x = x + 5;
  at = y;
  at = at << 5;
  at = at + x;
  return field + at;
}

uint8_t cell_at(uint8_t y, uint8_t x) { return *field_at(y, x); }

static uint16_t map_at(uint8_t id) {
  uint8_t i = id << 1;
  return le16(map_offsets + i);
}

/* Where the cells lie that follow a record's other parts. */
static uint16_t cells_after(uint16_t at, const uint8_t *head) {
  uint16_t n = head[10];
  n = n + head[11];
  n = n << 1;
  n = n + head[9];
  n = n << 2;
  at = at + MAP_HEAD;
  return at + n;
}

/* `n` rows of `width` cells, `stride` apart, into the field from (y, x) on. */
static void field_rows(uint16_t cells, uint8_t stride, uint8_t n, uint8_t y,
                       uint8_t x, uint8_t width) {
  uint8_t *to = field_at(y, x);
  for (; n != 0; n--) {
    far_copy(to, cells, width);
    cells = cells + stride;
    to += 32;
  }
}

static uint16_t row_of(uint16_t cells, uint8_t width, uint8_t y) {
  for (; y != 0; y--) cells = cells + width;
  return cells;
}

void load_edge_head(uint8_t id) { far_copy(edge_head, map_at(id), 13); }

/* The five rows or columns of the map beyond an edge. */
static void load_edge(uint8_t id, uint8_t side) {
  uint16_t at;
  uint8_t w, h;
  if (id == NOWHERE) return;
  load_edge_head(id);
  at = cells_after(map_at(id), edge_head);
  w = edge_head[1];
  h = edge_head[2];
  if (side == UP) field_rows(row_of(at, w, h - 5), w, 5, 251, 0, w);
  else if (side == DOWN) field_rows(at, w, 5, map_height, 0, w);
  else if (side == LEFT) field_rows(at + w - 5, w, h, 0, 251, 5);
  else field_rows(at, w, h, 0, map_width, 5);
}

static void load_size(void) {
  wCurMap = map_id;
  wCurMapHeight = map_height >> 1;
  wCurMapWidth = map_width >> 1;
  wCurrentMapHeight2 = map_height;
  wCurrentMapWidth2 = map_width;
  wCurMapTileset = map_tileset;
  wNorthConnectedMap = map_north;
  wSouthConnectedMap = map_south;
  wWestConnectedMap = map_west;
  wEastConnectedMap = map_east;
  wNumSigns = map_signs;
  wNumberOfWarps = map_warps;
  wNumSprites = map_people;
}

void load_map(uint8_t id) {
  uint16_t at = map_at(id);
  uint8_t n;
  far_copy(map_head, at, MAP_HEAD);
  at = at + MAP_HEAD;
  load_size();
  near_copy(&wGrassRate, map_head + 12, 1);
  near_copy(wGrassMons, map_head + 13, 20);
  n = map_warps << 2;
  far_copy((uint8_t *)wWarpEntries, at, n);
  at = at + n;
  n = map_people << 3;
  far_copy(people, at, n);
  at = at + n;
  n = map_signs << 3;
  far_copy(signs, at, n);
  at = at + n;
  field[0] = map_border;
  near_copy(field + 1, field, 1299);
  field_rows(at, map_width, map_height, 0, 0, map_width);
  load_edge(map_north, UP);
  load_edge(map_south, DOWN);
  load_edge(map_west, LEFT);
  load_edge(map_east, RIGHT);
  refresh_people();
}

void refresh_people(void) {
  thing_t *p = (thing_t *)people;
  uint8_t n;
  uint16_t event;
  for (n = map_people; n != 0; n--) {
    event = p->gone_high;
    event = event << 8;
    event = event | p->gone_low;
    if (event != 0xFFFF) {
      if (has_event(event)) p->y = NOWHERE;
    }
    p++;
  }
}

static const thing_t *thing_at(const uint8_t *things, uint8_t n, uint8_t y,
                               uint8_t x) {
  const thing_t *p = (const thing_t *)things;
  for (; n != 0; n--) {
    if (p->y == y && p->x == x) return p;
    p++;
  }
  return 0;
}

const thing_t *person_at(uint8_t y, uint8_t x) {
  return thing_at(people, map_people, y, x);
}

const thing_t *sign_at(uint8_t y, uint8_t x) {
  return thing_at(signs, map_signs, y, x);
}
