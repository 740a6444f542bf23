#include "assets.h"
#include "battle.h"
#include "world.h"

uint8_t foe_shown, mine_shown;

static void blank_screen(void) { fill(wTileMap, TILE_BLANK, 360); }

static void put_bar(uint8_t y, uint8_t x, uint16_t hp, uint16_t max) {
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

static void put_name(uint8_t y, uint8_t x, uint8_t species) {
  uint8_t i, end = x + 9;
  i = put_words(y, x, species_name(species));
  for (; i < end; i++) put_tile(y, i, TILE_BLANK);
}

static void put_level(uint8_t y, uint8_t x, uint8_t level) {
  put_tile(y, x, 0x6E);
  x++;
  x = put_number(y, x, level, 0);
  put_tile(y, x, TILE_BLANK);
}

void show_foe(void) {
  put_name(1, 1, wEnemyMonSpecies);
  put_level(2, 5, wEnemyMonLevel);
  put_bar(3, 2, get16(wEnemyMonHP), get16(wEnemyMonMaxHP));
}

void show_mine(void) {
  uint16_t hp = get16(wBattleMonHP);
  uint16_t max = get16(wBattleMonMaxHP);
  put_name(7, 10, wBattleMonSpecies);
  put_level(8, 14, wBattleMonLevel);
  put_bar(9, 10, hp, max);
  put_number(10, 11, hp, 1);
  put_tile(10, 14, 0xF3);
  put_number(10, 15, max, 1);
}

static void put_portrait(uint8_t y, uint8_t x, uint8_t tile) {
  uint8_t r, c;
  for (r = 0; r < 4; r++) {
    for (c = 0; c < 4; c++) {
      put_tile(y, x + c, tile);
      tile++;
    }
    y++;
  }
}

static void load_portrait(uint8_t *to, uint8_t species) {
  uint16_t at = species - 1;
  at = at << 8;
  asset_copy(to, portrait_tiles + at, 256);
}

void wipe_portrait(uint8_t is_foe) {
  uint8_t r, y = 8, x = 3;
  if (is_foe) {
    y = 1;
    x = 14;
  }
  for (r = 0; r < 4; r++) {
    put_tile(y, x, TILE_BLANK);
    put_tile(y, x + 1, TILE_BLANK);
    put_tile(y, x + 2, TILE_BLANK);
    put_tile(y, x + 3, TILE_BLANK);
    y++;
  }
  frame();
}

void battle_screen(void) {
  lcd_stop();
  blank_screen();
  hide_sprites(0);
  hSCX = 0;
  hSCY = 0;
  if (foe_shown) {
    load_portrait(V_BG, wEnemyMonSpecies);
    put_portrait(1, 14, 0);
    show_foe();
  }
  if (mine_shown) {
    load_portrait(V_BG + 256, wBattleMonSpecies);
    put_portrait(8, 3, 16);
    show_mine();
  }
  draw_box(12, 0, 6, 20);
  show_screen();
  rBGP = 0xE4;
  rOBP0 = 0xD0;
  lcd_start();
  frame();
}

void flash(void) {
  uint8_t i;
  for (i = 0; i < 3; i++) {
    rBGP = 0xFF;
    rOBP0 = 0xFF;
    wait(4);
    rBGP = 0xE4;
    rOBP0 = 0xD0;
    wait(4);
  }
  rBGP = 0xFF;
  rOBP0 = 0xFF;
  wait(8);
}

/* Fight and Ball on the left, Kin and Run on the right, as in Red. */
uint8_t choose_action(void) {
  uint8_t y, x;
  message_box();
  draw_box(12, 8, 6, 12);
  put_words(14, 10, w_fight);
  put_words(16, 10, w_ball);
  put_words(14, 16, w_kin);
  put_words(16, 16, w_run);
  put_number(14, 2, ball_count(), 1);
  put_tile(14, 5, 0xF1);
  put_tile(14, 6, 0x70);
  wTextBoxID = BOX_BATTLE_MENU;
  wTopMenuItemY = 14;
  wMaxMenuItem = 1;
  wBattleAndStartSavedMenuItem = 0;
  for (;;) {
    wCurrentMenuItem = wBattleAndStartSavedMenuItem & 1;
    y = 14 + wCurrentMenuItem;
    y = y + wCurrentMenuItem;
    x = 9;
    if (wBattleAndStartSavedMenuItem & 2) x = 15;
    wTopMenuItemX = x;
    put_tile(y, x, TILE_CURSOR);
    frame();
    if (hJoyPressed & J_A) break;
    if (hJoyPressed & J_DPAD) {
      put_tile(y, x, TILE_BLANK);
      if (hJoyPressed & J_UP) wBattleAndStartSavedMenuItem &= 2;
      if (hJoyPressed & J_DOWN) wBattleAndStartSavedMenuItem |= 1;
      if (hJoyPressed & J_LEFT) wBattleAndStartSavedMenuItem &= 1;
      if (hJoyPressed & J_RIGHT) wBattleAndStartSavedMenuItem |= 2;
    }
  }
  frame();
  return wBattleAndStartSavedMenuItem;
}

uint8_t choose_move(void) {
  uint8_t i, y = 14, choice;
  const uint8_t *move;
  draw_box(12, 4, 6, 16);
  for (i = 0; i < 2; i++) {
    move = move_row(wBattleMonMoves[i]);
    put_words(y, 6, move);
    put_number(y, 15, wBattleMonPP[i], 1);
    y = y + 2;
  }
  choice = menu(2, 14, 5);
  if (choice != NO_CHOICE) wPlayerMoveListIndex = choice;
  message_box();
  return choice;
}

/* The party, one creature every two rows; the LCD comes back on. */
static void team_rows(void) {
  uint8_t i, y = 1;
  volatile uint8_t *mon = wPartyMons;
  for (i = 0; i < wPartyCount; i++) {
    put_words(y, 3, species_name(mon[P_SPECIES]));
    put_level(y, 12, mon[P_LEVEL]);
    put_bar(y + 1, 3, get16(mon + P_HP), get16(mon + P_MAX_HP));
    put_number(y + 1, 11, get16(mon + P_HP), 1);
    put_tile(y + 1, 14, 0xF3);
    put_number(y + 1, 15, get16(mon + P_MAX_HP), 1);
    y = y + 2;
    mon += 44;
  }
}

uint8_t choose_team(uint8_t in_battle) {
  uint8_t choice;
  lcd_stop();
  if (!in_battle) open_window(0);
  blank_screen();
  hide_sprites(0);
  draw_box(0, 0, 14, 20);
  team_rows();
  draw_box(14, 0, 4, 20);
  put_words(16, 3, w_which_one);
  show_screen();
  if (!in_battle) rWY = 0;
  lcd_start();
  choice = menu(wPartyCount, 1, 2);
  return choice;
}
