/* What maps.c, generated from maps.py, holds. */
#ifndef MAPS_H
#define MAPS_H
#include <stdint.h>
#include "map_ids.h"
typedef struct {
  uint8_t y, x, to_map, to_y, to_x;
} warp_t;
typedef struct {
  uint8_t y, x, sprite, script;
} thing_t;
typedef struct {
  uint8_t id, w, h, border, tileset, north, south;
  uint8_t n_warps, n_people, n_signs;
  const uint8_t *cells;
  const warp_t *warps;
  const thing_t *people;
  const thing_t *signs;
} map_t;
extern const map_t maps[];
#define CELL_SOLID 1
#define CELL_GRASS 2
#define CELL_DOOR 4
#define CELL_MAT 8
#define CELL_COUNTER 16
#endif
