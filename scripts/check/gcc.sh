#!/usr/bin/env bash
# The second compiler builds everything and passes every test.
# figures: gcc.tests gcc.failed
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/steps.sh

build_preset gcc
run_tests gcc || true
echo "figure gcc.tests $((passed + failed))"
echo "figure gcc.failed $failed"
print_counts
