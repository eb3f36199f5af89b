"""Every page and callback of the dashboard with every role, compared with docs/access.md."""

from __future__ import annotations

import re
from typing import Any

from dashboard import permit
from gebaeude.access import table
from gebaeude.access.roles import Role
from tests.integration.access.walk import CALLBACK, PAGE, callbacks, may, page, pressed
from tests.integration.access.world import Asker, World


def test_the_pages(world: World, askers: list[Asker]) -> None:
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


def test_the_callbacks(world: World, askers: list[Asker]) -> None:
    wrong = []
    for asker in askers:
        for output, callback in callbacks().items():
            if output == PAGE:
                continue  # test_the_pages
            name = permit.name(output)
            answer = world.client.post(CALLBACK, json=pressed(callback), headers=asker.headers)
            if may(asker, f"callback {name}", table.CALLBACKS[name]):
                fits = answer.status_code in (200, 204)
            else:
                fits = answer.status_code == (401 if asker.column == "nobody" else 403)
            if not fits:
                wrong.append((asker.name, name, answer.status_code, answer.text[:300]))
    assert wrong == []


def test_what_the_dashboard_is_made_of(world: World, askers: list[Asker]) -> None:
    for asker in askers:
        for rule in table.ASSETS:
            path = re.sub("<[^>]*>", "x", rule)
            status = world.client.get(path, headers=asker.headers).status_code
            assert (status in (303, 401)) == (asker.column == "nobody"), (asker.name, rule, status)


def test_a_callback_reaches_no_ticket_of_others(world: World) -> None:
    stranger = world.person("x", "facility_manager", barntrup=Role.FACILITY_MANAGER)
    owner = world.person("y", "facility_manager", kalletal=Role.FACILITY_MANAGER)
    number = world.ticket()
    for asker, state in ((stranger, "open"), (owner, "cancelled")):
        answer = world.client.post(
            CALLBACK, json=press("cancel", number, "Doppelt."), headers=asker.headers
        )
        assert answer.status_code == 200
        assert ("Es wurde nichts verändert" in repr(answer.json())) == (state == "open")
        assert world.state(number) == state


def press(action: str, number: str, text: str) -> dict[str, Any]:
    """A button of a ticket's page, pressed."""
    callback = next(one for one in callbacks().values() if "meldung.children" in one["output"])
    body = pressed(callback)
    button = {"action": action}
    body["inputs"] = [[{"id": button, "property": "n_clicks", "value": 1}]]
    values = {"url": f"/auftraege/{number}", "bemerkung": text, "version": 0}
    for one in body["state"]:
        if one:
            one["value"] = values[one["id"]]
    body["changedPropIds"] = ['{"action":"' + action + '"}.n_clicks']
    return body
