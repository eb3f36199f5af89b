#!/bin/sh
# The programs that Gebäude is compared with, all in one directory:
#   setup.sh DIRECTORY
# Nothing is started, made a service of the system or put on the path. Only libraries and
# Node.js itself become packages of the system, and only where they are missing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${here%/bench/peers}
. "$root/deploy/lib.sh"

give_up() {
    say "the peers cannot be set up, so there is nothing to compare with: $*"
    exit 1
}

MQTTWARN=0.36.1
target=${1:?usage: setup.sh DIRECTORY}
log=$target/setup.log

# The program as Debian packs it, unpacked: installed, it would become a service of the system.
set_up_collectd() {
    ensure_packages libcap2 libmosquitto1 libpq5
    update_lists
    (cd "$1" && apt-get download -qq collectd-core && dpkg -x collectd-core_*.deb .) >>"$log" 2>&1
    [ -x "$1/usr/sbin/collectd" ]
}

node_new_enough() {
    node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null &&
        command -v npm >/dev/null 2>&1
}

set_up_nodered() {
    node_new_enough || ensure_packages nodejs npm
    cp "$here/config/package.json" "$1/"
    npm install --prefix "$1" --no-audit --no-fund --no-package-lock --ignore-scripts \
        --loglevel=error >>"$log" 2>&1
}

set_up_mqttwarn() {
    "$root/.venv/bin/python" -m venv "$1"
    "$1/bin/python" -m pip install -q --disable-pip-version-check \
        "mqttwarn[postgres]==$MQTTWARN" >>"$log" 2>&1
}

# Made anew where anything that it was made from has changed, or a run was broken off.
ensure() {
    peer=$1
    made=$target/$peer/.made-from
    wanted=$(cat "$here/setup.sh" "$here/config/package.json" | cksum)
    [ "$(cat "$made" 2>/dev/null)" != "$wanted" ] || return 0
    say "fetching $peer"
    rm -rf "${target:?}/$peer"
    mkdir -p "$target/$peer"
    "set_up_$peer" "$target/$peer" || give_up "$peer cannot be installed; see $log"
    printf '%s\n' "$wanted" >"$made"
}

mkdir -p "$target"
: >"$log"
for peer in collectd nodered mqttwarn; do
    ensure "$peer"
done
