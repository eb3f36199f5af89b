"""Every page for signing in with every role, compared with docs/access.md."""

from __future__ import annotations

import httpx

from gebaeude.access import table
from gebaeude.access.roles import Role
from gebaeude.signin.permit import REFUSED
from tests.integration.access.walk import may
from tests.integration.access.world import FOREIGN, Asker, World

# What else a form must hold to come as far as to the account it is about.
FIELDS = {"/benutzer/{account:int}/rolle": {"kommune": FOREIGN, "rolle": "reader"}}


def test_the_pages_for_signing_in(world: World, askers: list[Asker]) -> None:
    account = world.account(kalletal=Role.READER)
    wrong = []
    for asker in askers:
        last = ("POST /konto/zweiter-faktor/ende", "POST /abmelden")  # end what the others need
        for name in [*(one for one in table.SIGN_IN if one not in last), *last]:
            if name.endswith("/anmelden/demo"):
                continue  # not there outside of a demo
            method, path = name.split(" ")
            answer = world.program.request(
                method, path.replace("{account:int}", str(account)).replace("{secret}", "x"),
                headers=asker.headers,
                data={"form": asker.form, **FIELDS.get(path, {})} if method == "POST" else None,
            )  # fmt: skip
            if not _page_fits(answer, asker, method, path, may(asker, name, table.SIGN_IN[name])):
                wrong.append((asker.name, name, answer.status_code, answer.text[-400:]))
    assert wrong == []


def _page_fits(answer: httpx.Response, asker: Asker, method: str, path: str, allowed: bool) -> bool:
    refused = REFUSED in answer.text
    if allowed:
        foreign = "{account:int}" in path and not asker.home
        return not refused and answer.status_code < 500 and (
            answer.status_code == 404 or not foreign
        )  # fmt: skip
    if asker.column != "nobody":
        return refused and answer.status_code == 403
    to_sign_in = answer.headers.get("location", "").startswith("/anmelden")
    return to_sign_in if method == "GET" else answer.status_code == 401


def test_a_demo_alone_has_its_click(world: World, askers: list[Asker]) -> None:
    assert world.client.get("/anmelden/demo").status_code in (303, 401, 404)
    assert world.client.post("/anmelden/demo", data={"rolle": "verwaltung"}).status_code in (
        401,
        404,
    )
