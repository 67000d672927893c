#!/usr/bin/env bash
# Makes .venv-ansible from its own hash-locked list (once), then runs a program of it: scripts/ansible.sh ansible-lint …
# It is apart from .venv: neither needs what the other has.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=ansible/requirements.lock
stamp=.venv-ansible/.made-from-$(sha256sum "$lock" | cut -c1-16)
if [ ! -e "$stamp" ]; then
  python=python3
  [ ! -x .venv/bin/python ] || python=.venv/bin/python
  printf 'setup: making .venv-ansible\n' >&2
  rm -rf .venv-ansible
  "$python" -m venv .venv-ansible
  .venv-ansible/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r "$lock" >&2
  touch "$stamp"
fi
[ $# -gt 0 ] || exit 0
PATH="$PWD/.venv-ansible/bin:$PATH"
export PATH ANSIBLE_CONFIG="$PWD/ansible/ansible.cfg"
cd ansible
exec "$@"
