/* The Start button's menu: dex, party, bag, save, options. */
#include "story.h"
#include "assets.h"
#include "battle.h"

#define ENTRIES 6
#define DEX_ROWS 8

static void dex_page(uint8_t first) {
  uint8_t i, y = 1, species = first + 1;
  full_screen_on();
  draw_box(0, 0, 18, 20);
  for (i = 0; i < DEX_ROWS; i++) {
    if (species > N_SPECIES) break;
    put_number(y, 1, species, 1);
    if (get_bit(wPokedexOwned, species - 1)) put_tile(y, 5, TILE_BALL);
    if (get_bit(wPokedexSeen, species - 1))
      put_words(y, 7, species_name(species));
    else
      put_words(y, 7, w_unknown);
    y = y + 2;
    species++;
  }
  full_screen_show();
}

/* A, down and right turn the page; B leaves. */
static void dex(void) {
  uint8_t first = 0;
  for (;;) {
    dex_page(first);
    wTextBoxID = BOX_OTHER;
    do {
      frame();
    } while (!hJoyPressed);
    if (hJoyPressed & J_B) break;
    if (hJoyPressed & (J_UP | J_LEFT)) {
      if (first) first = first - DEX_ROWS;
    } else {
      first = first + DEX_ROWS;
      if (first >= N_SPECIES) first = 0;
    }
  }
  frame();
}

/* The chosen one goes to the front, or shows its figures. */
static void party(void) {
  uint8_t i = choose_party(0), choice;
  if (i == NO_CHOICE) return;
  draw_box(6, 11, 7, 9);
  put_words(7, 13, w_look);
  put_words(9, 13, w_first);
  put_words(11, 13, w_back);
  choice = menu(BOX_OTHER, 3, 7, 12);
  if (choice == 0) stats_screen(i);
  if (choice == 1) swap_mons(0, i);
}

static void bag(void) {
  uint8_t place = choose_item(), at = place << 1;
  uint8_t item;
  if (place == NO_CHOICE) return;
  item = wBagItems[at];
  ins_kind = item_row(item) + I_NAME;
  if (item_row(item)[I_KIND] == KIND_KEY) {
    place = T_LANTERN_GLOWS;
  } else if (item_row(item)[I_KIND] == KIND_BALL) {
    place = T_NOT_NOW;
  } else {
    place = use_item(place) ? T_USED : T_NO_USE;
  }
  close_window();
  draw_world();
  talk(place);
}

static void option_rows(void) {
  uint8_t speed = wOptions & 7;
  const uint8_t *words = w_fast;
  if (speed == 3) words = w_mid;
  if (speed == 5) words = w_slow;
  put_words(3, 12, words);
  put_words(5, 12, wOptions & 0x80 ? w_off : w_on);
}

static void options(void) {
  uint8_t choice = 0;
  full_screen_on();
  draw_box(0, 0, 10, 20);
  put_words(1, 2, w_options);
  put_words(3, 3, w_text);
  put_words(5, 3, w_flashes);
  put_words(7, 3, w_back);
  full_screen_show();
  for (;;) {
    option_rows();
    menu_start = choice;
    choice = menu(BOX_OTHER, 3, 3, 2);
    if (choice == 0) {
      choice = wOptions & 7;
      choice = choice + 2;
      if (choice > 5) choice = 1;
      wOptions = wOptions & 0xF8;
      wOptions = wOptions | choice;
      choice = 0;
    } else if (choice == 1) {
      wOptions = wOptions ^ 0x80;
    } else {
      return;
    }
  }
}

static void save(void) {
  close_window();
  draw_world();
  open_box();
  if (ask(T_ASK_SAVE, 0)) {
    message_box();
    save_game();
    message(T_SAVED, MSG_WAIT);
  }
  close_box();
}

void start_menu(void) {
  uint8_t choice;
  static uint8_t last;
  open_window(0, 11);
  draw_box(0, 11, 18, 9);
  put_words(2, 13, w_dex);
  put_words(4, 13, w_kin);
  put_words(6, 13, w_bag);
  put_words(8, 13, w_save);
  put_words(10, 13, w_options);
  put_words(12, 13, w_back);
  hide_right_sprites();
  show_window();
  menu_start = last;
  choice = menu(BOX_START, ENTRIES, 2, 12);
  if (choice < ENTRIES - 1) last = choice;
  if (choice == 0) dex();
  if (choice == 1 && wPartyCount) party();
  if (choice == 2) bag();
  if (choice == 3) save();
  if (choice == 4) options();
  wJoyIgnore = 0xFF;
  close_window();
  draw_world();
  wJoyIgnore = 0;
}
