#!/bin/sh
# Installs those of the named Debian packages that are missing.
set -eu
missing=
for name in "$@"; do
  dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing="$missing $name"
done
[ -n "$missing" ] || exit 0
apt-get update -q
# shellcheck disable=SC2086 # the list is words
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
apt-get clean
rm -rf /var/lib/apt/lists/*
