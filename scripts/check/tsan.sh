#!/usr/bin/env bash
# ThreadSanitizer over every test.
# figures: tsan.tests tsan.failed
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/steps.sh

build_preset tsan
run_tests tsan || true
echo "figure tsan.tests $((passed + failed))"
echo "figure tsan.failed $failed"
print_counts
