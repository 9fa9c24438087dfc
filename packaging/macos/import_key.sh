#!/usr/bin/env bash
# Put the signing key and the notary's password into a keychain of this run. For a machine of a build service.
set -euo pipefail

folder=${RUNNER_TEMP:?only on a build service}
password=$(openssl rand -hex 24)
chain=$folder/signing.keychain-db
printf '%s' "$MACOS_CERTIFICATE" | base64 --decode > "$folder/certificate.p12"
security create-keychain -p "$password" "$chain"
security set-keychain-settings -lut 7200 "$chain"
security unlock-keychain -p "$password" "$chain"
security import "$folder/certificate.p12" -k "$chain" -P "$MACOS_CERTIFICATE_PASSWORD" -T /usr/bin/codesign
rm "$folder/certificate.p12"
security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$chain" > /dev/null
security list-keychains -d user -s "$chain"
if [ -n "${NOTARY_APPLE_ID:-}" ]; then
    xcrun notarytool store-credentials g-copilot-proxy --keychain "$chain" --apple-id "$NOTARY_APPLE_ID" \
        --team-id "$NOTARY_TEAM" --password "$NOTARY_PASSWORD"
    echo "MACOS_NOTARY_PROFILE=g-copilot-proxy" >> "$GITHUB_ENV"
fi
