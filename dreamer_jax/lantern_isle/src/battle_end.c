/* How a battle ends: its bytes cleared, money halved, the way home. */
#include "battle.h"
#include "world.h"

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

void close_battle(void) {
  wIsInBattle = 0;
  wBattleType = 0;
  wCurOpponent = 0;
  wTrainerClass = 0;
  wEscapedFromBattle = 0;
  wNumberOfNoRandomBattleStepsLeft = 3;
}

/* The reset after a lost battle: the result is gone before play resumes. */
void black_out(void) {
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
  home = home << 1;
  wXCoord = restores[home];
  wYCoord = restores[home + 1];
  wSpritePlayerFacing = 0;
  dark(20);
}
