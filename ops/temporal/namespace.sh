#!/bin/sh
# Creates the namespace and the search attributes of returns where they are missing; safe to run again.
# Needs TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, as every Temporal tool does.
set -eu

until temporal operator cluster health >/dev/null 2>&1; do
    echo "waiting for Temporal at $TEMPORAL_ADDRESS"
    sleep 2
done

# Closed returns stay readable in Temporal for 30 days, or longer where somebody has set that; the database keeps their
# final view for good.
if known=$(temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" --output json 2>/dev/null); then
    kept=$(echo "$known" | sed -n 's/.*"workflowExecutionRetentionTtl": *"\([0-9]*\)s".*/\1/p')
    if [ "${kept:-0}" -lt 2592000 ]; then
        temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention 30d
    fi
else
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d
fi

# The server takes some seconds to see a new namespace.
until present=$(temporal operator search-attribute list 2>/dev/null); do
    echo "waiting for the namespace $TEMPORAL_NAMESPACE"
    sleep 2
done

while read -r name type; do
    if echo "$present" | grep -qw "$name"; then
        continue
    fi
    temporal operator search-attribute create --name "$name" --type "$type"
done <"$(dirname "$0")/search_attributes.txt"
