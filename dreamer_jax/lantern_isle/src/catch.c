/* Throwing a ball, and the new creature's way into the party. */
#include "battle.h"

/* 0-255: the species' rate, up to 120 more as its health falls, the ball's. */
static uint8_t catch_chance(uint8_t ball) {
  uint16_t quarters = get16(wEnemyMonHP);
  uint16_t chance;
  quarters = quarters << 2;
  quarters = quarters / get16(wEnemyMonMaxHP);
  quarters = 4 - quarters;
  chance = quarters * 40;
  chance = chance + wEnemyMonCatchRate;
  chance = chance + ball;
  if (chance > 255) chance = 255;
  return (uint8_t)chance;
}

/* A name from a list; the default answer is no. */
static void ask_name(uint8_t place) {
  uint8_t i, y = 1;
  const uint8_t *name = nicknames;
  if (!ask(T_ASK_NAME, 1)) {
    message_box();
    return;
  }
  message_box();
  draw_box(0, 0, 10, 11);
  for (i = 0; i < N_NICKNAMES; i++) {
    put_words(y, 2, name);
    name += 9;
    y = y + 2;
  }
  i = menu(BOX_OTHER, N_NICKNAMES, 1, 1);
  name = nicknames;
  if (i == NO_CHOICE) return;
  for (; i != 0; i--) name += 9;
  name_mon(place, name);
}

static void fill_caught(volatile uint8_t *mon) {
  uint8_t dv0 = wEnemyMonDVs[0], dv1 = wEnemyMonDVs[1];
  make_mon(mon, wEnemyMonSpecies, wEnemyMonLevel);
  mon[P_DVS] = dv0;
  mon[P_DVS + 1] = dv1;
  put16(mon + P_HP, get16(wEnemyMonHP));
}

/* The slot's struct is filled last, after the name's question, as in Red. */
static void keep_caught(void) {
  uint8_t place = wPartyCount;
  own_species(wEnemyMonSpecies);
  if (place == 6) {
    fill_caught(wEnemyMons);
    to_box(wEnemyMons);
    message(T_SENT, MSG_WAIT);
    return;
  }
  list_species(wEnemyMonSpecies);
  message(T_ADDED, MSG_WAIT);
  ask_name(place);
  fill_caught(slot(place));
}

uint8_t throw_ball(uint8_t place) {
  uint8_t at = place << 1;
  const uint8_t *ball = item_row(wBagItems[at]);
  ins_kind = ball + I_NAME;
  drop_item(place);
  message(T_THROW, MSG_AUTO);
  if (rnd() >= catch_chance(ball[I_AMOUNT])) {
    message(T_BROKE, MSG_AUTO);
    return 0;
  }
  wCapturedMonSpecies = wEnemyMonSpecies;
  wipe_portrait(1);
  message(T_CAUGHT, MSG_WAIT);
  keep_caught();
  wCapturedMonSpecies = 0;
  return 1;
}
