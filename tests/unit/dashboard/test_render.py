"""Every page comes about from a real database, whatever is or is not in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from dash.development.base_component import Component

from dashboard import html
from dashboard.render import render
from dashboard.visit import Visit, visit
from gebaeude.store.database import Pool, open_pool

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
DEVICE = "/geraete/chirpstack/24e124707c044108"
PATHS = (
    "/", "/gebaeude", "/gebaeude/barntrup-rathaus", "/datenqualitaet", "/auftraege", "/geraete",
    DEVICE, f"{DEVICE}/umziehen", "/posteingang", "/quarantaene",
)  # fmt: skip


def words(part: Any) -> str:
    """All text in a component, in its order."""
    if part is None or isinstance(part, bool):
        return ""
    if isinstance(part, list | tuple):
        return " ".join(words(one) for one in part)
    if isinstance(part, Component | html.Element):
        own = getattr(part, "label", "") or ""
        return f"{own} {words(getattr(part, 'children', None))}"
    return str(part)


def asked(path: str, search: str = "") -> Visit:
    return visit(path, search, NOW, {"width": 1000, "scheme": "light"})


@pytest.fixture
def portfolio(portfolio_db: str) -> Iterator[Pool]:
    with open_pool(portfolio_db, name="test", max_size=2) as pool:
        yield pool


@pytest.mark.parametrize("path", PATHS)
def test_pages_come_about_before_the_first_reading(portfolio: Pool, path: str) -> None:
    title, page = render(portfolio, asked(path))
    text = words(page)
    assert title.endswith("Gebäudemanagement")
    assert "Fehler" not in title
    for wrong in ("None", "nan", "null", "Condition."):
        assert wrong not in text


@pytest.mark.parametrize(
    "path",
    ["/", "/gebaeude", "/datenqualitaet", "/auftraege", "/geraete", "/posteingang", "/quarantaene"],
)
def test_pages_come_about_in_an_empty_database(pool: Pool, path: str) -> None:
    title, _page = render(pool, asked(path))
    assert "Fehler" not in title


def test_an_empty_list_says_what_to_do(portfolio: Pool) -> None:
    text = words(render(portfolio, asked("/gebaeude", "?suche=raumstation"))[1])
    assert "Kein Gebäude passt zu dieser Auswahl." in text
    assert "Alle Gebäude zeigen" in text


def test_a_chart_without_data_says_why(portfolio: Pool) -> None:
    text = words(render(portfolio, asked("/gebaeude/barntrup-rathaus"))[1])
    assert "Dieser Messpunkt hat noch keinen Wert gesendet." in text


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/gebaeude/gibt-es-nicht", "Dieses Gebäude gibt es nicht."),
        ("/auftraege/A-2026-9999", "A-2026-9999"),
        ("/auftraege/unsinn", "unsinn"),
        ("/nirgendwo", "Diese Seite gibt es nicht."),
        ("/geraete/chirpstack/%00%ff", "Dieses Gerät ist nicht zugeordnet."),
        ("/geraete/nichts/da/umziehen", "Dieses Gerät ist nicht zugeordnet."),
        ("/posteingang/plain/a%2Fb", "Von diesem Gerät ist nichts aufbewahrt."),
        ("/quarantaene/17", "Diese Nachricht steht nicht in der Quarantäne."),
        ("/quarantaene/%C2%B2", "Diese Nachricht steht nicht in der Quarantäne."),
    ],
)
def test_what_is_not_there_is_said_so(portfolio: Pool, path: str, says: str) -> None:
    title, page = render(portfolio, asked(path))
    assert title.startswith("Nicht gefunden")
    assert says in words(page)


def test_nonsense_in_the_address_does_no_harm(portfolio: Pool) -> None:
    search = (
        "?sortiert=%00&richtung=quer&zeitraum=immer&von=gestern&bis=9999-99-99&messpunkt=%27&wer=x"
        "&grund=%27%00&art=x&geraet=%25%00&vor=99999999999999999999&seite=-7&zustand=krumm"
        "&gebaeude=%00&profil=%27&ersetzt=%2F%2F"
    )
    for path in PATHS:
        assert "Fehler" not in render(portfolio, asked(path, search))[0]


def test_without_a_database_the_page_says_what_is_safe(free_port: Callable[[], int]) -> None:
    address = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    with open_pool(address, name="test", min_size=0, max_size=1) as pool:
        title, page = render(pool, asked("/"))
    assert title.startswith("Datenbank antwortet nicht")
    text = words(page)
    assert "Es geht nichts verloren" in text
    assert "Noch einmal versuchen" in text
    assert "psycopg" not in text
