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

# One line per mirror of the distribution, whatever format the machine's lists have, with the suite
# changed: next_suite_sources deb|deb-src
next_suite_sources() {
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -r "$keyring" ] && signed="[signed-by=$keyring] " || signed=
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' \
        'Created-By: Packages' |
        awk -v kind="$1 $signed" -v from=bookworm -v to=trixie '
            $2 == from && $3 == "main" && $4 == "Debian" && !seen[$1]++ {
                print kind $1 " " to " main"
            }'
}

# Debian 13's packages or sources, in a private apt state under WORK, so that the machine's stays as
# it is: next_suite WORK deb|deb-src, then next_suite_apt WORK download|source NAME…
next_suite() {
    mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
    next_suite_sources "$2" >"$1/sources.list"
    [ -s "$1/sources.list" ] || give_up "no package list of Debian found to derive Debian 13's from"
    next_suite_apt "$1" update >"$1/update.log" 2>&1 ||
        { tail -n 30 "$1/update.log" >&2; give_up "Debian 13's package lists cannot be read"; }
}

next_suite_apt() {
    state=$1
    shift
    apt-get -q -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::Etc::preferencesparts=- -o Dir::State::lists="$state/lists" \
        -o Dir::Cache="$state/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 "$@"
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
