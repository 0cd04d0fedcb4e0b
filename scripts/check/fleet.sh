#!/usr/bin/env bash
# Nodes at scale, under load and under kill -9: the simulation with WRIT_FLEET_NODES nodes (2,000
# unless set); three nodes on a NATS server to which WRIT_FLEET_RELEASES (100) are published while they
# are called; and a node that writes its memory, killed at every system call by strace.
# figures: fleet.nodes fleet.publish_p50_ms fleet.publish_p99_ms fleet.rollback_ms fleet.kills_tried fleet.lost
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/steps.sh

build_preset release
work=build/fleet
log=$(log_file fleet)
node=build/release/bin/writ_node_crash
nodes=${WRIT_FLEET_NODES:-2000}
kills=0 lost=0
rm -rf "$work"
mkdir -p "$work"

put_load_on() {
  WRIT_FLEET_RELEASES=${WRIT_FLEET_RELEASES:-100} \
    build/release/bin/writ_fleet_tests --gtest_filter='FleetLoad.*'
}

simulate() {
  WRIT_FLEET_NODES=$nodes build/release/bin/writ_fleet_tests --gtest_filter='FleetSimulation.*'
}

# calls_of CALL: how many of them a node makes that takes three releases.
calls_of() {
  strace -f -o "$work/trace" -e trace="$1" "$node" "$work/counted-$1" 3 > /dev/null
  grep -c "^[0-9]* *$1(" "$work/trace"
}

# killed_at CALL N FOLDER: a node is killed when it makes its Nth CALL; what it told before is on its disk, and it goes on from
# there. What it was about to remember may be there too.
killed_at() {
  local told kept
  "$node" "$3" 2 > /dev/null
  # In a shell of its own, which keeps to itself that something was killed.
  (strace -f -o /dev/null -e trace="$1" -e inject="$1:signal=KILL:when=$2" "$node" "$3" 5 \
    > "$3.told"; exit) 2> /dev/null && say "    $1 $2 does not kill" && return 1
  told=$(tail -n 1 "$3.told" | grep . || echo '2 release 2')
  kept=$("$node" "$3") || return 1
  # The good release is never more than one behind, and never gone.
  ((${kept%% *} >= ${told%% *})) && [[ $kept == *" release "* ]] || return 1
  ((${kept##* } >= ${told##* })) && [[ $("$node" "$3" 6 | tail -n 1) == '6 release 6' ]]
}

kill_everywhere() {
  local call n count status=0
  for call in openat write fsync renameat; do
    count=$(calls_of "$call")
    for ((n = 1; n <= count; n++)); do
      kills=$((kills + 1))
      killed_at "$call" "$n" "$work/$call-$n" || {
        say "    lost: killed at $call $n"
        lost=$((lost + 1)) status=1
      }
    done
  done
  return "$status"
}

count_step() {
  if step "$@"; then count_result 1 0; else count_result 0 1; fi
}

count_step "simulate $nodes nodes" quietly "$log" simulate
echo "figure fleet.nodes $nodes"
count_step 'three nodes under load' quietly "$log" put_load_on
grep '^figure ' "$log" || true
count_step 'kill -9 at every system call on the disk' kill_everywhere
echo "figure fleet.kills_tried $kills"
echo "figure fleet.lost $lost"
print_counts
