/* A shop: a list of goods, how many, and selling. */
#include "story.h"
#include "assets.h"
#include "items.h"

static uint8_t total[3];

static void prompt(const uint8_t *words) {
  uint8_t x;
  for (x = 1; x < 19; x++) put_tile(16, x, TILE_BLANK);
  put_words(16, 1, words);
  put_money(16, 13, wPlayerMoney);
}

/* How many at this price; 0 = none after all. Up and down by one. */
static uint8_t how_many(const volatile uint8_t *price, uint8_t most) {
  uint8_t n = 1, i;
  wTextBoxID = BOX_AMOUNT;
  for (;;) {
    wCurrentMenuItem = n;
    for (i = 0; i < 3; i++) total[i] = 0;
    for (i = n; i != 0; i--) add_money(total, price);
    for (i = 1; i < 13; i++) put_tile(16, i, TILE_BLANK);
    put_tile(16, 1, TILE_TIMES);
    put_number(16, 2, n, 1);
    put_money(16, 6, total);
    frame();
    while (!hJoyPressed) frame();
    if (hJoyPressed & J_A) break;
    if (hJoyPressed & J_B) {
      n = 0;
      break;
    }
    if ((hJoyPressed & J_UP) && n < most) n++;
    if ((hJoyPressed & J_DOWN) && n > 1) n--;
  }
  frame();
  return n;
}

static void sell(void) {
  uint8_t place, at, n;
  const uint8_t *item;
  place = choose_item();
  if (place == NO_CHOICE) return;
  at = place << 1;
  item = item_row(wBagItems[at]);
  full_screen_on();
  draw_box(14, 0, 4, 20);
  list_bag();
  full_screen_show();
  if (item[I_KIND] == KIND_KEY) {
    prompt(w_not_that);
    wait(30);
    return;
  }
  n = how_many(item + I_SALE, wBagItems[at + 1]);
  if (!n) return;
  add_money(wPlayerMoney, total);
  for (; n != 0; n--) drop_item(place);
}

static uint8_t goods_rows(const uint8_t *goods, uint8_t n) {
  uint8_t i, y = 1;
  const uint8_t *item;
  full_screen_on();
  draw_box(0, 0, 14, 20);
  for (i = 0; i < n; i++) {
    item = item_row(goods[i]);
    put_words(y, 3, item + I_NAME);
    put_money(y, 13, item + I_PRICE);
    y = y + 2;
  }
  put_words(y, 3, w_sell);
  draw_box(14, 0, 4, 20);
  prompt(w_your_coins);
  full_screen_show();
  return n + 1;
}

static void buy(uint8_t item) {
  const uint8_t *row = item_row(item);
  uint8_t n = how_many(row + I_PRICE, 20);
  if (!n) {
    prompt(w_your_coins);
    return;
  }
  if (item_count(item) + n > 99) {
    prompt(w_not_that);
  } else if (take_money(wPlayerMoney, total)) {
    add_item(item, n);
    prompt(w_thank_you);
  } else {
    prompt(w_too_dear);
  }
}

void shop(uint8_t which) {
  const uint8_t *goods = shop_goods;
  uint8_t n, choice, start = 0;
  talk(T_SHOP);
  if (which) goods += SHOP_SIZE_0;
  n = which ? SHOP_SIZE_1 : SHOP_SIZE_0;
  goods_rows(goods, n);
  for (;;) {
    menu_start = start;
    choice = menu(BOX_SHOP, n + 1, 1, 2);
    if (choice == NO_CHOICE) break;
    start = choice;
    if (choice == n) {
      sell();
      goods_rows(goods, n);
    } else {
      buy(goods[choice]);
    }
  }
  close_window();
  draw_world();
}
