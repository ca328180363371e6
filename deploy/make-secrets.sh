#!/bin/sh
# Makes, once, in the folder given: the passwords of the stores and the addresses that hold them. A password that the
# environment gives (VIGIE_POSTGRES_PASSWORD, VIGIE_RABBITMQ_PASSWORD) is taken instead of a random one.
set -eu
cd "$1"
if [ -e complete ]; then
  exit 0
fi
new_password() { python -c 'import secrets; print(secrets.token_urlsafe(32))'; }
encoded() { python -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.stdin.read().rstrip("\n"), safe=""))'; }

postgres=${VIGIE_POSTGRES_PASSWORD:-$(new_password)}
rabbitmq=${VIGIE_RABBITMQ_PASSWORD:-$(new_password)}

# The stores read these under accounts of their own, so the files are readable by all who are given the folder.
umask 022
mkdir -p rabbitmq
printf '%s\n' "$postgres" > postgres-password
printf 'default_user = vigie\ndefault_pass = %s\n' "$rabbitmq" > rabbitmq/20-user.conf
printf 'postgresql://vigie:%s@postgres:5432/vigie\n' "$(printf '%s' "$postgres" | encoded)" > database-url
printf 'amqp://vigie:%s@rabbitmq:5672/\n' "$(printf '%s' "$rabbitmq" | encoded)" > amqp-url
touch complete
