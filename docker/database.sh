#!/bin/sh
# PostgreSQL for one database, on a unix socket only; who connects is known by his user's number (peer).
set -eu
programs=$(echo /usr/lib/postgresql/*/bin)
data=/var/lib/postgresql/data
sockets=/run/postgresql
if [ "${1:-}" = --healthy ]; then
  exec "$programs/pg_isready" -q -h "$sockets" -d supervision
fi
if ! [ -s "$data/PG_VERSION" ]; then
  "$programs/initdb" -D "$data" -U postgres --auth=reject --auth-local=peer -E UTF8 --locale=C.UTF-8 --data-checksums
  printf '%s\n' 'CREATE ROLE supervision LOGIN REPLICATION;' 'CREATE DATABASE supervision OWNER supervision;' |
    "$programs/postgres" --single -D "$data" postgres >/dev/null
fi
exec "$programs/postgres" -D "$data" -c listen_addresses= -c unix_socket_directories="$sockets" -c unix_socket_permissions=0777
