"""What people are told about their data agrees with what is kept, and names whom to ask."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gebaeude.config import Settings
from gebaeude.signin.notice import in_detail
from gebaeude.store.privacy import ELSEWHERE, PERSONAL, until

New = Callable[..., Any]
RECORD = (Path(__file__).parents[3] / "docs" / "datenschutz.md").read_text(encoding="utf-8")


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_it_is_open_and_says_all_that_is_kept(browser: New) -> None:
    answer = browser().get("/datenschutz")
    assert answer.status_code == 200
    assert "<script" not in answer.text
    said = words(answer.text)
    for data in PERSONAL.values():
        assert data.about in said
        assert f"{data.purpose} · {until(data, Settings())}" in said
    assert all(what in said for what, _how_long in ELSEWHERE.values())
    assert "Datenschutzbeauftragte Ihrer Kommune" in said
    assert all(f'href="{path}"' in answer.text for path in ("/datenschutz", "/barrierefreiheit"))


def test_it_agrees_with_the_record_of_processing(browser: New) -> None:
    """Whoever changes one of these facts there changes the page too."""
    said = words(browser().get("/datenschutz").text)
    for there, here in (
        ("Keine Übermittlung in ein Drittland", "keine Übermittlung in Länder außerhalb der EU"),
        ("Beschäftigte der beteiligten Kommunen nach ihrer Rolle", "soweit ihre Rolle es erlaubt"),
        ("die beauftragten Firmen für ihre Aufträge", "beauftragte Firmen, soweit es ihre Auftr"),
        ("Keine automatisierte Entscheidung", "Kein Programm entscheidet über Sie"),
        ("Eine Einwilligung ist für nichts davon vorgesehen", "Eine Einwilligung wird nicht verl"),
        ("Keine Auswertung von Dauer, Zahl oder Reihenfolge", "Eine Auswertung nach Personen"),
        ("sehen an ihrer Stelle „Technik“", "sieht statt Ihres Namens „Technik“"),
        ("durch „Person 1“,", "danach nur noch „Person 1“"),
        ("| Beschwerde (Art. 77) | LDI NRW |", "Informationsfreiheit Nordrhein-Westfalen"),
        ("§ 18 DSG NRW", "18 DSG NRW"),
        ("keine eigene Löschfrist", "Wie lange sie aufbewahrt werden, legt Ihre Kommune fest"),
    ):
        assert there in RECORD
        assert here in said


def test_names_and_times_are_those_of_the_settings(start_gate: New, browser: New) -> None:
    told = {
        "privacy_controller": "Stadt Barntrup, <Mittelstraße 38>", "retention_access_days": 41,
        "privacy_contact": "Erika Beispiel, 05263 555-100", "retention_people_years": 5,
        "retention_mail_days": 17,
    }  # fmt: skip
    with start_gate(**told) as address:
        page = browser(address).get("/datenschutz").text
    said = words(page)
    assert "&lt;Mittelstraße 38&gt;" in page
    assert "beantwortet: Erika Beispiel, 05263 555-100" in said
    assert "bis 41 Tage nach dem Ende" in said
    assert "bis 5 Jahre nach dem Abschluss" in said
    assert "bis 17 Tage nach dem Versand" in said
    assert " 90 Tage nach" not in said


def test_nothing_is_said_twice() -> None:
    rows = [row for _whose, rows in in_detail(Settings()) for row in rows]
    assert len({*rows}) == len(rows) == len(PERSONAL) + len(ELSEWHERE)
