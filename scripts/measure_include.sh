#!/usr/bin/env bash
# What including writ.hpp costs: CPU seconds of each compiler for the header, and for the standard headers alone that it
# includes. Best of five.   measure_include.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

echo '#include <writ/writ.hpp>' >"$scratch/writ.cpp"
grep -h '^#include <' include/writ/*.h* | sort -u >"$scratch/standard.cpp"

# seconds COMPILER FILE
seconds() {
  local TIMEFORMAT='%U' run
  for run in 1 2 3 4 5; do
    { time "$1" -std=c++23 -fsyntax-only -I include "$2" >&2; } 2>&1
  done | sort -n | head -1
}

for compiler in clang++-22 g++-12; do
  whole=$(seconds "$compiler" "$scratch/writ.cpp")
  standard=$(seconds "$compiler" "$scratch/standard.cpp")
  awk -v compiler="$compiler" -v whole="$whole" -v standard="$standard" \
    'BEGIN { printf "%s: writ.hpp %.2f s, its standard headers %.2f s, over them %.2f s\n", compiler, whole, standard, whole - standard }'
done
