/* What a step or the A button meets: people, signs, gates, trainers. */
#include "story.h"
#include "assets.h"
#include "battle.h"

void open_box(void) {
  open_window(12, 0);
  message_box();
  hide_boxed_sprites();
}

void close_box(void) {
  close_window();
  view_update();
  draw_sprites();
  frame();
}

void talk(uint8_t text) {
  open_box();
  message(text, MSG_WAIT);
  close_box();
}

static void pick_up(const thing_t *thing) {
  uint16_t event = thing->gone_high;
  event = event << 8;
  event = event | thing->gone_low;
  ins_kind = item_row(thing->arg) + I_NAME;
  if (!add_item(thing->arg, 1)) {
    talk(T_BAG_FULL);
    return;
  }
  set_event(event);
  refresh_people();
  draw_sprites();
  talk(T_FOUND);
}

/* The leaders' words and gifts after the battle, before the badge. */
static void give_badge(uint8_t gym, uint8_t text) {
  open_box();
  message(text, MSG_WAIT);
  if (gym == 1) {
    message(T_LEADER_1_BADGE, MSG_WAIT);
    wObtainedBadges = wObtainedBadges | 1;
    wBeatGymFlags = wBeatGymFlags | 1;
    message(T_LEADER_1_DONE, MSG_WAIT);
    add_item(LANTERN, 1);
    set_event(EV_GOT_LANTERN);
    message(T_LEADER_1_GIFT, MSG_WAIT);
  } else {
    message(T_LEADER_2_BADGE, MSG_WAIT);
    wObtainedBadges = wObtainedBadges | 2;
    wBeatGymFlags = wBeatGymFlags | 2;
    message(T_LEADER_2_DONE, MSG_WAIT);
  }
  close_box();
}

void meet_trainer(uint8_t number) {
  const uint8_t *row = trainer_row(number);
  uint16_t event = le16(row + T_EVENT);
  if (has_event(event)) {
    talk(row[T_TEXTS + 2]);
    return;
  }
  if (first_able() == NOBODY) {
    frame();
    return;
  }
  wCurOpponent = row[T_CLASS] + 200;
  talk(row[T_TEXTS]);
  if (!trainer_battle(number)) return;
  set_event(event);
  if (row[T_GYM]) give_badge(row[T_GYM], row[T_TEXTS + 2]);
}

static void use_thing(const thing_t *thing) {
  uint8_t arg = thing->arg;
  if (thing->kind == KIND_TEXT) talk(arg);
  else if (thing->kind == KIND_TRAINER) meet_trainer(arg);
  else if (thing->kind == KIND_ITEM) pick_up(thing);
  else run_script(arg);
}

void interact(void) {
  uint8_t dir = wSpritePlayerFacing >> 2;
  uint8_t y = wYCoord + dir_y[dir];
  uint8_t x = wXCoord + dir_x[dir];
  const thing_t *thing;
  if (cell_flags[cell_at(y, x)] & CELL_COUNTER) {
    y = y + dir_y[dir];
    x = x + dir_x[dir];
  }
  thing = person_at(y, x);
  if (!thing) thing = sign_at(y, x);
  if (thing) use_thing(thing);
  else frame();
}

/* gates: map, x0, x1, y0, y1, need, amount, text, way back. */
static uint8_t gate_holds(const uint8_t *g) {
  if (wCurMap != g[0]) return 0;
  if (wXCoord < g[1] || wXCoord > g[2]) return 0;
  if (wYCoord < g[3] || wYCoord > g[4]) return 0;
  if (g[5] == NEEDS_STARTER) return !(wStatusFlags4 & 8);
  if (g[5] == NEEDS_BADGES) return (wObtainedBadges & g[6]) != g[6];
  return item_place(g[6]) == NO_CHOICE;
}

uint8_t check_gates(void) {
  const uint8_t *g = gates;
  uint8_t i;
  for (i = 0; i < N_GATES; i++) {
    if (gate_holds(g)) {
      wJoyIgnore = J_DPAD;
      if (g[5] == NEEDS_STARTER) set_event(EV_STOPPED_AT_GATE);
      talk(g[7]);
      wJoyIgnore = 0xFF;
      wSimulatedJoypadStatesIndex = 1;
      wStatusFlags5 = wStatusFlags5 | 0x80;
      walk(g[8]);
      wStatusFlags5 = wStatusFlags5 & 0x7F;
      wSimulatedJoypadStatesIndex = 0;
      wJoyIgnore = 0;
      return 1;
    }
    g += 9;
  }
  return 0;
}

/* Whether the player stands on a line from (y, x), `reach` long. */
static uint8_t sees_player(const thing_t *p) {
  uint8_t dir = p->sight >> 4;
  uint8_t reach = p->sight & 15;
  uint8_t y = p->y, x = p->x;
  for (; reach != 0; reach--) {
    y = y + dir_y[dir];
    x = x + dir_x[dir];
    if (y == wYCoord && x == wXCoord) return 1;
  }
  return 0;
}

uint8_t check_trainers(void) {
  const thing_t *p = (const thing_t *)people;
  uint8_t n;
  for (n = map_people; n != 0; n--) {
    if (p->kind == KIND_TRAINER && p->sight) {
      if (sees_player(p) && first_able() != NOBODY) {
        if (!has_event(le16(trainer_row(p->arg) + T_EVENT))) {
          wJoyIgnore = 0xFF;
          bubble_over(p);
          wait(24);
          wJoyIgnore = 0;
          draw_sprites();
          meet_trainer(p->arg);
          return 1;
        }
      }
    }
    p++;
  }
  return 0;
}
