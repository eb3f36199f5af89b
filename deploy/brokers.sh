#!/bin/sh
# RabbitMQ and NATS, which the fault suite compares. Their services are not started: the suite runs
# processes of its own, under the accounts that the packages make.
#   Debian 13: the distribution's packages.
#   Debian 12: those are older than what is shipped (docker-compose.yml has RabbitMQ 4). Debian 13's
#   are laid beside them, with the libraries that they were linked to, as one ordinary package, so
#   that the machine knows what it has and `apt remove` takes it away.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

PACKAGE=gebaeude-brokers
REVISION=2 # of what is done to the packages here
PLACE=/usr/lib/$PACKAGE
ERLANG="asn1 base crypto eldap inets mnesia os-mon parsetools public-key runtime-tools ssl
    syntax-tools tools xmerl"
LIBRARIES="libc6 libgcc-s1 libstdc++6 libsystemd0 libcap2 libtinfo6 zlib1g libssl3t64"

fetch() {
    work=$1
    mkdir "$work/debs"
    next_suite "$work" deb
    # shellcheck disable=SC2046,SC2086  # lists of package names
    (cd "$work/debs" && next_suite_apt "$work" download rabbitmq-server nats-server $LIBRARIES \
        $(printf 'erlang-%s ' $ERLANG)) >"$work/fetch.log" 2>&1 ||
        { tail -n 30 "$work/fetch.log" >&2; give_up "Debian 13's brokers cannot be had"; }
}

# Programs find Debian 13's C library, and the others beside it, where they lie now.
relocate() {
    root=$1
    libraries=$(dirname "$(find "$root/usr/lib" -name 'libc.so.6')")
    loader=$(basename "$(find "$libraries" -name 'ld-linux-*')")
    LC_ALL=C grep -rlaP '\A\x7fELF' "$root/usr/lib/erlang" "$root/usr/sbin" >"$work/files"
    while read -r file; do
        case "$file" in
            *.so) ;;
            *) patchelf --set-interpreter "$PLACE${libraries#"$root"}/$loader" "$file" ;;
        esac
        patchelf --force-rpath --set-rpath "$PLACE${libraries#"$root"}" "$file"
    done <"$work/files"
    # The second is what one node starts to ask others, when it looks for its cluster.
    sed -i "s,=/usr/lib/erlang\$,=$PLACE/usr/lib/erlang," "$root"/usr/lib/erlang/bin/erl \
        "$root"/usr/lib/erlang/erts-*/bin/erl
}

# What the suite starts; RabbitMQ's scripts look for their Erlang in the path.
add_programs() {
    root=$1
    mkdir "$root/bin"
    for program in rabbitmq-server rabbitmqctl; do
        printf '#!/bin/sh\nPATH=%s/usr/lib/erlang/bin:$PATH exec %s/usr/lib/rabbitmq/bin/%s "$@"\n' \
            "$PLACE" "$PLACE" "$program" >"$root/bin/$program"
        chmod 755 "$root/bin/$program"
    done
    ln -s ../usr/lib/erlang/bin/epmd ../usr/sbin/nats-server "$root/bin/"
}

make_package() {
    work=$1
    root=$work/package$PLACE
    mkdir -p "$root" "$work/package/DEBIAN"
    for deb in "$work"/debs/*.deb; do dpkg-deb --extract "$deb" "$root"; done
    # Nothing but the programs and what they read: no service, no configuration.
    rm -rf "$root/etc" "$root/var" "$root/usr/share" "$root/usr/lib/systemd" "$root/usr/lib/ocf"
    relocate "$root"
    add_programs "$root"
    cat >"$work/package/DEBIAN/control" <<CONTROL
Package: $PACKAGE
Version: $(dpkg-deb --field "$work"/debs/rabbitmq-server_*.deb Version)+$REVISION
Architecture: $(dpkg --print-architecture)
Maintainer: built on this machine <root@localhost>
Depends: rabbitmq-server, nats-server
Section: net
Priority: optional
Description: RabbitMQ and NATS of Debian's next release
 For the fault suite, beside this release's, whose accounts they use.
CONTROL
    chmod -R u=rwX,go=rX "$work/package"
    dpkg-deb --root-owner-group -Zgzip -z1 --build "$work/package" "$work/$PACKAGE.deb" >/dev/null
}

is_laid_beside() {
    case $(dpkg-query -W -f '${db:Status-Status} ${Version}' "$PACKAGE" 2>/dev/null) in
        "installed "*"+$REVISION") true ;;
        *) false ;;
    esac
}

lay_beside() {
    ensure_packages patchelf
    work=$(mktemp -d "${TMPDIR:-/tmp}/brokers.XXXXXX")
    trap 'rm -rf "$work"' EXIT INT TERM
    chmod 755 "$work"
    say "fetching RabbitMQ 4 and NATS 2.10 of Debian 13"
    update_lists
    fetch "$work"
    make_package "$work"
    apt_install "$work/$PACKAGE.deb" || give_up "Debian 13's brokers could not be installed"
}

missing=$(missing_of rabbitmq-server nats-server)
[ -z "$missing" ] || without_starting ensure_packages rabbitmq-server nats-server
command -v mkfs.ext4 >/dev/null 2>&1 || ensure_packages e2fsprogs
if [ "$(release)" = debian-bookworm ] && ! is_laid_beside; then
    lay_beside
fi
