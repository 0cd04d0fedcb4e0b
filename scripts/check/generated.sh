#!/usr/bin/env bash
# Generated programs (tests/generated), each run in five ways and written in another style:
# WRIT_GENERATED_PROGRAMS of them (20,000 unless set), from the seed WRIT_GENERATED_SEED (1).
# figures: generated.programs generated.mismatches generated.kinds_missing
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/steps.sh

build_preset release
status=0
build/release/bin/writ_generated --programs="${WRIT_GENERATED_PROGRAMS:-20000}" \
  --seed="${WRIT_GENERATED_SEED:-1}" || status=$?
count_result $((status == 0)) $((status != 0))
print_counts
