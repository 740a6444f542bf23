#include "battle.h"
#include "world.h"

void sync_party(void) {
  volatile uint8_t *mon = slot(wPlayerMonNumber);
  if (!wBattleMonSpecies) return;
  put16(mon + P_HP, get16(wBattleMonHP));
  mon[P_PP] = wBattleMonPP[0];
  mon[P_PP + 1] = wBattleMonPP[1];
}

static void copy_stats(volatile uint8_t *mon) {
  wBattleMonLevel = mon[P_LEVEL];
  put16(wBattleMonMaxHP, get16(mon + P_MAX_HP));
  put16(wBattleMonAttack, get16(mon + P_ATTACK));
  put16(wBattleMonDefense, get16(mon + P_DEFENSE));
  put16(wBattleMonSpeed, get16(mon + P_SPEED));
}

void send_out(uint8_t index) {
  volatile uint8_t *mon = slot(index);
  uint8_t i;
  wPlayerMonNumber = index;
  put16(wBattleMonHP, get16(mon + P_HP));
  wBattleMonType1 = mon[P_TYPE1];
  for (i = 0; i < 4; i++) {
    wBattleMonMoves[i] = mon[P_MOVES + i];
    wBattleMonPP[i] = mon[P_PP + i];
  }
  wBattleMonDVs[0] = mon[P_DVS];
  wBattleMonDVs[1] = mon[P_DVS + 1];
  copy_stats(mon);
  wBattleMonSpecies = mon[P_SPECIES];
  ins_mine = species_name(wBattleMonSpecies);
  mine_shown = 1;
  battle_screen();
  message(T_GO, MSG_AUTO);
}

/* Ember beats Moss, Moss beats Tide, Tide beats Ember: 2, else 1, weak 0. */
static uint8_t matchup(uint8_t attack, uint8_t defense) {
  uint8_t beaten;
  if (attack == TYPE_PLAIN || defense == TYPE_PLAIN) return 1;
  if (attack == defense) return 0;
  beaten = TYPE_EMBER;
  if (attack == TYPE_EMBER) beaten = TYPE_MOSS;
  if (attack == TYPE_MOSS) beaten = TYPE_TIDE;
  return beaten == defense ? 2 : 0;
}

/* (2 * level / 5 + 2) * power * attack / defense / 50 + 2, type, chance. */
static uint16_t damage(uint8_t level, uint8_t power, uint16_t attack,
                       uint16_t defense, uint8_t match) {
  uint16_t v = level;
  uint16_t spread;
  v = v << 1;
  v = v / 5;
  v = v + 2;
  v = v * power;
  v = v * attack;
  v = v / defense;
  v = v / 50;
  v = v + 2;
  if (match == 2) v = v << 1;
  else if (match == 0) v = v >> 1;
  spread = rnd() & 15;
  spread = spread + 85;
  v = v * spread;
  v = v / 100;
  if (!v) v = 1;
  return v;
}

static uint8_t hurt(volatile uint8_t *hp, uint16_t amount) {
  uint16_t v = get16(hp);
  if (v > amount) v = v - amount;
  else v = 0;
  put16(hp, v);
  put16(wDamage, amount);
  return v == 0;
}

static void say_match(uint8_t match) {
  if (match == 2) message(T_STRONG, MSG_AUTO);
  else if (match == 0) message(T_WEAK, MSG_AUTO);
  else wait(8);
}

uint8_t my_turn(uint8_t move_index) {
  const uint8_t *move;
  uint8_t power, match, fainted;
  uint16_t amount;
  wPlayerSelectedMove = wBattleMonMoves[move_index];
  move = move_row(wPlayerSelectedMove);
  power = move[M_POWER];
  if (wBattleMonPP[move_index]) wBattleMonPP[move_index]--;
  else power = power >> 1; /* tired */
  ins_move = move;
  message(T_USE_MINE, MSG_AUTO);
  match = matchup(move[M_TYPE], wEnemyMonType1);
  amount = damage(wBattleMonLevel, power, get16(wBattleMonAttack),
                  get16(wEnemyMonDefense), match);
  fainted = hurt(wEnemyMonHP, amount);
  show_foe();
  say_match(match);
  return fainted;
}

uint8_t foe_turn(void) {
  const uint8_t *move;
  uint8_t match, fainted;
  uint16_t amount;
  wEnemySelectedMove = wEnemyMonMoves[rnd() & 1];
  move = move_row(wEnemySelectedMove);
  ins_move = move;
  message(T_USE_FOE, MSG_AUTO);
  match = matchup(move[M_TYPE], wBattleMonType1);
  amount = damage(wEnemyMonLevel, move[M_POWER], get16(wEnemyMonAttack),
                  get16(wBattleMonDefense), match);
  fainted = hurt(wBattleMonHP, amount);
  show_mine();
  say_match(match);
  return fainted;
}

uint8_t i_am_first(void) {
  uint16_t mine = get16(wBattleMonSpeed);
  uint16_t foe = get16(wEnemyMonSpeed);
  if (mine == foe) return rnd() & 1;
  return mine > foe;
}

static void level_up(volatile uint8_t *mon) {
  uint16_t before = get16(mon + P_MAX_HP);
  uint16_t gain;
  mon[P_LEVEL]++;
  set_stats(mon);
  gain = get16(mon + P_MAX_HP);
  gain = gain - before;
  put16(mon + P_HP, get16(mon + P_HP) + gain);
  put16(wBattleMonHP, get16(wBattleMonHP) + gain);
  copy_stats(mon);
  show_mine();
  ins_num = mon[P_LEVEL];
  message(T_LEVEL, MSG_WAIT);
}

void gain_exp(void) {
  volatile uint8_t *mon = slot(wPlayerMonNumber);
  uint16_t gain = species_row(wEnemyMonSpecies)[S_XP];
  uint16_t total;
  uint8_t next;
  gain = gain * wEnemyMonLevel;
  sync_party();
  total = get16(mon + P_EXP + 1);
  total = total + gain;
  if (total > 27000) total = 27000;
  put16(mon + P_EXP + 1, total);
  ins_num = gain;
  message(T_XP, MSG_WAIT);
  for (;;) {
    next = mon[P_LEVEL];
    if (next >= MAX_LEVEL) return;
    next++;
    if (total < exp_for(next)) return;
    level_up(mon);
  }
}
