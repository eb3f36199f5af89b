"""What the measurements leave behind, and whether they see what they are there to see."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from bench import ingest_leak
from bench.ingest import CLIENT, prepared, queue, uplinks
from bench.servers import Servers, servers
from gebaeude.store.database import connect
from ingest.subscriber import Subscriber


@pytest.fixture(scope="module")
def on() -> Iterator[Servers]:
    with servers() as these:
        yield these


def test_nothing_of_one_measurement_is_left_to_the_next(on: Servers) -> None:
    """A session that is left behind fills the broker until it answers nobody any more."""
    database, broker = prepared(on)
    queue(broker, (message for message, _ in zip(uplinks(0), range(100), strict=False)))
    on.clear()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(database, name="test")
    subscriber = Subscriber(on.broker(), CLIENT)
    while not subscriber.subscribed:
        subscriber.breathe(0.1)
    assert subscriber.collect(1, 0.5) == []
    subscriber.close()


def test_the_long_run_accounts_for_every_reading(
    on: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest_leak, "MILLION", 4_000)
    monkeypatch.setattr(ingest_leak, "TOTAL", 20_000)
    monkeypatch.setattr(ingest_leak, "ROUND", 2_000)
    used: list[str] = []

    def noted(on: Servers) -> tuple[str, str]:
        used.append(prepared(on)[0])
        return used[0], on.broker()

    monkeypatch.setattr(ingest_leak, "prepared", noted)
    results = {name: (value, context) for name, value, _, context in ingest_leak.leak(on)}
    assert [results[f"ingest.leak.{what}"][0] for what in ("lost", "doubled")] == [0, 0]
    assert results["ingest.leak.lost"][1]["expected"] == 20_000
    assert results["ingest.leak"][1]["messages"] == 20_000
    means = results["ingest.leak"][1]["mb_of_each_million"]
    assert isinstance(means, dict)
    assert list(means) == [1, 2, 3, 4, 5]
    with connect(used[0], name="test", autocommit=True) as connection:
        connection.execute(
            "DELETE FROM reading WHERE (point_id, time) IN"
            " (SELECT point_id, time FROM reading ORDER BY time, point_id LIMIT 3)"
        )
        connection.execute(
            "INSERT INTO reading (point_id, time, value, quality)"
            " SELECT point_id, time + interval '1 second', value, quality FROM reading LIMIT 2"
        )
    found = {name: value for name, value, *_ in ingest_leak.accounted(used[0], 20_000, {})}
    assert found == {"ingest.leak.lost": 3, "ingest.leak.doubled": 2}


@pytest.mark.parametrize(
    ("megabytes", "slope", "margin"),
    [
        ({2: 100.0, 3: 101.0, 4: 102.0, 5: 103.0}, 1024.0, 0.0),
        # Worked by hand: slope 0.2 MB, residual variance 0.4, over a spread of 5, times 4.30.
        ({1: 10.0, 2: 11.0, 3: 10.0, 4: 11.0}, 204.8, 1245.4),
    ],
)
def test_slope_and_its_margin(megabytes: dict[int, float], slope: float, margin: float) -> None:
    assert ingest_leak.slope_of(megabytes) == pytest.approx((slope, margin), abs=1.0)
