#!/bin/sh
# Makes the passwords of docker-compose.yml, once, each in a file that only its reader may open:
#   secrets.sh DIRECTORY [DATABASE_HOST [BROKER_HOST]]
#   database_password, database_url   PostgreSQL's owner
#   ingest_url                        the broker, as ingest uses it
#   devices_password, devices_url     the broker, as devices use it
#   broker_passwords                  the broker's own file
set -eu
umask 077
directory=$1
database=${2:-database}
broker=${3:-broker}
APPLICATION=10001 # the user of the Dockerfile
MOSQUITTO=1883    # the user of the broker's image

password() { od -An -tx1 -N24 /dev/urandom | tr -d ' \n'; }

put() { # name, owner, text
    printf '%s' "$3" >"$directory/.new"
    [ "$(id -u)" != 0 ] || chown "$2:$2" "$directory/.new"
    chmod 400 "$directory/.new"
    mv "$directory/.new" "$directory/$1"
}

# The last file is the sign that all are there.
[ ! -e "$directory/broker_passwords" ] || exit 0
mkdir -p "$directory"
chmod 755 "$directory"

owner=$(password)
put database_password 0 "$owner"
put database_url "$APPLICATION" "postgresql://gebaeude:$owner@$database:5432/gebaeude"

ingest=$(password)
devices=$(password)
put ingest_url "$APPLICATION" "mqtt://ingest:$ingest@$broker:1883"
put devices_password 0 "$devices"
put devices_url "$APPLICATION" "mqtt://devices:$devices@$broker:1883"

hashed=$directory/.hashed
printf 'ingest:%s\ndevices:%s\n' "$ingest" "$devices" >"$hashed"
mosquitto_passwd -U "$hashed"
put broker_passwords "$MOSQUITTO" "$(cat "$hashed")
"
rm -f "$hashed"
