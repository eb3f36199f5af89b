"""The same way through the API and the command line, as a program or a person would go it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gebaeude import cli
from gebaeude.config import settings as known_settings
from tests.integration.api.conftest import served
from tests.messages import load

API = "/api/v1"
METER = "wmbusmeters/99657098"
START = datetime(2026, 11, 3, tzinfo=UTC)


def telegram(number: int) -> tuple[bytes, bytes]:
    """A telegram of a real gas meter, one each quarter of an hour."""
    tree = json.loads(load("wmbusmeters/gas_aerius.json").payload)
    at = START + timedelta(minutes=15 * number)
    tree |= {"timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}", "total_m3": 6842 + number / 10}
    return b"wmbusmeters/aerius_gas", json.dumps(tree).encode()


@pytest.fixture
def api(store: Any) -> Iterator[httpx.Client]:
    with served(store.url) as client:
        yield client


def good(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_from_unknown_to_history_and_back(
    ingest: Any, publish: Any, api: httpx.Client, eventually: Any
) -> None:
    publish(map(telegram, range(40)))
    found = eventually(
        lambda: [one for one in good(api.get(f"{API}/inbox")) if one["messages"] == 40]
    )[0]
    assert (found["format"], found["device"], found["known"]) == (*METER.split("/"), False)
    view = good(api.get(f"{API}/inbox/{METER}"))
    assert view["guesses"][0]["profile"] == "wmbus-gas"
    values = {one["field"]: one["value"] for one in view["values"]}
    assert values["total_m3"] == pytest.approx(6845.9)
    gas = next(one for one in view["suggestions"] if one["field"] == "total_m3")
    assert (gas["wanted"], gas["medium"], gas["kind"]) == (True, "gas", "counter")
    keys = ("medium", "quantity", "kind", "interval_s")
    body = {
        "building": "rathaus", "name": "Gaszähler", "profile": "wmbus-gas",
        "attach": [{"field": "total_m3", "point": "gas",
                    "new": {"name": "Gaszähler", **{key: gas[key] for key in keys}}}],
        "ignore": ["flow_m3h"],
    }  # fmt: skip
    done = good(api.post(f"{API}/inbox/{METER}/claim", json=body))
    assert (done["attached"], done["released"], done["readings"]) == (1, 40, 40)
    assert "40 Messwerte gespeichert" in done["text"]
    history = f"{API}/points/rathaus/gas/readings?from=2026-11-01T00:00:00Z&to=2026-11-30T00:00:00Z"
    readings = good(api.get(history))["readings"]
    times = [datetime.fromisoformat(one["time"]) for one in readings]
    assert times == [START + timedelta(minutes=15 * n) for n in range(40)]
    assert [one["value"] for one in readings] == pytest.approx([6842 + n / 10 for n in range(40)])
    assert good(api.get(f"{API}/inbox")) == []
    device = good(api.get(f"{API}/devices/{METER}"))
    assert (device["points"], device["profile"]) == (["gas"], "wmbus-gas")
    assert device["history"][0]["actor"] == "Programm"

    # Again is a conflict, and changes nothing.
    again = api.post(f"{API}/inbox/{METER}/claim", json=body | {"attach": [
        {"field": "total_m3", "point": "gas"}]})  # fmt: skip
    assert again.status_code == 409
    assert again.json()["detail"].startswith("total_m3 ist schon zugeordnet")

    cut = (START + timedelta(hours=5)).isoformat()
    ended = good(api.post(f"{API}/inbox/{METER}/release", json={"start": cut}))
    assert ended["readings"] == 20
    assert len(good(api.get(history))["readings"]) == 20
    undone = good(api.post(f"{API}/inbox/{METER}/release", json={}))
    assert undone["readings"] == 20
    assert good(api.get(history))["readings"] == []
    (found,) = good(api.get(f"{API}/inbox"))
    assert (found["known"], found["messages"], found["withdrawn"]) == (False, 0, 40)
    assert api.get(f"{API}/devices/{METER}").status_code == 404


def test_devices_whose_names_have_slashes(
    ingest: Any, publish: Any, api: httpx.Client, eventually: Any
) -> None:
    publish([(b"zigbee2mqtt/keller/fuehler 1", b'{"temperature": 21.5}')])
    name = "zigbee2mqtt/keller/fuehler 1"
    eventually(lambda: api.get(f"{API}/inbox/{name}").status_code == 200)
    body = {"building": "rathaus", "name": "Fühler",
            "attach": [{"field": "temperature", "point": "temperatur"}]}  # fmt: skip
    assert good(api.post(f"{API}/inbox/{name}/claim", json=body))["readings"] == 1
    assert good(api.get(f"{API}/devices/{name}"))["name"] == "Fühler"
    assert len(good(api.get(f"{API}/devices?building=rathaus"))) == 5


def test_on_the_command_line(
    ingest: Any, publish: Any, store: Any, eventually: Any,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("GEBAEUDE_DATABASE_URL", store.url)
    known_settings.cache_clear()

    def gebaeude(*arguments: str, code: int = 0) -> str:
        assert cli.run(["devices", *arguments]) == code
        captured = capsys.readouterr()
        return captured.out if code == 0 else captured.err

    publish(map(telegram, range(8)))
    eventually(lambda: store.one("SELECT count(*) FROM quarantine") == 8)
    assert "wmbusmeters 99657098" in gebaeude("inbox")
    assert "total_m3" in (shown := gebaeude("show", *METER.split("/")))
    assert "wmbus-gas" in shown
    claim = ("claim", *METER.split("/"), "--building", "rathaus", "--name", "Gaszähler",
             "--profile", "wmbus-gas", "--attach", "total_m3=gas")  # fmt: skip
    assert "gas" in gebaeude(*claim, code=1)
    assert "8 Messwerte gespeichert" in gebaeude(*claim, "--create", "--ignore", "flow_m3h")
    assert "Gaszähler" in gebaeude("list", "--building", "rathaus")
    assert "Zugeordnet" in gebaeude("show", *METER.split("/"))
    gone = gebaeude("release", *METER.split("/"), "--from", "2026-11-03 02:00")
    assert "4 Messwerte zurückgenommen" in gone  # 2:00 in Berlin is 1:00 UTC
    assert len(store.values("gas")) == 4
    (line,) = gebaeude("inbox").splitlines()
    assert line.endswith("Gaszähler  zurückgenommene Messwerte: 4")
    moved = gebaeude("claim", *METER.split("/"), "--building", "rathaus", "--name", "Gaszähler",
                     "--attach", "total_m3=gas", "--from", "2026-11-03T02:00+01:00")  # fmt: skip
    assert "4 wiederhergestellt" in moved
    assert "Milesight AM307" in gebaeude("profiles")
    assert "Zeitpunkt" in gebaeude("release", *METER.split("/"), "--from", "gestern", code=2)
    known_settings.cache_clear()
