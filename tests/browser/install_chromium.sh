#!/bin/sh
# Installs Chromium by the system's package manager, for the tests of the page.
set -eu
root=""
[ "$(id -u)" = 0 ] || root="sudo"
if command -v apt-get >/dev/null; then
    $root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends chromium
elif command -v dnf >/dev/null; then
    $root dnf install -y chromium
elif command -v pacman >/dev/null; then
    $root pacman -Sy --noconfirm chromium
elif command -v brew >/dev/null; then
    brew install --cask chromium
else
    echo "The tests need Chromium: please install it and run make test again." >&2
    exit 1
fi
