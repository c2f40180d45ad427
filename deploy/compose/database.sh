#!/bin/bash
# Makes huying's two roles and its database, once, with the passwords of the two connection strings.
set -euo pipefail
password() { sed -E 's#^postgres(ql)?://[^:]+:([^@]+)@.*#\2#' "/run/secrets/$1"; }
# Passwords of init-secrets are letters and digits: nothing in them needs to be quoted.
for name in database_url database_owner_url; do
    [[ "$(password "$name")" =~ ^[A-Za-z0-9]+$ ]] || { echo "$name: make it with init-secrets" >&2; exit 1; }
done
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" <<SQL
CREATE ROLE huying_owner LOGIN PASSWORD '$(password database_owner_url)';
CREATE ROLE huying LOGIN PASSWORD '$(password database_url)';
CREATE DATABASE huying OWNER huying_owner TEMPLATE template0 ENCODING 'UTF8';
GRANT pg_read_all_stats TO huying;
ALTER ROLE huying SET log_min_messages = 'log';
ALTER ROLE huying_owner SET log_min_messages = 'log';
SQL
