/* The title's picture and menu. */
#ifndef TITLE_H
#define TITLE_H
#include "core.h"
void power_on(void);
void title_picture(uint8_t y); /* ten rows of the buffer from y on */
uint8_t title(void);           /* 1 = go on with the saved game */
#endif
