/* The bag: what is in it, its list, and what items do. */
#ifndef ITEMS_H
#define ITEMS_H
#include "mon.h"

/* Offsets in an item's row of item_data. */
#define I_ID 0
#define I_KIND 1
#define I_AMOUNT 2
#define I_PRICE 3 /* three bytes, binary-coded decimal */
#define I_SALE 6
#define I_NAME 9
#define I_SIZE 19

const uint8_t *item_row(uint8_t item);
uint8_t item_place(uint8_t item);  /* in the bag, or NO_CHOICE */
uint8_t item_count(uint8_t item);
uint8_t add_item(uint8_t item, uint8_t n); /* 0 if there is no room */
void drop_item(uint8_t place);     /* one of it */
uint8_t choose_item(void);         /* place, or NO_CHOICE; redraw after */
uint8_t use_item(uint8_t place);   /* not balls; 1 if it was used up */
void list_bag(void);               /* the entries' rows */

/* party.c */
uint8_t choose_party(uint8_t words); /* slot or NO_CHOICE; redraw after */
void full_screen_on(void);         /* blank, LCD off; a window on the map */
void full_screen_show(void);
void put_bar(uint8_t y, uint8_t x, uint16_t hp, uint16_t max);
void put_level(uint8_t y, uint8_t x, uint8_t level);
void put_portrait(uint8_t y, uint8_t x, uint8_t tile);
void load_portrait(uint8_t *to, uint8_t species); /* LCD off */
void stats_screen(uint8_t i);
#endif
