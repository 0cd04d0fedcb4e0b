#!/usr/bin/env bash
# The gateway example from check to answers, as README.md tells it.   demo.sh [path/to/writ]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
writ=$(realpath "${1:-$here/../../build/release/bin/writ}")
cd "$here"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

policy=(access.writ common.writ --schema gateway.writ --config gateway.toml)

heading() { printf '\n── %s\n' "$1"; }
show() { printf '$ %s\n' "writ $*"; "$writ" "$@"; }

# decide LABEL SLOT OPTION…: the answers to all requests in $out/LABEL.jsonl, the summary in $out/LABEL.txt
decide() {
  local label=$1 slot=$2
  shift 2
  "$writ" run "${policy[@]}" --slot "$slot" --input requests.jsonl "$@" \
    >"$out/$label.jsonl" 2>"$out/$label.txt" || { cat "$out/$label.txt" >&2; exit 1; }
}
ns_a_decision() { sed -nE 's/.*[^0-9.]([0-9][0-9.]*) ns.*/\1/p' "$out/$1.txt" | head -1; }
agree() { if cmp -s "$out/$1.jsonl" "$out/$1-interp.jsonl"; then echo yes; else echo NO; fi; }
# counts LABEL: how often each answer was given, and by which rule, most frequent first
counts() {
  awk -F'"' '{ count[$6 "\t" $10]++ } END { for (key in count) printf "%d\t%s\n", count[key], key }' "$out/$1.jsonl" |
    sort -k1,1nr -k2 | awk -F'\t' '{ printf "  %6d  %-10s %s\n", $1, $2, $3 }'
}
row() { printf '  %-38s %10s %10s\n' "$@"; }

heading "1. Is the policy right? Types, names and capabilities; then its own tests"
show check "${policy[@]}"
show test "${policy[@]}"

heading "2. Ask it about $(wc -l <requests.jsonl) requests that a real web server logged"
printf '$ writ run %s --slot authorize --input requests.jsonl\n' "${policy[*]}"
decide authorize authorize
decide cache_ttl cache_ttl
head -3 "$out/authorize.jsonl"
echo "…"
cat "$out/authorize.txt"

heading "3. Change a value: nothing is edited, nothing is rebuilt"
echo '$ writ run … --slot cache_ttl --set access.share=10000'
decide everybody cache_ttl --set access.share=10000
changed=$(diff "$out/cache_ttl.jsonl" "$out/everybody.jsonl" | grep -c '^>' || true)
echo "everybody takes part in the trial of long caching: $changed answers changed"

heading "4. Ask the reference interpreter the same"
echo '$ writ run … --engine=interp'
decide authorize-interp authorize --engine=interp
decide cache_ttl-interp cache_ttl --engine=interp

heading "What came out"
echo "May this request be served?"
counts authorize
echo "How long may a cache keep the answer?"
counts cache_ttl
echo
row "" authorize cache_ttl
row "nanoseconds a decision, native code" "$(ns_a_decision authorize)" "$(ns_a_decision cache_ttl)"
row "nanoseconds a decision, interpreter" "$(ns_a_decision authorize-interp)" "$(ns_a_decision cache_ttl-interp)"
row "both engines agree on every line" "$(agree authorize)" "$(agree cache_ttl)"

[[ $(agree authorize) == yes && $(agree cache_ttl) == yes ]]
