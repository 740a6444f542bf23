/* Full screens of creatures: the party's list, one's figures. */
#include "assets.h"
#include "items.h"
#include "world.h"

void put_bar(uint8_t y, uint8_t x, uint16_t hp, uint16_t max) {
  uint8_t i, tile;
  uint16_t width = hp;
  width = width * 48;
  width = width / max;
  if (hp) {
    if (!width) width = 1;
  }
  put_tile(y, x, 0x62);
  for (i = 6; i != 0; i--) {
    x++;
    tile = 8;
    if (width < 8) tile = (uint8_t)width;
    width = width - tile;
    tile = tile + 0x63;
    put_tile(y, x, tile);
  }
  x++;
  put_tile(y, x, 0x6D);
}

void put_level(uint8_t y, uint8_t x, uint8_t level) {
  put_tile(y, x, 0x6E);
  x++;
  x = put_number(y, x, level, 0);
  put_tile(y, x, TILE_BLANK);
}

void put_portrait(uint8_t y, uint8_t x, uint8_t tile) {
  uint8_t r, c;
  for (r = 0; r < 4; r++) {
    for (c = 0; c < 4; c++) {
      put_tile(y, x + c, tile);
      tile++;
    }
    y++;
  }
}

void load_portrait(uint8_t *to, uint8_t species) {
  uint16_t at = species - 1;
  at = at << 8;
  far_copy(to, PORTRAITS_AT + at, 256);
}

void full_screen_on(void) {
  lcd_stop();
  if (!wIsInBattle) open_window(0, 0);
  blank_screen();
  hide_sprites(0);
}

void full_screen_show(void) {
  show_screen();
  if (!wIsInBattle) {
    rWX = 7;
    rWY = 0;
  }
  lcd_start();
}

/* One creature every two rows. */
static void party_rows(void) {
  uint8_t i, y = 1;
  volatile uint8_t *mon = wPartyMons;
  for (i = 0; i < wPartyCount; i++) {
    put_words(y, 3, (const uint8_t *)nick(i));
    put_level(y, 12, mon[P_LEVEL]);
    put_bar(y + 1, 3, get16(mon + P_HP), get16(mon + P_MAX_HP));
    put_number(y + 1, 11, get16(mon + P_HP), 1);
    put_tile(y + 1, 14, 0xF3);
    put_number(y + 1, 15, get16(mon + P_MAX_HP), 1);
    y = y + 2;
    mon += P_SIZE;
  }
}

uint8_t choose_party(uint8_t words) {
  uint8_t choice;
  full_screen_on();
  draw_box(0, 0, 14, 20);
  party_rows();
  draw_box(14, 0, 4, 20);
  put_words(16, 3, words ? w_whom : w_which_one);
  full_screen_show();
  menu_start = wPartyAndBillsPCSavedMenuItem;
  if (menu_start >= wPartyCount) menu_start = 0;
  choice = menu(BOX_PARTY, wPartyCount, 1, 2);
  wPartyAndBillsPCSavedMenuItem = wCurrentMenuItem;
  if (choice != NO_CHOICE) wWhichPokemon = choice;
  return choice;
}

static void stat_row(uint8_t y, const uint8_t *words, volatile uint8_t *at) {
  put_words(y, 10, words);
  put_number(y, 16, get16(at), 1);
}

static void move_rows(volatile uint8_t *mon) {
  uint8_t i, y = 9;
  for (i = 0; i < 4; i++) {
    if (!mon[P_MOVES + i]) return;
    put_words(y, 2, move_row(mon[P_MOVES + i]));
    put_words(y, 13, w_pp);
    put_number(y, 16, mon[P_PP + i], 1);
    y = y + 2;
  }
}

static const uint8_t *type_name(uint8_t type) {
  const uint8_t *row = type_names;
  uint8_t i;
  for (i = N_TYPES; i != 0; i--) {
    if (row[0] == type) return row + 1;
    row += 7;
  }
  return type_names + 1;
}

void stats_screen(uint8_t i) {
  volatile uint8_t *mon = slot(i);
  full_screen_on();
  load_portrait(V_BG, mon[P_SPECIES]);
  draw_box(0, 0, 18, 20);
  put_portrait(2, 2, 0);
  put_words(1, 8, (const uint8_t *)nick(i));
  put_level(2, 8, mon[P_LEVEL]);
  put_words(3, 8, type_name(mon[P_TYPE1]));
  if (mon[P_TYPE2] != mon[P_TYPE1])
    put_words(3, 14, type_name(mon[P_TYPE2]));
  stat_row(4, w_hp, mon + P_MAX_HP);
  stat_row(5, w_attack, mon + P_ATTACK);
  stat_row(6, w_guard, mon + P_DEFENSE);
  stat_row(7, w_speed, mon + P_SPEED);
  move_rows(mon);
  full_screen_show();
  wTextBoxID = BOX_OTHER;
  do {
    frame();
  } while (!(hJoyPressed & (J_A | J_B)));
  frame();
}
