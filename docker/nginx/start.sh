#!/bin/sh
# nginx with those of docs/nginx-*.conf that are named: site, or site and intake. It runs as our user, so the site is
# at 4443; whoever asks comes by a published port, whatever the name. A renewed certificate is read within the hour.
set -eu
mkdir -p /tmp/servers
for name in "$@"; do
  sed -e 's/listen 443 ssl/listen 4443 ssl/' -e 's/server_name .*;/server_name _;/' \
    "/etc/nginx/documented/nginx-$name.conf" >"/tmp/servers/$name.conf"
done
certificates() { cat /etc/ssl/supervision/*.pem /srv/supervision/tls/server.pem 2>/dev/null | sha256sum; }
(
  read_last=$(certificates)
  while sleep 3600; do
    now=$(certificates)
    [ "$now" = "$read_last" ] || kill -HUP 1
    read_last=$now
  done
) &
exec nginx -e stderr
