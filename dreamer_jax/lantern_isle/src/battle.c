/* A battle from its first text to its last choice: who acts, who comes next. */
#include "battle.h"
#include "world.h"

static const uint8_t *trainer;

const uint8_t *trainer_row(uint8_t number) {
  const uint8_t *row = trainer_data;
  for (; number != 0; number--) row += T_ROW;
  return row;
}

/* The live copy of a foe that is held in a party struct. */
static void set_foe(volatile uint8_t *mon) {
  wEnemyMonSpecies = mon[P_SPECIES];
  wEnemyMonLevel = mon[P_LEVEL];
  near_copy(wEnemyMonMaxHP, mon + P_MAX_HP, 2);
  near_copy(wEnemyMonAttack, mon + P_ATTACK, 2);
  near_copy(wEnemyMonDefense, mon + P_DEFENSE, 2);
  near_copy(wEnemyMonSpeed, mon + P_SPEED, 2);
  near_copy(wEnemyMonSpecial, mon + P_SPECIAL, 2);
  near_copy(wEnemyMonHP, mon + P_HP, 2);
  wEnemyMonType1 = mon[P_TYPE1];
  wEnemyMonType2 = mon[P_TYPE2];
  wEnemyMonCatchRate = mon[P_CATCH];
  near_copy(wEnemyMonMoves, mon + P_MOVES, 4);
  near_copy(wEnemyMonDVs, mon + P_DVS, 2);
  near_copy(wEnemyMonNick, species_name(wEnemyMonSpecies), 9);
  see_species(wEnemyMonSpecies);
  ins_foe = (const uint8_t *)wEnemyMonNick;
  foe_shown = 1;
  wPartyGainExpFlags = 0;
  if (wBattleMonSpecies) set_bit(&wPartyGainExpFlags, wPlayerMonNumber);
}

static void begin(uint8_t kind) {
  wBattleResult = 0;
  wBattleMonSpecies = 0;
  wCapturedMonSpecies = 0;
  wCanEvolveFlags = 0;
  wPartyAndBillsPCSavedMenuItem = 0;
  foe_shown = 0;
  mine_shown = 0;
  wIsInBattle = kind;
  hWY = 0;
}

/* The trainer's party, into wEnemyPartyCount and what follows. */
static void fill_enemy_party(void) {
  const uint8_t *member = trainer + T_TEAM;
  volatile uint8_t *mon = wEnemyMons;
  uint8_t i;
  wEnemyPartyCount = trainer[T_SIZE];
  for (i = 0; i < wEnemyPartyCount; i++) {
    make_mon(mon, member[0], member[1]);
    wEnemyPartySpecies[i] = member[0];
    member += 2;
    mon += P_SIZE;
  }
  wEnemyPartySpecies[i] = 0xFF;
}

/* Sends out the trainer's next creature; 0 if none is left. */
static uint8_t next_foe(void) {
  volatile uint8_t *mon = wEnemyMons;
  uint8_t i = wEnemyMonPartyPos;
  i++;
  if (i == wEnemyPartyCount) return 0;
  wEnemyMonPartyPos = i;
  for (; i != 0; i--) mon += P_SIZE;
  set_foe(mon);
  battle_screen();
  ins_kind = trainer + T_NAME;
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

/* Mine has no health left: another one, or the battle is lost. */
static uint8_t mine_faints(void) {
  uint8_t next;
  wBattleResult = 1;
  sync_party();
  wipe_portrait(0);
  message(T_FAINT_MINE, MSG_WAIT);
  mine_shown = 0;
  if (first_able() == NOBODY) return ENDED;
  do {
    next = choose_party(0);
    if (next == NO_CHOICE) continue;
    if (get16(slot(next) + P_HP)) break;
    next = NO_CHOICE;
  } while (next == NO_CHOICE);
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
    if (!get16(wBattleMonHP)) return ONGOING;
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

static uint8_t use_ball(uint8_t place) {
  if (wIsInBattle == 2) {
    message(T_NO_CATCH, MSG_WAIT);
    return ONGOING;
  }
  if (wPartyCount == 6 && wBoxCount == 20) { /* as in Red: none is lost */
    message(T_NO_ROOM, MSG_WAIT);
    return ONGOING;
  }
  if (!throw_ball(place)) return foe_moves();
  wBattleResult = 2;
  return ENDED;
}

static uint8_t from_bag(void) {
  uint8_t place = choose_item(), at = place << 1;
  uint8_t kind;
  if (place == NO_CHOICE) {
    battle_screen();
    return ONGOING;
  }
  kind = item_row(wBagItems[at])[I_KIND];
  if (kind == KIND_BALL) {
    battle_screen();
    return use_ball(place);
  }
  ins_kind = item_row(wBagItems[at]) + I_NAME;
  if (kind == KIND_CALM || kind == KIND_KEY || !use_item(place)) {
    battle_screen();
    message(T_NO_USE, MSG_WAIT);
    return ONGOING;
  }
  if (wWhichPokemon == wPlayerMonNumber) copy_fighter(slot(wWhichPokemon));
  battle_screen();
  message(T_USED, MSG_AUTO);
  return foe_moves();
}

static uint8_t change_fighter(void) {
  uint8_t index = choose_party(0);
  battle_screen();
  if (index == NO_CHOICE || index == wPlayerMonNumber) return ONGOING;
  if (!get16(slot(index) + P_HP)) {
    ins_mine = (const uint8_t *)nick(index);
    message(T_FAINTED_CANT, MSG_WAIT);
    ins_mine = (const uint8_t *)wBattleMonNick;
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
    if (action == ACT_ITEM) state = from_bag();
    else if (action == ACT_RUN) state = run_away();
    else state = change_fighter();
  }
}

static void collect_prize(void) {
  wAmountMoneyWon[0] = 0;
  wAmountMoneyWon[1] = trainer[T_PRIZE];
  wAmountMoneyWon[2] = trainer[T_PRIZE + 1];
  add_money(wPlayerMoney, wAmountMoneyWon);
  ins_kind = trainer + T_NAME;
  message(trainer[T_TEXTS + 1], MSG_WAIT);
  ins_num = number_of(wAmountMoneyWon + 1);
  message(T_WON, MSG_WAIT);
}

/* From the first choice to the end; 1 unless the player has blacked out. */
static uint8_t run_battle(void) {
  uint8_t is_lost;
  send_out(first_able());
  turns();
  sync_party();
  is_lost = first_able() == NOBODY;
  if (is_lost) {
    black_out();
  } else {
    if (wIsInBattle == 2) collect_prize();
    evolutions();
    close_battle();
    dark(12);
  }
  draw_world();
  hWY = 0x90;
  wJoyIgnore = 0;
  return !is_lost;
}

void wild_battle(uint8_t species, uint8_t level) {
  begin(1);
  make_mon(wEnemyMons, species, level);
  set_foe(wEnemyMons);
  flash();
  battle_screen();
  message(T_WILD, MSG_WAIT);
  run_battle();
}

uint8_t trainer_battle(uint8_t number) {
  trainer = trainer_row(number);
  wTrainerClass = trainer[T_CLASS];
  wCurOpponent = wTrainerClass + 200;
  wTrainerNo = number;
  wGymLeaderNo = trainer[T_GYM];
  wEnemyMonPartyPos = 0xFF;
  begin(2);
  fill_enemy_party();
  flash();
  next_foe();
  return run_battle();
}
