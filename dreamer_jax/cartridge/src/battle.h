/* Battles: wild and trainer, from transition to return. */
#ifndef BATTLE_H
#define BATTLE_H
#include "mon.h"

#define ACT_FIGHT 0
#define ACT_BALL 1
#define ACT_TEAM 2
#define ACT_RUN 3

void wild_battle(void);
uint8_t leader_battle(void); /* 1 if won; else the player has blacked out */

/* battle_screen.c */
void battle_screen(void);    /* everything, LCD off and on */
void show_foe(void);         /* the enemy's name, level, bar */
void show_mine(void);
void flash(void);
void wipe_portrait(uint8_t is_foe);
uint8_t choose_action(void);
uint8_t choose_move(void);   /* 0, 1 or NO_CHOICE */
uint8_t choose_team(uint8_t in_battle); /* slot or NO_CHOICE; redraw after */

/* battle_turn.c */
void send_out(uint8_t index);
void sync_party(void);       /* the fighter's live HP and PP to its slot */
uint8_t my_turn(uint8_t move_index);   /* 1 if the foe fainted */
uint8_t foe_turn(void);                /* 1 if mine fainted */
uint8_t i_am_first(void);
void gain_exp(void);

/* catch.c */
uint8_t throw_ball(void);    /* 0 missed, 1 caught, 2 not thrown */

extern uint8_t foe_shown, mine_shown;
#endif
