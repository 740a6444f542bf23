/* After the great lamp: the ending screen and the credits. */
#include "story.h"
#include "assets.h"
#include "title.h"

static void page(uint8_t text) {
  lcd_stop();
  blank_screen();
  title_picture(2);
  draw_box(12, 0, 6, 20);
  show_screen();
  rBGP = 0xE4;
  lcd_start();
  message(text, MSG_WAIT);
}

/* Pages of words under the picture, the last screen, and the balcony, where
   play goes on. */
void ending(void) {
  uint8_t text;
  wJoyIgnore = 0xFF;
  wFontLoaded = wFontLoaded | 1;
  hWY = 0;
  dark(60);
  hide_sprites(0);
  hSCX = 0;
  hSCY = 0;
  lcd_stop();
  load_tiles(0);
  for (text = T_CREDITS_1; text <= T_CREDITS_LAST; text++) page(text);
  if (wNumHoFTeams != 255) wNumHoFTeams++;
  lcd_stop();
  blank_screen();
  title_picture(8);
  put_words(4, 6, w_the_end);
  show_screen();
  rBGP = 0xE4;
  lcd_start();
  do {
    frame();
  } while (!(hJoyPressed & (J_A | J_START)));
  dark(30);
  wLastMap = wCurMap;
  load_map(CREDITS_MAP);
  wYCoord = CREDITS_Y;
  wXCoord = CREDITS_X;
  wSpritePlayerFacing = 0;
  hWY = 0x90;
  wFontLoaded = wFontLoaded & 0xFE;
  draw_world();
  wJoyIgnore = 0;
}
