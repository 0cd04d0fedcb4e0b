# shellcheck shell=bash
# The steps that ./dev and the parts of its check are made of: say what happens and how long it
# took, build a preset, run its tests, count. A command that fails is a status; only could_not and
# wrong_usage end the script.

# Debian installs the symbolizer under a versioned name that the sanitizers do not look for.
symbolizer=external_symbolizer_path=/usr/bin/llvm-symbolizer-22
export ASAN_OPTIONS=${ASAN_OPTIONS:-$symbolizer}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:$symbolizer}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:$symbolizer}

say() { printf '%s\n' "$*" >&2; }

could_not() {
  say "$*"
  exit 4
}

wrong_usage() {
  say "dev: $*"
  exit 2
}

is_one_of() {
  local wanted=$1 word
  shift
  for word in "$@"; do [[ $word == "$wanted" ]] && return 0; done
  return 1
}

# 90, 90s, 35m, 2h as seconds.
seconds_of() {
  [[ $1 =~ ^([0-9]+)([smh]?)$ ]] || wrong_usage "--budget wants a time like 35m, not '$1'"
  case ${BASH_REMATCH[2]} in
    m) echo $((BASH_REMATCH[1] * 60)) ;;
    h) echo $((BASH_REMATCH[1] * 3600)) ;;
    *) echo "${BASH_REMATCH[1]}" ;;
  esac
}

# step NAME COMMAND…: runs it and says how long it took; its status is the command's.
step() {
  local name=$1 start=$SECONDS status=0
  shift
  say "==> $name"
  "$@" || status=$?
  local verdict=
  ((status == 0)) || verdict='FAILED after '
  say "    $name: $verdict$((SECONDS - start)) s"
  return "$status"
}

# An empty log file of that name under build/log.
log_file() {
  mkdir -p build/log
  : > "build/log/$1.log"
  echo "build/log/$1.log"
}

quietly() {
  local log=$1
  shift
  "$@" >> "$log" 2>&1 < /dev/null
}

build_preset() {
  local preset=$1 log
  log=$(log_file "configure-$preset")
  if [[ ! -f build/$preset/build.ninja ]]; then
    step "configure $preset" quietly "$log" cmake --preset "$preset" || {
      grep -A 4 'CMake Error' "$log" >&2 || tail -n 20 "$log" >&2
      return 1
    }
  fi
  step "build $preset" build_quietly "$preset"
}

# Ninja's progress on a terminal; into a pipe or a log only what went wrong.
build_quietly() {
  if [[ -t 1 ]]; then
    cmake --build --preset "$1"
    return
  fi
  local log
  log=$(log_file "build-$1")
  quietly "$log" cmake --build --preset "$1" || {
    grep -E -A 12 '(error|FAILED|warning):' "$log" | head -n 200 >&2 || tail -n 40 "$log" >&2
    return 1
  }
}

passed=0 failed=0

count_result() {
  passed=$((passed + $1))
  failed=$((failed + $2))
}

# The last line of whatever counts; the status is the answer.
print_counts() {
  echo "$passed passed, $failed failed"
  ((failed == 0))
}

# run_tests PRESET: its tests under ctest, which shows one line a binary; what failed is shown
# whole. Counts each GoogleTest case, and a program that is none, or that died, as one.
run_tests() {
  local preset=$1 log counts status=0
  log=$(log_file "test-$preset")
  step "test $preset" ctest_into "$log" "$preset" || status=$?
  counts=$(awk -f scripts/count_tests.awk "$log")
  # shellcheck disable=SC2086  # two numbers
  count_result $counts
  if ((status != 0)); then
    awk -v show=1 -f scripts/count_tests.awk "$log"
    # ctest that could not even start leaves no test to count.
    ((${counts#* } > 0)) || count_result 0 1
  fi
  tail -n 12 "$log" | sed -n '/tests passed/,$p'
  return "$status"
}

ctest_into() {
  local status=0
  ctest --preset "$2" --verbose --parallel "$(nproc)" < /dev/null > "$1" 2>&1 || status=$?
  grep -E '^ *[0-9]+/[0-9]+ Test ' "$1" >&2 || tail -n 20 "$1" >&2
  return "$status"
}

# The C++ of every folder that layers.txt lists.
source_files() {
  sed -n 's/^\([a-z][a-z_]*\)\( .*\)\?$/\1/p' layers.txt | grep -v '^system$' |
    xargs -I {} find {} -name '*.h' -o -name '*.hpp' -o -name '*.cpp' | sort
}

# layout_of_sources write|check: clang-format in place, or the names of the files that it would
# change.
layout_of_sources() {
  if [[ $1 == write ]]; then
    source_files | xargs -r clang-format-22 -i
    return
  fi
  local changed
  changed=$(source_files | xargs -r clang-format-22 --dry-run 2>&1 |
    sed -n 's/^\([^:]*\):.*clang-format-violations.*/\1/p' | sort -u)
  [[ -z $changed ]] || { say "would change (./dev fmt does):" && say "$changed"; return 1; }
}

# run_parts BUDGET_SECONDS PART…: each scripts/check/PART.sh in turn, cut off when the budget is
# used up (no budget when empty). Its last line is `N passed, N failed`; the figures it promises in
# its head are printed last of all.
run_parts() {
  local budget=$1 part log start=$SECONDS remaining
  local not_run=() limit=()
  shift
  log=$(log_file figures)
  for part in "$@"; do
    remaining=$((${budget:-0} - (SECONDS - start)))
    if [[ -n $budget ]]; then
      if ((remaining <= 0)); then
        not_run+=("not run: $part (no time left of $budget s)")
        promise_figures "$part" /dev/null "$log"
        continue
      fi
      limit=(timeout --kill-after=10 "$remaining")
    fi
    run_part "$part" "$log" ${limit[@]+"${limit[@]}"} ||
      not_run+=("not run: $part (cut off at its end of the $budget s)")
  done
  ((${#not_run[@]} == 0)) || printf '%s\n' "${not_run[@]}"
  cat "$log"
  print_counts
}

# run_part PART FIGURES [LIMIT…]: status 1 when the limit cut it off.
run_part() {
  local part=$1 figures=$2 log status=0 counts
  shift 2
  log=$(log_file "check-$part")
  step "check $part" "$@" bash "scripts/check/$part.sh" | tee "$log" |
    sed '/^figure /d; /^[0-9]* passed, [0-9]* failed$/d' || status=$?
  promise_figures "$part" "$log" "$figures"
  # timeout says 124, or 137 when it had to kill.
  if ((status == 124 || status == 137)); then return 1; fi
  counts=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log")
  # shellcheck disable=SC2086  # two numbers
  count_result ${counts:-0 0}
  if ((status != 0)) && [[ ${counts:-0 0} == *' 0' ]]; then count_result 0 1; fi
  return 0
}

# Copies a part's figures. One that its head promises (`# figures: NAME…`) and that it did not print
# is unmeasured.
promise_figures() {
  local name names
  read -ra names < <(sed -n 's/^# figures: //p' "scripts/check/$1.sh")
  for name in "${names[@]}"; do
    grep "^figure $name " "$2" || echo "figure $name unmeasured"
  done >> "$3"
}
