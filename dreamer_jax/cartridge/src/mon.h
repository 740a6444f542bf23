/* Creatures: species data, party structs, stats, experience. */
#ifndef MON_H
#define MON_H
#include "screen.h"
#include "tables.h"

/* Offsets in a 44-byte party struct. */
#define P_SPECIES 0
#define P_HP 1
#define P_BOX_LEVEL 3
#define P_TYPE1 5
#define P_TYPE2 6
#define P_CATCH 7
#define P_MOVES 8
#define P_OTID 12
#define P_EXP 14
#define P_DVS 27
#define P_PP 29
#define P_LEVEL 33
#define P_MAX_HP 34
#define P_ATTACK 36
#define P_DEFENSE 38
#define P_SPEED 40
#define P_SPECIAL 42
/* Offsets in a species' row of species_data. */
#define S_TYPE 0
#define S_HP 1
#define S_ATTACK 2
#define S_DEFENSE 3
#define S_SPEED 4
#define S_CATCH 5
#define S_XP 6
#define S_MOVES 7
#define S_SIZE 9
/* Offsets in a move's row of move_data. */
#define M_TYPE 8
#define M_POWER 9
#define M_PP 10
#define MAX_LEVEL 30

volatile uint8_t *slot(uint8_t i);
const uint8_t *species_row(uint8_t species);
const uint8_t *species_name(uint8_t species);
const uint8_t *move_row(uint8_t move);
uint16_t stat_at(uint8_t base, uint8_t level, uint8_t is_hp);
uint16_t exp_for(uint8_t level);
void set_stats(volatile uint8_t *mon);
void make_mon(volatile uint8_t *mon, uint8_t species, uint8_t level);
void list_species(uint8_t species); /* count + 1, species list */
void heal_party(void);
uint8_t first_able(void);           /* slot, or 0xFF if all have fainted */
void own_species(uint8_t species);
void see_species(uint8_t species);
void add_balls(uint8_t n);
uint8_t take_ball(void);            /* 1 if there was one */
uint8_t ball_count(void);
#endif
