#!/usr/bin/env bash
# Release files: every bit of one flipped, every truncation, and every other way to tamper with one.
# figures: fleet.bitflips_tried fleet.bitflips_accepted
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/steps.sh

# The unit tests of that name, whose figures are kept for the end.
run_unit_tests() { quietly "$1" build/release/bin/writ_unit_tests --gtest_filter="$2"; }

build_preset release
log=$(log_file fleet-files)
if step "release files" run_unit_tests "$log" 'Tampering.*:Judge.*:Statement.*:Content.*:Keys.*'; then
  count_result 1 0
else
  count_result 0 1
  grep -A 10 -m 1 'Failure' "$log" || tail -n 20 "$log"
fi
grep "^figure " "$log" || true
print_counts
