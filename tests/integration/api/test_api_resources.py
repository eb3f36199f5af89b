"""What the resources answer, against the database behind them."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from gebaeude.store.database import connect

API = "/api/v1"
Serve = Callable[[str], AbstractContextManager[httpx.Client]]


def get(client: httpx.Client, path: str, **parameters: Any) -> Any:
    return client.get(f"{API}{path}", params=parameters).raise_for_status().json()


def test_municipalities_know_what_they_own(stocked: httpx.Client) -> None:
    found = get(stocked, "/municipalities")
    assert [one["name"] for one in found] == ["Barntrup", "Dörentrup", "Extertal", "Kalletal"]
    buildings = get(stocked, "/buildings")
    for one in found:
        own = [house for house in buildings if house["municipality"] == one["key"]]
        assert one["buildings"] == len(own) > 0
        assert one["floor_area_m2"] == sum(house["floor_area_m2"] for house in own)


def test_buildings_are_searched_filtered_and_ordered(stocked: httpx.Client) -> None:
    found = get(stocked, "/buildings", q="rathaus kalletal")
    assert [one["key"] for one in found] == ["hohenhausen-rathaus"]
    schools = get(stocked, "/buildings", use="school", municipality="barntrup", sort="area")
    assert {one["use"] for one in schools} == {"school"}
    areas = [one["floor_area_m2"] for one in schools]
    assert areas == sorted(areas, reverse=True)
    worst = [one["condition"] for one in get(stocked, "/buildings", sort="condition")]
    assert worst == sorted(worst, key=["critical", "attention", "good"].index)
    assert set(worst) == {"critical", "attention", "good"}


def test_one_building_has_its_rooms_and_plants(stocked: httpx.Client) -> None:
    house = get(stocked, "/buildings/barntrup-rathaus")
    assert house["address"] == "Mittelstraße 38, 32683 Barntrup"
    assert {one["key"] for one in house["assets"]} >= {"kessel", "aufzug"}
    rooms = {one["name"]: one for one in house["rooms"]}
    for room in rooms.values():
        limits = {"fine": (0, 1000), "ventilate": (1000, 2000), "unacceptable": (2000, 40_000)}
        if room["co2"] is None:
            assert room["band"] == "unknown"
        else:
            low, high = limits[room["band"]]
            assert low <= room["co2"] <= high
    assert any(room["band"] in ("fine", "ventilate") for room in rooms.values())


def test_points_of_a_building_and_of_a_medium(stocked: httpx.Client) -> None:
    points = get(stocked, "/points", building="barntrup-rathaus")
    assert {one["building"] for one in points} == {"barntrup-rathaus"}
    everywhere = get(stocked, "/points")
    assert len(everywhere) == 390
    water = get(stocked, "/points", medium="water")
    assert water == [one for one in everywhere if one["medium"] == "water"]
    newest = get(stocked, "/points/barntrup-rathaus/waerme/latest")
    assert newest == next(one for one in points if one["key"] == "waerme")["latest"]


def test_silent_points_and_those_never_heard_of_are_told_apart(
    stocked: httpx.Client, stocked_url: str
) -> None:
    with connect(stocked_url, name="test") as connection:
        quiet = connection.execute(
            "SELECT count(*) FILTER (WHERE mod(id, 90) = 0),"
            " count(*) FILTER (WHERE mod(id, 25) = 0 AND mod(id, 90) <> 0) FROM point"
        ).fetchone()
    points = get(stocked, "/points")
    never = [one for one in points if one["latest"] is None]
    silent = [one for one in points if one["silent"]]
    assert (len(never), len(silent)) == quiet
    assert not any(one["silent"] for one in never)


def test_quarantine_is_paged_and_shows_the_raw_bytes(stocked: httpx.Client) -> None:
    address: str | None = f"{API}/quarantine?limit=100"
    ids: list[int] = []
    sizes = []
    while address:
        page = stocked.get(address).raise_for_status().json()
        ids += [one["id"] for one in page["messages"]]
        sizes.append(len(page["messages"]))
        address = page["next"]
    assert sizes == [100, 100, 30]
    assert ids == sorted(set(ids), reverse=True)
    one = get(stocked, f"/quarantine/{ids[0]}")
    assert b64decode(one["payload_base64"]) == b'{"n":"x"}' * 40
    assert one["payload_text"] == '{"n":"x"}' * 40
    assert one["size"] == 360
    only = get(stocked, "/quarantine", reason="time_ahead", limit=1000)["messages"]
    assert {one["reason_text"] for one in only} == {"Uhr des Geräts geht vor"}
    assert len(only) == 230 / 5


def test_quarantined_bytes_that_are_no_text_are_readable(portfolio_db: str, serve: Serve) -> None:
    with connect(portfolio_db, name="test") as connection:
        connection.execute(
            "INSERT INTO quarantine"
            " (fingerprint, reason, detail, topic, payload, first_at, last_at)"
            " VALUES ('x', 'invalid_utf8', 'bad byte', %s, %s, now(), now())",
            (b"senml/\xff\x00", bytes(range(256))),
        )
    with serve(portfolio_db) as client:
        listed = get(client, "/quarantine")["messages"][0]
        one = get(client, f"/quarantine/{listed['id']}")
    assert listed["topic"] == "senml/\\xff\\x00"
    assert b64decode(one["topic_base64"]) == b"senml/\xff\x00"
    assert b64decode(one["payload_base64"]) == bytes(range(256))
    assert one["payload_text"].startswith("\\x00\\x01")
    assert "\\xfe\\xff" in one["payload_text"]


def test_findings_are_paged_newest_first(stocked: httpx.Client) -> None:
    everything = get(stocked, "/findings", limit=1000)["findings"]
    opened = get(stocked, "/findings", open=True, limit=1000)["findings"]
    assert opened == [one for one in everything if one["closed_at"] is None]
    assert 0 < len(opened) < len(everything)
    first = get(stocked, "/findings", limit=5)
    second = stocked.get(first["next"]).json()
    assert first["findings"] + second["findings"] == everything[:10]
    house = opened[0]["building"]
    own = get(stocked, "/findings", building=house, limit=1000)["findings"]
    assert own == [one for one in everything if one["building"] == house]
    assert "meldet sich" in opened[0]["sentence"]


def ticket(connection_url: str) -> str:
    """An open ticket in Barntrup's town hall; its number."""
    with connect(connection_url, name="test") as connection:
        row = connection.execute(
            "INSERT INTO ticket (building_id, title, task, priority, skill, opened_at)"
            " SELECT id, 'Heizung kalt', 'Bitte prüfen.', 'high', 'heating', now() FROM building"
            " WHERE key = 'barntrup-rathaus' RETURNING id, extract(year FROM opened_at)::int"
        ).fetchone()
    assert row is not None
    return f"A-{row[1]}-{row[0]:04d}"


def act(client: httpx.Client, number: str, action: str, **body: Any) -> httpx.Response:
    return client.post(f"{API}/tickets/{number}/{action}", json=body)


def test_a_ticket_goes_its_way(portfolio_db: str, serve: Serve) -> None:
    number = ticket(portfolio_db)
    with serve(portfolio_db) as client:
        taken = act(client, number, "take", technician="m-brandt").raise_for_status().json()
        assert (taken["state"], taken["technician_name"]) == ("accepted", "Mathias Brandt")
        started = act(client, number, "start", technician="m-brandt").raise_for_status().json()
        assert started["state"] == "in_progress"
        commented = act(client, number, "comment", comment="Pumpe stand.")
        assert commented.json()["history"][-1]["actor"] == "Programm"  # who asks, says the token
        done = act(client, number, "finish").raise_for_status().json()
        assert done["state"] == "done"
        assert "Pumpe stand." in [event["comment"] for event in done["history"]]
        again = act(client, number, "finish")
        assert again.status_code == 409
        assert "erledigt" in again.json()["detail"]
        assert get(client, "/tickets", state="open") == []
        listed = get(client, "/tickets", state="done", q="heizung")
        assert [one["number"] for one in listed] == [number]


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("take", {"technician": "nobody"}, (400, 404)),
        ("take", {}, (400,)),  # who asks is none of the team
        ("take", {"technician": "m-brandt", "state": "done"}, (422,)),
        ("cancel", {}, (422,)),
        ("cancel", {"comment": "   "}, (400,)),
        ("comment", {"actor": "Karin Vogt", "comment": "x"}, (422,)),
        ("comment", {"comment": "x" * 4001}, (422,)),
        ("comment", {"comment": 5}, (422,)),
        ("finish", {}, (409,)),
    ],
)
def test_what_cannot_be_done_with_a_ticket_changes_nothing(
    portfolio_db: str, serve: Serve, action: str, body: dict[str, Any], status: tuple[int, ...]
) -> None:
    number = ticket(portfolio_db)
    with serve(portfolio_db) as client:
        before = get(client, f"/tickets/{number}")
        answer = act(client, number, action, **body)
        assert answer.status_code in status
        assert answer.headers["content-type"] == "application/problem+json"
        assert get(client, f"/tickets/{number}") == before


def test_next_addresses_stay_on_this_host(stocked: httpx.Client) -> None:
    address = get(stocked, "/quarantine", limit=1)["next"]
    assert urlsplit(address).netloc == ""
    assert address.startswith(f"{API}/")
