"""A profile of some updates, on demand."""

from collections.abc import Iterator

import jax

from dreamer_jax.training.progress import Event

_SKIPPED = 1  # dispatches of a phase before the trace: the first one compiles


def traced(
  events: Iterator[Event], folder: str, dispatches: int
) -> Iterator[Event]:
  """Passes events on, and traces what happens between some of them.

  The trace begins after the first dispatch of the first phase that has another
  one, and ends after so many or with the phase; TensorBoard's profile plugin
  and Perfetto read it.

  Args:
    events: of the loop.
    folder: where the trace goes.
    dispatches: how many to trace; 0 for none.
  """
  left, phase, seen, is_on = dispatches, None, 0, False
  try:
    for event in events:
      now = (event.counters.round, event.counters.phase)
      seen = seen + 1 if now == phase else 1
      left -= is_on
      if is_on and (now != phase or left < 1 or event.done >= event.total):
        jax.profiler.stop_trace()
        is_on, left = False, 0
      elif (
        left > 0 and not is_on and event.unit == "updates"
        and seen >= _SKIPPED and event.done < event.total
      ):  # fmt: skip
        jax.profiler.start_trace(folder)
        is_on = True
      phase = now
      yield event
  finally:
    if is_on:
      jax.profiler.stop_trace()
