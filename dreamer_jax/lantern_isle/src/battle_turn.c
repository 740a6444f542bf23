/* One move of either side: chance to hit, damage, effect. */
#include "battle.h"

static uint8_t match; /* damage factor in quarters: 1, 2, 4, 8 or 16 */

void sync_party(void) {
  volatile uint8_t *mon = slot(wPlayerMonNumber);
  if (!wBattleMonSpecies) return;
  put16(mon + P_HP, get16(wBattleMonHP));
  near_copy(mon + P_PP, wBattleMonPP, 4);
}

void copy_fighter(volatile uint8_t *mon) {
  wBattleMonType1 = mon[P_TYPE1];
  wBattleMonType2 = mon[P_TYPE2];
  wBattleMonLevel = mon[P_LEVEL];
  near_copy(wBattleMonHP, mon + P_HP, 2);
  near_copy(wBattleMonMaxHP, mon + P_MAX_HP, 2);
  near_copy(wBattleMonAttack, mon + P_ATTACK, 2);
  near_copy(wBattleMonDefense, mon + P_DEFENSE, 2);
  near_copy(wBattleMonSpeed, mon + P_SPEED, 2);
  near_copy(wBattleMonSpecial, mon + P_SPECIAL, 2);
  near_copy(wBattleMonMoves, mon + P_MOVES, 4);
  near_copy(wBattleMonPP, mon + P_PP, 4);
  near_copy(wBattleMonNick, nick(wPlayerMonNumber), 11);
}

void send_out(uint8_t index) {
  volatile uint8_t *mon = slot(index);
  wPlayerMonNumber = index;
  wPlayerMoveListIndex = 0;
  near_copy(wBattleMonDVs, mon + P_DVS, 2);
  copy_fighter(mon);
  wBattleMonSpecies = mon[P_SPECIES];
  set_bit(&wPartyGainExpFlags, index);
  ins_mine = (const uint8_t *)wBattleMonNick;
  mine_shown = 1;
  battle_screen();
  message(T_GO, MSG_AUTO);
}

static void match_type(uint8_t attack, uint8_t defense) {
  const uint8_t *row = type_chart;
  uint8_t i;
  for (i = N_CHART; i != 0; i--) {
    if (row[0] == attack && row[1] == defense) {
      if (row[2]) match = match << 1;
      else match = match >> 1;
      return;
    }
    row += 3;
  }
}

/* (2 * level / 5 + 2) * power * attack / defense / 50 + 2. */
static uint16_t damage(uint8_t level, uint8_t power, uint16_t attack,
                       uint16_t defense) {
  uint16_t v = level;
  v = v << 1;
  v = v / 5;
  v = v + 2;
  v = v * power;
  v = v * attack;
  v = v / defense;
  v = v / 50;
  return v + 2;
}

/* Own type half more, then the foe's types, then 85 to 100 in a hundred. */
static uint16_t modified(uint16_t v, uint8_t is_own) {
  uint16_t spread = v >> 1;
  if (is_own) v = v + spread;
  v = v * match;
  v = v >> 2;
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

static void say_match(void) {
  if (match > 4) message(T_STRONG, MSG_AUTO);
  else if (match < 4) message(T_WEAK, MSG_AUTO);
  else wait(8);
}

/* Lowers a live stat by a quarter, never below 3. */
static void lower(volatile uint8_t *stat) {
  uint16_t v = get16(stat);
  uint16_t part = v >> 2;
  if (v > 3) v = v - part;
  put16(stat, v);
}

/* The half of the damage done, back to the attacker. */
static void drain(volatile uint8_t *hp, const volatile uint8_t *max) {
  uint16_t v = get16(wDamage);
  uint16_t most = get16(max);
  v = v >> 1;
  v = v + get16(hp);
  if (v > most) v = most;
  put16(hp, v);
}

static uint8_t misses(const uint8_t *move) {
  wMoveMissed = 0;
  if (move[M_ACCURACY] == 255) return 0;
  if (rnd() < move[M_ACCURACY]) return 0;
  wMoveMissed = 1;
  message(T_MISSED, MSG_AUTO);
  return 1;
}

uint8_t my_turn(uint8_t move_index) {
  const uint8_t *move;
  uint8_t type, fainted;
  uint16_t amount;
  if (move_index == WEARY) {
    wPlayerSelectedMove = NUDGE_MOVE;
  } else {
    wPlayerSelectedMove = wBattleMonMoves[move_index];
    wBattleMonPP[move_index]--;
  }
  move = move_row(wPlayerSelectedMove);
  type = move[M_TYPE];
  ins_move = move;
  message(move_index == WEARY ? T_WEARY : T_USE_MINE, MSG_AUTO);
  if (misses(move)) return 0;
  if (!move[M_POWER]) {
    lower(move[M_EFFECT] == EFFECT_CALM ? wEnemyMonAttack : wEnemyMonDefense);
    message(move[M_EFFECT] == EFFECT_CALM ? T_CALMED_FOE : T_BARED_FOE,
            MSG_AUTO);
    return 0;
  }
  match = 4;
  match_type(type, wEnemyMonType1);
  if (wEnemyMonType2 != wEnemyMonType1) match_type(type, wEnemyMonType2);
  wDamageMultipliers = match;
  amount = damage(wBattleMonLevel, move[M_POWER], get16(wBattleMonAttack),
                  get16(wEnemyMonDefense));
  amount = modified(amount, type == wBattleMonType1 || type == wBattleMonType2);
  fainted = hurt(wEnemyMonHP, amount);
  show_foe();
  if (move[M_EFFECT] == EFFECT_DRAIN) {
    drain(wBattleMonHP, wBattleMonMaxHP);
    show_mine();
  }
  say_match();
  return fainted;
}

static const uint8_t *foe_move(void) {
  uint8_t n = 1;
  if (wEnemyMonMoves[1]) n = 2;
  if (wEnemyMonMoves[2]) n = 3;
  if (wEnemyMonMoves[3]) n = 4;
  n = rnd() % n;
  wEnemySelectedMove = wEnemyMonMoves[n];
  return move_row(wEnemySelectedMove);
}

uint8_t foe_turn(void) {
  const uint8_t *move = foe_move();
  uint8_t type = move[M_TYPE], fainted;
  uint16_t amount;
  ins_move = move;
  message(T_USE_FOE, MSG_AUTO);
  if (misses(move)) return 0;
  if (!move[M_POWER]) {
    lower(move[M_EFFECT] == EFFECT_CALM ? wBattleMonAttack : wBattleMonDefense);
    message(move[M_EFFECT] == EFFECT_CALM ? T_CALMED_MINE : T_BARED_MINE,
            MSG_AUTO);
    return 0;
  }
  match = 4;
  match_type(type, wBattleMonType1);
  if (wBattleMonType2 != wBattleMonType1) match_type(type, wBattleMonType2);
  wDamageMultipliers = match;
  amount = damage(wEnemyMonLevel, move[M_POWER], get16(wEnemyMonAttack),
                  get16(wBattleMonDefense));
  amount = modified(amount, type == wEnemyMonType1 || type == wEnemyMonType2);
  fainted = hurt(wBattleMonHP, amount);
  show_mine();
  if (move[M_EFFECT] == EFFECT_DRAIN) {
    drain(wEnemyMonHP, wEnemyMonMaxHP);
    show_foe();
  }
  say_match();
  return fainted;
}

uint8_t i_am_first(void) {
  uint16_t mine = get16(wBattleMonSpeed);
  uint16_t foe = get16(wEnemyMonSpeed);
  if (mine == foe) return rnd() & 1;
  return mine > foe;
}
