/* People, signs and what they do. */
#ifndef STORY_H
#define STORY_H
void interact(void);   /* A was pressed in the overworld */
void check_gate(void); /* the guard's line, after a step */
void start_menu(void);
#endif
