"""What tickets and mails say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from gebaeude.maintenance import wording
from gebaeude.maintenance.wording import LimitEvidence, Place, Seen, SilenceEvidence

NOW = datetime(2026, 11, 22, 9, 40, tzinfo=UTC)
ROOM = Place(
    "Grundschule Kalletal", "Temperatur Raum 204", "Raum 204", "climate", "temperature", "°C"
)
FLOW = Place("Hallenbad", "Vorlauf Heizung", "Technikraum", "heat", "temperature", "°C")
CO2 = Place("Kita Extertal", "CO₂ Gruppe 1", "Gruppe 1", "climate", "co2", "ppm")
HOT = LimitEvidence("high", 28, 29.4, 29.6, NOW - timedelta(minutes=35), NOW)
QUIET = SilenceEvidence(NOW - timedelta(hours=3), 900)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_the_headline_says_what_where_since_when_and_how_much() -> None:
    assert plain(wording.headline([Seen(ROOM, HOT)], NOW)) == (
        "Grundschule Kalletal: Raum 204 seit 35 Minuten über 28 °C (zuletzt 29,4 °C)"
    )
    assert wording.headline([Seen(FLOW, QUIET)], NOW) == (
        "Hallenbad: Vorlauf Heizung meldet sich seit 3 Stunden nicht"
    )


def test_the_title_is_still_true_tomorrow() -> None:
    assert plain(wording.title([Seen(ROOM, HOT)])) == "Raum 204 über 28 °C"
    assert plain(wording.title([Seen(FLOW, HOT)])) == "Vorlauf Heizung über 28 °C"
    cold = LimitEvidence("low", 400, 380, 380, NOW, NOW)
    assert plain(wording.title([Seen(CO2, cold)])) == "Gruppe 1: CO₂ unter 400 ppm"
    assert wording.title([Seen(FLOW, QUIET)]) == "Vorlauf Heizung meldet sich nicht"
    three = [Seen(FLOW, QUIET)] * 3
    assert wording.title(three) == "3 Messpunkte melden sich nicht"
    assert wording.headline(three, NOW) == "Hallenbad: 3 Messpunkte melden sich nicht"
    assert (
        wording.task(three, NOW).count("Vorlauf Heizung: letzter Wert So 22. November 07:40") == 3
    )


def test_what_is_over_is_told_as_over() -> None:
    over = LimitEvidence("high", 28, 29.4, 31.2, NOW - timedelta(hours=2), NOW, NOW)
    assert plain(wording.sentence(ROOM, over, NOW)) == (
        "Raum 204 war 2 Stunden lang über 28 °C (höchstens 31,2 °C)"
    )
    assert wording.over(ROOM, over, NOW) == (
        "Raum 204 ist wieder im vorgegebenen Bereich, nach 2 Stunden."
    )
    heard = SilenceEvidence(NOW - timedelta(days=3), 900, NOW)
    assert (
        wording.sentence(FLOW, heard, NOW) == "Vorlauf Heizung hat sich 3 Tage lang nicht gemeldet"
    )
    assert wording.over(FLOW, heard, NOW) == "Vorlauf Heizung meldet sich wieder."


@pytest.mark.parametrize(("span", "text"), [
    (timedelta(seconds=20), "jetzt"), (timedelta(minutes=1), "seit 1 Minute"),
    (timedelta(minutes=89), "seit 89 Minuten"), (timedelta(minutes=90), "seit 2 Stunden"),
    (timedelta(hours=35), "seit 35 Stunden"), (timedelta(hours=36), "seit 2 Tagen"),
    (timedelta(days=400), "seit 400 Tagen"),
])  # fmt: skip
def test_spans_as_people_say_them(span: timedelta, text: str) -> None:
    assert wording.since(span) == text


@pytest.mark.parametrize(("interval", "text"), [
    (60, "einer jede Minute"), (900, "einer alle 15 Minuten"), (3600, "einer jede Stunde"),
    (86_400, "einer jeden Tag"), (4 * 3600, "einer alle 4 Stunden"),
])  # fmt: skip
def test_the_task_says_what_is_expected(interval: int, text: str) -> None:
    evidence = SilenceEvidence(NOW - timedelta(hours=3), interval)
    task = wording.task([Seen(FLOW, evidence)], NOW)
    assert text in task
    assert "letzter Wert So 22. November 07:40" in task


def test_the_letter_says_everything_a_technician_needs() -> None:
    letter = wording.letter(
        recipient="Maria Beispiel",
        ticket="A-2026-0042",
        what="Grundschule\nKalletal: Raum 204 zu warm",
        task="Bitte die Ursache klären.",
        address="Schulweg 1, Kalletal",
        priority="high",
        due_on=date(2026, 11, 23),
    )
    assert letter.subject == "A-2026-0042 · Grundschule Kalletal: Raum 204 zu warm"
    for part in ("Guten Tag Maria Beispiel", "Schulweg 1, Kalletal", "Dringlichkeit: hoch",
                 "Zu erledigen bis: Mo 23. November", "Ursache klären"):  # fmt: skip
        assert part in letter.body
