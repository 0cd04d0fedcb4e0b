#!/usr/bin/env bash
# Release files: every bit of one flipped, every truncation, and every other way to tamper with one.
# Nodes: a simulation of WRIT_FLEET_NODES (2,000 unless set); a model of one, of which Spin visits
# every state; three under load, to which WRIT_FLEET_RELEASES (100) are published by a NATS server; the
# writing of a node's memory and a publisher's, killed at every system call by strace.
# figures: fleet.bitflips_tried fleet.bitflips_accepted fleet.nodes fleet.publish_p50_ms fleet.publish_p99_ms fleet.rollback_ms fleet.kills_tried fleet.lost fleet.states
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/steps.sh

build_preset release
work=build/fleet
log=$(log_file fleet)
crash=build/release/bin/writ_fleet_crash
nodes=${WRIT_FLEET_NODES:-2000}
kills=0 lost=0
rm -rf "$work"
mkdir -p "$work"

tamper_with_files() {
  build/release/bin/writ_unit_tests \
    --gtest_filter='Tampering.*:Judge.*:Statement.*:Content.*:Keys.*'
}

put_load_on() {
  WRIT_FLEET_RELEASES=${WRIT_FLEET_RELEASES:-100} \
    build/release/bin/writ_fleet_tests --gtest_filter='FleetLoad.*'
}

simulate() {
  WRIT_FLEET_NODES=$nodes build/release/bin/writ_fleet_tests --gtest_filter='FleetSimulation.*'
}

# calls_of WHAT CALL: how many of them it makes on its way from the second release to the fifth.
calls_of() {
  local folder=$work/counted-$1-$2
  "$crash" "$1" "$folder" 2 > /dev/null
  strace -f -o "$work/trace" -e trace="$2" "$crash" "$1" "$folder" 5 > /dev/null
  grep -c "^[0-9]* *$2(" "$work/trace"
}

# is_whole WHAT FOLDER TOLD: what it had told is on disk, or what came next; the good release is there and at most one behind; and
# it goes on from there.
is_whole() {
  local stands sequence good
  stands=$("$crash" "$1" "$2" 0 | head -n 1)
  read -r sequence good <<< "$stands"
  ((sequence >= ${3% *} && good >= ${3#* } && good >= sequence - 1)) &&
    [[ $("$crash" "$1" "$2" 6 | tail -n 1) == '6 6' ]]
}

# killed_at WHAT CALL N: it is killed when it makes its Nth CALL.
killed_at() {
  local folder=$work/$1-$2-$3
  "$crash" "$1" "$folder" 2 > /dev/null
  # In a shell of its own, which keeps to itself that something was killed.
  (strace -f -o /dev/null -e trace="$2" -e inject="$2:signal=KILL:when=$3" \
    "$crash" "$1" "$folder" 5 > "$folder.told"; exit) 2> /dev/null &&
    say "    $1: $2 $3 does not kill" && return 1
  is_whole "$1" "$folder" "$(tail -n 1 "$folder.told" | grep . || echo '2 2')"
}

kill_everywhere() {
  local what call n count status=0
  for what in remember publish; do
    for call in openat write fsync renameat; do
      count=$(calls_of "$what" "$call")
      for ((n = 1; n <= count; n++)); do
        kills=$((kills + 1))
        killed_at "$what" "$call" "$n" || {
          say "    lost: $what, killed at $call $n"
          lost=$((lost + 1)) status=1
        }
      done
    done
  done
  return "$status"
}

# model_holds FOLDER [EXPRESSION]: Spin goes through every state of models/fleet.pml, as it is or changed.
model_holds() {
  mkdir -p "$1"
  sed "${2:-}" models/fleet.pml > "$1/fleet.pml"
  (cd "$1" && spin -a fleet.pml && gcc-12 -O2 -w -DSAFETY pan.c -o run) >> "$log" 2>&1 || return 1
  (cd "$1" && ./run -m1000000 -w24) > "$1/out" 2>&1 && grep -q 'errors: 0$' "$1/out" &&
    ! grep -q 'error:\|not completed' "$1/out"
}

# Mistakes that the model must find.
model_finds_mistakes() {
  local status=0 expression
  for expression in \
    's/d_step { highest = offered; fate = ON_TRIAL };//' \
    's/:: offered < highest /:: false /' \
    's/-> highest = release; fate = REFUSED/-> skip/' \
    's/fate == REFUSED || //'; do
    model_holds "$work/seeded" "$expression" || {
      grep -q 'assertion violated' "$work/seeded/out" && continue
    }
    say "    the model does not find $expression"
    status=1
  done
  return "$status"
}

count_step() {
  if step "$@"; then count_result 1 0; else count_result 0 1; fi
}

count_step 'release files' quietly "$log" tamper_with_files
count_step "simulate $nodes nodes" quietly "$log" simulate
echo "figure fleet.nodes $nodes"
count_step 'three nodes under load' quietly "$log" put_load_on
count_step 'spin: a node killed anywhere' model_holds "$work/model"
count_step 'spin finds mistakes' model_finds_mistakes
count_step 'kill -9 at every system call on the disk' kill_everywhere
grep '^figure ' "$log" || true
echo "figure fleet.kills_tried $kills"
echo "figure fleet.lost $lost"
echo "figure fleet.states $(sed -n '/states, stored/{s/^ *\([0-9]*\) .*/\1/p;q}' "$work/model/out")"
print_counts
