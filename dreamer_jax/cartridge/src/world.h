/* The overworld: map, view, sprites, walking, warps. */
#ifndef WORLD_H
#define WORLD_H
#include "maps.h"
#include "screen.h"

#define DOWN 0
#define UP 1
#define LEFT 2
#define RIGHT 3

extern const map_t *map;

void load_map(uint8_t id);        /* map, size, field and people */
void draw_world(void);            /* everything, with the LCD off */
void view_update(void);           /* the map into the tile buffer */
void draw_sprites(uint8_t dy, uint8_t dx); /* pixels already walked */
void hide_sprites(uint8_t from);  /* entries from..39 */
void hide_boxed_sprites(void);    /* those under a text box */
uint8_t cell_at(uint8_t y, uint8_t x);
const thing_t *person_at(uint8_t y, uint8_t x); /* 0 if nobody */
void walk(uint8_t dir);           /* one tile, 16 frames, unchecked */
uint8_t try_step(uint8_t dir);    /* 1 if it moved */
void warp_to(uint8_t id, uint8_t y, uint8_t x);
void load_tiles(uint8_t tileset); /* LCD off */
void dark(uint8_t frames);        /* white screen */
extern const uint8_t dir_y[4], dir_x[4];
#endif
