"""Every route, page, callback and command with every role, compared with docs/access.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from dashboard import permit
from dashboard.app import create_dash
from dashboard.pages import PAGES
from gebaeude.access import table
from gebaeude.access.roles import RIGHTS, Right, Role
from gebaeude.api.app import ROUTERS
from gebaeude.api.permit import names
from gebaeude.cli import app as commands
from gebaeude.config import Settings
from gebaeude.signin.app import pages
from gebaeude.signin.permit import REFUSED
from gebaeude.signin.permit import names as names_of_page
from gebaeude.signin.site import Site

ROOT = Path(__file__).parents[3]
API = "/api/v1"
COLUMNS = (*(role.value for role in Role), "nobody")
FOREIGN = "barntrup"
CALLBACK = "/_dash-update-component"
PAGE = "..page.children...title.data...navigation.children.."
STATE = "SELECT state FROM ticket WHERE id = %s"
BODIES: dict[str, dict[str, Any]] = {
    "cancel": {"comment": "Doppelt."},
    "reopen": {"comment": "Doch nötig."},
    "comment": {"comment": "Gesehen."},
    "reassign": {"technician": "a-adler"},
    "claim": {"building": "schule", "name": "Fühler", "ignore": ["x"]},
}


def _documented() -> dict[str, set[str]]:
    """What docs/access.md says: route, page, callback or command → columns with a yes."""
    told: dict[str, set[str]] = {}
    lines = (ROOT / "docs" / "access.md").read_text(encoding="utf-8").splitlines()
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 2 + len(COLUMNS) and cells[1].startswith("`"):
            allowed = {one for one, cell in zip(COLUMNS, cells[2:], strict=True) if cell == "yes"}
            for name in re.findall("`([^`]+)`", cells[1]):
                assert name not in told, name
                told[name] = allowed
    return told


DOCUMENTED = _documented()


def _settings() -> Settings:
    return Settings(database_url="postgresql://127.0.0.1/nothing")


def _commands(command: Any, before: tuple[str, ...] = ()) -> Iterator[str]:
    parts = getattr(command, "commands", None)
    if parts is None:
        yield " ".join(before)
    for name, part in (parts or {}).items():
        yield from _commands(part, (*before, name))


def _callbacks() -> dict[str, Any]:
    """Every callback that reaches the server: its full id → what the browser sends with it."""
    dash = create_dash(None, _settings())  # type: ignore[arg-type]
    reached = {one for one, entry in dash.callback_map.items() if "callback" in entry}
    return {one["output"]: one for one in dash._callback_list if one["output"] in reached}


def _registered() -> dict[str, set[str]]:
    """Everything that can be reached, by its kind."""
    site = Site(None, _settings(), demo=True)  # type: ignore[arg-type]
    return {
        "API": {name for router, _statuses in ROUTERS for name in names(router)}
        | {"GET /openapi.json"},
        "page": set(PAGES),
        "callback": {permit.name(one) for one in _callbacks()},
        "sign-in": {name for route in pages(site) for name in names_of_page(route)},
        "command": set(_commands(typer.main.get_command(commands))),
        "asset": {
            rule.rule
            for rule in create_dash(None, _settings()).server.url_map.iter_rules()  # type: ignore[arg-type]
        },
    }


TABLES: dict[str, dict[str, Any]] = {
    "API": table.API,
    "page": table.PAGES,
    "callback": table.CALLBACKS,
    "sign-in": table.SIGN_IN,
    "command": table.COMMANDS,
    "asset": table.ASSETS,
}


def _shown(kind: str, name: str) -> str:
    """As the documentation writes it."""
    if kind == "API":
        method, _blank, path = name.partition(" ")
        return f"{method} {API}{path}"
    return {"page": "page ", "callback": "callback ", "command": "gebaeude "}.get(kind, "") + name


def test_everything_that_can_be_reached_is_in_the_table_and_nothing_else() -> None:
    found = _registered()
    for kind, known in TABLES.items():
        assert found[kind] == set(known), kind


def test_the_documentation_has_every_line_and_says_the_same() -> None:
    expected = {
        _shown(kind, name): {one for one in COLUMNS if _holds(one, needed)}
        for kind, lines in TABLES.items()
        for name, needed in lines.items()
    }
    assert expected == DOCUMENTED


def _holds(column: str, needed: table.Needed) -> bool:
    """What the literal tables in the code make of it."""
    if needed is table.Need.NOTHING:
        return True
    if column == "nobody" or needed is table.Need.MACHINE:
        return False
    if needed is table.Need.ACCOUNT:
        return column != "guest"
    return needed is table.Need.SIGN_IN or needed in RIGHTS[Role(column)]


def test_something_without_a_line_does_not_start() -> None:
    with pytest.raises(LookupError, match=r"table\.py does not say who may"):
        table.check("pages", ["/neu"], table.PAGES)


@pytest.fixture
def askers(world: Any) -> list[Any]:
    """Each role at home and elsewhere, guests, nobody, and programs with narrow scopes."""
    from_conftest = type(world.guest("schule"))
    found = [from_conftest("nobody", "nobody", home=True)]
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
            from_conftest(
                name, Role.ADMINISTRATOR.value, home=True, headers=world.token(boss, *scopes),
                role=Role.ADMINISTRATOR, scopes=frozenset(scopes),
            )
        )  # fmt: skip
    return found


def may(asker: Any, name: str, needed: table.Needed) -> bool:
    """What the documentation promises the asker; a program's scopes narrow it."""
    if asker.column not in DOCUMENTED[name]:
        return False
    if asker.scopes is None:
        return True
    if needed is table.Need.ACCOUNT:
        return False
    return not isinstance(needed, Right) or needed in asker.scopes


def _filled(world: Any, path: str, number: str) -> str:
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


def test_the_api(world: Any, askers: list[Any]) -> None:
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


def _fits(answer: httpx.Response, asker: Any, allowed: bool, of_one: bool) -> bool:
    if not allowed:
        return answer.status_code == (401 if asker.column == "nobody" else 403)
    if of_one and not asker.home:
        return answer.status_code == 404
    return answer.status_code < 500 and answer.status_code not in (401, 403, 404)


def test_the_pages(world: Any, askers: list[Any]) -> None:
    number = world.ticket()
    wrong = []
    for asker in askers:
        for pattern, needed in table.PAGES.items():
            path = pattern.replace("<key>", "schule").replace("<number>", number)
            path = path.replace("<format>", "senml")
            path = path.replace("<device>", "neu" if "posteingang" in path else "dev-schule")
            message = world.one("SELECT id FROM quarantine WHERE device = 'dev-schule'")
            path = path.replace("<message>", str(message))
            answer = world.client.post(CALLBACK, json=page(path), headers=asker.headers)
            if asker.column == "nobody":
                fits, title = answer.status_code == 401, ""
            else:
                title = answer.json()["response"]["title"]["data"]
                allowed = may(asker, f"page {pattern}", needed)
                foreign = "<" in pattern and not asker.home and "posteingang" not in pattern
                fits = title.startswith("Nicht erlaubt") != allowed and (
                    not allowed or title.startswith("Nicht gefunden") == foreign
                )
                fits = fits and not title.startswith(("Fehler", "Datenbank"))
            if not fits:
                wrong.append((asker.name, pattern, answer.status_code, title))
            if not asker.home and "Waldschule" in answer.text:
                wrong.append((asker.name, pattern, "shows what is foreign"))
    assert wrong == []


def page(path: str, search: str = "") -> dict[str, Any]:
    """What the browser sends when it comes to a page."""
    told = {"pathname": path, "search": search}
    inputs = [{"id": "url", "property": name, "value": value} for name, value in told.items()]
    inputs.append({"id": "view", "property": "data", "value": {"width": 1000, "scheme": "light"}})
    inputs.append({"id": "version", "property": "data", "value": 0})
    outputs = [
        {"id": one.partition(".")[0], "property": one.partition(".")[2]}
        for one in PAGE.strip(".").split("...")
    ]
    return {
        "output": PAGE, "outputs": outputs, "inputs": inputs, "state": [],
        "changedPropIds": ["url.pathname"],
    }  # fmt: skip


def _pressed(callback: dict[str, Any]) -> dict[str, Any]:
    """A callback as a browser would send it, without anything pressed."""

    def told(one: dict[str, Any]) -> Any:
        if one["id"].startswith("{") and "ALL" in one["id"]:
            return []
        return {"id": one["id"], "property": one["property"], "value": None}

    outputs = callback["output"].strip(".").split("...")
    listed = [
        []
        if one.startswith("{")
        else {"id": one.rpartition(".")[0], "property": one.rpartition(".")[2].partition("@")[0]}
        for one in outputs
    ]
    return {
        "output": callback["output"],
        "outputs": listed if len(outputs) > 1 else listed[0],
        "inputs": [told(one) for one in callback["inputs"]],
        "state": [told(one) for one in callback["state"]],
        "changedPropIds": [],
    }


def test_the_callbacks(world: Any, askers: list[Any]) -> None:
    wrong = []
    for asker in askers:
        for output, callback in _callbacks().items():
            if output == PAGE:
                continue  # test_the_pages
            name = permit.name(output)
            answer = world.client.post(CALLBACK, json=_pressed(callback), headers=asker.headers)
            if may(asker, f"callback {name}", table.CALLBACKS[name]):
                fits = answer.status_code in (200, 204)
            else:
                fits = answer.status_code == (401 if asker.column == "nobody" else 403)
            if not fits:
                wrong.append((asker.name, name, answer.status_code, answer.text[:300]))
    assert wrong == []


# What else a form must hold to come as far as to the account it is about.
FIELDS = {"/benutzer/{account:int}/rolle": {"kommune": FOREIGN, "rolle": "reader"}}


def test_the_pages_for_signing_in(world: Any, askers: list[Any]) -> None:
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


def _page_fits(answer: httpx.Response, asker: Any, method: str, path: str, allowed: bool) -> bool:
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


def test_what_the_dashboard_is_made_of(world: Any, askers: list[Any]) -> None:
    for asker in askers:
        for rule in table.ASSETS:
            path = re.sub("<[^>]*>", "x", rule)
            status = world.client.get(path, headers=asker.headers).status_code
            assert (status in (303, 401)) == (asker.column == "nobody"), (asker.name, rule, status)


def test_a_demo_alone_has_its_click(world: Any, askers: list[Any]) -> None:
    assert world.client.get("/anmelden/demo").status_code in (303, 401, 404)
    assert world.client.post("/anmelden/demo", data={"rolle": "verwaltung"}).status_code in (
        401,
        404,
    )


def id_of(number: str) -> int:
    return int(number.rsplit("-", 1)[-1])


def test_rights_of_one_municipality_are_not_those_of_another(world: Any) -> None:
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
    assert world.one(STATE, id_of(others)) == "open"


def test_a_callback_reaches_no_ticket_of_others(world: Any) -> None:
    stranger = world.person("x", "facility_manager", barntrup=Role.FACILITY_MANAGER)
    owner = world.person("y", "facility_manager", kalletal=Role.FACILITY_MANAGER)
    number = world.ticket()
    for asker, state in ((stranger, "open"), (owner, "cancelled")):
        answer = world.client.post(
            CALLBACK, json=press("cancel", number, "Doppelt."), headers=asker.headers
        )
        assert answer.status_code == 200
        assert ("Es wurde nichts verändert" in repr(answer.json())) == (state == "open")
        assert world.one(STATE, id_of(number)) == state


def press(action: str, number: str, text: str) -> dict[str, Any]:
    """A button of a ticket's page, pressed."""
    callback = next(one for one in _callbacks().values() if "meldung.children" in one["output"])
    body = _pressed(callback)
    pressed = {"action": action}
    body["inputs"] = [[{"id": pressed, "property": "n_clicks", "value": 1}]]
    values = {"url": f"/auftraege/{number}", "bemerkung": text, "version": 0}
    for one in body["state"]:
        if one:
            one["value"] = values[one["id"]]
    body["changedPropIds"] = ['{"action":"' + action + '"}.n_clicks']
    return body
