/* The overworld: map, view, sprites, walking, warps. */
#ifndef WORLD_H
#define WORLD_H
#include "maps.h"
#include "screen.h"

#define DOWN 0
#define UP 1
#define LEFT 2
#define RIGHT 3

/* map.c */
uint8_t *field_at(uint8_t y, uint8_t x);
uint8_t cell_at(uint8_t y, uint8_t x);
void load_map(uint8_t id);        /* size, field, warps, people, wild */
void load_edge_head(uint8_t id);  /* a neighbour's header */
void refresh_people(void);        /* after an event: who is gone */
const thing_t *person_at(uint8_t y, uint8_t x); /* 0 if nobody */
const thing_t *sign_at(uint8_t y, uint8_t x);

/* world.c */
void draw_world(void);            /* everything, with the LCD off */
void view_update(void);           /* the map into the tile buffer */
void walk(uint8_t dir);           /* one tile, 16 frames, unchecked */
uint8_t try_step(uint8_t dir);    /* 1 if it moved */
void warp_to(uint8_t id, uint8_t index); /* to that map's warp */
void load_tiles(uint8_t tileset); /* LCD off */
void dark(uint8_t frames);        /* white screen */
extern const uint8_t dir_y[4], dir_x[4];

/* sprites.c */
void draw_sprites(void);          /* player and people */
void draw_player(void);
void move_people(uint8_t dir);    /* one pixel, as the player walks */
void hide_sprites(uint8_t from);  /* entries from..39 */
void hide_boxed_sprites(void);    /* those under the text box */
void hide_right_sprites(void);    /* those under the start menu */
void bubble_over(const thing_t *person);
#endif
