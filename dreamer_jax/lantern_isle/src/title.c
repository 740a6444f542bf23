/* Power-on, the title screen, and its menu where a game was saved. */
#include "title.h"
#include "assets.h"
#include "story.h"

static void load_font(void) {
  uint8_t i, k, row;
  const uint8_t *from;
  uint8_t *to = V_FONT;
  uint16_t at;
  for (i = 0; i < 8; i++) {
    at = i;
    at = at << 7;
    far_copy(field, FONT_AT + at, 128);
    from = field;
    for (k = 128; k != 0; k--) {
      row = *from;
      to[0] = row;
      to[1] = row;
      from++;
      to += 2;
    }
  }
  far_copy(field, MARKS_AT, MARKS_SIZE);
  from = field;
  for (i = MARKS; i != 0; i--) {
    at = *from;
    at = at << 4;
    from++;
    to = V_BG + at;
    if (at >= 0x800) to = V_OBJ + at;
    near_copy(to, from, 16);
    from += 16;
  }
}

void power_on(void) {
  lcd_stop();
  rWX = 7;
  rWY = 144;
  rBGP = 0xE4;
  rOBP0 = 0xD0;
  fill(V_OBJ, 0, 0x2000);
  far_copy(V_OBJ, FIGURES_AT, FIGURES_SIZE);
  load_font();
  load_tiles(0);
  near_copy(tile_table, cell_tiles, 4 * N_CELLS);
}

void title_picture(uint8_t y) {
  const uint8_t *cell = title_cells;
  const uint8_t *tiles;
  uint16_t at;
  uint8_t x, end = y + 10;
  for (; y < end; y = y + 2) {
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
  far_copy(V_BG + OUTDOOR_SIZE, LOGO_AT, LOGO_SIZE);
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

static void title_screen(const uint8_t *words) {
  lcd_stop();
  blank_screen();
  title_picture(8);
  title_name();
  put_words(6, 5, words);
  show_screen();
  lcd_start();
}

uint8_t title(void) {
  uint8_t choice;
  title_screen(w_press_start);
  rIF = 0;
  rIE = 1;
  __asm
  ei
  __endasm;
  do {
    frame();
  } while (!(hJoyPressed & (J_A | J_START)));
  if (!has_save()) return 0;
  load_game(); /* the menu shows with the save in RAM, as in Red */
  title_screen(w_none);
  draw_box(10, 3, 6, 14);
  put_words(12, 6, w_continue);
  put_words(14, 6, w_new_game);
  do {
    choice = menu(BOX_OTHER, 2, 12, 5);
  } while (choice == NO_CHOICE);
  return choice == 0;
}
