#!/bin/sh
# Starts the Temporal server with the database password from a file: its image takes it from the environment alone.
# Needs POSTGRES_PWD_FILE, and what the image's own start needs.
set -eu

POSTGRES_PWD=$(cat "$POSTGRES_PWD_FILE")
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
