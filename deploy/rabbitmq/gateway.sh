#!/bin/sh
# Who may send to the durable broker; run where the broker runs:
#   gateway add NAME [PREFIX…]   shows its password, once; PREFIX: a topic it cannot choose, whose
#                                levels below are its own as well (application/17; + for one level)
#   gateway revoke NAME          takes the account away and breaks its connections off
#   gateway list
# The area of a gateway is that of Mosquitto's ACL, whose patterns are read here; see
# docs/operations.md for what differs.
set -eu
ACL=${ACL:-/base.acl}

give_up() {
    echo "gateway: $*" >&2
    exit 2
}

control() { rabbitmqctl --quiet "$@"; }

known() { control list_users --no-table-headers | cut -f 1 | grep -qxF -- "$1"; }

name_of() {
    case ${1:-} in
        '' | -* | *[!a-z0-9-]*) give_up "a name has small letters, digits and hyphens: ${1:-}" ;;
        ingest) give_up "this is ingest's own account" ;;
    esac
    printf '%s' "$1"
}

# A topic filter without its `/#` as a pattern of RabbitMQ's routing keys, where levels are parted
# by dots, and spBv1.0 has lost its own.
pattern() {
    case $1 in
        '' | [+]* | *[!A-Za-z0-9_/+.:-]*) give_up "this is no prefix: $1" ;;
    esac
    printf '%s' "$1" | sed -e 's/^spBv1\.0/spBv1___0/' -e 's/\./[.]/g' -e 's/+/[^.]+/g' -e 's,/,[.],g'
}

areas() { # name, prefixes
    name=$1
    shift
    sed -n "s,^pattern readwrite \(.*\)/#\$,\1,p" "$ACL" | sed "s/%u/$name/g" |
        while read -r filter; do pattern "$filter" && printf '|'; done
    for prefix in "$@"; do pattern "$prefix" && printf '|'; done
    printf '%s' "$name"
}

add() {
    name=$(name_of "${1:-}")
    shift
    # The name alone is an area; the first word of a format would be everybody's.
    words=$(sed -n 's/^pattern readwrite //p' "$ACL" | tr / '\n')
    ! printf 'gebaeude\n%s\n' "$words" | grep -qxF -- "$name" || give_up "this name is taken: $name"
    ! known "$name" || give_up "$name is there already; for a new password: first revoke, then add"
    area="^($(areas "$name" "$@"))([.]|\$)"
    password=$(od -An -tx1 -N24 /dev/urandom | tr -d ' \n')
    queue="mqtt-subscription-$name(:.*)?qos[01]"
    # Rights last would leave a moment without: an account without any may do nothing.
    control add_user -- "$name" "$password"
    control set_topic_permissions -p / "$name" amq.topic "$area" "$area"
    control set_permissions -p / "$name" "^$queue\$" "^(amq[.]topic|$queue)\$" "^(amq[.]topic|$queue)\$"
    echo "account:   $name"
    echo "password:  $password (shown only now)"
    echo "client id: $name, or $name: and anything, where it wants to read"
}

revoke() {
    name=$(name_of "${1:-}")
    known "$name" || give_up "there is no gateway $name"
    control close_all_user_connections "$name" revoked || true
    control delete_user "$name"
    control close_all_user_connections "$name" revoked || true
}

case ${1:-} in
    add) shift && add "$@" ;;
    revoke) shift && revoke "$@" ;;
    list) control list_users --no-table-headers | cut -f 1 | grep -vxF ingest || true ;;
    *) give_up "usage: gateway add NAME [PREFIX…] | revoke NAME | list" ;;
esac
