#!/bin/sh
# First start: an empty data directory gets its system tables and root's
# password, over a file that only this container can read. Later starts go on.
set -eu
data=/var/lib/mysql
if [ ! -d "$data/mysql" ]; then
	: "${MARIADB_ROOT_PASSWORD:?is not set}"
	mariadb-install-db --datadir="$data" --auth-root-authentication-method=normal --skip-test-db >&2
	init=$(mktemp)
	cat >"$init" <<SQL
CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY '$MARIADB_ROOT_PASSWORD';
GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;
ALTER USER 'root'@'localhost' IDENTIFIED BY '$MARIADB_ROOT_PASSWORD';
SQL
	set -- --init-file="$init" "$@"
fi
exec mariadbd --datadir="$data" "$@"
