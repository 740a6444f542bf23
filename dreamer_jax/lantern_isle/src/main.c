/* Lantern Isle: a new or a saved game, and the loop of play. */
#include "assets.h"
#include "battle.h"
#include "story.h"
#include "title.h"

static void intro(void) {
  wCurMap = START_MAP;
  wYCoord = START_Y;
  wXCoord = START_X;
  lcd_stop();
  blank_screen();
  draw_box(12, 0, 6, 20);
  show_screen();
  lcd_start();
  message(T_INTRO, MSG_WAIT);
  dark(16);
}

static void new_game(void) {
  near_copy(wPlayerName, w_lumi, 5);
  wPlayerID[0] = rnd();
  wPlayerID[1] = rnd();
  wPlayerMoney[1] = 0x30;
  wPartySpecies[0] = 0xFF;
  wBoxSpecies[0] = 0xFF;
  wBagItems[0] = 0xFF;
}

/* Nothing of a save that the title's menu loaded may stay. */
static void forget_save(void) {
  fill((uint8_t *)wPlayerName, 0, SAVE_SIZE);
  wOptions = SPEED_FAST;
}

static void begin_play(void) {
  wStatusFlags6 = wStatusFlags6 | 1;
  is_running = 1;
  load_map(wCurMap);
  draw_world();
  hWY = 0x90;
}

static void wild_one(void) {
  const volatile uint8_t *pair = wGrassMons;
  const uint8_t *chance = slot_chances;
  uint8_t r = rnd();
  while (r >= *chance) {
    r = r - *chance;
    chance++;
    pair += 2;
  }
  wild_battle(pair[1], pair[0]);
}

static void after_step(void) {
  wStepCounter++;
  if (wCurMap < 8) set_bit(wTownVisitedFlag, wCurMap);
  if (wRepelRemainingSteps) wRepelRemainingSteps--;
  if (check_gates()) return;
  if (check_trainers()) return;
  if (!(cell_flags[cell_at(wYCoord, wXCoord)] & CELL_WILD)) return;
  if (wNumberOfNoRandomBattleStepsLeft) {
    wNumberOfNoRandomBattleStepsLeft--;
    return;
  }
  if (rnd() >= wGrassRate) return;
  if (wRepelRemainingSteps) return;
  if (first_able() == NOBODY) return;
  wild_one();
}

void main(void) {
  uint8_t dir;
  power_on();
  if (!title()) {
    forget_save();
    intro();
    new_game();
  }
  begin_play();
  for (;;) {
    if (hJoyPressed & J_A) {
      interact();
      continue;
    }
    if (hJoyPressed & J_START) {
      start_menu();
      frame();
      continue;
    }
    if (hJoyHeld & J_DOWN) dir = DOWN;
    else if (hJoyHeld & J_UP) dir = UP;
    else if (hJoyHeld & J_LEFT) dir = LEFT;
    else if (hJoyHeld & J_RIGHT) dir = RIGHT;
    else {
      frame();
      continue;
    }
    if (try_step(dir)) after_step();
  }
}
