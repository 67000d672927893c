#!/usr/bin/env bash
# The tests, in two goes: what is quick on both processors at once, then what speaks to a real Asterisk or drives
# a real browser, one after the other, since those measure times. Both go even if the first fails; the exit code
# is that of the first failure, and pytest's closing lines come last.
set -uo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
worst=0

go() {
  "$python" -m pytest "$@" 2>&1 | tee -a "$log"
  local code=${PIPESTATUS[0]}
  [ "$code" = 5 ] && code=0 # none of that kind
  [ "$worst" != 0 ] || worst=$code
}

go -q -n 2 -m "not pbx and not browser" "$@"
go -q -m "pbx or browser" --durations=10 "$@"
grep -E '(passed|failed|error|no tests ran).* in [0-9.]+s' "$log"
exit "$worst"
