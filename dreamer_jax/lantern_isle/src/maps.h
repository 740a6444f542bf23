/* A map's record in a data bank, as codegen.py writes it, and its copy in RAM.

   Header of MAP_HEAD bytes (13 and rate and slots of wild creatures), warps
   of 4 bytes as in Red, people and signs of 8 bytes each, cells by rows. */
#ifndef MAPS_H
#define MAPS_H
#include "core.h"
#include "map_ids.h"
typedef struct {
  uint8_t y, x, sprite, sight, gone_high, gone_low, kind, arg;
} thing_t;
#define MAP_HEAD 33
#define map_id map_head[0]
#define map_width map_head[1]
#define map_height map_head[2]
#define map_border map_head[3]
#define map_tileset map_head[4]
#define map_north map_head[5] /* 255 = none */
#define map_south map_head[6]
#define map_west map_head[7]
#define map_east map_head[8]
#define map_warps map_head[9]
#define map_people map_head[10]
#define map_signs map_head[11]
#define NOWHERE 0xFF
#define KIND_TEXT 0
#define KIND_TRAINER 1
#define KIND_ITEM 2
#define KIND_CODE 3
#define CELL_SOLID 1
#define CELL_WILD 2
#define CELL_DOOR 4
#define CELL_MAT 8
#define CELL_COUNTER 16
#define CELL_GRASS 32 /* hides the feet */
#endif
