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
extern uint8_t is_running; /* the clock counts */

void frame(void);               /* one frame: halt, buttons, clock, chance */
void wait(uint8_t frames);
uint8_t rnd(void);              /* 0-255, the same for the same inputs */
void vq_put(uint16_t address, uint8_t value);
void lcd_stop(void);            /* never call frame() until lcd_start() */
void lcd_start(void);
void far_copy(uint8_t *to, uint16_t from, uint16_t n); /* from data banks */
void near_copy(volatile uint8_t *to, const volatile uint8_t *from, uint16_t n);
void fill(uint8_t *to, uint8_t value, uint16_t n);
uint16_t get16(const volatile uint8_t *p);  /* high byte first */
void put16(volatile uint8_t *p, uint16_t value);
uint16_t le16(const uint8_t *p);            /* low byte first, in tables */
void set_event(uint16_t event);
uint8_t has_event(uint16_t event);
void add_money(volatile uint8_t *to, const volatile uint8_t *amount);
uint8_t take_money(volatile uint8_t *from, const volatile uint8_t *amount);
uint16_t number_of(const volatile uint8_t *p); /* of two decimal bytes */
void set_bit(volatile uint8_t *field, uint8_t bit);
uint8_t get_bit(const volatile uint8_t *field, uint8_t bit);
#endif
