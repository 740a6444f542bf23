/* Frames, buttons, chance, video queue: what all other files build on. */
#ifndef CORE_H
#define CORE_H
#include "hw.h"
#include "wram.h"

#define VQ_MAX 48
extern volatile uint8_t vbl_flag, vq_n;
extern uint8_t vq_buf[VQ_MAX * 3];
extern uint8_t vq_w;   /* entries queued for the next frame */
extern uint8_t lcd_on;

void frame(void);               /* one frame: halt, buttons, clock, chance */
void wait(uint8_t frames);
uint8_t rnd(void);              /* 0-255, the same for the same inputs */
void vq_put(uint16_t address, uint8_t value);
void lcd_stop(void);            /* never call frame() until lcd_start() */
void lcd_start(void);
void asset_copy(uint8_t *to, const uint8_t *from, uint16_t n);
void fill(uint8_t *to, uint8_t value, uint16_t n);
uint16_t get16(const volatile uint8_t *p);  /* high byte first */
void put16(volatile uint8_t *p, uint16_t value);
void set_bit(volatile uint8_t *field, uint8_t bit);
uint8_t get_bit(const volatile uint8_t *field, uint8_t bit);
#endif
