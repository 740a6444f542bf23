/* The battery's save: wPlayerName to the end of the box, and a checksum. */
#include "story.h"

#define SAVED wPlayerName
#define MARK_0 0x4C
#define MARK_1 0x49

static uint16_t checksum(void) {
  volatile uint8_t *p = SRAM + 4;
  uint16_t n, sum = 0;
  for (n = SAVE_SIZE; n != 0; n--) {
    sum = sum + *p;
    p++;
  }
  return sum;
}

uint8_t has_save(void) {
  uint8_t is_good = 0;
  rRAMG = 0x0A;
  if (SRAM[0] == MARK_0 && SRAM[1] == MARK_1) {
    if (get16(SRAM + 2) == checksum()) is_good = 1;
  }
  rRAMG = 0;
  return is_good;
}

void save_game(void) {
  rRAMG = 0x0A;
  SRAM[0] = 0;
  near_copy(SRAM + 4, SAVED, SAVE_SIZE);
  put16(SRAM + 2, checksum());
  SRAM[1] = MARK_1;
  SRAM[0] = MARK_0;
  rRAMG = 0;
}

void load_game(void) {
  rRAMG = 0x0A;
  near_copy(SAVED, SRAM + 4, SAVE_SIZE);
  rRAMG = 0;
}
