#!/usr/bin/env bash
# Sign the app, pack it as a disk image and have Apple notarise it. Runs on macOS.
#
#   make_dmg.sh [--dry-run] APP DMG
#
# MACOS_SIGNING_IDENTITY   the Developer ID; without it the app is signed for this computer alone (ad hoc)
# MACOS_NOTARY_PROFILE     a profile that `xcrun notarytool store-credentials` made; without it nothing is sent
# With --dry-run every command is printed and none is run.
set -euo pipefail

dry=""
if [ "${1:-}" = "--dry-run" ]; then
    dry=yes
    shift
fi
if [ $# -ne 2 ]; then
    echo "usage: make_dmg.sh [--dry-run] APP DMG" >&2
    exit 2
fi
app=$1
dmg=$2
here=$(cd "$(dirname "$0")" && pwd)
identity=${MACOS_SIGNING_IDENTITY:--}

run() {
    printf '+'
    printf ' %q' "$@"
    printf '\n'
    if [ -z "$dry" ]; then "$@"; fi
}

timestamp=(--timestamp)
if [ "$identity" = "-" ]; then
    timestamp=(--timestamp=none)
    echo "No MACOS_SIGNING_IDENTITY: signed ad hoc; other computers will warn about it."
fi

# From the inside out: --deep would sign libraries with the app's entitlements.
if [ -z "$dry" ]; then
    find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -u+x \) -print0 |
        while IFS= read -r -d '' each; do
            if file -b "$each" | grep -q '^Mach-O' && [ "$each" != "$app/Contents/MacOS/g-copilot-proxy" ]; then
                run codesign --force --options runtime "${timestamp[@]}" --sign "$identity" "$each"
            fi
        done
fi
run codesign --force --options runtime "${timestamp[@]}" --entitlements "$here/entitlements.plist" \
    --sign "$identity" "$app"
run codesign --verify --deep --strict "$app"

staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
run cp -R "$app" "$staging/"
run ln -s /Applications "$staging/Applications"
run hdiutil create -volname g-copilot-proxy -srcfolder "$staging" -fs HFS+ -format UDZO -ov "$dmg"
run codesign --force "${timestamp[@]}" --sign "$identity" "$dmg"

if [ "$identity" != "-" ] && [ -n "${MACOS_NOTARY_PROFILE:-}" ]; then
    run xcrun notarytool submit "$dmg" --keychain-profile "$MACOS_NOTARY_PROFILE" --wait
    run xcrun stapler staple "$dmg"
    run spctl --assess --type open --context context:primary-signature --verbose "$dmg"
else
    echo "Not notarised: that needs a signing identity and MACOS_NOTARY_PROFILE."
fi
