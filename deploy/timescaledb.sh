#!/bin/sh
# PostgreSQL with TimescaleDB (Apache edition).
#   Debian 13: the distribution's package.
#   Debian 12: PostgreSQL 15, and Debian 13's source package built against it. It becomes an
#   ordinary package, so that the machine knows what it has and `apt remove` takes it away.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

VERSION=15
PACKAGE=postgresql-$VERSION-timescaledb

have_timescaledb() {
    for control in /usr/share/postgresql/*/extension/timescaledb.control; do
        [ -f "$control" ] || continue
        directory=${control%/extension/timescaledb.control}
        [ ! -x "/usr/lib/postgresql/${directory##*/}/bin/initdb" ] || return 0
    done
    return 1
}

# Debian's installation would start a cluster on the default port that nobody asked for.
without_main_cluster() {
    fragment=/etc/postgresql-common/createcluster.d/gebaeude-setup.conf
    as_root mkdir -p "${fragment%/*}"
    printf 'create_main_cluster = false\n' | as_root tee "$fragment" >/dev/null
    "$@" || status=$?
    as_root rm -f "$fragment"
    return "${status:-0}"
}

fetch_source() {
    work=$1
    mkdir -p "$work/source"
    next_suite "$work" deb-src
    (cd "$work/source" && next_suite_apt "$work" source timescaledb) >"$work/fetch.log" 2>&1 ||
        { tail -n 30 "$work/fetch.log" >&2; give_up "the source of TimescaleDB cannot be had"; }
}

build() {
    work=$1
    set -- "$work"/source/timescaledb-*/
    source=$1
    cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
        -DPG_CONFIG="/usr/lib/postgresql/$VERSION/bin/pg_config" \
        -DAPACHE_ONLY=1 -DREGRESS_CHECKS=OFF -DTAP_CHECKS=OFF \
        -DWARNINGS_AS_ERRORS=OFF -DUSE_TELEMETRY=OFF >"$work/cmake.log" 2>&1 &&
        ninja -C "$work/build" >"$work/ninja.log" 2>&1 &&
        DESTDIR="$work/package" ninja -C "$work/build" install >"$work/install.log" 2>&1 ||
        { tail -n 30 "$work"/*.log >&2; give_up "TimescaleDB could not be built"; }
}

make_package() {
    work=$1
    upstream=$(dpkg-parsechangelog -l "$work"/source/timescaledb-*/debian/changelog -S Version)
    mkdir -p "$work/package/DEBIAN"
    cat >"$work/package/DEBIAN/control" <<CONTROL
Package: $PACKAGE
Version: $upstream~pg$VERSION
Architecture: $(dpkg --print-architecture)
Maintainer: built on this machine <root@localhost>
Depends: postgresql-$VERSION
Section: database
Priority: optional
Description: TimescaleDB (Apache edition) for PostgreSQL $VERSION
 Built from Debian's source package of the next release.
CONTROL
    chmod -R u=rwX,go=rX "$work/package"
    dpkg-deb --root-owner-group --build "$work/package" "$work/$PACKAGE.deb" >/dev/null
}

build_from_source() {
    ensure_packages postgresql-server-dev-$VERSION cmake ninja-build gcc libc6-dev dpkg-dev \
        libssl-dev libkrb5-dev
    work=$(mktemp -d "${TMPDIR:-/tmp}/timescaledb.XXXXXX")
    trap 'rm -rf "$work"' EXIT INT TERM
    chmod 755 "$work"
    say "building TimescaleDB for PostgreSQL $VERSION (about a minute)"
    update_lists
    fetch_source "$work"
    build "$work"
    make_package "$work"
    apt_install "$work/$PACKAGE.deb" || give_up "the built TimescaleDB could not be installed"
}

main() {
    have_timescaledb && return
    require_debian "PostgreSQL with the extension TimescaleDB"
    if [ "$(release)" = debian-trixie ]; then
        without_main_cluster ensure_packages postgresql-17 postgresql-17-timescaledb
    else
        without_main_cluster ensure_packages postgresql-$VERSION
        build_from_source
    fi
    have_timescaledb || give_up "TimescaleDB is still not there after installing it"
}

main
