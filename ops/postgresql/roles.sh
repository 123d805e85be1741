#!/bin/sh
# Runs once, when PostgreSQL makes its data: a role for Temporal and one for Homeward, so that neither reads what is the
# other's. Needs TEMPORAL_DB_PASSWORD_FILE and HOMEWARD_DB_PASSWORD_FILE. PostgreSQL's own start may take it into its own
# shell: it sets no option that would stay.
psql --username "${POSTGRES_USER:-postgres}" --dbname postgres --no-psqlrc --set ON_ERROR_STOP=1 \
    --set temporal="$(cat "${TEMPORAL_DB_PASSWORD_FILE:?}")" --set homeward="$(cat "${HOMEWARD_DB_PASSWORD_FILE:?}")" <<'SQL'
-- Temporal's schema job creates its two databases itself.
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'temporal';
CREATE ROLE homeward LOGIN PASSWORD :'homeward';
CREATE DATABASE homeward OWNER homeward;
REVOKE CONNECT ON DATABASE homeward FROM PUBLIC;
SQL
