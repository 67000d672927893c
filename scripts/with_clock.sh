#!/usr/bin/env bash
# Runs a command with the wall clock shifted, so that it begins at that moment of the bureau's day. The monotonic
# clock is left alone: what waits waits as long as ever. Only this command and what it starts sees the other time.
# Files keep their real times: tests/torture, which holds them against the clock, says nothing under it.
#
#   scripts/with_clock.sh "2026-12-31 23:58" make demo-once
#
# libfaketime is built once below .runtime: Debian 12's own (0.9.10) breaks time.sleep of Python 3.11.
set -euo pipefail
moment=${1:?"usage: scripts/with_clock.sh 'YYYY-MM-DD HH:MM[:SS]' COMMAND..."}
shift
root=$(cd "$(dirname "$0")/.." && pwd)
built=$root/.runtime/clock
source_of_it="libfaketime==3.0.1 --hash=sha256:49c2b06250bd5a1206efe5ecfdc575850517081b50b42c6c58718be1a4a09fbd"

find_library() { find "$built" -name libfaketime.so.1 2>/dev/null | head -1; }

if [ -z "$(find_library)" ]; then
  command -v cc >/dev/null || { echo "with_clock: install gcc and libc6-dev first (scripts/setup.sh)" >&2; exit 1; }
  mkdir -p "$built"
  "$root/.venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --require-hashes \
    --no-binary libfaketime --target "$built" -r <(echo "$source_of_it") >&2
fi
wanted=$(date -d "TZ=\"Asia/Shanghai\" $moment" +%s)
# /dev is the same in the root that Asterisk runs in, so the library is found there by the same path.
preloaded=$(mktemp /dev/shm/libfaketime.XXXXXX)
trap 'rm -f "$preloaded"' EXIT
install -m 0755 "$(find_library)" "$preloaded"
# It looks for FAKETIME anew every 10 s unless set otherwise, and nginx empties its environment: there the clock went back.
export FAKETIME DONT_FAKE_MONOTONIC=1 FAKETIME_DISABLE_SHM=1 FAKETIME_CACHE_DURATION=2000000000
FAKETIME=$(printf '%+ds' $((wanted - $(date +%s))))
LD_PRELOAD=$preloaded "$@"
