/* Frames, buttons, chance, the video queue, copies, decimal money. */
#include "core.h"

volatile uint8_t vbl_flag, vq_n;
uint8_t vq_buf[VQ_MAX * 3];
uint8_t vq_w;
uint8_t lcd_on, is_running;
static uint8_t rng_x, rng_a, rng_b, rng_c;

uint8_t rnd(void) {
  uint8_t t;
  rng_x++;
  t = rng_c ^ rng_x;
  rng_a = rng_a ^ t;
  rng_b = rng_b + rng_a;
  t = rng_b >> 1;
  t = rng_c + t;
  rng_c = t ^ rng_a;
  hRandomAdd = rng_b;
  hRandomSub = rng_c;
  return rng_c;
}

static void read_joy(void) {
  uint8_t dpad, buttons, held;
  rP1 = 0x20;
  dpad = rP1;
  dpad = rP1;
  rP1 = 0x10;
  buttons = rP1;
  buttons = rP1;
  buttons = rP1;
  buttons = rP1;
  rP1 = 0x30;
  dpad = dpad << 4;
  buttons = buttons & 0x0F;
  held = dpad | buttons;
  held = held ^ 0xFF;
  dpad = hJoyHeld ^ 0xFF;
  hJoyPressed = held & dpad;
  hJoyHeld = held;
  if (hJoyPressed) {
    rng_a = rng_a ^ held;
    rng_b = rng_b + held;
  }
}

static void clock(void) {
  if (!is_running) return;
  wPlayTimeFrames++;
  if (wPlayTimeFrames < 60) return;
  wPlayTimeFrames = 0;
  wPlayTimeSeconds++;
  if (wPlayTimeSeconds < 60) return;
  wPlayTimeSeconds = 0;
  wPlayTimeMinutes++;
  if (wPlayTimeMinutes < 60) return;
  wPlayTimeMinutes = 0;
  if (wPlayTimeHours != 255) wPlayTimeHours++;
}

void frame(void) {
  vbl_flag = 0;
  vq_n = vq_w;
  do {
    __asm
    halt
    nop
    __endasm;
  } while (!vbl_flag);
  vq_w = 0;
  read_joy();
  clock();
  rnd();
}

void wait(uint8_t frames) {
  for (; frames != 0; frames--) frame();
}

void vq_put(uint16_t address, uint8_t value) {
  uint8_t *p;
  if (vq_w >= VQ_MAX) frame();
  p = vq_buf;
  p += vq_w;
  p += vq_w;
  p += vq_w;
  p[0] = (uint8_t)address;
  p[1] = address >> 8;
  p[2] = value;
  vq_w++;
}

void lcd_stop(void) {
  if (lcd_on) frame();  /* drain the queue */
  if (rLCDC & 0x80) {
    while (rLY < 144) {
    }
  }
  rLCDC = 0;
  lcd_on = 0;
}

void lcd_start(void) {
  rLCDC = 0xE3;  /* on, window map 9C00 and on, tiles 8800, sprites, map 9800 */
  lcd_on = 1;
  vbl_flag = 0;
}

/* The crt0's copies; their arguments, as calling conventions change. */
uint16_t far_to, far_from, far_n;
void far_run(void);
void near_run(void);

void far_copy(uint8_t *to, uint16_t from, uint16_t n) {
  far_to = (uint16_t)to;
  far_from = from;
  far_n = n;
  far_run();
}

void near_copy(volatile uint8_t *to, const volatile uint8_t *from, uint16_t n) {
  far_to = (uint16_t)to;
  far_from = (uint16_t)from;
  far_n = n;
  near_run();
}

void fill(uint8_t *to, uint8_t value, uint16_t n) {
  for (; n != 0; n--) *to++ = value;
}

uint16_t get16(const volatile uint8_t *p) {
  uint16_t v = p[0];
  v = v << 8;
  v = v | p[1];
  return v;
}

void put16(volatile uint8_t *p, uint16_t value) {
  p[0] = value >> 8;
  p[1] = (uint8_t)value;
}

static uint8_t bit_mask(uint8_t bit) {
  uint8_t mask = 1;
  for (bit = bit & 7; bit != 0; bit--) mask = mask << 1;
  return mask;
}

void set_bit(volatile uint8_t *field, uint8_t bit) {
  field[bit >> 3] |= bit_mask(bit);
}

uint8_t get_bit(const volatile uint8_t *field, uint8_t bit) {
  return field[bit >> 3] & bit_mask(bit);
}

uint16_t le16(const uint8_t *p) {
  uint16_t v = p[1];
  v = v << 8;
  v = v | p[0];
  return v;
}

void set_event(uint16_t event) {
  uint8_t bit = (uint8_t)event & 7;
  event = event >> 3;
  set_bit(wEventFlags + event, bit);
}

uint8_t has_event(uint16_t event) {
  uint8_t bit = (uint8_t)event & 7;
  event = event >> 3;
  return get_bit(wEventFlags + event, bit);
}

/* Three binary-coded bytes; stops at 999999. */
void add_money(volatile uint8_t *to, const volatile uint8_t *amount) {
  uint8_t i = 3, low, high, carry = 0;
  while (i) {
    i--;
    low = to[i] & 15;
    low = low + (amount[i] & 15);
    low = low + carry;
    high = to[i] >> 4;
    high = high + (amount[i] >> 4);
    if (low > 9) {
      low = low - 10;
      high++;
    }
    carry = 0;
    if (high > 9) {
      high = high - 10;
      carry = 1;
    }
    high = high << 4;
    to[i] = high | low;
  }
  if (!carry) return;
  for (i = 0; i < 3; i++) to[i] = 0x99;
}

/* 1 if there was that much; else nothing changes. */
uint8_t take_money(volatile uint8_t *from, const volatile uint8_t *amount) {
  uint8_t i, low, high, borrow = 0;
  for (i = 0; i < 3; i++) {
    if (from[i] > amount[i]) break;
    if (from[i] < amount[i]) return 0;
  }
  i = 3;
  while (i) {
    i--;
    low = from[i] & 15;
    low = low + 10;
    low = low - (amount[i] & 15);
    low = low - borrow;
    high = from[i] >> 4;
    high = high + 10;
    high = high - (amount[i] >> 4);
    if (low < 10) high--;
    else low = low - 10;
    borrow = 1;
    if (high >= 10) {
      high = high - 10;
      borrow = 0;
    }
    high = high << 4;
    from[i] = high | low;
  }
  return 1;
}

static uint8_t pair_of(uint8_t v) {
  uint8_t high = v >> 4;
  high = high * 10;
  v = v & 15;
  return high + v;
}

uint16_t number_of(const volatile uint8_t *p) {
  uint16_t v = pair_of(p[0]);
  v = v * 100;
  return v + pair_of(p[1]);
}
