"""What the form suggests: new points, points of a replaced device, and what stays in a move."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from dashboard.claim import layout
from dashboard.claim.actions import sentence
from dashboard.claim.form import LATER, NEW, Form, of_device, of_inbox
from dashboard.pages import replay_actions
from dashboard.visit import Visit
from gebaeude.store.attachments import Claim
from gebaeude.store.database import Connection, connect
from gebaeude.store.inbox import Waiting
from ingest import desk
from ingest.desk import Claimed, Guess, Look, Value
from ingest.replay import Replayed

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
HOUSE = "barntrup-rathaus"
OLD = "24e124707c044108"  # an AM307 of the town hall: temperature, humidity, CO₂


@pytest.fixture
def portfolio(portfolio_db: str) -> Iterator[Connection]:
    with connect(portfolio_db, name="test") as connection:
        yield connection


def look(**fields: float) -> Look:
    waiting = Waiting(
        "chirpstack", "new", 1, NOW, NOW, (), 0, None, None, None, None
    )  # fmt: skip
    values = tuple(Value(field, value, None, NOW, None) for field, value in fields.items())
    guess = Guess("milesight-em300-th", "Milesight EM300-TH", 0.9)
    return Look(waiting, "t", "", values, (guess,), None)


def form(connection: Connection, view: Look, **params: str) -> Form:
    return of_inbox(connection, view, Visit("/posteingang/chirpstack/new", params, NOW))


def targets(of: Form) -> dict[str, str]:
    return {row.value.field: row.target for row in of.rows}


def test_what_the_profile_knows_becomes_a_point_and_the_rest_waits(portfolio: Connection) -> None:
    found = form(portfolio, look(temperature=21, battery=90, strange=1), gebaeude=HOUSE)
    assert targets(found) == {"temperature": NEW, "strange": LATER}
    assert found.known == ("Batterie",)
    assert found.fits == 0.9
    assert found.rows[0].unit == "°C"
    assert form(portfolio, look(temperature=21), gebaeude="gibt-es-nicht").building is None
    assert form(portfolio, look(temperature=21), profil="ohne").profile is None


def test_a_successor_takes_over_the_points_that_fit(portfolio: Connection) -> None:
    asked = {"gebaeude": HOUSE, "ersetzt": f"chirpstack/{OLD}"}
    found = form(portfolio, look(temperature=21, humidity=50, co2=1), **asked)
    assert found.replaces == ("chirpstack", OLD)
    line = desk.device(portfolio, "chirpstack", OLD)
    fed = {one.field: one.point for one in line.channels}
    assert targets(found)["temperature"] == fed["temperature"]
    assert targets(found)["humidity"] == fed["humidity"]
    # By its name alone, for the chosen profile knows no such field.
    assert targets(found)["co2"] == fed["co2"]
    other = form(portfolio, look(temperature=21), **{**asked, "profil": "milesight-ct101"})
    assert targets(other) == {"temperature": NEW}  # that of a cable, and not of a room


def test_a_point_that_another_device_feeds_says_so(portfolio: Connection) -> None:
    """Whose readings are whose could not be told any more, and so none of them taken back."""
    line = desk.device(portfolio, "chirpstack", OLD).line
    asked = {"gebaeude": HOUSE}
    view = look(temperature=21)

    def names(of: Form) -> set[str]:
        return {item["label"] for group in layout.targets(of) for item in group["items"]}

    said = f"(kommt schon von {line.name}"
    assert sum(said in one for one in names(form(portfolio, view, **asked))) == len(line.points)
    successor = form(portfolio, view, **asked, ersetzt=f"chirpstack/{OLD}")
    assert not any(said in one for one in names(successor))


def test_a_move_begins_with_what_is_and_elsewhere_with_new_points(portfolio: Connection) -> None:
    line = desk.device(portfolio, "chirpstack", OLD).line
    path = f"/geraete/chirpstack/{OLD}/umziehen"
    stays = of_device(portfolio, line, Visit(path, {}, NOW))
    assert set(targets(stays).values()) == set(line.points)
    moves = of_device(portfolio, line, Visit(path, {"gebaeude": "barntrup-bauhof"}, NOW))
    assert set(targets(moves).values()) == {NEW}
    assert {row.name for row in moves.rows} == {row.now for row in moves.rows}
    assert moves.is_move


def test_what_was_done_is_said() -> None:
    claim = Claim("senml", "a", HOUSE, "Fühler", "Karin Vogt")
    assert sentence(Claimed(0, 0, 2, 2, 0), claim) == (
        "„Fühler“ ist eingetragen; keiner seiner Werte wird verwendet. 2 aufbewahrte Nachrichten "
        "wurden eingelesen. Neu gespeichert: 0 Messwerte."
    )
    assert sentence(Claimed(1, 1, 0, 0, 0), claim, is_move=True) == (
        "„Fühler“ ist umgezogen. Mit umgezogen: ein Messwert."
    )
    assert sentence(Claimed(1, 0, 12, 12, 6, 6), claim).endswith(
        "Neu gespeichert: 6 Messwerte. Aufbewahrt bleiben 6 Nachrichten, in denen noch anderes "
        "steht."
    )


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (
            Replayed(30, 30, 0, 30),
            "Keine der 30 Nachrichten lässt sich schon verwenden; alle bleiben.",
        ),
        (
            Replayed(1, 1, 0, 1),
            "Die Nachricht lässt sich noch immer nicht verwenden und bleibt aufbewahrt.",
        ),
        (
            Replayed(1, 1, 2, 1),
            "Die Nachricht ist eingelesen. Neu gespeichert: 2 Messwerte.",
        ),
        (
            Replayed(5, 4, 3, 1),
            "4 von 5 Nachrichten eingelesen. Neu gespeichert: 3 Messwerte.",
        ),
    ],
)
def test_what_came_of_reading_again_is_said(done: Replayed, said: str) -> None:
    assert replay_actions.told(done) == said
