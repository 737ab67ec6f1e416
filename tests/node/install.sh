#!/bin/sh
# Installs Node by the system's package manager where it is missing, and what package-lock.json names, for the tests of
# Socket.IO.
set -eu
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    root=""
    [ "$(id -u)" = 0 ] || root="sudo"
    if command -v apt-get >/dev/null; then
        $root apt-get update -qq
        DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends nodejs npm
    elif command -v dnf >/dev/null; then
        $root dnf install -y nodejs npm
    elif command -v pacman >/dev/null; then
        $root pacman -Sy --noconfirm nodejs npm
    elif command -v brew >/dev/null; then
        brew install node
    else
        echo "The tests need Node 18 or newer with npm: please install it and run make test again." >&2
        exit 1
    fi
fi
cd "$(dirname "$0")"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
touch node_modules/.package-lock.json  # so that make knows it is newer than package-lock.json
