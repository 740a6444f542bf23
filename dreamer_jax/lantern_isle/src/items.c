/* The bag, its list, and what items do to creatures. */
#include "items.h"

const uint8_t *item_row(uint8_t item) {
  const uint8_t *row = item_data;
  uint8_t i;
  for (i = N_ITEMS; i != 0; i--) {
    if (row[I_ID] == item) return row;
    row += I_SIZE;
  }
  return item_data;
}

uint8_t item_place(uint8_t item) {
  uint8_t i, at = 0;
  for (i = 0; i < wNumBagItems; i++) {
    if (wBagItems[at] == item) return i;
    at = at + 2;
  }
  return NO_CHOICE;
}

uint8_t item_count(uint8_t item) {
  uint8_t at = item_place(item);
  if (at == NO_CHOICE) return 0;
  at = at << 1;
  return wBagItems[at + 1];
}

uint8_t add_item(uint8_t item, uint8_t n) {
  uint8_t at = item_place(item);
  if (at == NO_CHOICE) {
    at = wNumBagItems << 1;
    wNumBagItems++;
    wBagItems[at] = item;
    wBagItems[at + 1] = 0;
    wBagItems[at + 2] = 0xFF;
  } else {
    at = at << 1;
  }
  n = n + wBagItems[at + 1];
  if (n > 99) return 0;
  wBagItems[at + 1] = n;
  return 1;
}

void drop_item(uint8_t place) {
  uint8_t at = place << 1;
  uint8_t last;
  wBagItems[at + 1]--;
  if (wBagItems[at + 1]) return;
  wNumBagItems--;
  last = wNumBagItems << 1;
  for (; at < last; at++) wBagItems[at] = wBagItems[at + 2];
  wBagItems[last] = 0xFF;
  wBagItems[last + 1] = 0;
}

void list_bag(void) {
  uint8_t i, y = 1, at = 0;
  for (i = 0; i < wNumBagItems; i++) {
    put_words(y, 3, item_row(wBagItems[at]) + I_NAME);
    put_tile(y, 14, TILE_TIMES);
    put_number(y, 15, wBagItems[at + 1], 1);
    y = y + 2;
    at = at + 2;
  }
}

uint8_t choose_item(void) {
  uint8_t choice;
  full_screen_on();
  draw_box(0, 0, 18, 20);
  list_bag();
  full_screen_show();
  menu_start = wBagSavedMenuItem;
  if (menu_start >= wNumBagItems) menu_start = 0;
  choice = NO_CHOICE;
  if (wNumBagItems) choice = menu(BOX_BAG, wNumBagItems, 1, 2);
  else wait(30);
  if (choice != NO_CHOICE) wBagSavedMenuItem = choice;
  return choice;
}

/* 1 if the creature could use it. */
static uint8_t treat(volatile uint8_t *mon, const uint8_t *item) {
  uint8_t kind = item[I_KIND];
  uint16_t hp = get16(mon + P_HP);
  uint16_t max = get16(mon + P_MAX_HP);
  if (kind == KIND_HEAL) {
    if (!hp || hp == max) return 0;
    mend(mon, item[I_AMOUNT]);
  } else if (kind == KIND_REVIVE) {
    if (hp) return 0;
    max = max >> 1;
    put16(mon + P_HP, max);
  } else {
    fill_pp(mon);
  }
  return 1;
}

/* The messages need a box on the screen: the caller has drawn one. */
uint8_t use_item(uint8_t place) {
  uint8_t at = place << 1, choice;
  const uint8_t *item = item_row(wBagItems[at]);
  uint8_t kind = item[I_KIND];
  if (kind == KIND_CALM) {
    wRepelRemainingSteps = item[I_AMOUNT];
    drop_item(place);
    return 1;
  }
  if (kind == KIND_BALL || kind == KIND_KEY) return 0;
  choice = choose_party(1);
  if (choice == NO_CHOICE) return 0;
  wWhichPokemon = choice;
  if (!treat(slot(choice), item)) return 0;
  drop_item(place);
  return 1;
}
