#!/usr/bin/env bash
# The cases of CEL's conformance suite that tests/cel/cases.tsv lists, fetched from npm once: each as
# written and with its literals hoisted, on both engines. What came of each is in build/cel.jsonl.
# figures: cel.passed cel.listed cel.failed
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/steps.sh
. scripts/packages.sh

version=0.6.1
package=build/cel/package
cases=build/cel/cases.jsonl
log=$(log_file cel)

fetch_package() {
  rm -rf build/cel
  mkdir -p build/cel
  (cd build/cel && timeout 120 npm pack --silent "@bufbuild/cel-spec@$version" && tar -xzf ./*.tgz)
}

# Where the network has no npm nothing is judged: that is said, and the figures are unmeasured.
command -v npm > /dev/null && command -v node > /dev/null || (install_packages nodejs npm) || true
if [[ ! -d $package ]] && ! step "fetch CEL's cases" quietly "$log" fetch_package; then
  echo "not run: cel (npm cannot fetch @bufbuild/cel-spec $version here: $log)"
  print_counts
  exit
fi
node tests/cel/export.mjs "$package" tests/cel/cases.tsv > "$cases"
build_preset release
status=0
build/release/bin/writ_cel "$cases" tests/cel/left_out.tsv build/cel.jsonl || status=$?
count_result $((status == 0)) $((status != 0))
print_counts
