"""The web process's role: made by migrating, and refused where it would be bound by nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest
from psycopg_pool import PoolTimeout
from starlette.types import Receive, Scope, Send

from bench import access
from gebaeude import cli
from gebaeude.access.person import SYSTEM
from gebaeude.access.roles import Right, Role
from gebaeude.api.app import create_api
from gebaeude.config import Settings, settings
from gebaeude.demo.postgres import EmbeddedPostgres
from gebaeude.errors import ServiceMissing, SettingsError
from gebaeude.store import accounts, tokens, webrole
from gebaeude.store.database import connect
from gebaeude.store.migrate import migrate
from gebaeude.store.scope import OpenPool, asking, open_scoped_pool
from gebaeude.web import run
from tests.webprocess import TLS, served


def named(url: str, user: str, password: str, database: str | None = None) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    path = parts.path if database is None else f"/{database}"
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{host}", path=path))


@pytest.fixture(scope="module")
def bare_server(state: Path) -> Iterator[str]:
    """A server that has none of our roles yet."""
    place = state / "bare"
    place.mkdir(mode=0o755)
    with EmbeddedPostgres(place, durable=False) as server:
        yield server.url


def test_roles_of_a_new_server(bare_server: str) -> None:
    """Whoever may not make roles is told what to do; then several databases at once share one."""
    with connect(bare_server, name="test", autocommit=True) as admin:
        admin.execute("CREATE ROLE plain LOGIN PASSWORD 'plain' CREATEDB")
        for name in ("one", "two", "three"):
            admin.execute(f"CREATE DATABASE {name} OWNER plain".encode())
    for name in ("one", "two", "three"):
        with connect(named(bare_server, "gebaeude", urlsplit(bare_server).password or "", name),
                     name="test", autocommit=True) as admin:  # fmt: skip
            admin.execute("CREATE EXTENSION timescaledb")
    plain = named(bare_server, "plain", "plain", "one")
    web = named(bare_server, "app", "first", "one")
    with pytest.raises(ServiceMissing, match="CREATE ROLE gebaeude_web NOLOGIN;"):
        migrate(plain)
    _all_at_once(bare_server)
    with pytest.raises(ServiceMissing, match="CREATE ROLE other LOGIN"):
        migrate(plain, named(bare_server, "other", "x", "one"))
    assert migrate(plain, web) == []  # may not set the password, and needs not
    with connect(web, name="test") as connection:
        webrole.refuse_unbound(connection)
        assert connection.execute("SELECT count(*) FROM building").fetchone() == (0,)
    with (
        connect(plain, name="test") as connection,
        pytest.raises(SettingsError, match="nicht an die Trennung"),
    ):
        webrole.refuse_unbound(connection)


def _all_at_once(server: str) -> None:
    password, failed = urlsplit(server).password or "", list[Exception]()

    def one(name: str) -> None:
        owner = named(server, "gebaeude", password, name)
        try:
            with connect(owner, name="test", autocommit=True) as connection:
                webrole.ensure_group(connection)
                webrole.ensure_login(connection, named(server, "app", "first", name))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=one, args=(name,)) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    for name in ("one", "two", "three"):
        assert "0071_separation" in migrate(named(server, "plain", "plain", name))


def test_a_new_password_counts(database_url: str, as_web: Callable[[str], str]) -> None:
    for password in ("second", "third"):
        url = named(database_url, "gebaeude_web_other", password)
        migrate(database_url, url)
        connect(url, name="test").close()
    with pytest.raises(SettingsError, match="eigene"):
        migrate(database_url, database_url)
    with pytest.raises(SettingsError, match="Passwort fehlt"):
        migrate(database_url, "postgresql://somebody@localhost/x")


@pytest.mark.parametrize("change", ["SUPERUSER", "BYPASSRLS", "IN"])
def test_serving_needs_a_role_that_is_bound(database_url: str, change: str) -> None:
    name = f"gebaeude_loose_{change.lower()}"
    url = named(database_url, name, "x")
    with connect(database_url, name="test", autocommit=True) as owner:
        webrole.ensure_login(owner, url)
        loosen = f"GRANT gebaeude TO {name}" if change == "IN" else f"ALTER ROLE {name} {change}"
        owner.execute(loosen.encode())
        try:
            with pytest.raises(SettingsError, match=f"{name} ist nicht an die Trennung"):
                run(Settings(web_database_url=url, web_port=0), threading.Event())
        finally:
            owner.execute(f"DROP ROLE {name}".encode())


def test_a_pool_hands_out_what_the_one_who_asks_may_see(world: Any) -> None:
    with open_scoped_pool(world.web_url, name="test-web", max_size=1) as pool:
        seen = []
        for person in (None, world.person("kalletal"), world.person("barntrup"), None):
            with asking(person), pool.connection() as connection:
                seen.append(connection.execute("SELECT count(*) FROM building").fetchone())
    assert seen == [(0,), (2,), (1,), (0,)]


@contextmanager
def _served(settings: Settings, headers: dict[str, str]) -> Iterator[httpx.Client]:
    with (
        served(settings) as address,
        httpx.Client(base_url=address, timeout=30, headers=headers, verify=TLS) as client,
    ):
        yield client


def test_every_resource_answers_as_for_the_owner(world: Any) -> None:
    """Who may everything sees all; what the web process may do suffices for what it is asked."""
    paths = (
        "municipalities", "buildings", "buildings/schule", "points", "points/schule/raum",
        "points/schule/raum/latest", "points/schule/raum/readings?from=2026-01-01T00:00:00Z",
        "points/schule/raum/readings?from=2026-01-01T00:00:00Z&format=csv", "devices", "inbox",
        "devices/senml/dev-schule", "quarantine", "findings", "tickets",
    )  # fmt: skip
    answers = []
    headers = access.headers(world.url)
    with _served(Settings(web_database_url=world.web_url, web_port=0), headers) as client:
        found = {path: client.get(f"/api/v1/{path}") for path in paths}
        assert client.get("/api/v1/metrics").text.count("gebaeude_points{") == 3
        assert client.get("/api/v1/health/ready").status_code == 200
    answers = [
        {path: (one.status_code, _still(one.text)) for path, one in told.items()}
        for told in (found, _of_the_owner(world.url, paths))
    ]
    assert {path: code for path, (code, _text) in answers[0].items() if code != 200} == {}
    assert answers[0] == answers[1]


def _of_the_owner(url: str, paths: tuple[str, ...]) -> dict[str, httpx.Response]:
    """What the API answers where nothing binds it, which no web process does."""
    with open_scoped_pool(url, name="test", max_size=2, kind=OpenPool) as pool:
        api = create_api(pool, Settings())

        async def asked_by_us(scope: Scope, receive: Receive, send: Send) -> None:
            await api({**scope, "state": {"person": SYSTEM}}, receive, send)

        async def ask() -> dict[str, httpx.Response]:
            transport = httpx.ASGITransport(asked_by_us)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return {path: await client.get(f"/{path}") for path in paths}

        # A thread of its own: a browser's test may have left its event loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(ask())).result()


def test_serving_without_a_role_of_its_own_is_refused(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, and what to do; also where the owner's address is there to fall back to."""
    monkeypatch.setenv("GEBAEUDE_DATABASE_URL", database_url)
    for given, why in (("", "fehlt"), (database_url, "ist nicht an die Trennung")):
        monkeypatch.setenv("GEBAEUDE_WEB_DATABASE_URL", given)
        settings.cache_clear()
        assert cli.run(["serve"]) == 2
        said = capsys.readouterr().err
        assert "GEBAEUDE_WEB_DATABASE_URL" in said
        assert why in said
        assert "gebaeude migrate" in said
        assert said.count("\n") == 1
    settings.cache_clear()


def test_a_role_that_is_loosened_later_gets_no_connection(world: Any) -> None:
    """The check at the start is not all: the database may come, or the role change, afterwards."""
    with (
        open_scoped_pool(world.url, name="test-web", max_size=1, bound=True) as pool,
        pytest.raises(PoolTimeout),
        pool.connection(timeout=1),
    ):
        pass


def test_whoever_asks_sees_their_own(world: Any) -> None:
    """With a token of one municipality, through everything that a request goes through."""
    with connect(world.url, name="test") as connection:
        account = accounts.add(connection, "one@example.org", "Eine", datetime.now(UTC))
        accounts.give_role(connection, account, "barntrup", Role.FACILITY_MANAGER)
        token = tokens.create(
            connection, account, "test", frozenset(Right), now=datetime.now(UTC),
            lasts=timedelta(hours=1),
        )  # fmt: skip
    headers = {"Authorization": f"Bearer {token}"}
    with _served(Settings(web_database_url=world.web_url, web_port=0), headers) as client:
        for path in ("buildings", "points", "tickets", "findings", "devices"):
            answer = client.get(f"/api/v1/{path}")
            assert answer.status_code == 200, answer.text
            assert "rathaus" in answer.text
            assert "schule" not in answer.text
        for path in ("buildings/schule", "points/schule/raum", "points/schule/raum/readings"):
            assert client.get(f"/api/v1/{path}").status_code == 404
        assert client.get("/api/v1/points/rathaus/strom/readings?from=2026-01-01T00:00:00Z").json()[
            "readings"
        ]


def _still(text: str) -> str:
    """Without what the clock alone changes."""
    return text.split('"ago"')[0]
