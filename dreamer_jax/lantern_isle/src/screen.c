/* The tile buffer in RAM and on the screen: tiles, numbers, boxes, windows. */
#include "screen.h"
#include "text_codes.h"

uint8_t window_on, window_top;
static uint8_t window_left;

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
    x = x - window_left;
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
  if (value >= 1000) unit = 1000;
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
    unit = unit / 10;
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

void put_money(uint8_t y, uint8_t x, const volatile uint8_t *money) {
  uint8_t i, digit, shown = 0;
  for (i = 0; i < 6; i++) {
    digit = money[i >> 1];
    if (i & 1) digit = digit & 15;
    else digit = digit >> 4;
    if (digit) shown = 1;
    if (i == 5) shown = 1;
    digit = digit + 0xF6;
    if (!shown) digit = TILE_BLANK;
    put_tile(y, x, digit);
    x++;
  }
}

void blank_screen(void) { fill(wTileMap, TILE_BLANK, 360); }

void show_screen(void) {
  uint8_t y;
  uint8_t *from = wTileMap;
  uint8_t *to = window_on ? V_WIN : V_MAP;
  for (y = 0; y < 18; y++) {
    near_copy(to, from, 20);
    to += 32;
    from += 20;
  }
}

void open_window(uint8_t top, uint8_t left) {
  wFontLoaded = wFontLoaded | 1;
  hWY = 0;
  window_on = 1;
  window_top = top;
  window_left = left;
}

/* The window's rows are written: shows it from its corner on. */
void show_window(void) {
  uint8_t x = window_left << 3;
  frame();
  rWX = x + 7;
  rWY = window_top << 3;
}

void close_window(void) {
  window_on = 0;
  window_left = 0;
  rWY = 144;
  rWX = 7;
  hWY = 0x90;
  wFontLoaded = wFontLoaded & 0xFE;
}
