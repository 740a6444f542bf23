#!/usr/bin/env bash
# Makes .venv and installs the project in it. Safe to run again and again:
# nothing is done when setup.py has not changed since.
#   launch/setup.sh          what running needs
#   launch/setup.sh dev      and what testing needs
#   EXTRAS=tpu launch/setup.sh   for accelerators: tpu or cuda
set -euo pipefail
cd "$(dirname "$0")/.."

extras="${1:-}${1:+${EXTRAS:+,}}${EXTRAS:-}"
python=${PYTHON:-python3}
stamp=".venv/.installed-${extras//,/-}"

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Python 3.11 or newer is needed; $python is" \
    "$("$python" --version 2>&1). Set PYTHON=/path/to/python3.11." >&2
  exit 1
fi
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version \
  >/dev/null 2>&1; then
  if ! "$python" -m venv --clear .venv 2>/dev/null; then
    echo "Python's venv module is missing: apt-get install python3-venv" >&2
    exit 1
  fi
fi
if [ ! -e "$stamp" ] || [ setup.py -nt "$stamp" ]; then
  echo "Installing into .venv (about a minute) ..."
  PYTHONWARNINGS=ignore .venv/bin/python -m pip install --quiet --disable-pip-version-check \
    --editable ".${extras:+[$extras]}"
  touch "$stamp"
fi
