/* The tile buffer, windows, boxes, texts and menus. */
#ifndef SCREEN_H
#define SCREEN_H
#include "core.h"
#include "texts.h"

#define TILE_BLANK 0x7F
#define TILE_BALL 0x70
#define TILE_TIMES 0xF1
#define TILE_CURSOR 0xED
#define TILE_ARROW 0xEE
#define MSG_WAIT 0 /* every page waits for A or B */
#define MSG_AUTO 1 /* the last page goes on by itself */
#define MSG_KEEP 2 /* the last page stays */
#define NO_CHOICE 0xFF
/* wTextBoxID: which menu waits. Red's ids, and our own from 0x40 on. */
#define BOX_MESSAGE 0x01
#define BOX_BATTLE_MENU 0x0B
#define BOX_BAG 0x0D
#define BOX_YES_NO 0x14
#define BOX_START 0x40
#define BOX_PARTY 0x41
#define BOX_MOVES 0x42
#define BOX_SHOP 0x43
#define BOX_AMOUNT 0x44
#define BOX_OTHER 0x45
#define SPEED_FAST 1 /* wOptions' low bits: frames a letter, 1 = none */

extern const uint8_t *ins_mine, *ins_foe, *ins_move, *ins_kind;
extern uint16_t ins_num;
extern uint8_t menu_step;  /* rows between a menu's entries: 1 or 2 */
extern uint8_t menu_start; /* the next menu's first choice, then 0 again */

void put_tile(uint8_t y, uint8_t x, uint8_t tile);
uint8_t put_words(uint8_t y, uint8_t x, const uint8_t *words);
uint8_t put_number(uint8_t y, uint8_t x, uint16_t value, uint8_t pad);
void put_money(uint8_t y, uint8_t x, const volatile uint8_t *money);
void draw_box(uint8_t y, uint8_t x, uint8_t h, uint8_t w);
void blank_screen(void);
void show_screen(void); /* LCD off: the buffer to video RAM */
void open_window(uint8_t top, uint8_t left); /* over the map, from there on */
void show_window(void);
void close_window(void);
extern uint8_t window_on, window_top;

void message(uint8_t text, uint8_t mode);
void message_box(void); /* draws the empty box in rows 12-17 */
void wait_press(void);
uint8_t menu(uint8_t box, uint8_t n, uint8_t y, uint8_t x);
uint8_t ask(uint8_t text, uint8_t start); /* 1 = yes; start 1 = cursor on no */
#endif
