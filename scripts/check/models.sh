#!/usr/bin/env bash
# The protocol that frees releases: Spin goes through every state of a model of it, relacy runs the
# code itself under the C++ memory model, and each must find every wrong order of models/seeds.txt.
# figures: models.states models.executions models.seeded models.seeded_found
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/steps.sh

work=build/models
log=$(log_file models)
executions=1000000 seeded_executions=10000  # of relacy

# build_spin FOLDER OPTION…, build_relacy FOLDER: the model whose sources are under FOLDER, as
# FOLDER/run.
build_spin() {
  local folder=$1
  shift
  (cd "$folder" && spin -a "$@" models/reclaim.pml && gcc-12 -O2 -w -DSAFETY pan.c -o run)
}

# relacy replaces operator new and knows only the delete without a size.
build_relacy() {
  clang++-22 -std=c++23 -O1 -w -fno-sized-deallocation -I"$1" "$1/models/reclaim_relacy.cpp" \
    -o "$1/run"
}

# A copy of what models are built from, as FOLDER.
copy_sources() {
  rm -rf "$1"
  mkdir -p "$1/host" "$1/models"
  cp host/reclaim_protocol.h "$1/host/"
  cp models/reclaim* "$1/models/"
}

# Spin's verifier: -m is how deep it may go, -w the size of its table. It says `errors: 0` even when
# it did not see all.
run_spin() {
  (cd "$1" && ./run -m1000000 -w"$2") > "$1/out" 2>&1 && grep -q 'errors: 0$' "$1/out" &&
    ! grep -q 'error:\|not completed' "$1/out"
}

run_relacy() { "$1/run" "$2" > "$1/out" 2>&1; }

# every_state_holds OPTION…
every_state_holds() {
  copy_sources "$work/spin"
  quietly "$log" build_spin "$work/spin" "$@" && run_spin "$work/spin" 26
}

every_execution_holds() {
  copy_sources "$work/relacy"
  quietly "$log" build_relacy "$work/relacy" && run_relacy "$work/relacy" "$executions"
}

# seed_is_found NAME MODEL FILE EXPRESSION
seed_is_found() {
  local folder=$work/$1-$2
  copy_sources "$folder"
  sed -i "$4" "$folder/$3"
  if cmp -s "$3" "$folder/$3"; then
    say "$1 changes nothing in $3"
    return 1
  fi
  if [[ $2 == spin ]]; then
    quietly "$log" build_spin "$folder" -DSWAPS=2 -DBUFFER=1 -DNESTED || return 1
    ! run_spin "$folder" 22 && grep -q 'assertion violated' "$folder/out"
  else
    quietly "$log" build_relacy "$folder" || return 1
    ! run_relacy "$folder" "$seeded_executions" && grep -q '^iteration: ' "$folder/out"
  fi
}

# Counts the step; its status is the step's.
check_step() {
  if step "$@"; then count_result 1 0; else count_result 0 1 && return 1; fi
}

states_of() { sed -n '/states, stored/{s/^ *\([0-9]*\) .*/\1/p;q}' "$1" | grep . || echo 0; }

rm -rf "$work"
states=0
check_step 'spin: 4 swaps' every_state_holds -DSWAPS=4 -DBUFFER=1 || true
states=$((states + $(states_of "$work/spin/out")))
check_step 'spin: 2 swaps, nested calls, longer buffers' \
  every_state_holds -DSWAPS=2 -DBUFFER=2 -DNESTED || true
states=$((states + $(states_of "$work/spin/out")))
check_step "relacy: $executions executions" every_execution_holds || true
ran=$(sed -n 's/^iterations: //p' "$work/relacy/out")

seeded=0 found=0
while read -r name model file expression; do
  [[ $name != '' && $name != '#' ]] || continue
  seeded=$((seeded + 1))
  if check_step "$model finds $name" seed_is_found "$name" "$model" "$file" "$expression"; then
    found=$((found + 1))
  fi
done < models/seeds.txt

echo "figure models.states $states"
echo "figure models.executions ${ran:-0}"
echo "figure models.seeded $seeded"
echo "figure models.seeded_found $found"
print_counts
