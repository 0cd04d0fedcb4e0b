#!/usr/bin/env bash
# clang-tidy over the files that changed since the main branch, or over all of them with
# WRIT_TIDY_ALL=1. It reads the compile commands of the release preset; a file that includes LLVM's
# ORC takes it three quarters of a minute.
# figures: tidy.files tidy.findings
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/steps.sh

changed_files() {
  local base
  base=$(git merge-base HEAD origin/main 2> /dev/null || git rev-parse -q --verify HEAD~1 ||
    git hash-object -t tree /dev/null)
  {
    git diff --name-only --diff-filter=d "$base"
    git ls-files --others --exclude-standard
  } | sort -u
}

# Only what the release preset compiles: clang-tidy would guess the flags of any other file.
files_to_read() {
  local file chosen=changed_files
  [[ ${WRIT_TIDY_ALL:-0} == 0 ]] || chosen=source_files
  $chosen | while read -r file; do
    if grep -q "\"file\": \"$PWD/$file\"" build/release/compile_commands.json; then echo "$file"; fi
  done
}

# One process a core, one file each; a file with a finding fails.
tidy() {
  printf '%s\0' "$@" |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy-22 -p build/release --quiet --warnings-as-errors='*'
}

build_preset release  # the compile commands and the generated headers
mapfile -t files < <(files_to_read)
log=$(log_file tidy)
findings=0
if ((${#files[@]})); then
  status=0
  step "clang-tidy: ${#files[@]} files" quietly "$log" tidy "${files[@]}" || status=$?
  found=$(grep -E '(warning|error): ' "$log" | sort -u || true)
  if [[ -n $found ]]; then
    echo "$found"
    findings=$(wc -l <<< "$found")
  elif ((status != 0)); then
    tail -n 20 "$log"
    findings=1
  fi
fi
count_result $((findings == 0)) $((findings != 0))
echo "figure tidy.files ${#files[@]}"
echo "figure tidy.findings $findings"
print_counts
