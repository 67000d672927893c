#!/usr/bin/env bash
# The tests, in two goes: what is quick or drives a browser, three at once, since many wait for something; then what
# speaks to a real Asterisk, one after the other on a machine that does nothing else, since the length of what was
# recorded is measured. Both go even if the first fails; the exit code is that of the first failure, and pytest's
# closing lines come last.
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

go -q -n 3 --dist loadgroup -m "not pbx" "$@"
go -q -m "pbx" --durations=10 "$@"
grep -E '(passed|failed|error|no tests ran).* in [0-9.]+s' "$log"
exit "$worst"
