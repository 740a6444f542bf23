/* Creatures: species data, party structs, stats, experience, moves. */
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
#define P_SIZE 44
/* Offsets in a species' row of species_data. */
#define S_TYPE1 0
#define S_TYPE2 1
#define S_HP 2
#define S_ATTACK 3
#define S_DEFENSE 4
#define S_SPEED 5
#define S_CATCH 6
#define S_XP 7
#define S_EVO_LEVEL 8
#define S_EVO_SPECIES 9
#define S_LEARNS 10 /* four times level, move */
#define S_SIZE 18
/* Offsets in a move's row of move_data. */
#define M_TYPE 10
#define M_POWER 11
#define M_ACCURACY 12
#define M_PP 13
#define M_EFFECT 14
#define M_SIZE 15
#define NOBODY 0xFF

volatile uint8_t *slot(uint8_t i);
volatile uint8_t *nick(uint8_t i); /* a party slot's nickname */
const uint8_t *species_row(uint8_t species);
const uint8_t *species_name(uint8_t species);
const uint8_t *move_row(uint8_t move);
uint16_t exp_for(uint8_t level);
void set_stats(volatile uint8_t *mon);
void make_mon(volatile uint8_t *mon, uint8_t species, uint8_t level);
uint8_t learn_at(volatile uint8_t *mon, uint8_t level); /* move, or 0 */
void list_species(uint8_t species); /* count + 1, species list, name */
void name_mon(uint8_t i, const uint8_t *name);
void fill_pp(volatile uint8_t *mon);
void heal_party(void);
void mend(volatile uint8_t *mon, uint8_t amount);
uint8_t first_able(void);           /* slot, or NOBODY if all have fainted */
void evolve(volatile uint8_t *mon); /* species, types, stats */
void own_species(uint8_t species);
void see_species(uint8_t species);
void swap_mons(uint8_t i, uint8_t j);
void to_box(volatile uint8_t *mon); /* 33 of its bytes, as in Red */
#endif
