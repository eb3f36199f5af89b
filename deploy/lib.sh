# Shared by the set-up scripts: saying things, becoming root, installing packages.
# POSIX sh; source it, do not run it.

say() { printf 'setup: %s\n' "$*" >&2; }

give_up() {
    printf 'setup: %s\n' "$*" >&2
    printf 'setup: With a Docker engine, "docker compose up" runs the system on any machine.\n' >&2
    exit 1
}

# The distribution's packages are the only thing that ever needs root.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        give_up "root is needed for: $* — run as root, or install sudo."
    fi
}

OS_RELEASE=${OS_RELEASE:-/etc/os-release}

release() { (. "$OS_RELEASE" && printf '%s' "${ID:-unknown}-${VERSION_CODENAME:-unknown}"); }

require_debian() {
    case "$(release)" in
        debian-bookworm | debian-trixie) command -v apt-get >/dev/null 2>&1 && return ;;
    esac
    give_up "this is not Debian 12 or 13, so these are missing and have to be installed by hand: $*"
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_of() {
    for package in "$@"; do
        installed "$package" || printf '%s ' "$package"
    done
}

# Third-party lists may fail to update; only whether the packages can be had counts.
update_lists() {
    [ -z "${LISTS_FRESH:-}" ] || return 0
    say "reading the distribution's package lists"
    as_root apt-get update -q -o Acquire::Retries=3 >/dev/null 2>&1 ||
        say "some package lists could not be read; going on with the others"
    LISTS_FRESH=1
}

apt_install() {
    log=$(mktemp)
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@" >"$log" 2>&1; then
        rm -f "$log"
    else
        tail -n 40 "$log" >&2
        rm -f "$log"
        return 1
    fi
}

ensure_packages() {
    missing=$(missing_of "$@")
    [ -n "$missing" ] || return 0
    require_debian "$missing"
    update_lists
    say "installing $missing"
    # shellcheck disable=SC2086  # a list of package names
    apt_install $missing || give_up "these packages could not be installed: $missing"
}

# Runs a command during which no package's installation starts its service.
without_starting() {
    policy=/usr/sbin/policy-rc.d
    [ ! -e "$policy" ] || { "$@"; return; }
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    # In a shell of its own: giving up must not leave the policy behind.
    ("$@") && status=0 || status=$?
    as_root rm -f "$policy"
    [ "$status" = 0 ] || exit "$status"
}
