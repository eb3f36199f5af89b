"""When what is sent: live rhythms, history, the same bytes for the same seed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from gebaeude.errors import UsageError
from gebaeude.portfolio.records import Portfolio
from simulators.logger import FRESH
from simulators.run import history, live

START = datetime(2026, 3, 28, 21, 7, 30, tzinfo=UTC)  # the night the clock changes
Live = list[tuple[int, str, bytes]]

DIGEST = """
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from gebaeude.portfolio.load import load
from msgspec import structs
from simulators.run import history, live
few = load()
few = structs.replace(few, sites=few.sites[:6])
start = datetime(2024, 3, 30, 21, 7, 30, tzinfo=UTC)
digest = sha256()
for at, topic, body in live(few, {seed}, start, start + timedelta(minutes=20), ["stuck"]):
    digest.update(f"{{at}} {{topic}} ".encode() + body)
for topic, body in history(few, {seed}, start - timedelta(days=5), start, ["dropout@-2d"]):
    digest.update(topic.encode() + body)
print(digest.hexdigest())
"""


@pytest.fixture(scope="module")
def day(portfolio: Portfolio) -> Live:
    return list(live(portfolio, 1, START, START + timedelta(hours=2)))


def _digest(seed: int, hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", DIGEST.format(seed=seed)],
        env={"PYTHONHASHSEED": hash_seed, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_same_seed_same_bytes_in_every_process() -> None:
    one, same, other = _digest(4, "1"), _digest(4, "2"), _digest(5, "1")
    assert one == same
    assert one != other


def test_every_device_says_where_it_stands_at_once(portfolio: Portfolio, day: Live) -> None:
    begin = int(START.timestamp())
    topics = {topic for at, topic, _body in day if at == begin}
    devices = [device for building in portfolio.buildings() for device in building.devices]
    assert len(topics) == len(devices)


def test_messages_come_in_the_order_of_time(day: Live) -> None:
    assert all(one[0] <= other[0] for one, other in pairwise(day))


def test_every_device_keeps_its_rhythm_over_the_clock_change(day: Live) -> None:
    begin = int(START.timestamp())
    counts = Counter(topic for at, topic, _body in day if at > begin)
    rates = {"application": 12, "wmbusmeters": 8, "senml": 8}
    for topic, count in counts.items():
        kind = topic.split("/")[0]
        if kind in rates:
            assert abs(count - rates[kind]) <= 1, topic
        else:  # a Shelly: two a minute, and its temperature now and then
            assert abs(count - (2 * 120 + 12)) <= 4, topic


def test_devices_do_not_all_speak_at_the_same_second(day: Live) -> None:
    begin = int(START.timestamp())
    busiest = Counter(at for at, _topic, _body in day if at > begin).most_common(1)
    assert busiest[0][1] < 40


def test_history_is_complete_and_the_newest_comes_first(portfolio: Portfolio) -> None:
    end = datetime(2026, 3, 30, 10, 7, tzinfo=UTC)
    start = end - timedelta(days=9)
    found: dict[str, list[int]] = {}
    days: list[int] = []
    for topic, body in history(portfolio, 1, start, end):
        pack = json.loads(body)
        assert topic.startswith("senml/")
        assert 0 < len(pack) <= 96 + FRESH // 600
        times = [pack[0]["bt"] + record.get("t", 0) for record in pack]
        found.setdefault(pack[0]["bn"], []).extend(times)
        if len(times) == 1 or times[1] - times[0] == 900:
            days.append(times[0] // 86_400)
    points = [point for building in portfolio.buildings() for point in building.points]
    assert len(found) == len(points)
    assert days == sorted(days, reverse=True)
    for name, times in found.items():
        step = 900 if len(times) > 300 else 3_600
        expected = range(-(-int(start.timestamp()) // step) * step, int(end.timestamp()) + 1, step)
        fresh = set(times) - set(expected)
        assert set(expected) <= set(times), name
        assert len(times) == len(set(times)), name
        assert all(time >= end.timestamp() - FRESH for time in fresh), name
        assert not fresh or step == 3_600, name


def test_history_and_live_meet_without_a_seam(portfolio: Portfolio, day: Live) -> None:
    """What a logger sends live is, value for value, what it would send as history later."""
    later = START + timedelta(hours=3)
    archive: dict[tuple[str, int], float] = {}
    for _topic, body in history(portfolio, 1, START - timedelta(hours=2), later):
        pack = json.loads(body)
        for record in pack:
            archive[pack[0]["bn"], pack[0]["bt"] + record.get("t", 0)] = record["v"]
    seen = 0
    for _at, topic, body in day:
        if not topic.startswith("senml/"):
            continue
        pack = json.loads(body)
        for record in pack:
            name, time = pack[0]["bn"] + record["n"], pack[0]["bt"] + record.get("t", 0)
            assert archive[name, time] == record["v"], (name, time)
            seen += 1
    assert seen > 1_500


def test_no_register_goes_back_whoever_tells_it(day: Live) -> None:
    """Meter and logger tell the same register at different seconds."""
    totals: dict[str, list[tuple[float, float]]] = {}
    for _at, topic, body in day:
        message = json.loads(body)
        if topic.startswith("wmbusmeters/barntrup-rathaus-waerme"):
            time = datetime.fromisoformat(message["timestamp"]).timestamp()
            totals.setdefault("waerme", []).append((time, message["total_energy_consumption_kwh"]))
        elif topic.startswith("shellypro3em-34987aa31279") and "emdata:0" in message["params"]:
            params = message["params"]
            totals.setdefault("strom", []).append((params["ts"], params["emdata:0"]["total_act"]))
        elif topic == "senml/barntrup-rathaus":
            for record in message:
                if record["n"] in ("waerme", "strom"):
                    time = message[0]["bt"] + record.get("t", 0)
                    totals.setdefault(record["n"], []).append((time, record["v"]))
    for name, told in totals.items():
        values = [value for _time, value in sorted(told)]
        assert len(values) > 15
        assert values == sorted(values), name


def test_nothing_before_the_world_began(portfolio: Portfolio) -> None:
    with pytest.raises(UsageError, match=r"1\.1\.2024"):
        list(
            history(
                portfolio, 1, datetime(2023, 12, 31, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)
            )
        )


def test_what_is_sent_does_not_depend_on_when_one_stops(portfolio: Portfolio, day: Live) -> None:
    shorter = list(live(portfolio, 1, START, START + timedelta(minutes=45)))
    assert shorter == day[: len(shorter)]
