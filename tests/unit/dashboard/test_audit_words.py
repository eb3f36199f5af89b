"""The audit in words: names for what changed, values as people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dashboard.components.audit_words import Change, action, actor, changes, subject
from gebaeude.store.audit import Entry

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def entry(
    about: str = "ticket/A-2026-0042",
    did: str = "update",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> Entry:
    return Entry(
        position=7, at=NOW, account=None, actor=None, origin=None, action=did, subject=about,
        municipality=None, building=None, building_name=None, before=before, after=after,
        emptied_at=None,
    )  # fmt: skip


def test_what_it_is_about_is_named() -> None:
    assert subject(entry()) == ("Auftrag", "A-2026-0042")
    assert subject(entry("device/senml/urn:dev:1")) == ("Gerät", "senml/urn:dev:1")
    assert subject(entry("novelty/1"))[0] == "Eintrag"


def test_what_was_done_is_named() -> None:
    assert action(entry(did="sign_in.failed")) == "Anmeldung gescheitert"
    assert action(entry(did="novelty")) == "sonstiges"


def test_values_stand_there_as_people_write_them() -> None:
    row = entry(
        before={"state": "open", "due_on": "2026-11-29", "floor_area_m2": 1234.5, "built": 1974},
        after={"state": "done", "due_on": "2026-12-01", "floor_area_m2": 2000.0, "built": 1975},
    )
    found = {one.name: one for one in changes(row, NOW)}
    assert found["Stand"] == Change("Stand", "offen", "erledigt")
    assert found["Fläche (m²)"][1:] == ("1.234,5", "2.000")
    assert found["Baujahr"][1:] == ("1974", "1975")
    assert "29" in str(found["fällig am"].before)
    assert "2026-11" not in str(found["fällig am"].before)


def test_what_says_nothing_to_a_person_is_left_out() -> None:
    row = entry(before={"technician_id": 3, "name": "a"}, after={"technician_id": 4, "name": "b"})
    assert list(changes(row, NOW)) == [Change("Name", "a", "b")]


def test_an_open_end_is_no_date() -> None:
    row = entry("channel/x", "insert", None, {"valid_from": "-infinity", "factor": 1})
    assert list(changes(row, NOW)) == [Change("Faktor", None, "1")]


def test_processes_are_named() -> None:
    assert actor("gebaeude-worker") == "Dienst für Aufträge"
    assert actor("Karin Vogt") == "Karin Vogt"
    assert actor(None) == "nicht mehr bekannt"
