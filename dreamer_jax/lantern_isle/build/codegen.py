"""Turns the cartridge's Python tables into C, and fills the data banks.

`pictures.py` makes tiles, `records.py` maps, texts and tables; here is the
order in which all of it is written.
"""

from dreamer_jax.lantern_isle.build import banks, pictures, records, wram


def generate() -> tuple[dict[str, str], banks.DataBanks]:
  """All generated C (file name -> content), and the data banks."""
  wram.check_wram(wram.wram_table())
  data = banks.DataBanks()
  parts = (
    wram.wram_c(),
    pictures.assets_c(data),
    records.maps_c(data),
    records.texts_c(data),
    records.tables_c(),
  )
  files = {n: body + "\n" for part in parts for n, body in part.items()}
  return files, data
