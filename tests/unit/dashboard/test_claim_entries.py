"""What is entered in the form becomes a claim, or a sentence beside the field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.claim.entries import Entered, Place, read, slug
from gebaeude.model import Kind, Medium
from gebaeude.store.attachments import Attach, NewPoint
from gebaeude.store.summary import PointRow

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
THERE = PointRow(
    id=1, building="schule", building_name="Schule", municipality="kalletal",
    municipality_name="Kalletal", key="gas", name="Gas", space=None, medium=Medium.GAS,
    quantity="volume", unit="m3", kind=Kind.COUNTER, interval_s=900, within=None, time=None,
    value=None, quality=None, low=None, high=None, devices=(),
)  # fmt: skip
NEW: dict[Place, Any] = {
    ("name", -1): "Zähler Küche", ("since", -1): "",
    ("target", 0): "+", ("point", 0): "Gas Küche", ("space", 0): " Küche ", ("medium", 0): "gas",
    ("quantity", 0): "volume", ("kind", 0): "counter", ("minutes", 0): 15, ("unit", 0): "l",
    ("factor", 0): 10.0,
    ("target", 1): "-", ("target", 2): "?",
}  # fmt: skip
FIELDS = ["total", "status", "flow"]


def entered(changes: dict[Place, Any] | None = None, **more: Any) -> Entered:
    wanted: dict[str, Any] = {
        "actor": "Karin Vogt", "profile": "wmbus-gas", "replaces": None, "feeds_now": {},
        "sends": {}, "must_date": False, "now": NOW, **more,
    }  # fmt: skip
    return read(
        {**NEW, **(changes or {})}, FIELDS, ("wmbusmeters", "1"), "schule", [THERE], **wanted
    )


def test_a_new_point_an_ignored_and_an_undecided_field() -> None:
    claim = entered().claim
    assert claim is not None
    new = NewPoint("Gas Küche", Medium.GAS, "volume", Kind.COUNTER, 900, "Küche")
    assert claim.attach == (Attach("total", "gas-kueche", "l", 10.0, new),)
    assert claim.ignore == ("status",)
    assert (claim.name, claim.actor, claim.since) == ("Zähler Küche", "Karin Vogt", None)


def test_an_existing_point_and_a_date() -> None:
    there = {("target", 0): "gas", ("since", -1): "3.11.2026 8:00"}
    claim = entered(there).claim
    assert claim is not None
    assert claim.attach == (Attach("total", "gas", "l", 10.0),)
    assert claim.since == datetime(2026, 11, 3, 7, tzinfo=UTC)


def test_a_unit_that_the_message_says_must_fit() -> None:
    there = {("target", 0): "gas", ("unit", 0): None}
    assert entered(there, sends={"total": "l"}).claim is not None
    wrong = entered(there, sends={"total": "W"}).wrong
    assert wrong == {("target", 0): "Aus W lässt sich m³ nicht berechnen; so zählt der Messpunkt."}


def test_what_stays_where_it_is_is_left_out() -> None:
    moved = {("target", 0): "gas", ("target", 1): "?"}
    found = entered(moved, feeds_now={"total": "gas"})
    assert found.claim is None
    assert set(found.wrong) == {("do", -1)}


@pytest.mark.parametrize(
    ("changes", "place", "says"),
    [
        ({("name", -1): "  "}, ("name", -1), "dem Gerät einen Namen"),
        ({("since", -1): "bald"}, ("since", -1), "Tag und Uhrzeit"),
        ({("point", 0): None}, ("point", 0), "einen Namen"),
        ({("point", 0): "GAS"}, ("point", 0), "heißt in diesem Gebäude schon"),
        ({("point", 0): "x" * 201}, ("point", 0), "zu lang"),
        ({("medium", 0): None}, ("medium", 0), "worum es geht"),
        ({("medium", 0): "climate"}, ("quantity", 0), "Menge gibt es bei Raumklima nicht"),
        ({("quantity", 0): "volume_flow"}, ("kind", 0), "nicht so gezählt"),
        ({("minutes", 0): ""}, ("minutes", 0), "Minuten"),
        ({("minutes", 0): 1e9}, ("minutes", 0), "Minuten"),
        ({("unit", 0): "kWh"}, ("unit", 0), "Aus kWh lässt sich m³ nicht berechnen"),
        ({("factor", 0): 0}, ("factor", 0), "außer 0"),
        ({("factor", 0): "viel"}, ("factor", 0), "außer 0"),
        ({("target", 0): "gibt-es-nicht"}, ("target", 0), "gibt es hier nicht mehr"),
        ({("target", 0): "gas", ("target", 1): "gas"}, ("target", 1), "schon bei einem anderen"),
        ({("target", 0): "?", ("target", 1): "?"}, ("do", -1), "mindestens einem Wert"),
    ],
)
def test_what_cannot_be_meant_is_said_beside_its_field(
    changes: dict[Place, Any], place: Place, says: str
) -> None:
    found = entered(changes)
    assert found.claim is None
    assert says in found.wrong[place]


def test_a_move_needs_its_date() -> None:
    assert "ab wann" in entered(must_date=True).wrong["since", -1]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Wärme Büro 1.12", "waerme-buero-1-12"),
        ("  --  ", "messpunkt"),
        ("漢字", "messpunkt"),
        ("Straße", "strasse"),
    ],
)
def test_keys_are_made_of_names(name: str, key: str) -> None:
    assert slug(name) == key
    assert len(slug(name * 40)) <= 60
