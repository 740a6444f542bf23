#include "screen.h"
#include "text_codes.h"

const uint8_t *ins_mine, *ins_foe, *ins_move, *ins_kind;
uint16_t ins_num;
static uint8_t window_on, window_top;

static uint16_t row20(uint8_t y) {
  uint16_t a = y;
  uint16_t b;
  a = a << 2;
  b = a << 2;
  return a + b;
}

void put_tile(uint8_t y, uint8_t x, uint8_t tile) {
  uint16_t at = row20(y);
  at = at + x;
  wTileMap[at] = tile;
  if (!lcd_on) return;
  if (window_on) {
    y = y - window_top;
    at = y;
    at = at << 5;
    at = at + 0x9C00;
  } else {
    at = y;
    at = at << 5;
    at = at + 0x9800;
  }
  at = at + x;
  vq_put(at, tile);
}

uint8_t put_words(uint8_t y, uint8_t x, const uint8_t *words) {
  uint8_t c;
  for (;;) {
    c = *words;
    if (c == TEXT_END) return x;
    put_tile(y, x, c);
    x++;
    words++;
  }
}

uint8_t put_number(uint8_t y, uint8_t x, uint16_t value, uint8_t pad) {
  uint16_t unit = 100;
  uint8_t digit, shown = 0;
  for (;;) {
    digit = 0;
    while (value >= unit) {
      value = value - unit;
      digit++;
    }
    if (digit) shown = 1;
    if (unit == 1) shown = 1;
    if (shown) {
      digit = digit + 0xF6;
      put_tile(y, x, digit);
      x++;
    } else if (pad) {
      put_tile(y, x, TILE_BLANK);
      x++;
    }
    if (unit == 1) return x;
    unit = unit == 100 ? 10 : 1;
  }
}

static void box_row(uint8_t y, uint8_t x, uint8_t w, const uint8_t *tiles) {
  uint8_t i;
  put_tile(y, x, tiles[0]);
  x++;
  for (i = w - 2; i != 0; i--) {
    put_tile(y, x, tiles[1]);
    x++;
  }
  put_tile(y, x, tiles[2]);
}

void draw_box(uint8_t y, uint8_t x, uint8_t h, uint8_t w) {
  static const uint8_t top[] = {0x79, 0x7A, 0x7B};
  static const uint8_t middle[] = {0x7C, TILE_BLANK, 0x77};
  static const uint8_t bottom[] = {0x7D, 0x78, 0x7E};
  box_row(y, x, w, top);
  for (h = h - 2; h != 0; h--) {
    y++;
    box_row(y, x, w, middle);
  }
  y++;
  box_row(y, x, w, bottom);
}

void show_screen(void) {
  uint8_t y;
  uint8_t *from = wTileMap;
  uint8_t *to = window_on ? V_WIN : V_MAP;
  for (y = 0; y < 18; y++) {
    asset_copy(to, from, 20);
    to += 32;
    from += 20;
  }
}

void open_window(uint8_t top) {
  wFontLoaded = wFontLoaded | 1;
  hWY = 0;
  window_on = 1;
  window_top = top;
}

void close_window(void) {
  window_on = 0;
  rWY = 144;
  hWY = 0x90;
  wFontLoaded = wFontLoaded & 0xFE;
}

void message_box(void) {
  draw_box(12, 0, 6, 20);
  if (!window_on) return;
  frame();
  rWY = 96;
}

static void clear_line(uint8_t y) {
  uint8_t x;
  for (x = 1; x < 19; x++) put_tile(y, x, TILE_BLANK);
}

static void wait_press(void) {
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

void message(uint8_t text, uint8_t mode) {
  const uint8_t *t = text_buffer;
  uint8_t y = 14, x = 1, c;
  wTextBoxID = BOX_MESSAGE;
  asset_copy(text_buffer, texts[text], 128);
  clear_line(14);
  clear_line(16);
  frame();
  for (;;) {
    c = *t;
    t++;
    if (c == TEXT_END) break;
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
    }
  }
  if (mode == MSG_WAIT) wait_press();
  else if (mode == MSG_AUTO) wait(18);
  else frame();
}

uint8_t menu(uint8_t n, uint8_t y, uint8_t x) {
  uint8_t row, last = n - 1;
  wTextBoxID = BOX_MENU;
  wTopMenuItemY = y;
  wTopMenuItemX = x;
  wCurrentMenuItem = 0;
  wMaxMenuItem = last;
  for (;;) {
    row = y + wCurrentMenuItem;
    row = row + wCurrentMenuItem;
    put_tile(row, x, TILE_CURSOR);
    frame();
    if (hJoyPressed & J_A) {
      frame();
      return wCurrentMenuItem;
    }
    if (hJoyPressed & J_B) {
      frame();
      return NO_CHOICE;
    }
    if (hJoyPressed & (J_UP | J_DOWN)) {
      put_tile(row, x, TILE_BLANK);
      if (hJoyPressed & J_UP) {
        if (wCurrentMenuItem) wCurrentMenuItem--;
      } else if (wCurrentMenuItem < last) {
        wCurrentMenuItem++;
      }
    }
  }
}
