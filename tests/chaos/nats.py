"""NATS with JetStream and its MQTT door, set as its documentation recommends for durability."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from gebaeude.demo import ports
from gebaeude.demo.process import Command
from tests.chaos.embedded import EmbeddedBroker, program

FLUSHES = (2, 10)  # since then it can be told to flush each message to disk

# `#` is `>` here, and that is everything: also what the server asks itself through messages.
# Ingest must be kept from it, or its quarantine fills. ack_wait: until it delivers again what was
# not acknowledged, on a new connection no sooner than on the old one.
SETTINGS = """
listen: {loopback}:{inner}
server_name: chaos
max_payload: 2MB
jetstream {{ store_dir: "{data}"{sync} }}
mqtt {{
  listen: {loopback}:{port}
  ack_wait: "30s"
  max_ack_pending: 20000
  no_auth_user: anyone
}}
authorization {{ users: [ {{
  user: anyone, password: anyone
  permissions: {{
    publish: ">"
    subscribe: {{ allow: ">", deny: [{hidden}] }}
  }}
}} ] }}
"""
HIDDEN = ("$JS.>", "$SYS.>", "$MQTT.JSA.>", "$MQTT.sess.>", "$MQTT.rmsgs.>", "$MQTT.rmsgs")


class EmbeddedNats(EmbeddedBroker):
    name = "nats"
    account = "nats"

    def prepare(self) -> list[Path]:
        file = self.state / "nats.conf"
        file.write_text(
            SETTINGS.format(
                loopback=ports.LOOPBACK,
                port=self.port,
                inner=ports.any_free(),
                data=self.data,
                sync=", sync_interval: always" if version() >= FLUSHES else "",
                hidden=", ".join(f'"{one}"' for one in HIDDEN),
            )
        )
        return [file]

    def command(self, account: str | None) -> Command:
        file = str(self.state / "nats.conf")
        return Command(self.name, [program("nats-server"), "-c", file], account)


@cache
def version() -> tuple[int, ...]:
    """Of the installed server, such as (2, 9, 10)."""
    done = subprocess.run(
        [program("nats-server"), "--version"], capture_output=True, text=True, check=True
    )
    return tuple(map(int, done.stdout.rpartition("v")[2].strip().split(".")))
