/* Creatures as 44-byte structs: making, learning, healing, evolving, boxing. */
#include "mon.h"

volatile uint8_t *slot(uint8_t i) {
  volatile uint8_t *mon = wPartyMons;
  for (; i != 0; i--) mon += P_SIZE;
  return mon;
}

volatile uint8_t *nick(uint8_t i) {
  volatile uint8_t *name = wPartyMonNicks;
  for (; i != 0; i--) name += 11;
  return name;
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
  for (move--; move != 0; move--) row += M_SIZE;
  return row;
}

/* base * 2 * level / 100 + 5, or + level + 10 for health. */
static uint16_t stat_at(uint8_t base, uint8_t level, uint8_t is_hp) {
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

static void set_types(volatile uint8_t *mon) {
  const uint8_t *row = species_row(mon[P_SPECIES]);
  mon[P_TYPE1] = row[S_TYPE1];
  mon[P_TYPE2] = row[S_TYPE2];
  mon[P_CATCH] = row[S_CATCH];
}

/* Adds a move in the first free place; 0 if known, or no place is free. */
static uint8_t add_move(volatile uint8_t *mon, uint8_t move) {
  uint8_t i;
  for (i = 0; i < 4; i++) {
    if (mon[P_MOVES + i] == move) return 0;
    if (mon[P_MOVES + i]) continue;
    mon[P_MOVES + i] = move;
    mon[P_PP + i] = move_row(move)[M_PP];
    return 1;
  }
  return 0;
}

uint8_t learn_at(volatile uint8_t *mon, uint8_t level) {
  const uint8_t *entry = species_row(mon[P_SPECIES]) + S_LEARNS;
  uint8_t i;
  for (i = 0; i < 4; i++) {
    if (entry[0] == level) {
      if (add_move(mon, entry[1])) return entry[1];
    }
    entry += 2;
  }
  return 0;
}

static void fill_moves(volatile uint8_t *mon, uint8_t level) {
  const uint8_t *entry = species_row(mon[P_SPECIES]) + S_LEARNS;
  uint8_t i;
  for (i = 0; i < 4; i++) {
    if (entry[0] <= level) add_move(mon, entry[1]);
    entry += 2;
  }
}

void make_mon(volatile uint8_t *mon, uint8_t species, uint8_t level) {
  uint8_t i;
  for (i = 0; i < P_SIZE; i++) mon[i] = 0;
  mon[P_SPECIES] = species;
  mon[P_BOX_LEVEL] = level;
  set_types(mon);
  fill_moves(mon, level);
  mon[P_OTID] = wPlayerID[0];
  mon[P_OTID + 1] = wPlayerID[1];
  mon[P_DVS] = rnd();
  mon[P_DVS + 1] = rnd();
  mon[P_LEVEL] = level;
  put16(mon + P_EXP + 1, exp_for(level));
  set_stats(mon);
  put16(mon + P_HP, get16(mon + P_MAX_HP));
}

void name_mon(uint8_t i, const uint8_t *name) { near_copy(nick(i), name, 9); }

void list_species(uint8_t species) {
  volatile uint8_t *owner = wPartyMonOT;
  uint8_t i;
  for (i = wPartyCount; i != 0; i--) owner += 11;
  near_copy(owner, wPlayerName, 11);
  name_mon(wPartyCount, species_name(species));
  wPartySpecies[wPartyCount] = species;
  wPartyCount++;
  wPartySpecies[wPartyCount] = 0xFF;
}

void fill_pp(volatile uint8_t *mon) {
  uint8_t k;
  for (k = 0; k < 4; k++) {
    if (mon[P_MOVES + k]) mon[P_PP + k] = move_row(mon[P_MOVES + k])[M_PP];
  }
}

void heal_party(void) {
  uint8_t i;
  volatile uint8_t *mon = wPartyMons;
  for (i = 0; i < wPartyCount; i++) {
    put16(mon + P_HP, get16(mon + P_MAX_HP));
    fill_pp(mon);
    mon += P_SIZE;
  }
}

void mend(volatile uint8_t *mon, uint8_t amount) {
  uint16_t hp = get16(mon + P_HP);
  uint16_t max = get16(mon + P_MAX_HP);
  hp = hp + amount;
  if (hp > max) hp = max;
  put16(mon + P_HP, hp);
}

uint8_t first_able(void) {
  uint8_t i;
  volatile uint8_t *mon = wPartyMons;
  for (i = 0; i < wPartyCount; i++) {
    if (get16(mon + P_HP)) return i;
    mon += P_SIZE;
  }
  return NOBODY;
}

void evolve(volatile uint8_t *mon) {
  uint16_t before = get16(mon + P_MAX_HP);
  uint16_t gain;
  mon[P_SPECIES] = species_row(mon[P_SPECIES])[S_EVO_SPECIES];
  set_types(mon);
  set_stats(mon);
  gain = get16(mon + P_MAX_HP);
  gain = gain - before;
  put16(mon + P_HP, get16(mon + P_HP) + gain);
}

void own_species(uint8_t species) { set_bit(wPokedexOwned, species - 1); }

void see_species(uint8_t species) { set_bit(wPokedexSeen, species - 1); }

static void swap_bytes(volatile uint8_t *a, volatile uint8_t *b, uint8_t n) {
  uint8_t t;
  for (; n != 0; n--) {
    t = *a;
    *a = *b;
    *b = t;
    a++;
    b++;
  }
}

void swap_mons(uint8_t i, uint8_t j) {
  swap_bytes(slot(i), slot(j), P_SIZE);
  swap_bytes(nick(i), nick(j), 11);
  swap_bytes(wPartySpecies + i, wPartySpecies + j, 1);
}

void to_box(volatile uint8_t *mon) {
  volatile uint8_t *to = wBoxMons;
  uint8_t i;
  if (wBoxCount == 20) return;
  for (i = wBoxCount; i != 0; i--) to += 33;
  near_copy(to, mon, 33);
  wBoxSpecies[wBoxCount] = mon[P_SPECIES];
  wBoxCount++;
  wBoxSpecies[wBoxCount] = 0xFF;
}
