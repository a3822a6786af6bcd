#!/usr/bin/env bash
# Makes the database cluster at the first start, then becomes the server.
# POSTGRES_PASSWORD, POSTGRES_USER (postgres), POSTGRES_DB (the user's name), each also as …_FILE; POSTGRES_INITDB_ARGS;
# POSTGRES_HOST_AUTH_METHOD; scripts in /docker-entrypoint-initdb.d.
set -euo pipefail

from_file() {
  local file="${1}_FILE"
  [ -z "${!file:-}" ] || export "$1=$(cat "${!file}")"
}

initialise() {
  from_file POSTGRES_PASSWORD; from_file POSTGRES_USER; from_file POSTGRES_DB; from_file POSTGRES_INITDB_ARGS
  local user=${POSTGRES_USER:-postgres} method=${POSTGRES_HOST_AUTH_METHOD:-} arguments file
  [ -n "${POSTGRES_PASSWORD:-}" ] || [ "$method" = trust ] || { echo 'Error: the database is not initialised and POSTGRES_PASSWORD is not set.' >&2; exit 1; }
  read -ra arguments <<<"${POSTGRES_INITDB_ARGS:-}"
  initdb --username="$user" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:-}") "${arguments[@]}"
  printf '\nhost all all all %s\n' "${method:-$(postgres -C password_encryption)}" >>"$PGDATA/pg_hba.conf"

  # Reachable on its socket only, until everything is in place.
  pg_ctl -D "$PGDATA" -w -o "-c listen_addresses=''" start
  local psql=(psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$user" --dbname "${POSTGRES_DB:-$user}")
  export PGHOST='' PGPASSWORD="${POSTGRES_PASSWORD:-}"
  "${psql[@]}" --dbname postgres -tc 'SELECT datname FROM pg_database' | grep -qxF " ${POSTGRES_DB:-$user}" ||
    "${psql[@]}" --dbname postgres --set db="${POSTGRES_DB:-$user}" <<<'CREATE DATABASE :"db"'
  for file in /docker-entrypoint-initdb.d/*; do
    # shellcheck disable=SC1090
    case "$file" in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) "${psql[@]}" -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | "${psql[@]}" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGHOST PGPASSWORD
}

[ "${1#-}" = "$1" ] || set -- postgres "$@"
if [ "$1" = postgres ]; then
  if [ "$(id -u)" -eq 0 ]; then
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    chown -R postgres:postgres "$PGDATA" /var/run/postgresql
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
  fi
  [ -s "$PGDATA/PG_VERSION" ] || initialise
fi
exec "$@"
