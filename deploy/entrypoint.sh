#!/bin/sh
# Runs `vigie` with its secret settings read from files, where NAME_FILE says where: VIGIE_DATABASE_URL_FILE and so on.
set -eu
for name in VIGIE_DATABASE_URL VIGIE_AMQP_URL VIGIE_SEALING_KEY VIGIE_SEALING_KEYS; do
  eval "file=\${${name}_FILE:-}"
  if [ -n "$file" ]; then
    value=$(cat "$file")
    export "$name=$value"
  fi
done
exec vigie "$@"
