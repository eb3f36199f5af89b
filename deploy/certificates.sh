#!/bin/sh
# Makes the broker's certificate, and a certificate authority of its own for it:
#   certificates.sh DIRECTORY NAME…      names and addresses under which the broker is reached
#   ca.crt       what ingest, gateways and devices are given to know the broker by (10 years)
#   ca.key       stays here
#   server.crt, server.key   the broker's own (2 years)
# Run it as often as you like: it renews the broker's certificate when less than 60 days are left
# or the names have changed, and touches nothing when ca.key is not there: then they are your own.
set -eu
umask 077
directory=$1
shift
MOSQUITTO=1883 # the user of the broker's image
KEY="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"

mkdir -p "$directory"
chmod 755 "$directory"
cd "$directory"
[ ! -e server.crt ] || [ -e ca.key ] || exit 0

names=
for name in "$@"; do
    case $name in
        *[!0-9.]*:* | *:*) kind=IP ;;
        *[!0-9.]*) kind=DNS ;;
        *) kind=IP ;;
    esac
    names="$names${names:+,}$kind:$name"
done

if [ ! -e ca.crt ]; then
    openssl req -x509 -sha256 $KEY -days 3650 -keyout ca.key -out .ca.crt -subj "/CN=Gebaeude" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null
    mv .ca.crt ca.crt
    rm -f server.crt
fi

if [ -e server.crt ] && [ "$(cat names)" = "$names" ] &&
    openssl x509 -in server.crt -noout -checkend 5184000 >/dev/null; then
    exit 0
fi
printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n%s\n%s\n' \
    "extendedKeyUsage=serverAuth" "subjectAltName=$names" >.extensions
openssl req -new -sha256 $KEY -keyout .server.key -out .request -subj "/CN=$1" 2>/dev/null
openssl x509 -req -sha256 -in .request -CA ca.crt -CAkey ca.key -days 730 \
    -set_serial "0x$(openssl rand -hex 16)" -extfile .extensions -out .server.crt 2>/dev/null
[ "$(id -u)" != 0 ] || chown "0:$MOSQUITTO" .server.key
chmod 640 .server.key
chmod 644 .server.crt ca.crt
printf '%s' "$names" >names
mv .server.key server.key
mv .server.crt server.crt
rm -f .request .extensions
