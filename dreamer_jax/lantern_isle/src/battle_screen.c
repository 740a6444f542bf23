/* The battle's picture and its menus. */
#include "assets.h"
#include "battle.h"
#include "world.h"

uint8_t foe_shown, mine_shown;

static void put_name(uint8_t y, uint8_t x, const volatile uint8_t *name) {
  uint8_t i, end = x + 9;
  i = put_words(y, x, (const uint8_t *)name);
  for (; i < end; i++) put_tile(y, i, TILE_BLANK);
}

void show_foe(void) {
  put_name(1, 1, wEnemyMonNick);
  put_level(2, 5, wEnemyMonLevel);
  put_tile(2, 1, get_bit(wPokedexOwned, wEnemyMonSpecies - 1) ? TILE_BALL
                                                              : TILE_BLANK);
  put_bar(3, 2, get16(wEnemyMonHP), get16(wEnemyMonMaxHP));
}

void show_mine(void) {
  uint16_t hp = get16(wBattleMonHP);
  uint16_t max = get16(wBattleMonMaxHP);
  put_name(7, 10, wBattleMonNick);
  put_level(8, 14, wBattleMonLevel);
  put_bar(9, 10, hp, max);
  put_number(10, 11, hp, 1);
  put_tile(10, 14, 0xF3);
  put_number(10, 15, max, 1);
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
  if (!(wOptions & 0x80)) {
    for (i = 0; i < 3; i++) {
      rBGP = 0xFF;
      rOBP0 = 0xFF;
      wait(4);
      rBGP = 0xE4;
      rOBP0 = 0xD0;
      wait(4);
    }
  }
  rBGP = 0xFF;
  rOBP0 = 0xFF;
  wait(8);
}

/* Fight and Item on the left, Kin and Run on the right, as in Red. */
uint8_t choose_action(void) {
  uint8_t y, x;
  message_box();
  draw_box(12, 8, 6, 12);
  put_words(14, 10, w_fight);
  put_words(16, 10, w_item);
  put_words(14, 16, w_kin);
  put_words(16, 16, w_run);
  put_number(14, 2, item_count(BALL_ITEM), 1);
  put_tile(14, 5, TILE_TIMES);
  put_tile(14, 6, TILE_BALL);
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

static uint8_t put_moves(void) {
  uint8_t i, y = 13, n = 0;
  for (i = 0; i < 4; i++) {
    if (!wBattleMonMoves[i]) break;
    put_words(y, 6, move_row(wBattleMonMoves[i]));
    put_number(y, 16, wBattleMonPP[i], 1);
    y++;
    n++;
  }
  return n;
}

uint8_t choose_move(void) {
  uint8_t n, choice;
  n = wBattleMonPP[0] | wBattleMonPP[1];
  n = n | wBattleMonPP[2];
  n = n | wBattleMonPP[3];
  if (!n) return WEARY;
  put_tile(14, 2, TILE_BLANK); /* the balls' number */
  put_tile(14, 3, TILE_BLANK);
  draw_box(12, 4, 6, 16);
  n = put_moves();
  menu_step = 1;
  menu_start = wPlayerMoveListIndex;
  if (menu_start >= n) menu_start = 0;
  choice = menu(BOX_MOVES, n, 13, 5);
  menu_step = 2;
  message_box();
  if (choice == NO_CHOICE) return choice;
  wPlayerMoveListIndex = choice;
  if (wBattleMonPP[choice]) return choice;
  message(T_NO_PP, MSG_WAIT);
  return NO_CHOICE;
}
