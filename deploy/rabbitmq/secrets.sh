#!/bin/sh
# Makes ingest's account at the durable broker, once:
#   secrets.sh DIRECTORY DEFINITIONS_DIRECTORY POLICIES [HOST[,HOST…] [OWNER]]
# in DIRECTORY
#   durable_url, durable_client_id   the broker, as its ingest uses it; of a cluster, which has
#                                    several hosts: cluster_url, cluster_client_id
# in DEFINITIONS_DIRECTORY
#   definitions.json                 what the broker begins with: this account, and the policies
#                                    of the file POLICIES; readable by OWNER, the broker's user
#   .erlang.cookie                   of a cluster: the word by which its nodes know each other
set -eu
umask 077
directory=$1
definitions=$2
policies=$3
hosts=${4:-durable}
owner=${5:-999:999} # of the broker's image
APPLICATION=10001   # the user of the Dockerfile

case $hosts in
    *,*) kind=cluster ;;
    *) kind=durable ;;
esac

mkdir -p "$directory" "$definitions"
chmod 755 "$directory" "$definitions"
[ ! -e "$definitions/definitions.json" ] || exit 0

random() { od -An -tx1 -N24 /dev/urandom | tr -d ' \n'; }

own() { # owner, path
    [ "$(id -u)" != 0 ] || chown "$1" "$2"
    chmod 400 "$2"
}

put() { # name, text
    printf '%s' "$2" >"$directory/.new"
    own "$APPLICATION:$APPLICATION" "$directory/.new"
    mv "$directory/.new" "$directory/$1"
}

# RabbitMQ's own form: four random bytes, and the SHA-256 of them and the password.
hashed() {
    openssl rand 4 >"$definitions/.salt"
    {
        cat "$definitions/.salt"
        printf '%s' "$1"
    } | openssl dgst -sha256 -binary >"$definitions/.digest"
    cat "$definitions/.salt" "$definitions/.digest" | openssl base64 -A
    rm -f "$definitions/.salt" "$definitions/.digest"
}

password=$(random)
client=gebaeude-ingest-$(random)
put "${kind}_url" "mqtts://ingest:$password@$(printf '%s' "$hosts" | sed 's/,/:8883,/g'):8883"
# Whoever knows it can take over ingest's session and what waits in it.
put "${kind}_client_id" "$client"
if [ "$kind" = cluster ]; then
    random >"$definitions/.new"
    own "$owner" "$definitions/.new"
    mv "$definitions/.new" "$definitions/.erlang.cookie"
fi

# Ingest reads everything. It writes one thing: a Sparkplug node is asked for its birth.
queue="mqtt-subscription-$client.*"
cat >"$definitions/.new" <<JSON
{
  "vhosts": [{"name": "/"}],
  "users": [{"name": "ingest", "password_hash": "$(hashed "$password")",
    "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": []}],
  "permissions": [{"user": "ingest", "vhost": "/", "configure": "^$queue\$",
    "write": "^(amq\\\\.topic|$queue)\$", "read": "^(amq\\\\.topic|$queue)\$"}],
  "topic_permissions": [{"user": "ingest", "vhost": "/", "exchange": "amq.topic",
    "write": "^spBv1___0\\\\.[^.]+\\\\.NCMD\\\\.", "read": ".*"}],
$(sed '1d' "$policies")
JSON
own "$owner" "$definitions/.new"
mv "$definitions/.new" "$definitions/definitions.json"
