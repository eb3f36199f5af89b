"""All pages by their path. One file a page; each reads its report and lays it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import Dash

from dashboard import ticket_actions
from dashboard.components.basics import Part
from dashboard.pages import (
    auftraege,
    auftrag,
    datenqualitaet,
    gebaeude_detail,
    gebaeudeliste,
    uebersicht,
)
from dashboard.visit import Visit
from gebaeude.store.database import Connection, Pool


@dataclass(frozen=True)
class Page:
    """How a page comes about: report from the database, its name, its layout."""

    read: Callable[[Connection, Visit], Any]
    title: Callable[[Any], str]
    show: Callable[[Any, Visit], list[Part]]


PAGES: dict[str, Page] = {
    "/": Page(uebersicht.read, uebersicht.title, uebersicht.show),
    "/gebaeude": Page(gebaeudeliste.read, gebaeudeliste.title, gebaeudeliste.show),
    "/gebaeude/<key>": Page(gebaeude_detail.read, gebaeude_detail.title, gebaeude_detail.show),
    "/datenqualitaet": Page(datenqualitaet.read, datenqualitaet.title, datenqualitaet.show),
    "/auftraege": Page(auftraege.read, auftraege.title, auftraege.show),
    "/auftraege/<number>": Page(auftrag.read, auftrag.title, auftrag.show),
}
# Pages on which something happens without a new address.
INTERACTIONS: tuple[Callable[[Dash, Pool], None], ...] = (
    gebaeudeliste.interact,
    auftraege.interact,
    ticket_actions.interact,
)
