#!/usr/bin/env bash
# Wrong changes made by hand, one a file of tests/mutants: each is applied to a copy of the sources,
# and the test that its head names must fail. One that does not apply or build has survived.
# WRIT_MUTANTS names some of them (all unless set).
# figures: mutants.all mutants.survived
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/steps.sh

tree=build/mutants/tree kept=build/mutants/kept
log=$(log_file mutants)
survived=0

# What is the same stays untouched, so that what was built of it stays built.
copy_sources() {
  local file
  mkdir -p "$tree"
  git ls-files -z --cached --others --exclude-standard | while read -r -d '' file; do
    [[ ! -f $file ]] || cmp -s "$file" "$tree/$file" || install -D "$file" "$tree/$file"
  done
  find "$tree" -path "$tree/build" -prune -o -type f -printf '%P\n' | while read -r file; do
    [[ -f $file ]] || rm "$tree/$file"
  done
}

configure_copy() { (cd "$tree" && cmake --preset dev-fast); }

build_target() { (cd "$tree" && cmake --build --preset dev-fast --target "$1"); }

# run_test BINARY FILTER: its status; a mutant may go on for ever.
run_test() { (cd "$tree" && timeout 120 "build/dev-fast/bin/$1" --gtest_filter="$2"); }

# The tests pass without a mutant, and there are some.
passes_unchanged() {
  local out
  out=$(run_test "$@" 2>&1) || { say "$1 $2 fails without a mutant" && return 1; }
  grep -q 'PASSED.* [1-9][0-9]* test' <<< "$out" || { say "$1 has no test $2" && return 1; }
}

# Files that a patch is about, to and from where they are kept meanwhile. cp makes them new, so that
# what was built of the mutant is built again.
keep() {
  sed -n 's|^+++ b/||p' "$1" | while read -r file; do install -D "$tree/$file" "$kept/$file"; done
}
restore() {
  sed -n 's|^+++ b/||p' "$1" | while read -r file; do cp "$kept/$file" "$tree/$file"; done
}

# is_killed PATCH BINARY FILTER: says why not.
is_killed() {
  local name
  name=$(basename "$1" .patch)
  quietly "$log" patch -d "$tree" -p1 --fuzz=3 --batch --no-backup-if-mismatch -i "$PWD/$1" || {
    say "    $name does not apply" && return 1
  }
  quietly "$log" build_target "$2" || { say "    $name does not build" && return 1; }
  ! quietly "$log" run_test "$2" "$3" || { say "    $name survives $2 $3" && return 1; }
}

try_mutant() {
  local patch=$1 binary filter status=0
  read -r binary filter < <(sed -n 's/^killed by: //p' "$patch")
  quietly "$log" build_target "$binary" && passes_unchanged "$binary" "$filter" || return 1
  keep "$patch"
  is_killed "$patch" "$binary" "$filter" || status=1
  restore "$patch"
  return "$status"
}

step "copy the sources" copy_sources
step "configure the copy" quietly "$log" configure_copy
patches=(tests/mutants/*.patch)
[[ -z ${WRIT_MUTANTS:-} ]] || read -ra patches <<< "$WRIT_MUTANTS"
for patch in "${patches[@]}"; do
  if try_mutant "$patch"; then
    count_result 1 0
  else
    say "    survived: $patch"
    survived=$((survived + 1))
    count_result 0 1
  fi
done
echo "figure mutants.all ${#patches[@]}"
echo "figure mutants.survived $survived"
print_counts
