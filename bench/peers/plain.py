"""The script most people write: each message becomes one INSERT, and each INSERT is committed.

    python -m bench.peers.plain postgresql://… 127.0.0.1 1883 CLIENT TOPIC

It is as good as such scripts get: one connection that stays open, QoS 1, a session that survives
the script, and the message acknowledged after the commit, because paho does so by itself when the
callback returns. It knows no repeats, no bad messages and no second attempt: any error ends it.
"""

from __future__ import annotations

import json
import sys

import paho.mqtt.client as paho
import psycopg
from paho.mqtt.enums import CallbackAPIVersion


def main(database: str, host: str, port: str, client_id: str, topic: str) -> None:
    """Runs until it is ended, or until anything goes wrong."""
    connection = psycopg.connect(database)

    def on_connect(client: paho.Client, *_: object) -> None:
        client.subscribe(topic, qos=1)

    def on_message(client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        uplink = json.loads(message.payload)
        connection.execute(
            "INSERT INTO reading (point, time, value) VALUES (%s, %s, %s)",
            (uplink["deviceInfo"]["devEui"], uplink["time"], uplink["object"]["temperature"]),
        )
        connection.commit()

    client = paho.Client(CallbackAPIVersion.VERSION2, client_id, clean_session=False)
    client.on_connect = on_connect
    client.on_message = on_message
    client.connect(host, int(port))
    client.loop_forever()


if __name__ == "__main__":
    main(*sys.argv[1:6])
