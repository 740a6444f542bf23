; Start-up, interrupt table, VBlank routine, copies from data banks.
; Code lies in banks 0 and 1, always mapped. Banks 2 and up hold data; only
; far_run maps one, in bank 0's _HOME, and maps bank 1 back before it returns.
	.module crt0
	.globl	_main
	.globl	_vq_buf, _vq_n, _vbl_flag
	.globl	_far_to, _far_from, _far_n
	.globl	_view_cell, _view_to
	.area	_HEADER (ABS)
	.org	0x0000
	ret
	.org	0x0038
	jp	init		; runaway code reads 0xFF = rst 38: restart
	.org	0x0040		; VBlank
	jp	vblank
	.org	0x0048		; STAT
	reti
	.org	0x0050		; timer
	reti
	.org	0x0058		; serial
	reti
	.org	0x0060		; joypad
	reti
	.org	0x0100
	nop
	jp	init
	; 0x104-0x14F: logo left blank, the rest is written by makebin
	.org	0x0150
init:
	di
	ld	sp, #0xE000
	xor	a, a		; clear C000-DFFF; the stack is empty here
	ld	hl, #0xC000
1$:	ld	(hl+), a
	bit	5, h		; H reaches 0xE0
	jr	Z, 1$
	ld	c, #0x80	; clear FF80-FFFF, which also sets IE to 0
2$:	ldh	(c), a
	inc	c
	jr	NZ, 2$
	ld	hl, #dma_src	; the OAM DMA routine runs from HRAM
	ld	c, #0x80
	ld	b, #10
3$:	ld	a, (hl+)
	ldh	(c), a
	inc	c
	dec	b
	jr	NZ, 3$
	ld	a, #1
	ldh	(0xB8), a	; hLoadedROMBank
	ld	(0x2000), a
	call	gsinit
	call	_main
4$:	halt
	nop
	jr	4$
dma_src:
	.db	0x3E, 0xC3	; ld a, #>0xC300
	.db	0xE0, 0x46	; ldh (0x46), a
	.db	0x3E, 0x28	; ld a, #40
	.db	0x3D		; dec a
	.db	0x20, 0xFD	; jr nz, -3
	.db	0xC9		; ret

	.area	_HOME
	.area	_CODE
	.area	_RODATA
	.area	_INITIALIZER
	.area	_GSINIT
	.area	_GSFINAL
	.area	_DATA
	.area	_INITIALIZED
	.area	_BSEG
	.area	_BSS
	.area	_HEAP
	.area	_HOME
	; VBlank: drain the queue (low address, high address, value) * n, then
	; scroll from hSCX and hSCY, OAM DMA, flag
vblank:
	push	af
	push	bc
	push	de
	push	hl
	ld	a, (_vq_n)
	or	a, a
	jr	Z, 6$
	ld	b, a
	ld	hl, #_vq_buf
5$:	ld	a, (hl+)
	ld	e, a
	ld	a, (hl+)
	ld	d, a
	ld	a, (hl+)
	ld	(de), a
	dec	b
	jr	NZ, 5$
	xor	a, a
	ld	(_vq_n), a
6$:	ldh	a, (0xAE)
	ldh	(0x43), a
	ldh	a, (0xAF)
	ldh	(0x42), a
	call	0xFF80
	ld	hl, #_vbl_flag
	ld	(hl), #1
	pop	hl
	pop	de
	pop	bc
	pop	af
	reti

	; far_n bytes from data offset far_from to far_to: bank 2 + offset >> 14
_far_run::
	ld	a, (_far_from + 1)
	rlca
	rlca
	and	a, #3
	add	a, #2
	ldh	(0xB8), a
	ld	(0x2000), a
	ld	a, (_far_from)
	ld	e, a
	ld	a, (_far_from + 1)
	and	a, #0x3F
	or	a, #0x40
	ld	d, a
	call	copy
	ld	a, #1
	ldh	(0xB8), a
	ld	(0x2000), a
	ret
	; the same from a mapped address
_near_run::
	ld	a, (_far_from)
	ld	e, a
	ld	a, (_far_from + 1)
	ld	d, a
copy:
	ld	a, (_far_to)
	ld	l, a
	ld	a, (_far_to + 1)
	ld	h, a
	ld	a, (_far_n)
	ld	c, a
	ld	a, (_far_n + 1)
	ld	b, a
	or	a, c
	ret	Z
	dec	bc
	inc	b
	inc	c
9$:	ld	a, (de)
	ld	(hl+), a
	inc	de
	dec	c
	jr	NZ, 9$
	dec	b
	jr	NZ, 9$
	ret

	; ten cells from view_cell on as two rows of twenty tiles at view_to;
	; tile_table lies at the start of a page, four tiles a cell
_view_run::
	ld	a, (_view_to)
	ld	c, a
	ld	a, (_view_to + 1)
	ld	b, a
	xor	a, a
	call	half
	ld	a, #2
half:	ldh	(0x8A), a	; 0: upper tiles, 2: lower ones
	ld	a, (_view_cell)
	ld	e, a
	ld	a, (_view_cell + 1)
	ld	d, a
	ld	a, #10
10$:	ldh	(0x8B), a
	ldh	a, (0x8A)
	ld	l, a
	ld	a, (de)
	inc	de
	add	a, a
	add	a, a
	add	a, l
	ld	l, a
	ld	h, #0xC2
	ld	a, (hl+)
	ld	(bc), a
	inc	bc
	ld	a, (hl)
	ld	(bc), a
	inc	bc
	ldh	a, (0x8B)
	dec	a
	jr	NZ, 10$
	ret

	.area	_GSINIT
gsinit::
	ld	bc, #l__INITIALIZER
	ld	de, #s__INITIALIZED
	ld	hl, #s__INITIALIZER
7$:	ld	a, b
	or	a, c
	jr	Z, 8$
	ld	a, (hl+)
	ld	(de), a
	inc	de
	dec	bc
	jr	7$
8$:
	.area	_GSFINAL
	ret
