# Reads the log of `ctest --verbose`, where each line of test K begins with "K: ". Prints "PASSED
# FAILED": every GoogleTest case counts one; a test that is no GoogleTest program, or died before
# its end, counts one. With -v show=1 prints what the failed tests said, successes left out.

match($0, /^[0-9]+: /) {
  test = substr($0, 1, RLENGTH - 2)
  text = substr($0, RLENGTH + 1)
  if (text ~ /^\[  PASSED  \] [0-9]+ test/) {
    split(text, word, " ")
    good[test] += word[4]
    counted[test] = 1
  }
  if (text ~ /^\[  FAILED  \] .*\([0-9]+ ms\)$/) { bad[test]++ }
  if (text !~ /^\[( RUN      |       OK )\]/) { said[test] = said[test] text "\n" }
}

/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
  match($0, /#[0-9]+/)
  test = substr($0, RSTART + 1, RLENGTH - 1)
  if ($0 ~ / Passed /) { passed += counted[test] ? good[test] : 1; next }
  passed += good[test]
  failed += bad[test] ? bad[test] : 1
  if (show) { printf "--- %s\n%s", $0, said[test] }
}

END { if (!show) { print passed + 0, failed + 0 } }
