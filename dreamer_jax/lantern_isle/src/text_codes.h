/* Codes inside texts; the same as in text.py. */
#ifndef TEXT_CODES_H
#define TEXT_CODES_H
#define TEXT_MINE 1
#define TEXT_FOE 2
#define TEXT_MOVE 3
#define TEXT_KIND 4
#define TEXT_LINE 0x4F
#define TEXT_END 0x50
#define TEXT_PAGE 0x51
#endif
