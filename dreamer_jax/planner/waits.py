"""Reads how long a service asks to wait."""

import re
import time
from collections.abc import Mapping
from email import utils

MAX_WAIT_SECS = 3600.0  # a server may ask for more; it is asked again then
_MOST_LETTERS = 8192  # of an error's body that are looked at
_NUMBER = r"\d+(?:\.\d+)?"
_WORDS = re.compile(
  rf'(?:"retryDelay":\s*"|try again in )({_NUMBER})\s?(ms|s)\b'
)


def asked(headers: Mapping[str, str], body: str = "") -> float | None:
  """Seconds to wait by the header `Retry-After`, or by the error's words.

  The header has a number or a date; OpenAI has one of milliseconds too, Gemini
  a `retryDelay` in the body.
  """
  lower = {str(k).lower(): v.strip() for k, v in headers.items()}
  wish = lower.get("retry-after", "")
  if re.fullmatch(_NUMBER, lower.get("retry-after-ms", "")):
    secs = float(lower["retry-after-ms"]) / 1000
  elif re.fullmatch(_NUMBER, wish):
    secs = float(wish)
  elif wish[:1].isalpha() and (date := _date_secs(wish)):
    secs = date - time.time()
  elif found := _WORDS.search(body[:_MOST_LETTERS]):
    secs = float(found[1]) / (1000 if found[2] == "ms" else 1)
  else:
    return None
  return min(max(secs, 0.0), MAX_WAIT_SECS)


def _date_secs(text: str) -> float | None:
  """Seconds since 1970 of a date as HTTP has it."""
  try:
    return utils.parsedate_to_datetime(text).timestamp()
  except (TypeError, ValueError, OverflowError):
    return None
