"""From an unknown device to its history, and back: real messages, real broker, real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gebaeude.errors import Conflict, NotFound, UsageError
from gebaeude.model import Kind, Medium, Quality, Reason
from gebaeude.store import claims, inbox
from gebaeude.store.attachments import Attach, Claim, NewPoint
from gebaeude.store.database import Connection, connect
from ingest import desk
from tests.messages import load

BARE = b"plain/rathaus/keller/temperature"
LORA = ("chirpstack", "1000000000000001")
PLAIN = ("plain", "rathaus/keller")
HEAT = ("wmbusmeters", "32002044")
START = datetime(2026, 11, 3, tzinfo=UTC)
WARM = NewPoint("Temperatur", Medium.CLIMATE, "temperature", Kind.GAUGE, 600)


def frame(number: int) -> tuple[bytes, bytes]:
    """A raw frame of a real Elsys sensor, each in a minute of its own."""
    real = load("chirpstack/elsys_ers2_co2.json")
    tree = json.loads(real.payload)
    tree["time"] = (START + timedelta(minutes=number)).isoformat()
    tree["deviceInfo"]["deviceProfileName"] = "Elsys ERS2 CO2"
    return real.topic, json.dumps(tree).encode()


def telegram(number: int) -> tuple[bytes, bytes]:
    """A telegram of a real heat meter, each a quarter of an hour later and 2 kWh further."""
    tree = json.loads(load("wmbusmeters/heat_c5isf.json").payload)
    tree["timestamp"] = f"{START + timedelta(minutes=15 * number):%Y-%m-%dT%H:%M:%SZ}"
    tree["total_energy_consumption_kwh"] = 3792 + 2 * number
    return b"wmbusmeters/Heat", json.dumps(tree).encode()


@pytest.fixture
def db(store: Any) -> Iterator[Connection]:
    with connect(store.url, name="test") as connection:
        yield connection


def claim(identity: tuple[str, str], **more: Any) -> Claim:
    fields: dict[str, Any] = {"building": "rathaus", "name": "Fühler", "actor": "Karin Vogt"}
    return Claim(*identity, **(fields | more))


def kept(store: Any, identity: tuple[str, str]) -> int:
    return int(
        store.one("SELECT count(*) FROM quarantine WHERE format = %s AND device = %s", *identity)
    )


def readings(store: Any, point: str) -> list[tuple[datetime, float, int]]:
    return list(
        store.ask(
            "SELECT time, value, r.quality FROM reading r JOIN point ON point.id = point_id"
            " WHERE key = %s ORDER BY time", point,
        )
    )  # fmt: skip


def test_a_bare_value_that_repeats_keeps_every_moment(
    ingest: Any, publish: Any, store: Any, db: Connection, settings: Any, eventually: Any
) -> None:
    """The same payload five times is five readings, each when it came."""
    before = datetime.now(UTC)
    for _ in range(5):
        publish([(BARE, b"21.5")])
    eventually(lambda: kept(store, PLAIN) == 5)
    after = datetime.now(UTC)
    (waiting,) = inbox.waiting(db, of=PLAIN)
    assert (waiting.messages, waiting.known, waiting.reasons) == (
        5, False, (Reason.UNKNOWN_DEVICE,),
    )  # fmt: skip
    moments = [at for (at,) in store.ask("SELECT first_at FROM quarantine ORDER BY 1")]
    done = desk.claim(db, settings, claim(PLAIN, attach=(Attach("temperature", "temperatur"),)))
    db.commit()
    assert (done.checked, done.released, done.readings) == (5, 5, 5)
    found = readings(store, "temperatur")[1:]  # the first is the fixture's
    assert [at for at, _, _ in found] == moments
    assert before <= moments[0] < moments[-1] <= after
    assert inbox.waiting(db) == []
    publish([(BARE, b"22.5")])
    eventually(lambda: readings(store, "temperatur")[-1][1] == 22.5)


def test_raw_frames_wait_are_guessed_claimed_and_undone(
    ingest: Any, publish: Any, store: Any, db: Connection, settings: Any, eventually: Any
) -> None:
    publish(map(frame, range(60)))
    eventually(lambda: kept(store, LORA) == 60)
    view = desk.look(db, *LORA)
    assert view.guesses[0].profile == view.decoded_by == "elsys-ers-co2"
    live = {one.field: one.value for one in view.values}
    assert (live["temperature"], live["co2"]) == (22.6, 776)
    assert view.waiting.reasons == (Reason.UNDECODED,)
    wanted = {one.field: one for one in desk.suggest(view, "elsys-ers-co2") if one.wanted}
    assert set(wanted) == {"temperature", "humidity", "co2", "light"}
    co2 = wanted["co2"]
    assert (co2.medium, co2.quantity, co2.kind) == (Medium.CLIMATE, "co2", Kind.GAUGE)
    new = NewPoint("CO₂ Saal", Medium.CLIMATE, "co2", Kind.GAUGE, co2.interval_s, space="Saal")
    done = desk.claim(db, settings, claim(
        LORA, profile="elsys-ers-co2", ignore=("humidity", "light"),
        attach=(Attach("co2", "saal-co2", new=new), Attach("temperature", "saal", new=WARM)),
    ))  # fmt: skip
    db.commit()
    assert (done.attached, done.released, done.readings) == (2, 60, 120)
    found = readings(store, "saal-co2")
    assert [at for at, _, _ in found] == [START + timedelta(minutes=n) for n in range(60)]
    assert {value for _, value, _ in found} == {776}
    assert store.one("SELECT interval_s FROM point WHERE key = 'saal-co2'") == 600

    # It goes on by itself; pir and battery are nothing that anybody would attach.
    publish([frame(60)])
    eventually(lambda: len(readings(store, "saal-co2")) == 61)
    assert inbox.waiting(db, of=LORA) == []
    eventually(lambda: inbox.devices(db, of=LORA)[0].battery == 3426)
    assert inbox.devices(db, of=LORA)[0].heard_at is not None

    # Undone for half an hour: the readings go and are kept aside.
    span = {"start": START + timedelta(minutes=10), "end": START + timedelta(minutes=40)}
    undone = claims.release(db, LORA, actor="Karin Vogt", fields=["co2"], **span)
    db.commit()
    assert (undone.channels, undone.readings) == (1, 30)
    assert len(readings(store, "saal-co2")) == 31
    assert inbox.waiting(db, of=LORA)[0].withdrawn == 30
    channels = [one for one in claims.attachments(db, LORA) if one.field == "co2"]
    assert [(one.since, one.until) for one in channels] == [
        (None, span["start"]), (span["end"], None),
    ]  # fmt: skip

    # What comes for that span waits again; attached once more, everything is back.
    publish([frame(20)])
    eventually(lambda: kept(store, LORA) == 1)
    done = desk.claim(db, settings, claim(
        LORA, attach=(Attach("co2", "saal-co2"),), since=span["start"], until=span["end"]
    ))  # fmt: skip
    db.commit()
    assert (done.restored, done.released) == (30, 1)
    assert len(readings(store, "saal-co2")) == 61

    # Undone altogether it is unknown again.
    claims.release(db, LORA, actor="Karin Vogt")
    db.commit()
    assert readings(store, "saal-co2") == []
    with pytest.raises(NotFound):
        desk.device(db, *LORA)
    publish([frame(61)])
    eventually(lambda: inbox.waiting(db, of=LORA)[0].reasons == (Reason.UNDECODED,))
    assert inbox.waiting(db, of=LORA)[0].withdrawn == 122


def test_a_wrong_unit_is_put_right(
    ingest: Any, publish: Any, store: Any, db: Connection, settings: Any, eventually: Any
) -> None:
    for value in (b"1000", b"2000"):
        publish([(b"plain/rathaus/strom/energy", value)])
    identity = ("plain", "rathaus/strom")
    eventually(lambda: kept(store, identity) == 2)
    new = NewPoint("Küche", Medium.ELECTRICITY, "energy", Kind.COUNTER, 900)
    desk.claim(db, settings, claim(identity, attach=(Attach("energy", "kueche", new=new),)))
    assert [value for _, value, _ in readings(store, "kueche")] == [1000, 2000]
    claims.release(db, identity, actor="Karin Vogt")
    done = desk.claim(db, settings, claim(identity, attach=(Attach("energy", "kueche", "Wh"),)))
    db.commit()
    assert done.restored == 2
    assert [value for _, value, _ in readings(store, "kueche")] == [1, 2]


def test_moving_a_device_is_dated(
    ingest: Any, publish: Any, store: Any, db: Connection, settings: Any, eventually: Any
) -> None:
    """It hung in the hall until 3 a.m.; said only at 6, what was read since moves, too."""
    publish(map(telegram, range(24)))
    eventually(lambda: kept(store, HEAT) == 24)
    desk.claim(db, settings, claim(HEAT, profile="wmbus-heat", attach=(
        Attach("flow_temperature_c", "vorlauf", new=WARM),
        Attach("total_energy_consumption_kwh", "waerme"),
    )))  # fmt: skip
    assert len(readings(store, "waerme")) == 24
    moved = START + timedelta(hours=3)
    with pytest.raises(Conflict, match="schon zugeordnet"):
        desk.claim(db, settings, claim(HEAT, attach=(Attach("flow_temperature_c", "temperatur"),)))
    db.rollback()
    new = NewPoint("Vorlauf Anbau", Medium.HEAT, "temperature", Kind.GAUGE, 900)
    done = desk.claim(db, settings, claim(
        HEAT, since=moved, attach=(Attach("flow_temperature_c", "vorlauf-anbau", new=new),)
    ))  # fmt: skip
    db.commit()
    assert done.restored == 12
    assert readings(store, "vorlauf-anbau")[0][0] == moved
    assert readings(store, "vorlauf")[-1][0] < moved
    assert len(readings(store, "waerme")) == 24
    publish([telegram(24)])
    eventually(lambda: len(readings(store, "vorlauf-anbau")) == 13)
    texts = [desk.sentence(one) for one in desk.device(db, *HEAT).history]
    assert texts[0] == "Zugeordnet: flow_temperature_c → vorlauf-anbau"


def test_a_device_that_is_replaced_hands_its_points_over(
    ingest: Any, publish: Any, store: Any, db: Connection, settings: Any, eventually: Any
) -> None:
    """The water meter of the fixture is exchanged for another one of the same kind."""
    old, new = ("wmbusmeters", "33225544"), ("wmbusmeters", "65656565")
    real = json.loads(load("wmbusmeters/warmwater_hydrus.json").payload)

    def send(identity: tuple[str, str], minute: int, value: float) -> None:
        at = START + timedelta(minutes=minute)
        tree = real | {"id": identity[1], "total_m3": value,
                       "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}"}  # fmt: skip
        publish([(b"wmbusmeters/w", json.dumps(tree).encode())])

    for minute, value in ((0, 700.0), (15, 701.0)):
        send(old, minute, value)
    eventually(lambda: len(readings(store, "wasser")) == 2)
    for minute, value in ((30, 0.0), (45, 0.5)):
        send(new, minute, value)
    eventually(lambda: kept(store, new) == 2)
    swapped = START + timedelta(minutes=20)
    done = desk.claim(db, settings, claim(
        new, profile="wmbus-water", since=swapped, replaces=old
    ))  # fmt: skip
    db.commit()
    assert done.readings == 2
    assert [value for _, value, _ in readings(store, "wasser")] == [700, 701, 0, 0.5]
    ends = {one.field: one.until for one in claims.attachments(db, old)}
    assert ends["total_m3"] == swapped
    assert claims.events(db, old)[0].kind == "replaced"


def test_whose_readings_they_are_must_be_known(
    ingest: Any, publish: Any, store: Any, db: Connection, settings: Any, good: Any, eventually: Any
) -> None:
    publish([(BARE, b"21.5")])
    eventually(lambda: kept(store, PLAIN) == 1)
    desk.claim(db, settings, claim(PLAIN, attach=(Attach("temperature", "temperatur"),)))
    with pytest.raises(Conflict, match="speist auch Gerät"):
        claims.release(db, PLAIN, actor="Karin Vogt")
    db.rollback()
    assert len(readings(store, "temperatur")) == 2
    assert claims.release(db, PLAIN, actor="Karin Vogt", force=True).readings == 2


def test_a_clock_that_is_wrong_gets_the_moment_of_receipt(
    ingest: Any, publish: Any, store: Any, db: Connection, settings: Any, eventually: Any
) -> None:
    tree = json.loads(load("shelly/gen2_em_triphase.json").payload)
    tree["params"]["ts"] = 77.5  # s since 1970: no time server found yet
    identity = ("shelly", tree["src"])
    for _ in range(3):
        publish([(f"{tree['src']}/events/rpc".encode(), json.dumps(tree).encode())])
    eventually(lambda: kept(store, identity) == 3)
    before = datetime.now(UTC)
    desk.claim(db, settings, claim(
        identity, profile="shelly-pro-3em", attach=(Attach("em:0.total_act_power", "leistung"),)
    ))  # fmt: skip
    db.commit()
    found = readings(store, "leistung")
    assert [(value, quality) for _, value, quality in found] == [
        (pytest.approx(-0.018017), Quality.SUSPECT)
    ] * 3
    assert all(before - timedelta(minutes=1) < at < before for at, _, _ in found)


def test_messages_on_their_way_during_the_claim_are_not_left_behind(
    ingest: Any, publish: Any, store: Any, db: Connection, settings: Any, eventually: Any
) -> None:
    """Ingest knows new channels a second late; what it puts aside until then it looks at again."""
    publish([(BARE, b"1")])
    eventually(lambda: kept(store, PLAIN) == 1)
    desk.claim(db, settings, claim(PLAIN, attach=(Attach("temperature", "temperatur"),)))
    publish((BARE, str(n).encode()) for n in range(2, 200))
    eventually(lambda: len(readings(store, "temperatur")) == 200)
    eventually(lambda: kept(store, PLAIN) == 0)


WRONG: dict[str, tuple[type[Exception], dict[str, Any]]] = {
    "no such building": (NotFound, {"building": "nowhere"}),
    "no such point": (NotFound, {"attach": (Attach("temperature", "nowhere"),)}),
    "no such profile": (UsageError, {"profile": "acme"}),
    "unit of something else": (UsageError, {"attach": (Attach("temperature", "strom", "°C"),)}),
    "unknown unit": (UsageError, {"attach": (Attach("temperature", "temperatur", "Grad"),)}),
    "times nothing": (UsageError, {"attach": (Attach("temperature", "temperatur", None, 0.0),)}),
    "a point twice": (UsageError, {"attach": (Attach("a", "strom"), Attach("b", "strom"))}),
    "ends before it begins": (UsageError, {"since": START, "until": START}),
    "replaced by itself": (UsageError, {"replaces": PLAIN, "since": START}),
    "no key": (UsageError, {"attach": (Attach("t", "Kein Schlüssel", new=NewPoint(
        "x", Medium.CLIMATE, "temperature", Kind.GAUGE, 600)),)}),
    "no such kind of point": (UsageError, {"attach": (Attach("t", "neu", new=NewPoint(
        "x", Medium.WATER, "co2", Kind.GAUGE, 600)),)}),
    "a point there is": (Conflict, {"attach": (Attach("t", "strom", new=NewPoint(
        "x", Medium.ELECTRICITY, "energy", Kind.COUNTER, 600)),)}),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_claim_changes_nothing(name: str, store: Any, db: Connection) -> None:
    error, changes = WRONG[name]
    before = store.ask("SELECT version FROM channels_version")
    with pytest.raises(error):
        claims.claim(db, claim(PLAIN, **changes))
    db.commit()
    assert store.ask("SELECT version FROM channels_version") == before
    assert store.one("SELECT count(*) FROM device_event") == 0
