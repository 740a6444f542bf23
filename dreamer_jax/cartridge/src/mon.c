#include "mon.h"

volatile uint8_t *slot(uint8_t i) {
  volatile uint8_t *mon = wPartyMons;
  for (; i != 0; i--) mon += 44;
  return mon;
}

const uint8_t *species_row(uint8_t species) {
  const uint8_t *row = species_data;
  for (species--; species != 0; species--) row += S_SIZE;
  return row;
}

const uint8_t *species_name(uint8_t species) {
  const uint8_t *name = species_names;
  for (species--; species != 0; species--) name += 9;
  return name;
}

const uint8_t *move_row(uint8_t move) {
  const uint8_t *row = move_data;
  for (move--; move != 0; move--) row += 11;
  return row;
}

/* base * 2 * level / 100 + 5, or + level + 10 for health. */
uint16_t stat_at(uint8_t base, uint8_t level, uint8_t is_hp) {
  uint16_t v = base;
  v = v << 1;
  v = v * level;
  v = v / 100;
  if (!is_hp) return v + 5;
  v = v + level;
  return v + 10;
}

uint16_t exp_for(uint8_t level) {
  uint16_t v = level;
  v = v * level;
  v = v * level;
  return v;
}

void set_stats(volatile uint8_t *mon) {
  const uint8_t *row = species_row(mon[P_SPECIES]);
  uint8_t level = mon[P_LEVEL];
  put16(mon + P_MAX_HP, stat_at(row[S_HP], level, 1));
  put16(mon + P_ATTACK, stat_at(row[S_ATTACK], level, 0));
  put16(mon + P_DEFENSE, stat_at(row[S_DEFENSE], level, 0));
  put16(mon + P_SPEED, stat_at(row[S_SPEED], level, 0));
  put16(mon + P_SPECIAL, stat_at(row[S_ATTACK], level, 0));
}

void make_mon(volatile uint8_t *mon, uint8_t species, uint8_t level) {
  const uint8_t *row = species_row(species);
  uint8_t i;
  for (i = 0; i < 44; i++) mon[i] = 0;
  mon[P_SPECIES] = species;
  mon[P_BOX_LEVEL] = level;
  mon[P_TYPE1] = row[S_TYPE];
  mon[P_TYPE2] = row[S_TYPE];
  mon[P_CATCH] = row[S_CATCH];
  for (i = 0; i < 2; i++) {
    mon[P_MOVES + i] = row[S_MOVES + i];
    mon[P_PP + i] = move_row(row[S_MOVES + i])[M_PP];
  }
  mon[P_OTID] = wPlayerID[0];
  mon[P_OTID + 1] = wPlayerID[1];
  mon[P_DVS] = rnd();
  mon[P_DVS + 1] = rnd();
  mon[P_LEVEL] = level;
  put16(mon + P_EXP + 1, exp_for(level));
  set_stats(mon);
  put16(mon + P_HP, get16(mon + P_MAX_HP));
}

void list_species(uint8_t species) {
  wPartySpecies[wPartyCount] = species;
  wPartyCount++;
  wPartySpecies[wPartyCount] = 0xFF;
}

void heal_party(void) {
  uint8_t i, k;
  volatile uint8_t *mon = wPartyMons;
  for (i = 0; i < wPartyCount; i++) {
    put16(mon + P_HP, get16(mon + P_MAX_HP));
    for (k = 0; k < 2; k++) mon[P_PP + k] = move_row(mon[P_MOVES + k])[M_PP];
    mon += 44;
  }
}

uint8_t first_able(void) {
  uint8_t i;
  volatile uint8_t *mon = wPartyMons;
  for (i = 0; i < wPartyCount; i++) {
    if (get16(mon + P_HP)) return i;
    mon += 44;
  }
  return 0xFF;
}

void own_species(uint8_t species) { set_bit(wPokedexOwned, species - 1); }

void see_species(uint8_t species) { set_bit(wPokedexSeen, species - 1); }

void add_balls(uint8_t n) {
  wNumBagItems = 1;
  wBagItems[0] = BALL_ITEM;
  wBagItems[1] = wBagItems[1] + n;
  wBagItems[2] = 0xFF;
}

uint8_t ball_count(void) { return wNumBagItems ? wBagItems[1] : 0; }

uint8_t take_ball(void) {
  if (!ball_count()) return 0;
  wBagItems[1]--;
  if (wBagItems[1]) return 1;
  wNumBagItems = 0;
  wBagItems[0] = 0xFF;
  wBagItems[2] = 0;
  return 1;
}
