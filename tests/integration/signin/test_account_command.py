"""`gebaeude account …` against a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from gebaeude import cli
from gebaeude.access.roles import Role
from gebaeude.config import settings
from gebaeude.store import accounts, links, sessions
from gebaeude.store.database import connect
from gebaeude.store.links import PASSWORD_LINKS, Purpose
from gebaeude.store.sessions import Strength

BOSS = ("karin.vogt@nordlippe.example", "Karin Vogt")


@pytest.fixture
def url(houses: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("GEBAEUDE_DATABASE_URL", houses.url)  # type: ignore[attr-defined]
    monkeypatch.setenv("GEBAEUDE_PUBLIC_URL", "https://haus.example")
    settings.cache_clear()
    yield houses.url  # type: ignore[attr-defined]
    settings.cache_clear()


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert cli.run(["account", *arguments]) == code
    out, err = capsys.readouterr()
    return out + err


def test_the_first_administrator_gets_one_link(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    link = said(capsys, "first-administrator", *BOSS).splitlines()[-1]
    place, secret = link.rsplit("/", 1)
    assert place == "https://haus.example/kennwort"
    now = datetime.now(UTC)
    with connect(url, name="test") as connection:
        found = links.find(connection, secret, PASSWORD_LINKS, now)
        assert found is not None
        assert found.purpose is Purpose.FIRST
        assert accounts.one(connection, found.account or 0).roles == {Role.ADMINISTRATOR}
    assert "schon jemanden" in said(capsys, "first-administrator", "x@y.example", "X", code=1)


def test_accounts_are_added_listed_and_given_roles(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Noch kein Konto" in said(capsys, "list")
    assert "/kennwort/" in said(capsys, "add", "adler@nordlippe.example", "Anna Adler")
    said(capsys, "role", "adler@nordlippe.example", "kalletal", "technician")
    assert "Anna Adler  Technik Kalletal" in said(capsys, "list")
    said(capsys, "role", "adler@nordlippe.example", "kalletal", "none")
    assert "Technik" not in said(capsys, "list")
    assert "king" in said(capsys, "role", "adler@nordlippe.example", "kalletal", "king", code=2)
    assert "nowhere" in said(capsys, "role", "adler@nordlippe.example", "nowhere", "reader", code=1)
    assert "gibt es nicht" in said(capsys, "disable", "nobody@nordlippe.example", code=1)


def test_disabling_and_resetting_ends_sessions(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "add", *BOSS)
    now = datetime.now(UTC)
    told = {"strength": Strength.PASSWORD, "origin": "", "agent": "", "now": now}
    with connect(url, name="test", autocommit=True) as connection:
        account = accounts.by_email(connection, BOSS[0]).id
        token = sessions.start(connection, account=account, **told)  # type: ignore[arg-type]
        assert "/kennwort/" in said(capsys, "reset", BOSS[0])
        assert sessions.find(connection, token, now) is not None
        said(capsys, "reset", BOSS[0], "--second-factor")
        assert sessions.find(connection, token, now) is None
        mails = connection.execute("SELECT recipient, body FROM mail").fetchall()
        assert [(who, "zweiten Faktor" in body) for who, body in mails] == [(BOSS[0], True)]
        said(capsys, "disable", BOSS[0])
        assert "gesperrt" in said(capsys, "list")
        said(capsys, "disable", BOSS[0], "--enable")
        assert "gesperrt" not in said(capsys, "list")
