/* Lantern Isle: title, intro, and the loop of play. */
#include "assets.h"
#include "battle.h"
#include "story.h"
#include "world.h"

#define ENCOUNTER 26 /* of 256, a step in tall grass */

static void load_font(void) {
  uint8_t i, k, row;
  const uint8_t *from = font_glyphs;
  const uint8_t *marks = mark_tiles;
  uint8_t *to = V_FONT;
  uint16_t at;
  for (i = 128; i != 0; i--) {
    for (k = 8; k != 0; k--) {
      row = *from;
      to[0] = row;
      to[1] = row;
      from++;
      to += 2;
    }
  }
  for (i = MARKS; i != 0; i--) {
    at = *marks;
    at = at << 4;
    marks++;
    to = V_BG + at;
    if (at >= 0x800) to = V_OBJ + at;
    asset_copy(to, marks, 16);
    marks += 16;
  }
}

static void power_on(void) {
  lcd_stop();
  rWX = 7;
  rWY = 144;
  rBGP = 0xE4;
  rOBP0 = 0xD0;
  fill(V_OBJ, 0, 0x2000);
  asset_copy(V_OBJ, figure_tiles, FIGURE_TILES * 16);
  load_font();
  load_tiles(0);
}

static void title(void) {
  uint8_t t = 0;
  fill(wTileMap, TILE_BLANK, 360);
  put_words(4, 4, w_lantern_isle);
  show_screen();
  rIF = 0;
  rIE = 1;
  lcd_start();
  __asm
  ei
  __endasm;
  for (;;) {
    if (t == 0) put_words(14, 4, w_press_start);
    frame();
    t = 1;
    if (hJoyPressed & (J_A | J_START)) return;
  }
}

static void intro(void) {
  wCurMap = START_MAP;
  wYCoord = START_Y;
  wXCoord = START_X;
  lcd_stop();
  fill(wTileMap, TILE_BLANK, 360);
  draw_box(12, 0, 6, 20);
  show_screen();
  lcd_start();
  message(T_INTRO, MSG_WAIT);
  dark(16);
}

static void new_game(void) {
  uint8_t i;
  const uint8_t *name = w_lumi;
  for (i = 0; i < 5; i++) wPlayerName[i] = name[i];
  wPlayerID[0] = rnd();
  wPlayerID[1] = rnd();
  wPlayerMoney[1] = 0x30;
  wPartySpecies[0] = 0xFF;
  wBagItems[0] = 0xFF;
  load_map(START_MAP);
  wStatusFlags6 = wStatusFlags6 | 1;
  hWY = 0x90;
  draw_world();
}

static void visit_town(void) {
  if (wCurMap < 8) set_bit(wTownVisitedFlag, wCurMap);
}

static void after_step(void) {
  check_gate();
  visit_town();
  if (!(cell_flags[cell_at(wYCoord, wXCoord)] & CELL_GRASS)) return;
  if (wNumberOfNoRandomBattleStepsLeft) {
    wNumberOfNoRandomBattleStepsLeft--;
    return;
  }
  if (rnd() >= ENCOUNTER) return;
  if (first_able() == 0xFF) return;
  wild_battle();
}

void main(void) {
  uint8_t dir;
  power_on();
  title();
  intro();
  new_game();
  for (;;) {
    if (hJoyPressed & J_A) {
      interact();
      continue;
    }
    if (hJoyPressed & J_START) {
      start_menu();
      frame();
      continue;
    }
    if (hJoyHeld & J_DOWN) dir = DOWN;
    else if (hJoyHeld & J_UP) dir = UP;
    else if (hJoyHeld & J_LEFT) dir = LEFT;
    else if (hJoyHeld & J_RIGHT) dir = RIGHT;
    else {
      frame();
      continue;
    }
    if (try_step(dir)) after_step();
  }
}
