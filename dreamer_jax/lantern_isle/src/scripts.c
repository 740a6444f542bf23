/* The people and things with code of their own. */
#include "story.h"
#include "assets.h"
#include "battle.h"

#define GOT_STARTER 8 /* wStatusFlags4 */
#define USED_HEALER 4

/* Red shows the picture of a starter by marking species as owned: so do we,
   while the question is open. */
static void offer_starter(uint8_t which) {
  uint8_t species = starter_species[which];
  if (wStatusFlags4 & GOT_STARTER) {
    talk(T_LAMP_DIM);
    return;
  }
  ins_kind = species_name(species);
  set_event(EV_OFFERED_STARTER);
  open_box();
  wPokedexOwned[0] = 0x4B;
  which = ask(T_STARTER_ASK, 0);
  wPokedexOwned[0] = 0;
  message_box();
  if (which) {
    list_species(species);
    make_mon(slot(0), species, STARTER_LEVEL);
    own_species(species);
    see_species(species);
    wPlayerStarter = species;
    wStatusFlags4 = wStatusFlags4 | GOT_STARTER;
    set_event(EV_GOT_STARTER);
    add_item(BALL_ITEM, STARTER_BALLS);
    set_event(EV_GOT_BALLS);
    message(T_STARTER_GOT, MSG_WAIT);
  }
  close_box();
}

static void heal(uint8_t text, uint8_t town) {
  open_box();
  message(text, MSG_WAIT);
  heal_party();
  wLastBlackoutMap = town;
  if (town) wStatusFlags4 = wStatusFlags4 | USED_HEALER;
  close_box();
}

static void gift(void) {
  if (has_event(EV_GOT_GIFT)) {
    talk(T_NEIGHBOUR_AFTER);
    return;
  }
  if (!(wStatusFlags4 & GOT_STARTER)) {
    talk(T_NEIGHBOUR_EARLY);
    return;
  }
  set_event(EV_GOT_GIFT);
  add_item(BALM, 2);
  talk(T_NEIGHBOUR_GIFT);
}

/* The gym's lock: the west lamp first, then the east one. */
static void gym_lamp(uint8_t is_east) {
  if (has_event(EV_GYM_LOCK_OPEN)) {
    talk(T_LAMP_BURNS);
    return;
  }
  if (!is_east) {
    set_event(EV_LAMP_WEST);
    talk(T_LAMP_LIT);
    return;
  }
  if (!has_event(EV_LAMP_WEST)) {
    talk(T_LAMP_OUT);
    return;
  }
  set_event(EV_LAMP_EAST);
  set_event(EV_GYM_LOCK_OPEN);
  refresh_people();
  draw_sprites();
  talk(T_LOCK_OPEN);
}

static uint8_t badges(uint8_t mask) {
  return (wObtainedBadges & mask) == mask;
}

static uint8_t lighthouse_text(void) {
  if (has_event(EV_LIT_GREAT_LAMP)) return T_TOWER_AFTER;
  return badges(3) ? T_TOWER_OPEN : T_TOWER_SHUT;
}

static void great_lamp(void) {
  open_box();
  if (ask(T_GREAT_LAMP, 0)) {
    message_box();
    message(T_LAMP_SHINES, MSG_WAIT);
    set_event(EV_LIT_GREAT_LAMP);
    close_box();
    ending();
    return;
  }
  close_box();
}

void run_script(uint8_t script) {
  uint8_t has_starter = wStatusFlags4 & GOT_STARTER;
  switch (script) {
    case SCRIPT_MOTHER: heal(T_MOTHER, FIRST_TOWN); break;
    case SCRIPT_HEALER_1: heal(T_HEALER, SECOND_TOWN); break;
    case SCRIPT_HEALER_2: heal(T_HEALER, THIRD_TOWN); break;
    case SCRIPT_GUARD: talk(has_starter ? T_GUARD : T_GUARD_STOP); break;
    case SCRIPT_KEEPER: talk(has_starter ? T_KEEPER_AFTER : T_KEEPER); break;
    case SCRIPT_NEIGHBOUR: gift(); break;
    case SCRIPT_BADGE_GUARD:
      talk(badges(1) ? T_BADGE_PASS : T_BADGE_STOP);
      break;
    case SCRIPT_DARK_GUARD:
      talk(item_count(LANTERN) ? T_DARK_PASS : T_DARK_STOP);
      break;
    case SCRIPT_SHOP_1: shop(0); break;
    case SCRIPT_SHOP_2: shop(1); break;
    case SCRIPT_LAMP_WEST: gym_lamp(0); break;
    case SCRIPT_LAMP_EAST: gym_lamp(1); break;
    case SCRIPT_LIGHTHOUSE_KEEPER: talk(lighthouse_text()); break;
    case SCRIPT_GREAT_LAMP: great_lamp(); break;
    default: offer_starter(script - SCRIPT_STARTER_0);
  }
}
