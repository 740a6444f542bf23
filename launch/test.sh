#!/usr/bin/env bash
# Runs the tests: launch/test.sh [--all] [pytest options]
#   --all  the slow ones too, and everything compiled as it is for use
# The cartridge's compiler is a Debian package; without it, one test is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v sdcc >/dev/null && command -v apt-get >/dev/null \
  && [ "$(id -u)" = 0 ]; then
  echo "Installing sdcc, the cartridge's compiler ..."
  { apt-get update && apt-get install -y --no-install-recommends sdcc; } \
    >/dev/null 2>&1 || echo "sdcc could not be installed; going on without"
fi
bash launch/setup.sh dev

select=(-m "not slow")
if [ "${1:-}" = --all ]; then
  select=()
  shift
else
  # Most of the time goes to compiling programs that then run for milliseconds.
  export JAX_DISABLE_MOST_OPTIMIZATIONS=1
  # A third of the time to compile; another XLA may not know the flag, and ends.
  faster="${XLA_FLAGS:-} --xla_cpu_use_fusion_emitters=false"
  if XLA_FLAGS=$faster JAX_PLATFORMS=cpu .venv/bin/python -c \
    "import jax; jax.devices()" >/dev/null 2>&1; then
    export XLA_FLAGS=$faster
  fi
fi
export JAX_PLATFORMS=${JAX_PLATFORMS:-cpu}
# What one process compiled, no other has to.
export JAX_COMPILATION_CACHE_DIR=${JAX_COMPILATION_CACHE_DIR:-$PWD/.jax_cache}
export JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0.3
.venv/bin/ruff check .
# A file's tests in one process: what one of them compiled, the next has.
exec .venv/bin/python -m pytest -n 2 --dist loadfile "${select[@]}" "$@"
