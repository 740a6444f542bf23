/* Texts in the message box, and menus. */
#include "screen.h"
#include "text_codes.h"

const uint8_t *ins_mine, *ins_foe, *ins_move, *ins_kind;
uint16_t ins_num;
uint8_t menu_step = 2, menu_start;

void message_box(void) {
  draw_box(12, 0, 6, 20);
  if (!window_on) return;
  if (window_top == 12) show_window();
}

static void clear_line(uint8_t y) {
  uint8_t x;
  for (x = 1; x < 19; x++) put_tile(y, x, TILE_BLANK);
}

void wait_press(void) {
  uint8_t t = 0;
  for (;;) {
    if (t == 0) put_tile(16, 18, TILE_ARROW);
    if (t == 20) put_tile(16, 18, TILE_BLANK);
    t++;
    if (t == 24) t = 0;
    frame();
    if (hJoyPressed & (J_A | J_B)) break;
  }
  put_tile(16, 18, TILE_BLANK);
  frame();
}

static uint8_t put_insert(uint8_t y, uint8_t x, uint8_t code) {
  if (code == TEXT_MINE) return put_words(y, x, ins_mine);
  if (code == TEXT_FOE) return put_words(y, x, ins_foe);
  if (code == TEXT_MOVE) return put_words(y, x, ins_move);
  if (code == TEXT_KIND) return put_words(y, x, ins_kind);
  return put_number(y, x, ins_num, 0);
}

static void letter_delay(void) {
  uint8_t speed = wOptions & 7;
  if (speed <= SPEED_FAST) return;
  speed = speed >> 1;
  wait(speed);
}

static void put_text(const uint8_t *t) {
  uint8_t y = 14, x = 1, c;
  for (;;) {
    c = *t;
    t++;
    if (c == TEXT_END) return;
    if (c == TEXT_LINE) {
      frame();
      y = 16;
      x = 1;
    } else if (c == TEXT_PAGE) {
      wait_press();
      clear_line(14);
      clear_line(16);
      y = 14;
      x = 1;
    } else if (c < 0x10) {
      x = put_insert(y, x, c);
    } else {
      put_tile(y, x, c);
      x++;
      letter_delay();
    }
  }
}

void message(uint8_t text, uint8_t mode) {
  uint16_t at = text;
  at = at << 1;
  wTextBoxID = BOX_MESSAGE;
  far_copy(text_buffer, le16(text_offsets + at), TEXT_MAX);
  clear_line(14);
  clear_line(16);
  frame();
  put_text(text_buffer);
  if (mode == MSG_WAIT) wait_press();
  else if (mode == MSG_AUTO) wait(18);
  else frame();
}

uint8_t menu(uint8_t box, uint8_t n, uint8_t y, uint8_t x) {
  uint8_t row, last = n - 1;
  wTextBoxID = box;
  wTopMenuItemY = y;
  wTopMenuItemX = x;
  wMaxMenuItem = last;
  wCurrentMenuItem = menu_start;
  menu_start = 0;
  for (;;) {
    row = y + wCurrentMenuItem;
    if (menu_step == 2) row = row + wCurrentMenuItem;
    put_tile(row, x, TILE_CURSOR);
    frame();
    if (hJoyPressed & (J_A | J_B)) break;
    if (hJoyPressed & (J_UP | J_DOWN)) {
      put_tile(row, x, TILE_BLANK);
      if (hJoyPressed & J_UP) {
        if (wCurrentMenuItem) wCurrentMenuItem--;
      } else if (wCurrentMenuItem < last) {
        wCurrentMenuItem++;
      }
    }
  }
  row = NO_CHOICE;
  if (hJoyPressed & J_A) row = wCurrentMenuItem;
  frame();
  return row;
}

uint8_t ask(uint8_t text, uint8_t start) {
  uint8_t choice;
  message(text, MSG_KEEP);
  put_words(14, 16, w_yes);
  put_words(16, 16, w_no);
  menu_start = start;
  choice = menu(BOX_YES_NO, 2, 14, 15);
  return choice == 0;
}
