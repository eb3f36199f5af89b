"""Faults: how they are asked for, and that each can be seen in what is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from math import inf

import numpy as np
import pytest
from msgspec import structs

from gebaeude.demo.options import EXAMPLE_FAULTS
from gebaeude.errors import UsageError
from gebaeude.portfolio.load import NORDLIPPE, load
from gebaeude.portfolio.records import Portfolio
from simulators.faults import FAULTS, Fault, parse
from simulators.run import Fleet, fleet, history
from simulators.troubles import another

NOW = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp())
HOUR = 3_600
Local = Callable[[str], int]


@pytest.fixture(scope="module")
def portfolio(portfolio: Portfolio) -> Portfolio:
    """The first two buildings: a fault strikes here or nowhere."""
    return structs.replace(portfolio, sites=portfolio.sites[:2])


RATHAUS_SENSOR = "24e124707c044108"
RATHAUS_SHELLY = "shellypro3em-34987aa31279"
RATHAUS_HEAT = "29845018"
Messages = list[tuple[int, str, dict[str, object]]]


def _one(text: str, portfolio: Portfolio) -> Fault:
    return parse([text], portfolio, now=NOW, seed=1)[0]


def _sent(everything: Fleet, device: str, begin: int, end: int) -> Messages:
    """(sent at, topic, body) of one device."""
    source = next(source for source in everything.sources if source.id == device)
    spoken = source.messages(source.times(begin, end))
    return [(at, topic, json.loads(body)) for at, (topic, body) in spoken]


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("stuck", NOW, inf),
        ("stuck@now", NOW, inf),
        ("stuck@now+45min", NOW, NOW + 45 * 60),
        ("stuck@-3h", NOW - 3 * HOUR, inf),
        ("stuck@-2d+90s", NOW - 48 * HOUR, NOW - 48 * HOUR + 90),
        ("stuck@2026-11-20T22:00+6h:barntrup-gymnasium", "2026-11-20T22:00", 6),
        ("stuck@2026-07-01T22:00:30+6h:barntrup-gymnasium", "2026-07-01T22:00:30", 6),
        ("stuck@2026-11-20T21:00Z+6h", "2026-11-20T22:00", 6),
        ("stuck@2026-11-20T23:00+02:00+6h", "2026-11-20T22:00", 6),
        ("stuck@2026-11-20+1d:barntrup-rathaus/vorlauf", "2026-11-20", 24),
    ],
)
def test_times(portfolio: Portfolio, at: Local, text: str, begin: int | str, end: float) -> None:
    fault = _one(text, portfolio)
    if isinstance(begin, str):
        begin, end = at(begin), at(begin) + end * HOUR
    assert (fault.begin, fault.end) == (begin, end)
    assert fault.points


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("watter-leak", "„watter-leak“ gibt es nicht. Es gibt: stuck, dropout"),
        ("", "gibt es nicht"),
        ("stuck@gestern", "nicht zu verstehen"),
        ("stuck@now+6", "nicht zu verstehen"),
        ("stuck@2026-02-30", "Den Zeitpunkt"),
        ("stuck:barntrup-gymnasum", "Gemeint vielleicht: barntrup-gymnasium"),
        ("stuck:barntrup-rathaus/waerme", "passt nicht zu barntrup-rathaus/waerme"),
        ("water-leak:" + RATHAUS_SENSOR, "passt nicht zu"),
    ],
)
def test_a_wrong_fault_says_what_is_wrong(portfolio: Portfolio, text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        _one(text, portfolio)
    assert says in str(caught.value)
    assert caught.value.exit_code == 2


def test_without_a_target_the_seed_picks_one(portfolio: Portfolio) -> None:
    for name in FAULTS:
        one, same = (parse([name], portfolio, now=NOW, seed=3)[0] for _ in range(2))
        assert one == same
        assert one.points or one.devices
        assert len({building for building, _point in one.points}) <= 1


def test_targets(portfolio: Portfolio) -> None:
    building = _one("dropout:barntrup-rathaus", portfolio)
    rathaus = next(b for b in portfolio.buildings() if b.key == "barntrup-rathaus")
    assert building.devices == {(device.format, device.id) for device in rathaus.devices}
    sensor = _one(f"dropout:{RATHAUS_SENSOR}", portfolio)
    assert sensor.devices == {("chirpstack", RATHAUS_SENSOR)}
    assert {point for _building, point in sensor.points} == {
        "buero-1-12-temperatur", "buero-1-12-feuchte", "buero-1-12-co2",
    }  # fmt: skip
    meter = _one("meter-replaced:barntrup-rathaus/waerme", portfolio)
    assert meter.devices == {("wmbusmeters", RATHAUS_HEAT)}
    leak = _one("water-leak:barntrup-gymnasium", portfolio)
    assert leak.points == {("barntrup-gymnasium", "wasser")}
    assert not leak.devices


def test_stuck(portfolio: Portfolio) -> None:
    struck = fleet(portfolio, 1, NOW, [f"stuck@-6h+3h:{RATHAUS_SENSOR}"])
    sent = _sent(struck, RATHAUS_SENSOR, NOW - 8 * HOUR, NOW)
    in_fault = [
        body["object"]["temperature"]  # type: ignore[index]
        for when, _topic, body in sent
        if NOW - 6 * HOUR <= when < NOW - 3 * HOUR
    ]
    others = {body["object"]["co2"] for when, _t, body in sent if when < NOW - 6 * HOUR}  # type: ignore[index]
    assert len(in_fault) == 18
    assert len(set(in_fault)) == 1
    assert len(others) > 3


def test_dropout_silences_device_and_archive(portfolio: Portfolio) -> None:
    fault = f"dropout@-6h+3h:{RATHAUS_SENSOR}"
    struck = fleet(portfolio, 1, NOW, [fault])
    times = [when for when, _t, _b in _sent(struck, RATHAUS_SENSOR, NOW - 8 * HOUR, NOW)]
    assert not [when for when in times if NOW - 6 * HOUR <= when < NOW - 3 * HOUR]
    assert len(times) == 30
    start, end = (datetime.fromtimestamp(t, UTC) for t in (NOW - 8 * HOUR, NOW))
    archived = _archived(portfolio, start, end, fault, "buero-1-12-co2")
    assert [t for t in archived if NOW - 6 * HOUR <= t < NOW - 3 * HOUR] == []
    assert len(archived) == 2 + 19  # hourly ones, and those of the last hours every ten minutes
    assert len(_archived(portfolio, start, end, fault, "waerme")) == 33


def _archived(
    portfolio: Portfolio, start: datetime, end: datetime, fault: str, point: str
) -> dict[int, float]:
    found: dict[int, float] = {}
    for topic, body in history(portfolio, 1, start, end, [fault]):
        pack = json.loads(body)
        if topic == "senml/barntrup-rathaus" and pack[0]["bn"].endswith(f":{point}"):
            found |= {pack[0]["bt"] + record.get("t", 0): record["v"] for record in pack}
    return found


def test_counter_reset(portfolio: Portfolio) -> None:
    struck = fleet(portfolio, 1, NOW, ["counter-reset@-3h:barntrup-rathaus/waerme"])
    sent = _sent(struck, RATHAUS_HEAT, NOW - 6 * HOUR, NOW)
    totals = [body["total_energy_consumption_kwh"] for _w, _t, body in sent]
    assert {body["id"] for _w, _t, body in sent} == {RATHAUS_HEAT}
    steps = np.diff(np.array(totals, dtype=float))
    assert (steps < 0).sum() == 1
    assert min(totals) < 100 < max(totals)  # type: ignore[type-var,operator]


def test_meter_replaced(portfolio: Portfolio) -> None:
    struck = fleet(portfolio, 1, NOW, ["meter-replaced@-3h:barntrup-rathaus"])
    heat = _sent(struck, RATHAUS_HEAT, NOW - 6 * HOUR, NOW)
    ids = [body["id"] for _w, _t, body in heat]
    assert ids[0] == RATHAUS_HEAT != ids[-1]
    assert len(set(ids)) == 2
    assert len(str(ids[-1])) == 8
    assert str(ids[-1]).isdigit()
    assert float(str(heat[-1][2]["total_energy_consumption_kwh"])) < 100
    power = _sent(struck, RATHAUS_SHELLY, NOW - 4 * HOUR, NOW)
    assert {topic for _w, topic, _b in power} == {
        f"{RATHAUS_SHELLY}/events/rpc",
        f"{another(RATHAUS_SHELLY, 1)}/events/rpc",
    }


def test_clock_wrong(portfolio: Portfolio) -> None:
    fault = "clock-wrong@-3h:barntrup-rathaus"
    struck = fleet(portfolio, 1, NOW, [fault])
    for when, _topic, body in _sent(struck, RATHAUS_SHELLY, NOW - 6 * HOUR, NOW):
        shift = 2 * HOUR if when >= NOW - 3 * HOUR else 0
        assert int(body["params"]["ts"]) == when + shift  # type: ignore[index,call-overload]
    for when, _topic, body in _sent(struck, RATHAUS_HEAT, NOW - 6 * HOUR, NOW):
        shift = 2 * HOUR if when >= NOW - 3 * HOUR else 0
        assert datetime.fromisoformat(str(body["timestamp"])).timestamp() == when + shift
    start, end = (datetime.fromtimestamp(t, UTC) for t in (NOW - 6 * HOUR, NOW))
    assert max(_archived(portfolio, start, end, fault, "waerme")) == NOW + 2 * HOUR


def test_repeats(portfolio: Portfolio) -> None:
    struck = fleet(portfolio, 1, NOW, [f"repeats@-3h:{RATHAUS_SENSOR}"])
    sent = [json.dumps(body) for _w, _t, body in _sent(struck, RATHAUS_SENSOR, NOW - 6 * HOUR, NOW)]
    assert sorted({sent.count(body) for body in sent}) == [1, 3]
    assert len(sent) == 18 + 3 * 18


def test_out_of_order(portfolio: Portfolio) -> None:
    struck = fleet(portfolio, 1, NOW, ["out-of-order@-3h:barntrup-rathaus"])
    whole = fleet(portfolio, 1, NOW)
    late = [str(b["time"]) for _w, _t, b in _sent(struck, RATHAUS_SENSOR, NOW - 3 * HOUR, NOW)]
    right = [str(b["time"]) for _w, _t, b in _sent(whole, RATHAUS_SENSOR, NOW - 3 * HOUR, NOW)]
    assert late != right == sorted(late)
    backwards = sum(one > other for one, other in pairwise(late))
    assert backwards >= 8


def test_heating_at_night(portfolio: Portfolio, at: Local) -> None:
    begin, end = at("2026-01-20T20:00"), at("2026-01-21T02:30")
    fault = "heating-at-night@2026-01-20T18:00+12h:barntrup-rathaus"
    used = []
    for faults in ([], [fault]):
        everything = fleet(portfolio, 1, NOW, faults)
        sent = _sent(everything, RATHAUS_HEAT, begin, end)
        totals = [float(str(body["total_energy_consumption_kwh"])) for _w, _t, body in sent]
        used.append(totals[-1] - totals[0])
    normal, heated = used
    assert heated > 3 * normal + 50


def test_heating_failed(portfolio: Portfolio, at: Local) -> None:
    begin, end = at("2026-01-20T20:00"), at("2026-01-23T08:00")
    fault = "heating-failed@2026-01-20T18:00:barntrup-rathaus"
    rooms = []
    for faults in ([], [fault]):
        everything = fleet(portfolio, 1, NOW, faults)
        sent = _sent(everything, RATHAUS_SENSOR, begin, end)
        rooms.append(float(str(sent[-1][2]["object"]["temperature"])))  # type: ignore[index]
    warm, cold = rooms
    assert warm > 17
    assert cold < 13


def test_every_fault_is_explained() -> None:
    assert set(FAULTS) == {
        "stuck", "dropout", "counter-reset", "meter-replaced", "clock-wrong", "repeats",
        "out-of-order", "water-leak", "heating-at-night",
        "heating-failed",
    }  # fmt: skip
    assert all(text.endswith(".") for text in FAULTS.values())


def test_the_demo_s_faults_strike_somebody() -> None:
    struck = parse(EXAMPLE_FAULTS, load(NORDLIPPE), now=NOW, seed=1)
    assert all(fault.points or fault.devices for fault in struck)
    assert len({fault.name for fault in struck}) == len(EXAMPLE_FAULTS)
