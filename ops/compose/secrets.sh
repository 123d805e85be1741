#!/bin/sh
# Makes the folder `secrets` beside docker-compose.yml: one file for each secret, random where it may be, empty where only
# you know it. It never changes a file that is there, and may run again. `ops/compose/secrets.sh FOLDER` makes another one.
#
# Docker mounts each file as it lies here, with its owner and mode: containers read them, as users of their own, while
# nobody else of this machine comes into the folder.
set -eu

folder=${1:-secrets}
mkdir -p "$folder"
chmod 700 "$folder"

hex() {
    head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'
}

keep() {
    [ -e "$folder/$1" ] || printf '%s' "$2" >"$folder/$1"
    chmod 644 "$folder/$1"
}

api_key() {
    printf '{"name": "%s", "key": "%s", "scopes": [%s]}' "$1" "$(hex)" "$2"
}

keep postgres_password "$(hex)"
keep temporal_db_password "$(hex)"
keep homeward_db_password "$(hex)"
keep HOMEWARD_DATABASE_URL \
    "postgresql+asyncpg://homeward:$(cat "$folder/homeward_db_password")@postgresql:5432/homeward"
# Whoever loses this one cannot read what was encrypted any more: keep a copy where neither database nor backups are.
keep master.keys "$(date -u +%Y-%m):$(head -c 32 /dev/urandom | base64 | tr -d '\n')
"
keep HOMEWARD_API_KEYS "[$(api_key shop '"start", "read"'), $(api_key tablet '"warehouse", "bench"'), \
$(api_key office '"read", "support", "operate"'), $(api_key temporal-ui '"read"')]"
keep grafana_admin_password "$(hex)"
# Mailpit's: put your own mail server in its place, smtp://USER:PASSWORD@HOST:PORT.
keep HOMEWARD_SMTP_URL smtp://mailpit:1025
# Without a key the sandbox serves, and beside a public HOMEWARD_PUBLIC_URL nothing starts.
for name in STRIPE_KEY EASYPOST_KEY ORDERS_KEY SUBSCRIBERS \
    STRIPE_WEBHOOK_SECRET EASYPOST_WEBHOOK_SECRET WAREHOUSE_WEBHOOK_SECRET PAYMENTS_WEBHOOK_SECRET \
    MAILS_SECRET REFUNDS_SECRET STOCK_SECRET LINK_SECRET OIDC_CLIENT_SECRET; do
    keep "HOMEWARD_$name" ""
done
