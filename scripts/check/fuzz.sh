#!/usr/bin/env bash
# Each fuzzer for WRIT_FUZZ_SECONDS (60 unless set), from its kept corpus and from what earlier runs
# found in build/fuzz/corpus. A finding is left in build/fuzz/findings.
# figures: fuzz.executions fuzz.findings
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/steps.sh

seconds=${WRIT_FUZZ_SECONDS:-60}
executions=0

run_fuzzer() {
  local name=$1 log=$2 corpora=("build/fuzz/corpus/$1")
  [[ ! -d fuzz/corpus/$name ]] || corpora+=("fuzz/corpus/$name")
  mkdir -p "build/fuzz/corpus/$name" build/fuzz/findings
  quietly "$log" "build/fuzz/bin/writ_fuzz_$name" -max_total_time="$seconds" -timeout=20 \
    -rss_limit_mb=3072 -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$name-" \
    "${corpora[@]}"
}

build_preset fuzz
for source in fuzz/*_fuzz.cpp; do
  [[ -e $source ]] || could_not "fuzz: there is no fuzzer"
  name=$(basename "$source" _fuzz.cpp)
  log=$(log_file "fuzz-$name")
  if step "fuzz $name" run_fuzzer "$name" "$log"; then
    count_result 1 0
  else
    count_result 0 1
    grep -A 20 -m 1 'ERROR\|SUMMARY' "$log" || tail -n 20 "$log"
  fi
  ran=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  executions=$((executions + ${ran:-0}))
done
echo "figure fuzz.executions $executions"
echo "figure fuzz.findings $failed"
print_counts
