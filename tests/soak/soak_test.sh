#!/usr/bin/env bash
# soak_test.sh SOAK: a small soak finds nothing wrong, and each seeded fault is found. Memory is not judged: what so short a run
# drifts by is chance, and sanitizers keep memory of their own.
set -uo pipefail
soak=$1
sizes=(--swaps=100 --fresh=10 --names=1000)
failed=0

figure() { sed -n "s/^figure soak\\.$1 //p" <<< "$2"; }

complain() {
  echo "$1"
  echo "$2"
  failed=1
}

figures=$("$soak" "${sizes[@]}")
for name in failed torn fds_drift threads_drift; do
  [[ $(figure "$name" "$figures") == 0 ]] || complain "a good run has soak.$name" "$figures"
done
(($(figure swaps "$figures") >= 100 && $(figure names "$figures") >= 1000)) ||
  complain 'a good run is not of the sizes that were asked for' "$figures"

for fault in torn early-free no-pin; do
  status=0
  figures=$("$soak" "${sizes[@]}" "--break=$fault" 2> /dev/null) || status=$?
  ((status == 1 && $(figure failed "$figures") + $(figure torn "$figures") > 0)) ||
    complain "--break=$fault was not found: status $status" "$figures"
done
exit "$failed"
