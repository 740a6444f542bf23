/* Experience to all that faced the foe, levels, moves, evolution. */
#include "battle.h"
#include "text_codes.h"
#include "world.h"

static void say_name(uint8_t i) { ins_mine = (const uint8_t *)nick(i); }

static void level_up(uint8_t i, volatile uint8_t *mon) {
  uint16_t before = get16(mon + P_MAX_HP);
  uint16_t gain;
  uint8_t move;
  mon[P_LEVEL]++;
  mon[P_BOX_LEVEL] = mon[P_LEVEL];
  set_stats(mon);
  gain = get16(mon + P_MAX_HP);
  gain = gain - before;
  put16(mon + P_HP, get16(mon + P_HP) + gain);
  move = learn_at(mon, mon[P_LEVEL]);
  set_bit(&wCanEvolveFlags, i);
  if (i == wPlayerMonNumber) {
    copy_fighter(mon);
    show_mine();
  }
  ins_num = mon[P_LEVEL];
  message(T_LEVEL, MSG_WAIT);
  if (!move) return;
  ins_move = move_row(move);
  message(T_LEARNED, MSG_WAIT);
}

static void award(uint8_t i, uint16_t gain) {
  volatile uint8_t *mon = slot(i);
  uint16_t total = get16(mon + P_EXP + 1);
  uint8_t next;
  total = total + gain;
  if (total > 27000) total = 27000;
  put16(mon + P_EXP + 1, total);
  say_name(i);
  ins_num = gain;
  message(T_XP, MSG_WAIT);
  for (;;) {
    next = mon[P_LEVEL];
    if (next >= MAX_LEVEL) return;
    next++;
    if (total < exp_for(next)) return;
    level_up(i, mon);
  }
}

static uint8_t shares(uint8_t i) {
  if (!get_bit(&wPartyGainExpFlags, i)) return 0;
  return get16(slot(i) + P_HP) != 0;
}

void gain_exp(void) {
  uint16_t gain = species_row(wEnemyMonSpecies)[S_XP];
  uint8_t i, n = 0;
  sync_party();
  for (i = 0; i < wPartyCount; i++) {
    if (shares(i)) n++;
  }
  if (!n) return;
  gain = gain * wEnemyMonLevel;
  if (wIsInBattle == 2) gain = gain + (gain >> 1);
  gain = gain / n;
  if (!gain) gain = 1;
  for (i = 0; i < wPartyCount; i++) {
    if (shares(i)) award(i, gain);
  }
  ins_mine = (const uint8_t *)wBattleMonNick;
}

static uint8_t has_own_name(uint8_t i, uint8_t species) {
  const uint8_t *name = species_name(species);
  volatile uint8_t *given = nick(i);
  for (i = 0; i < 9; i++) {
    if (given[i] != name[i]) return 1;
    if (name[i] == TEXT_END) break;
  }
  return 0;
}

static void picture(uint8_t species) {
  lcd_stop();
  load_portrait(V_BG, species);
  put_portrait(4, 8, 0);
  show_screen();
  lcd_start();
}

/* B stops it. A creature that was never renamed takes the new name. */
static void evolve_one(uint8_t i) {
  volatile uint8_t *mon = slot(i);
  uint8_t t, renamed = has_own_name(i, mon[P_SPECIES]);
  mine_shown = 0;
  foe_shown = 0;
  battle_screen();
  picture(mon[P_SPECIES]);
  say_name(i);
  message(T_EVOLVING, MSG_KEEP);
  for (t = 0; t < 60; t++) {
    frame();
    if (hJoyPressed & J_B) {
      message(T_EVOLVED_NOT, MSG_WAIT);
      return;
    }
  }
  evolve(mon);
  picture(mon[P_SPECIES]);
  ins_kind = species_name(mon[P_SPECIES]);
  message(T_EVOLVED, MSG_WAIT);
  if (!renamed) name_mon(i, ins_kind);
  wPartySpecies[i] = mon[P_SPECIES];
  own_species(mon[P_SPECIES]);
  see_species(mon[P_SPECIES]);
  wEvolutionOccurred = 1;
}

void evolutions(void) {
  uint8_t i, at;
  volatile uint8_t *mon = wPartyMons;
  wEvolutionOccurred = 0;
  for (i = 0; i < wPartyCount; i++) {
    at = species_row(mon[P_SPECIES])[S_EVO_LEVEL];
    if (at && mon[P_LEVEL] >= at) {
      if (get_bit(&wCanEvolveFlags, i)) evolve_one(i);
    }
    mon += P_SIZE;
  }
  wCanEvolveFlags = 0;
}
