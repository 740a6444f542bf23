#!/usr/bin/env bash
# From a fresh clone to the table of results, on two CPU cores, no ROM needed:
#   bash launch/quickstart.sh [overrides, as --config.seed=1]
# Stopped or killed, the same command goes on where it was. A ROM of your own:
#   DREAMER_ROM=/path/to/rom.gb bash launch/quickstart.sh
set -euo pipefail
cd "$(dirname "$0")/.."

bash launch/setup.sh
run=runs/quickstart
.venv/bin/dreamer-jax train \
  --config=experiments/configs/quickstart.py --workdir="$run" "$@"
.venv/bin/dreamer-jax evaluate --checkpoint="$run"
.venv/bin/dreamer-jax dream --checkpoint="$run"
