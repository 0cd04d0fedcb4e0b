#!/usr/bin/env bash
# The example server under load and edits.
# figures: server.requests server.failed server.stale server.edits server.edit_to_live_p50_ms server.edit_to_live_max_ms
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/steps.sh

build_preset release
if step "load" python3 tests/server/load.py; then
  count_result 1 0
else
  count_result 0 1
fi
print_counts
