"""What docs/access.md promises, what can be reached, and what a browser sends for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer

from dashboard import permit
from dashboard.app import create_dash
from dashboard.pages import PAGES
from gebaeude.access import table
from gebaeude.access.roles import Right, Role
from gebaeude.api.app import ROUTERS
from gebaeude.api.permit import names
from gebaeude.cli import app as commands
from gebaeude.config import Settings
from gebaeude.signin.app import pages
from gebaeude.signin.permit import names as names_of_page
from gebaeude.signin.site import Site
from tests.databases import no_pool
from tests.integration.access.world import Asker

ROOT = Path(__file__).parents[3]
API = "/api/v1"
COLUMNS = (*(role.value for role in Role), "nobody")
CALLBACK = "/_dash-update-component"
PAGE = "..page.children...title.data...navigation.children.."


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


def _commands(command: Any, before: tuple[str, ...] = ()) -> Iterator[str]:
    parts = getattr(command, "commands", None)
    if parts is None:
        yield " ".join(before)
    for name, part in (parts or {}).items():
        yield from _commands(part, (*before, name))


@cache
def callbacks() -> dict[str, Any]:
    """Every callback that reaches the server: its full id → what the browser sends with it."""
    dash = create_dash(no_pool(), Settings())
    reached = {one for one, entry in dash.callback_map.items() if "callback" in entry}
    return {one["output"]: one for one in dash._callback_list if one["output"] in reached}


def registered() -> dict[str, set[str]]:
    """Everything that can be reached, by its kind."""
    site = Site(no_pool(), Settings(), demo=True)
    return {
        "API": {name for router, _statuses in ROUTERS for name in names(router)}
        | {"GET /openapi.json"},
        "page": set(PAGES),
        "callback": {permit.name(one) for one in callbacks()},
        "sign-in": {name for route in pages(site) for name in names_of_page(route)},
        "command": set(_commands(typer.main.get_command(commands))),
        "asset": {
            rule.rule for rule in create_dash(no_pool(), Settings()).server.url_map.iter_rules()
        },
    }


def may(asker: Asker, name: str, needed: table.Needed) -> bool:
    """What the documentation promises the asker; a program's scopes narrow it."""
    if asker.column not in DOCUMENTED[name]:
        return False
    if asker.scopes is None:
        return True
    if needed is table.Need.ACCOUNT:
        return False
    return not isinstance(needed, Right) or needed in asker.scopes


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


def pressed(callback: dict[str, Any]) -> dict[str, Any]:
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
