#!/bin/sh
set -eu
cookie=/var/lib/rabbitmq/.erlang.cookie
if [ -n "${RABBITMQ_ERLANG_COOKIE:-}" ]; then
	rm -f "$cookie"
	(umask 077; printf %s "$RABBITMQ_ERLANG_COOKIE" >"$cookie")
fi
exec rabbitmq-server "$@"
