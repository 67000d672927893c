#!/bin/sh
# Installs Asterisk from the named source:
#   forky      Debian's next release, pinned so that only Asterisk and what it needs comes from there (its libc6 too).
#              Debian's security team does not support it: build anew whenever Debian has a new package
#   packages   your own: the .deb files in docker/packages/
#   base       the base image's, or a source that the base image's apt knows
set -eu
cd "$(dirname "$0")"
wanted="asterisk asterisk-core-sounds-en-gsm"
case $1 in
  forky)
    if ! [ -x /usr/sbin/asterisk ]; then
      mirror=$(apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(COMPONENT)' 'Created-By: Packages' |
        sed -n '/security/d; s/|[a-z]*|main$//p' | head -n 1)
      printf 'Types: deb\nURIs: %s\nSuites: forky\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.%s\n' \
        "$mirror" "$([ -e /usr/share/keyrings/debian-archive-keyring.pgp ] && echo pgp || echo gpg)" \
        >/etc/apt/sources.list.d/asterisk.sources
      printf 'Package: *\nPin: release n=forky\nPin-Priority: 100\n' >/etc/apt/preferences.d/asterisk
      printf 'APT::Default-Release "forky";\n' >/etc/apt/apt.conf.d/99asterisk
      # shellcheck disable=SC2086 # the list is words
      packages.sh $wanted
      rm /etc/apt/apt.conf.d/99asterisk
    fi
    ;;
  packages)
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends ./*.deb
    apt-get clean
    rm -rf /var/lib/apt/lists/*
    ;;
  base)
    # shellcheck disable=SC2086 # the list is words
    packages.sh $wanted
    ;;
  *)
    echo "ASTERISK_SOURCE is forky, packages or base, not $1" >&2
    exit 1
    ;;
esac
asterisk -V
