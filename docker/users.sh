#!/bin/sh
# Makes our user and Asterisk's with the given numbers, or gives them these numbers.
set -eu
make() { # NAME NUMBER HOME
  if getent passwd "$1" >/dev/null; then
    usermod --uid "$2" "$1"
  else
    useradd --system --no-create-home --shell /usr/sbin/nologin --home-dir "$3" --uid "$2" --user-group "$1"
  fi
  groupmod --gid "$2" "$1"
  usermod --gid "$2" "$1"
}
make supervision "$1" /srv/supervision
make asterisk "$2" /var/lib/asterisk
# The home and what is shared below /run come as volumes; a new volume takes the owner of what it covers.
install -d -o supervision -g supervision -m 0750 /run/supervision /var/cache/supervision
install -d -m 0755 /srv/supervision
