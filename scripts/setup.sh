#!/usr/bin/env bash
# Makes a Debian 12 or 13 machine ready: packages by apt (only what is missing), .venv from the hash-locked
# list, the browser's scripts by npm, and the translations. What is done already is not done again.
#
#   scripts/setup.sh              all that `make test` needs
#   scripts/setup.sh demo         only what `make demo` needs (no browser, no PostgreSQL)
#   scripts/setup.sh hosts        what `make hosts` needs besides: systemd-nspawn, SSH, nmap
#   scripts/setup.sh production   only what a node or headquarters needs: nothing of development or of the tests
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-test}

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
has_library() { compgen -G "/usr/lib/*/$1" >/dev/null; }

# --- packages ---------------------------------------------------------------------------------------------

# The newest Python that we support and that can make a virtual environment.
find_python() {
  local name
  for name in python3.13 python3.12 python3.11 python3; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}

missing_packages() {
  find_python >/dev/null || echo python3 python3-venv
  has espeak-ng || echo espeak-ng
  has node || echo nodejs
  has npm || echo npm
  has nginx || echo nginx
  [ -d /usr/share/fonts/opentype/noto ] || echo fonts-noto-cjk
  has_library libpangoft2-1.0.so.0 || echo libpango-1.0-0 libpangoft2-1.0-0 # these two lay out printed documents
  has_library libharfbuzz-subset.so.0 || echo libharfbuzz-subset0
  [ "$purpose" = demo ] || has nft || echo nftables
  [ "$purpose" = production ] && return
  has sipp || echo sip-tester
  has unshare || echo util-linux
  has mount || echo mount
  if ! has asterisk && [ -z "${SUPERVISION_PBX_ROOT:-}" ]; then
    has mmdebstrap || echo mmdebstrap
    [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || echo debian-archive-keyring
    [ "$(id -u)" = 0 ] || has newuidmap || echo uidmap
  fi
  if [ "$purpose" = hosts ]; then
    has systemd-nspawn || echo systemd-container
    has ssh || echo openssh-client
    has nmap || echo nmap
  fi
  [ "$purpose" = demo ] && return
  compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || echo postgresql
  has chromium-headless-shell || echo chromium-headless-shell # has no windows to keep: a quarter less work
  has systemd-analyze || echo systemd
  has tc || echo iproute2
  has mkfs.ext4 || echo e2fsprogs
  has cc || echo gcc libc6-dev # tests at other dates build libfaketime (scripts/with_clock.sh)
}

install_packages() {
  local wanted=$1 as_root=()
  has apt-get || die "this is no Debian: install what these Debian packages bring, then run it again: $wanted"
  if [ "$(id -u)" != 0 ]; then
    has sudo || die "please have root run: apt-get install --no-install-recommends $wanted"
    sudo -n true 2>/dev/null || [ -t 0 ] || die "please run first: sudo apt-get install --no-install-recommends $wanted"
    as_root=(sudo)
  fi
  say "installing $wanted"
  # Demo and tests start PostgreSQL and nginx of their own: the packages need not make a cluster, or start a server.
  local quiet=/etc/postgresql-common/createcluster.d/supervision-setup.conf policy=/usr/sbin/policy-rc.d
  if [[ " $wanted " == *" postgresql "* ]]; then
    "${as_root[@]}" mkdir -p "$(dirname "$quiet")"
    echo 'create_main_cluster = false' | "${as_root[@]}" tee "$quiet" >/dev/null
  fi
  if [[ " $wanted " == *" nginx "* ]] && [ "$purpose" != production ] && [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
  else
    policy=
  fi
  local done=0
  "${as_root[@]}" apt-get update -q >&2 || true
  # shellcheck disable=SC2086 # the list is words
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $wanted >&2 || done=$?
  "${as_root[@]}" rm -f "$quiet" ${policy:+"$policy"}
  [ -z "$policy" ] || ! has systemctl || "${as_root[@]}" systemctl --quiet disable nginx 2>/dev/null || true
  [ "$done" = 0 ] || die "apt-get could not install: $wanted"
}

missing=$(missing_packages | xargs)
[ -z "$missing" ] || install_packages "$missing"

# --- Python -----------------------------------------------------------------------------------------------

# The lists hold a current setuptools: what venv brings for Python 3.11 is years old.
lock=requirements-dev.lock dev=
[ "$purpose" = production ] && lock=requirements.lock dev=--omit=dev
stamp=.venv/.made-from-$(sha256sum "$lock" | cut -c1-16)
if [ ! -e "$stamp" ]; then
  python=$(find_python) || die "no Python 3.11, 3.12 or 3.13 with venv was found"
  say "making .venv with $("$python" -V)"
  rm -rf .venv
  "$python" -m venv .venv
  .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r "$lock" >&2
  # The packages of this folder, importable from wherever the Python of this .venv is started.
  pwd > "$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/supervision.pth"
  touch "$stamp"
fi

# --- the browser's scripts, the translations ---------------------------------------------------------------

if [ -e package-lock.json ]; then
  stamp=node_modules/.made-from-$(cat package-lock.json scripts/vendor.mjs | sha256sum | cut -c1-16)
  if [ ! -e "$stamp" ] || [ ! -d web/static/vendor ]; then
    say "installing the browser's scripts"
    # shellcheck disable=SC2086 # one word or none
    npm ci $dev --no-audit --no-fund --loglevel=error >&2
    touch "$stamp"
  fi
fi

if [ -d web/translations ]; then
  while IFS= read -r po; do
    [ "${po%.po}.mo" -nt "$po" ] || .venv/bin/pybabel -q compile -i "$po" -o "${po%.po}.mo"
  done < <(find web/translations -name '*.po')
fi
