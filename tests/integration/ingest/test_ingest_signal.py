"""Battery and radio beside the time a device was heard, in the database."""

from __future__ import annotations

from gebaeude.store import inbox
from gebaeude.store.database import Connection
from gebaeude.store.inbox import Heard

LORA = ("chirpstack", "0101010101010101")
AT = 1_798_000_000_000_000  # µs


def test_the_newest_that_was_said_counts(connection: Connection) -> None:
    connection.execute(
        """
        INSERT INTO municipality (key, name, ags, population) VALUES ('b', 'B', '05766012', 1);
        INSERT INTO site (municipality_id, key, name, address, latitude, longitude)
        SELECT id, 's', 'S', 'Weg 1', 52, 9 FROM municipality;
        INSERT INTO building (site_id, key, name, use, floor_area_m2, built)
        SELECT id, 'h', 'H', 'school', 1, 1974 FROM site;
        INSERT INTO device (building_id, format, external_id, name)
        SELECT id, 'chirpstack', '0101010101010101', 'Raum' FROM building;
        """
    )

    def state(*heard: Heard) -> tuple[float | None, str | None, float | None, str | None]:
        inbox.hear(connection, heard)
        (line,) = inbox.devices(connection, of=LORA)
        return line.battery, line.battery_unit, line.signal, line.signal_unit

    assert state() == (None, None, None, None)
    assert state(Heard(*LORA, AT, signal=-71, signal_unit="dBm")) == (None, None, -71, "dBm")
    assert state(Heard(*LORA, AT + 2, 81, "%")) == (81, "%", -71, "dBm")
    assert state(Heard(*LORA, AT + 1, 99, "%", -60, "dBm")) == (81, "%", -71, "dBm")
    assert state(Heard(*LORA, AT + 3, 3500, "mV", -90, "dBm")) == (3500, "mV", -90, "dBm")
    assert state(Heard("chirpstack", "stranger", AT, 1, "%")) == (3500, "mV", -90, "dBm")
