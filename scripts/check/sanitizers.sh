#!/usr/bin/env bash
# AddressSanitizer and UndefinedBehaviorSanitizer over every test.
# figures: sanitizers.tests sanitizers.failed
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/steps.sh

build_preset dev
run_tests dev || true
echo "figure sanitizers.tests $((passed + failed))"
echo "figure sanitizers.failed $failed"
print_counts
