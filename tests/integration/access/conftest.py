"""One real web process for all questions of access, and everybody who asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gebaeude.access.roles import Right, Role
from gebaeude.config import Settings
from gebaeude.store import webrole
from gebaeude.store.database import connect
from tests.databases import as_web, database
from tests.integration.access.world import CONTENT, Asker, World
from tests.webprocess import served


@pytest.fixture(scope="session")
def world(server_url: str, template: str) -> Iterator[World]:
    with database(server_url, template) as url:
        with connect(url, name="test") as connection:
            connection.execute(CONTENT)
            webrole.ensure_login(connection, as_web(url))
            webrole.grant(connection)
        settings = Settings(web_database_url=as_web(url), web_port=0, trusted_proxies="127.0.0.1")
        with served(settings) as address:
            made = World(url, address)
            yield made
            made.client.close()
            made.program.close()
            made.connection.close()


@pytest.fixture
def askers(world: World) -> list[Asker]:
    """Each role at home and elsewhere, guests, nobody, and programs with narrow scopes."""
    found = [Asker("nobody", "nobody", home=True)]
    for role in Role:
        if role is Role.GUEST:
            continue
        found.append(world.person(role.value, role.value, kalletal=role))
        found.append(world.person(f"foreign {role.value}", role.value, barntrup=role))
    found.append(world.guest("schule"))
    found.append(world.guest("rathaus"))
    boss = world.account(kalletal=Role.ADMINISTRATOR)
    for name, scopes in (
        ("program that sees buildings", {Right.SEE_BUILDINGS}),
        ("program that works tickets", {Right.SEE_TICKETS, Right.WORK_TICKETS}),
    ):
        found.append(
            Asker(
                name, Role.ADMINISTRATOR.value, home=True, headers=world.token(boss, *scopes),
                role=Role.ADMINISTRATOR, scopes=frozenset(scopes),
            )
        )  # fmt: skip
    return found
