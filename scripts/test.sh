#!/usr/bin/env bash
# The tests, in four goes: what is quick, on both processors at once, and beside it what drives a real browser, in a
# process of its own; then what speaks to a real Asterisk, three modules at once, since it mostly waits for its
# telephones; last what measures what is heard, one after the other on a machine that does nothing else. All go even if
# some fail; the exit code is that of the first failure, and pytest's closing lines come last. `--quick`: only the first,
# without what is marked thorough. The first two write to memory where there is enough of it: databases sync each commit,
# which a shared disk makes half of the time; what tests a disk brings its own.
set -uo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
# Where Python may not keep what it compiled, each process that a test starts compiles the house anew: a third of its
# start, and half of reading the tests.
unset PYTHONDONTWRITEBYTECODE
logs=$(mktemp -d)
browser=
trap '[ -z "$browser" ] || kill "$browser" 2>/dev/null; rm -rf "$logs"' EXIT
worst=0

memory=
if [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)" -gt 4000000 ] 2>/dev/null; then
  memory=$(mktemp -d /dev/shm/tests.XXXXXX)
  chmod 755 "$memory" # PostgreSQL runs as a user of its own
  trap '[ -z "$browser" ] || kill "$browser" 2>/dev/null; rm -rf "$logs" "$memory"' EXIT
fi

keep() { # CODE of a go
  local code=$1
  [ "$code" = 5 ] && code=0 # none of that kind
  [ "$worst" != 0 ] || worst=$code
}

go() { # NAME ARGUMENTS…
  ${memory:+env TMPDIR="$memory"} "$python" -m pytest -q "${@:2}" 2>&1 | tee "$logs/$1"
  keep "${PIPESTATUS[0]}"
}

# Reading all tests takes each process five seconds: what is in folders of its own is looked for there.
browser_in=() phones_in=()
if [ $# = 0 ]; then
  browser_in=(tests/browser) phones_in=(tests/pbx tests/asterisk tests/demo)
fi

if [ "${1:-}" = --quick ]; then
  go quick -n 2 --dist worksteal -m "not pbx and not browser and not containers and not thorough" "${@:2}"
  exit "$worst"
fi
${memory:+env TMPDIR="$memory"} "$python" -m pytest -q -m browser --durations=10 "${browser_in[@]}" "$@" >"$logs/browser" 2>&1 &
browser=$!
go quick -n 2 --dist worksteal -m "not pbx and not browser and not containers" "$@"
wait "$browser"
keep $?
browser=
cat "$logs/browser"
rm -rf "$memory"
memory=
go pbx -n 3 --dist loadscope --no-loadscope-reorder -m "pbx and not alone" --durations=10 "${phones_in[@]}" "$@"
go alone -m alone --durations=4 "${phones_in[@]}" "$@"
cat "$logs"/{quick,browser,pbx,alone} | grep -E '(passed|failed|error|no tests ran).* in [0-9.]+s'
exit "$worst"
