"""Every route of the API with every role, compared with docs/access.md."""

from __future__ import annotations

from typing import Any

import httpx

from gebaeude.access import table
from gebaeude.access.roles import Role
from tests.integration.access.walk import API, may
from tests.integration.access.world import Asker, World

BODIES: dict[str, dict[str, Any]] = {
    "cancel": {"comment": "Doppelt."},
    "reopen": {"comment": "Doch nötig."},
    "comment": {"comment": "Gesehen."},
    "reassign": {"technician": "a-adler"},
    "claim": {"building": "schule", "name": "Fühler", "ignore": ["x"]},
}


def _filled(world: World, path: str, number: str) -> str:
    """A path with what belongs to the home municipality."""
    device = "neu" if path.startswith("/inbox") else "dev-schule"
    if path.endswith("release"):
        device = world.device()
    if path.endswith("claim"):
        device = world.unknown()
    message = world.one("SELECT id FROM quarantine WHERE device = 'dev-schule'")
    put = {
        "{building}": "schule", "{point}": "waerme", "{format}": "senml", "{number}": number,
        "{device:path}": device, "{message}": str(message),
    }  # fmt: skip
    for name, value in put.items():
        path = path.replace(name, value)
    return path


# Unknown devices belong to nobody yet: whoever looks after devices sees them.
NOBODYS = "/inbox/{format}/{device:path}"


def test_the_api(world: World, askers: list[Asker]) -> None:
    wrong = []
    for asker in askers:
        number = world.ticket()
        for name, needed in table.API.items():
            method, path = name.split(" ")
            body = BODIES.get(path.rsplit("/", 1)[-1], {}) if method == "POST" else None
            answer = world.program.request(
                method, API + _filled(world, path, number), json=body, headers=asker.headers
            )
            allowed = may(asker, f"{method} {API}{path}", needed)
            if not _fits(answer, asker, allowed, "{" in path and path != NOBODYS):
                wrong.append((asker.name, name, answer.status_code, answer.text[:200]))
            if not asker.home and "Waldschule" in answer.text:
                wrong.append((asker.name, name, "shows what is foreign"))
    assert wrong == []


def _fits(answer: httpx.Response, asker: Asker, allowed: bool, of_one: bool) -> bool:
    if not allowed:
        return answer.status_code == (401 if asker.column == "nobody" else 403)
    if of_one and not asker.home:
        return answer.status_code == 404
    return answer.status_code < 500 and answer.status_code not in (401, 403, 404)


def test_rights_of_one_municipality_are_not_those_of_another(world: World) -> None:
    both = world.person("both", "technician", kalletal=Role.TECHNICIAN, barntrup=Role.READER)
    mine, others = world.ticket("schule"), world.ticket("rathaus")
    for number in (mine, others):
        seen = world.client.get(f"{API}/tickets/{number}", headers=both.headers)
        assert seen.status_code == 200
        assert bool(seen.json()["actions"]) == (number == mine)
    taken = {
        number: world.client.post(f"{API}/tickets/{number}/take", json={}, headers=both.headers)
        for number in (mine, others)
    }
    assert taken[mine].json()["technician_name"].startswith("Person ")
    assert taken[others].status_code == 404
    assert world.state(others) == "open"
