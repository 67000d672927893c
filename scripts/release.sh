#!/bin/sh
# On a machine, as root: install this release, switch to one, or back. `scripts/release.sh --help` shows how.
set -eu
cd "$(dirname "$0")/.."
exec python3 -B -m releases "$@"
