/* Throwing a ball, and the new creature's way into the party. */
#include "battle.h"

/* 0-255: the species' rate, and up to 120 more as its health falls. */
static uint8_t catch_chance(void) {
  uint16_t quarters = get16(wEnemyMonHP);
  uint16_t chance;
  quarters = quarters << 2;
  quarters = quarters / get16(wEnemyMonMaxHP);
  quarters = 4 - quarters;
  chance = quarters * 40;
  chance = chance + wEnemyMonCatchRate;
  if (chance > 255) chance = 255;
  return (uint8_t)chance;
}

/* The slot's struct is filled last, after its texts, as in Red. */
static void keep_caught(void) {
  volatile uint8_t *mon;
  uint8_t dv0 = wEnemyMonDVs[0], dv1 = wEnemyMonDVs[1];
  own_species(wEnemyMonSpecies);
  if (wPartyCount == 6) {
    message(T_SENT, MSG_WAIT);
    return;
  }
  mon = slot(wPartyCount);
  list_species(wEnemyMonSpecies);
  message(T_ADDED, MSG_WAIT);
  make_mon(mon, wEnemyMonSpecies, wEnemyMonLevel);
  mon[P_DVS] = dv0;
  mon[P_DVS + 1] = dv1;
  put16(mon + P_HP, get16(wEnemyMonHP));
}

uint8_t throw_ball(void) {
  if (wIsInBattle == 2) {
    message(T_NO_CATCH, MSG_WAIT);
    return 2;
  }
  if (!take_ball()) {
    message(T_NO_BALLS, MSG_WAIT);
    return 2;
  }
  message(T_THROW, MSG_AUTO);
  if (rnd() >= catch_chance()) {
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
