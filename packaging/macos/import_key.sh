#!/usr/bin/env bash
# Put the signing key and the notary's password into a keychain of this run. For a machine of a build service.
#
#   import_key.sh [--dry-run]
#
# MACOS_CERTIFICATE, MACOS_CERTIFICATE_PASSWORD     the certificate (.p12, in base64) and what opens it
# NOTARY_APPLE_ID, NOTARY_TEAM, NOTARY_PASSWORD     whom Apple notarises for; without the first, nobody
# With --dry-run every command is printed, none is run, and no secret is needed or shown.
set -euo pipefail

dry=""
if [ "${1:-}" = "--dry-run" ]; then
    dry=yes
    shift
fi
if [ $# -ne 0 ]; then
    echo "usage: import_key.sh [--dry-run]" >&2
    exit 2
fi
if [ -n "$dry" ]; then
    RUNNER_TEMP=${RUNNER_TEMP:-RUNNER_TEMP} GITHUB_ENV=/dev/null
    MACOS_CERTIFICATE="" MACOS_CERTIFICATE_PASSWORD=SECRET NOTARY_PASSWORD=SECRET
    NOTARY_APPLE_ID=${NOTARY_APPLE_ID:-APPLE_ID} NOTARY_TEAM=${NOTARY_TEAM:-TEAM}
fi

# A secret is never printed by a run that has it: a build's log is public.
run() {
    if [ -z "$dry" ]; then
        "$@"
        return
    fi
    printf '+'
    printf ' %q' "$@"
    printf '\n'
}

folder=${RUNNER_TEMP:?only on a build service}
password=SECRET
if [ -z "$dry" ]; then
    password=$(openssl rand -hex 24)
    printf '%s' "$MACOS_CERTIFICATE" | base64 --decode > "$folder/certificate.p12"
fi
chain=$folder/signing.keychain-db
run security create-keychain -p "$password" "$chain"
run security set-keychain-settings -lut 7200 "$chain"
run security unlock-keychain -p "$password" "$chain"
run security import "$folder/certificate.p12" -k "$chain" -P "$MACOS_CERTIFICATE_PASSWORD" -T /usr/bin/codesign
run rm "$folder/certificate.p12"
if [ -z "$dry" ]; then
    security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$chain" > /dev/null
else
    run security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$chain"
fi
run security list-keychains -d user -s "$chain"
if [ -n "${NOTARY_APPLE_ID:-}" ]; then
    run xcrun notarytool store-credentials g-copilot-proxy --keychain "$chain" --apple-id "$NOTARY_APPLE_ID" \
        --team-id "$NOTARY_TEAM" --password "$NOTARY_PASSWORD"
    run echo "MACOS_NOTARY_PROFILE=g-copilot-proxy" >> "$GITHUB_ENV"
fi
