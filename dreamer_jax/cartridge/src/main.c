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

static void title_picture(void) {
  const uint8_t *cell = title_cells;
  const uint8_t *tiles;
  uint16_t at;
  uint8_t y, x;
  for (y = 8; y < 18; y = y + 2) {
    for (x = 0; x < 20; x = x + 2) {
      at = *cell;
      at = at << 2;
      tiles = cell_tiles + at;
      put_tile(y, x, tiles[0]);
      put_tile(y, x + 1, tiles[1]);
      put_tile(y + 1, x, tiles[2]);
      put_tile(y + 1, x + 1, tiles[3]);
      cell++;
    }
  }
}

static void title_name(void) {
  uint8_t i, tile, x = 4;
  asset_copy(V_BG + OUTDOOR_TILES * 16, logo_tiles, LOGO_TILES * 16);
  for (i = 0; i < LOGO_WIDTH; i++) {
    tile = logo_columns[i];
    if (tile != 255) {
      tile = tile << 1;
      tile = tile + OUTDOOR_TILES;
      put_tile(2, x, tile);
      put_tile(3, x, tile + 1);
    }
    x++;
  }
}

static void title(void) {
  fill(wTileMap, TILE_BLANK, 360);
  title_picture();
  title_name();
  put_words(6, 5, w_press_start);
  show_screen();
  rIF = 0;
  rIE = 1;
  lcd_start();
  __asm
  ei
  __endasm;
  do {
    frame();
  } while (!(hJoyPressed & (J_A | J_START)));
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
  draw_world();
  hWY = 0x90;
  wStatusFlags6 = wStatusFlags6 | 1;
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
