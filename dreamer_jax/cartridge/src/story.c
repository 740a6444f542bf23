#include "story.h"
#include "assets.h"
#include "battle.h"
#include "world.h"

/* Bits of wEventFlags, those of Red's analogous events. */
#define EV_STOPPED_AT_GATE 39
#define EV_OFFERED_STARTER 33
#define EV_GOT_STARTER 34
#define EV_GOT_BALLS 36
#define EV_BEAT_LEADER 119
#define GOT_STARTER 8 /* wStatusFlags4 */
#define USED_HEALER 4

static void open_box(void) {
  open_window(12);
  message_box();
  hide_boxed_sprites();
}

static void close_box(void) {
  close_window();
  view_update();
  draw_sprites(0, 0);
  frame();
}

static void talk(uint8_t text) {
  open_box();
  message(text, MSG_WAIT);
  close_box();
}

static void offer_starter(uint8_t which) {
  uint8_t choice, species = starter_species[which];
  if (wStatusFlags4 & GOT_STARTER) {
    talk(T_LAMP_DIM);
    return;
  }
  ins_kind = species_name(species);
  set_bit(wEventFlags, EV_OFFERED_STARTER);
  open_box();
  message(T_STARTER_ASK, MSG_KEEP);
  put_words(14, 16, w_yes);
  put_words(16, 16, w_no);
  choice = menu(2, 14, 15);
  message_box();
  if (choice == 0) {
    make_mon(slot(0), species, STARTER_LEVEL);
    list_species(species);
    own_species(species);
    see_species(species);
    wPlayerStarter = species;
    wStatusFlags4 = wStatusFlags4 | GOT_STARTER;
    set_bit(wEventFlags, EV_GOT_STARTER);
    add_balls(STARTER_BALLS);
    set_bit(wEventFlags, EV_GOT_BALLS);
    message(T_STARTER_GOT, MSG_WAIT);
  }
  close_box();
}

static void heal(uint8_t text, uint8_t town) {
  open_box();
  message(text, MSG_WAIT);
  heal_party();
  wLastBlackoutMap = town;
  if (town == SECOND_TOWN) wStatusFlags4 = wStatusFlags4 | USED_HEALER;
  close_box();
}

static void meet_leader(void) {
  if (get_bit(wEventFlags, EV_BEAT_LEADER)) {
    talk(T_LEADER_AFTER);
    return;
  }
  if (first_able() == 0xFF) {
    frame();
    return;
  }
  wCurOpponent = LEADER_OPPONENT;
  talk(T_LEADER_BEFORE);
  if (!leader_battle()) return;
  open_box();
  message(T_LEADER_LOST, MSG_WAIT);
  set_bit(wEventFlags, EV_BEAT_LEADER);
  message(T_LEADER_BADGE, MSG_WAIT);
  wObtainedBadges = wObtainedBadges | 1;
  message(T_LEADER_DONE, MSG_WAIT);
  close_box();
}

static void run_script(uint8_t script) {
  if (script < SCRIPT_BASE) {
    talk(script);
  } else if (script == SCRIPT_MOTHER) {
    heal(T_MOTHER, FIRST_TOWN);
  } else if (script == SCRIPT_HEALER) {
    heal(T_HEALER, SECOND_TOWN);
  } else if (script == SCRIPT_LEADER) {
    meet_leader();
  } else if (script == SCRIPT_GUARD) {
    talk(wStatusFlags4 & GOT_STARTER ? T_GUARD : T_GUARD_STOP);
  } else if (script == SCRIPT_KEEPER) {
    talk(wStatusFlags4 & GOT_STARTER ? T_KEEPER_AFTER : T_KEEPER);
  } else {
    offer_starter(script - SCRIPT_STARTER_0);
  }
}

static const thing_t *sign_at(uint8_t y, uint8_t x) {
  const thing_t *s = map->signs;
  uint8_t n;
  for (n = map->n_signs; n != 0; n--) {
    if (s->y == y && s->x == x) return s;
    s++;
  }
  return 0;
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
  if (thing) run_script(thing->script);
  else frame();
}

/* Without a starter nobody passes: a word, and one step back. */
void check_gate(void) {
  if (wCurMap != GATE_MAP || wYCoord != GATE_Y) return;
  if (wXCoord < GATE_X0 || wXCoord > GATE_X1) return;
  if (wStatusFlags4 & GOT_STARTER) return;
  wJoyIgnore = J_DPAD;
  set_bit(wEventFlags, EV_STOPPED_AT_GATE);
  talk(T_GUARD_STOP);
  wJoyIgnore = 0xFF;
  wSimulatedJoypadStatesIndex = 1;
  wStatusFlags5 = wStatusFlags5 | 0x80;
  walk(DOWN);
  wStatusFlags5 = wStatusFlags5 & 0x7F;
  wSimulatedJoypadStatesIndex = 0;
  wJoyIgnore = 0;
}

void start_menu(void) {
  if (!wPartyCount) return;
  choose_team(0);
  wJoyIgnore = 0xFF;
  close_window();
  draw_world();
  wJoyIgnore = 0;
}
