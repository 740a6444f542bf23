/* Battles: wild and trainer, from transition to return. */
#ifndef BATTLE_H
#define BATTLE_H
#include "items.h"

#define ACT_FIGHT 0
#define ACT_ITEM 1
#define ACT_TEAM 2
#define ACT_RUN 3
#define ONGOING 0
#define ENDED 1
#define WEARY 4 /* the move of one without power points */
/* Offsets in a trainer's row of trainer_data. */
#define T_CLASS 0
#define T_PRIZE 1 /* two bytes, binary-coded decimal */
#define T_EVENT 3 /* two bytes, low first */
#define T_TEXTS 5 /* before, lost, after */
#define T_GYM 8
#define T_SIZE 9
#define T_TEAM 10 /* three times species, level */
#define T_NAME 16
#define T_ROW 25

void wild_battle(uint8_t species, uint8_t level);
uint8_t trainer_battle(uint8_t number); /* 1 if won; else blacked out */
const uint8_t *trainer_row(uint8_t number);

/* battle_end.c */
void close_battle(void);
void black_out(void);        /* result and money are gone before play resumes */

/* battle_screen.c */
void battle_screen(void);    /* everything, LCD off and on */
void show_foe(void);         /* the enemy's name, level, bar */
void show_mine(void);
void flash(void);
void wipe_portrait(uint8_t is_foe);
uint8_t choose_action(void);
uint8_t choose_move(void);   /* 0-3, WEARY or NO_CHOICE */
extern uint8_t foe_shown, mine_shown;

/* battle_turn.c */
void sync_party(void);       /* the fighter's live HP and PP to its slot */
void copy_fighter(volatile uint8_t *mon); /* party struct to the live copy */
void send_out(uint8_t index);
uint8_t my_turn(uint8_t move_index);   /* 1 if the foe fainted */
uint8_t foe_turn(void);                /* 1 if mine fainted */
uint8_t i_am_first(void);

/* exp.c */
void gain_exp(void);         /* to all that faced the foe */
void evolutions(void);

/* catch.c */
uint8_t throw_ball(uint8_t place); /* 1 if caught */
#endif
