#!/bin/sh
# Makes the passwords of docker-compose.yml, once, each in a file that only its reader may open:
#   secrets.sh DIRECTORY BROKER_DIRECTORY ACL [DATABASE_HOST [BROKER_HOST]]
# in DIRECTORY
#   database_password, database_url   PostgreSQL's owner
#   web_database_url                  PostgreSQL, as the web process may use it
#   second_factor_key                 with which second factors are encrypted in the database
#   ingest_url, ingest_client_id      the broker, as ingest uses it
#   simulators_url                    the broker, as the simulated devices use it
# in BROKER_DIRECTORY, maintained by `gebaeude gateway` from then on
#   passwords, acl                    the broker's own files; the acl begins as the file ACL
set -eu
umask 077
directory=$1
access=$2
acl=$3
database=${4:-database}
broker=${5:-broker}
APPLICATION=10001 # the user of the Dockerfile
MOSQUITTO=1883    # the user of the broker's image

password() { od -An -tx1 -N24 /dev/urandom | tr -d ' \n'; }

own() { # owner, mode, path
    [ "$(id -u)" != 0 ] || chown "$1" "$3"
    chmod "$2" "$3"
}

put() { # name, owner, text
    printf '%s' "$3" >"$directory/.new"
    own "$2:$2" 400 "$directory/.new"
    mv "$directory/.new" "$directory/$1"
}

mkdir -p "$directory" "$access"
chmod 755 "$directory"

# In each part the last file is the sign that all are there.
if [ ! -e "$directory/database_url" ]; then
    owner=$(password)
    put database_password 0 "$owner"
    put database_url "$APPLICATION" "postgresql://gebaeude:$owner@$database:5432/gebaeude"
fi

[ -e "$directory/web_database_url" ] ||
    put web_database_url "$APPLICATION" \
        "postgresql://gebaeude_dashboard:$(password)@$database:5432/gebaeude"

[ -e "$directory/second_factor_key" ] ||
    put second_factor_key "$APPLICATION" "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')"

if [ ! -e "$access/passwords" ]; then
    ingest=$(password)
    simulators=$(password)
    put ingest_url "$APPLICATION" "mqtts://ingest:$ingest@$broker:8883"
    # Whoever knows it can take over ingest's session and what waits in it. It stays as it is.
    [ -e "$directory/ingest_client_id" ] ||
        put ingest_client_id "$APPLICATION" "gebaeude-ingest-$(password)"
    put simulators_url "$APPLICATION" "mqtts://simulators:$simulators@$broker:8883"
    # The broker reads what `gebaeude gateway` writes: files get the directory's group.
    own "$APPLICATION:$MOSQUITTO" 2750 "$access"
    cat "$acl" >"$access/acl"
    own "$APPLICATION:$MOSQUITTO" 640 "$access/acl"
    printf 'ingest:%s\nsimulators:%s\n' "$ingest" "$simulators" >"$access/.new"
    mosquitto_passwd -U "$access/.new"
    own "$APPLICATION:$MOSQUITTO" 640 "$access/.new"
    mv "$access/.new" "$access/passwords"
fi
