#include "battle.h"
#include "world.h"

#define ONGOING 0
#define ENDED 1

static void set_foe(uint8_t species, uint8_t level) {
  const uint8_t *row = species_row(species);
  wEnemyMonSpecies = species;
  wEnemyMonLevel = level;
  put16(wEnemyMonMaxHP, stat_at(row[S_HP], level, 1));
  put16(wEnemyMonAttack, stat_at(row[S_ATTACK], level, 0));
  put16(wEnemyMonDefense, stat_at(row[S_DEFENSE], level, 0));
  put16(wEnemyMonSpeed, stat_at(row[S_SPEED], level, 0));
  put16(wEnemyMonHP, get16(wEnemyMonMaxHP));
  wEnemyMonType1 = row[S_TYPE];
  wEnemyMonCatchRate = row[S_CATCH];
  wEnemyMonMoves[0] = row[S_MOVES];
  wEnemyMonMoves[1] = row[S_MOVES + 1];
  wEnemyMonDVs[0] = rnd();
  wEnemyMonDVs[1] = rnd();
  see_species(species);
  ins_foe = species_name(species);
  foe_shown = 1;
}

static void begin(uint8_t kind) {
  wBattleResult = 0;
  wBattleMonSpecies = 0;
  wCapturedMonSpecies = 0;
  foe_shown = 0;
  mine_shown = 0;
  wIsInBattle = kind;
  hWY = 0;
}

/* Sends out the leader's next creature; 0 if none is left. */
static uint8_t next_foe(void) {
  const uint8_t *member = leader_team;
  uint8_t i = wEnemyMonPartyPos;
  i++;
  if (i == LEADER_SIZE) return 0;
  wEnemyMonPartyPos = i;
  for (; i != 0; i--) member += 2;
  set_foe(member[0], member[1]);
  battle_screen();
  message(T_TRAINER, MSG_WAIT);
  return 1;
}

/* The foe has no health left: experience, then the next foe or the end. */
static uint8_t foe_faints(void) {
  wBattleResult = 0;
  wipe_portrait(1);
  message(T_FAINT_FOE, MSG_WAIT);
  gain_exp();
  foe_shown = 0;
  if (wIsInBattle == 2) {
    if (next_foe()) return ONGOING;
  }
  return ENDED;
}

/* Mine has no health left: the next able one, or the battle is lost. */
static uint8_t mine_faints(void) {
  uint8_t next;
  wBattleResult = 1;
  sync_party();
  wipe_portrait(0);
  message(T_FAINT_MINE, MSG_WAIT);
  mine_shown = 0;
  next = first_able();
  if (next == 0xFF) return ENDED;
  send_out(next);
  return ONGOING;
}

static uint8_t foe_moves(void) {
  if (foe_turn()) return mine_faints();
  return ONGOING;
}

static uint8_t fight(uint8_t move) {
  uint8_t mine = wPlayerMonNumber;
  if (!i_am_first()) {
    if (foe_moves()) return ENDED;
    if (mine != wPlayerMonNumber) return ONGOING;
    if (my_turn(move)) return foe_faints();
    return ONGOING;
  }
  if (my_turn(move)) return foe_faints();
  return foe_moves();
}

static uint8_t run_away(void) {
  uint16_t mine = get16(wBattleMonSpeed);
  if (wIsInBattle == 2) {
    message(T_NO_RUN, MSG_WAIT);
    return ONGOING;
  }
  if (mine >= get16(wEnemyMonSpeed) || rnd() < 160) {
    message(T_RAN, MSG_WAIT);
    wBattleResult = 2;
    return ENDED;
  }
  message(T_RAN_NOT, MSG_AUTO);
  return foe_moves();
}

static uint8_t use_ball(void) {
  uint8_t outcome = throw_ball();
  if (outcome == 2) return ONGOING;
  if (outcome == 0) return foe_moves();
  wBattleResult = 2;
  return ENDED;
}

static uint8_t change_fighter(void) {
  uint8_t index = choose_team(1);
  battle_screen();
  if (index == NO_CHOICE || index == wPlayerMonNumber) return ONGOING;
  if (!get16(slot(index) + P_HP)) {
    ins_mine = species_name(slot(index)[P_SPECIES]);
    message(T_FAINTED_CANT, MSG_WAIT);
    ins_mine = species_name(wBattleMonSpecies);
    return ONGOING;
  }
  send_out(index);
  return foe_moves();
}

static void turns(void) {
  uint8_t action, move, state = ONGOING;
  while (state == ONGOING) {
    action = choose_action();
    if (action == ACT_FIGHT) {
      move = choose_move();
      if (move == NO_CHOICE) continue;
      sync_party();
      state = fight(move);
      continue;
    }
    message_box();
    sync_party();
    if (action == ACT_BALL) state = use_ball();
    else if (action == ACT_RUN) state = run_away();
    else state = change_fighter();
  }
}

static void halve_money(void) {
  uint8_t i, pair, high, low, carry = 0;
  for (i = 0; i < 3; i++) {
    pair = wPlayerMoney[i];
    high = pair >> 4;
    low = pair & 15;
    if (carry) high = high + 10;
    if (high & 1) low = low + 10;
    carry = low & 1;
    high = high >> 1;
    low = low >> 1;
    pair = high << 4;
    pair = pair | low;
    wPlayerMoney[i] = pair;
  }
}

/* 1000 of prize money: one in the second byte's high digit, with carries. */
static void prize(void) {
  if (wPlayerMoney[0] == 0x99) return;
  wPlayerMoney[1] = wPlayerMoney[1] + 0x10;
  if (wPlayerMoney[1] < 0xA0) return;
  wPlayerMoney[1] = wPlayerMoney[1] - 0xA0;
  wPlayerMoney[0]++;
  if ((wPlayerMoney[0] & 15) < 10) return;
  wPlayerMoney[0] = wPlayerMoney[0] + 6;
}

static void close_battle(void) {
  wIsInBattle = 0;
  wBattleType = 0;
  wCurOpponent = 0;
  wTrainerClass = 0;
  wEscapedFromBattle = 0;
  wNumberOfNoRandomBattleStepsLeft = 3;
}

/* The reset after a lost battle: the result is gone before play resumes. */
static void black_out(void) {
  uint8_t home;
  message(T_LOST, MSG_WAIT);
  close_battle();
  frame();
  wIsInBattle = 0xFF;
  wJoyIgnore = 0xFF;
  dark(60);
  halve_money();
  heal_party();
  wBattleResult = 0;
  wIsInBattle = 0;
  home = wLastBlackoutMap;
  load_map(home);
  wYCoord = home == SECOND_TOWN ? RESTORE_1_Y : RESTORE_0_Y;
  wXCoord = home == SECOND_TOWN ? RESTORE_1_X : RESTORE_0_X;
  wSpritePlayerFacing = 0;
  dark(20);
}

/* From the first choice to the end; 1 unless the player has blacked out. */
static uint8_t run_battle(void) {
  uint8_t is_lost;
  send_out(first_able());
  turns();
  sync_party();
  is_lost = first_able() == 0xFF;
  if (is_lost) {
    black_out();
  } else {
    if (wIsInBattle == 2) {
      prize();
      message(T_WON, MSG_WAIT);
    }
    close_battle();
    dark(12);
  }
  draw_world();
  hWY = 0x90;
  wJoyIgnore = 0;
  return !is_lost;
}

void wild_battle(void) {
  uint8_t species = wild_species[rnd() & 7];
  uint8_t level = wild_levels[rnd() & 3];
  begin(1);
  set_foe(species, level);
  flash();
  battle_screen();
  message(T_WILD, MSG_WAIT);
  run_battle();
}

uint8_t leader_battle(void) {
  wCurOpponent = LEADER_OPPONENT;
  wTrainerClass = LEADER_CLASS;
  wGymLeaderNo = 1;
  wEnemyMonPartyPos = 0xFF;
  begin(2);
  flash();
  next_foe();
  return run_battle();
}
