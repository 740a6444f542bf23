/* The Game Boy's registers and buttons. */
#ifndef HW_H
#define HW_H
#include <stdint.h>
#define REG(a) (*(volatile uint8_t *)(a))
#define rRAMG REG(0x0000) /* the battery RAM's gate: 0x0A opens it */
#define SRAM ((volatile uint8_t *)0xA000)
#define rP1 REG(0xFF00)
#define rIF REG(0xFF0F)
#define rLCDC REG(0xFF40)
#define rLY REG(0xFF44)
#define rBGP REG(0xFF47)
#define rOBP0 REG(0xFF48)
#define rWY REG(0xFF4A)
#define rWX REG(0xFF4B)
#define rIE REG(0xFFFF)
#define V_OBJ ((uint8_t *)0x8000)  /* sprite tiles */
#define V_FONT ((uint8_t *)0x8800) /* background tiles 0x80-0xFF */
#define V_BG ((uint8_t *)0x9000)   /* background tiles 0x00-0x7F */
#define V_MAP ((uint8_t *)0x9800)
#define V_WIN ((uint8_t *)0x9C00)
#define J_A 1
#define J_B 2
#define J_SELECT 4
#define J_START 8
#define J_RIGHT 16
#define J_LEFT 32
#define J_UP 64
#define J_DOWN 128
#define J_DPAD 0xF0
#endif
