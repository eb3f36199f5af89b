"""All pages by their path. One file a page; each reads its report and lays it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import Dash

from dashboard import release_actions, replay_actions, ticket_actions
from dashboard.claim import actions as claim_actions
from dashboard.components.basics import Part
from dashboard.pages import (
    auftraege,
    auftrag,
    datenqualitaet,
    gebaeude_detail,
    gebaeudeliste,
    geraet,
    geraete,
    nachricht,
    posteingang,
    posteingang_geraet,
    protokoll,
    quarantaene,
    uebersicht,
    umziehen,
)
from dashboard.visit import Visit
from gebaeude.config import Settings
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
    "/quarantaene": Page(quarantaene.read, quarantaene.title, quarantaene.show),
    "/quarantaene/<message>": Page(nachricht.read, nachricht.title, nachricht.show),
    "/geraete": Page(geraete.read, geraete.title, geraete.show),
    "/geraete/<format>/<device>": Page(geraet.read, geraet.title, geraet.show),
    "/geraete/<format>/<device>/umziehen": Page(umziehen.read, umziehen.title, umziehen.show),
    "/posteingang": Page(posteingang.read, posteingang.title, posteingang.show),
    "/posteingang/<format>/<device>": Page(
        posteingang_geraet.read, posteingang_geraet.title, posteingang_geraet.show
    ),
    "/auftraege": Page(auftraege.read, auftraege.title, auftraege.show),
    "/auftraege/<number>": Page(auftrag.read, auftrag.title, auftrag.show),
    "/protokoll": Page(protokoll.read, protokoll.title, protokoll.show),
}
# Pages on which something happens without a new address.
INTERACTIONS: tuple[Callable[[Dash, Pool, Settings], None], ...] = (
    gebaeudeliste.interact,
    geraete.interact,
    posteingang.interact,
    claim_actions.interact,
    release_actions.interact,
    replay_actions.interact,
    auftraege.interact,
    ticket_actions.interact,
)
