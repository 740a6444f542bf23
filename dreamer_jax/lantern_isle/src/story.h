/* People, signs, gates and what they do. */
#ifndef STORY_H
#define STORY_H
#include "world.h"
void open_box(void);     /* the message box over the map */
void close_box(void);
void talk(uint8_t text); /* one text in a box of its own */
void interact(void);     /* A was pressed in the overworld */
uint8_t check_gates(void);    /* after a step; 1 if it sent the player back */
uint8_t check_trainers(void); /* after a step; 1 if one saw the player */
void meet_trainer(uint8_t number);
void run_script(uint8_t script); /* scripts.c */
void shop(uint8_t which);        /* shop.c */
void start_menu(void);           /* start_menu.c */
uint8_t has_save(void);          /* save.c */
void save_game(void);
void load_game(void);
void ending(void);               /* ending.c */
#endif
