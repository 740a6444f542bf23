/* The tile buffer, text boxes and menus. */
#ifndef SCREEN_H
#define SCREEN_H
#include "core.h"
#include "texts.h"

#define TILE_BLANK 0x7F
#define TILE_CURSOR 0xED
#define TILE_ARROW 0xEE
#define MSG_WAIT 0 /* every page waits for A or B */
#define MSG_AUTO 1 /* the last page goes on by itself */
#define MSG_KEEP 2 /* the last page stays */
#define NO_CHOICE 0xFF
#define BOX_MESSAGE 0x01 /* wTextBoxID */
#define BOX_BATTLE_MENU 0x0B
#define BOX_MENU 0x14

extern const uint8_t *ins_mine, *ins_foe, *ins_move, *ins_kind;
extern uint16_t ins_num;

void put_tile(uint8_t y, uint8_t x, uint8_t tile);
uint8_t put_words(uint8_t y, uint8_t x, const uint8_t *words);
uint8_t put_number(uint8_t y, uint8_t x, uint16_t value, uint8_t pad);
void draw_box(uint8_t y, uint8_t x, uint8_t h, uint8_t w);
void show_screen(void); /* LCD off: the buffer to video RAM */
void message(uint8_t text, uint8_t mode);
void message_box(void); /* draws the empty box in rows 12-17 */
uint8_t menu(uint8_t n, uint8_t y, uint8_t x); /* two rows apart */
void open_window(uint8_t top); /* overworld: rows from top are a window */
void close_window(void);
#endif
