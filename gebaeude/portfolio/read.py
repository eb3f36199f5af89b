"""Municipalities, team and sites of a portfolio file; buildings are read in `building`."""

from __future__ import annotations

from gebaeude.model import Skill
from gebaeude.portfolio import building, check, values
from gebaeude.portfolio.fields import Fields
from gebaeude.portfolio.known import Known, readable
from gebaeude.portfolio.records import Municipality, Portfolio, Site, Technician
from gebaeude.text import _


def portfolio(fields: Fields) -> Portfolio:
    """The whole file. What stands under `lists` is there to be referred to and means nothing."""
    _lists(fields)
    known = Known()
    municipalities = fields.each("municipalities", _("Kommune"), lambda f: _municipality(f, known))
    if fields.ok("municipalities") and not municipalities:
        fields.missing("municipalities")
    if fields.ok("municipalities"):
        known.municipalities = readable(m.key for m in municipalities)
    team = fields.each("team", _("Person"), lambda f: _technician(f, known))
    if fields.ok("team") and all(one.skills and one.municipalities for one in team):
        known.hands = {
            (place, skill) for one in team for place in one.municipalities for skill in one.skills
        }
    sites = fields.each("sites", _("Liegenschaft"), lambda f: _site(f, known))
    return Portfolio(municipalities=municipalities, team=team, sites=sites)


def _lists(fields: Fields) -> None:
    for _name, node in fields.pairs("lists"):
        try:
            values.several(values.text())(node)
        except values.Wrong as wrong:
            fields.mistakes.of("lists", "ignore", wrong.mistakes)


def _municipality(fields: Fields, known: Known) -> Municipality:
    municipality = Municipality(
        key=fields.need("key", values.key),
        name=fields.need("name", values.text()),
        ags=fields.need("ags", values.ags),
        population=fields.need("population", values.integer(1, 5_000_000)),
    )
    fields.unique(known.keys, ("municipality", municipality.key), "key")
    fields.unique(known.keys, ("ags", municipality.ags), "ags")
    return municipality


def _technician(fields: Fields, known: Known) -> Technician:
    technician = Technician(
        key=fields.need("key", values.key),
        name=fields.need("name", values.text()),
        email=fields.need("email", values.email),
        phone=fields.get("phone", values.phone),
        skills=fields.need("skills", values.several(values.member(Skill), least=1)),
        municipalities=fields.need("municipalities", values.several(known.municipality, least=1)),
    )
    fields.unique(known.keys, ("technician", technician.key), "key")
    return technician


def _site(fields: Fields, known: Known) -> Site:
    municipality = fields.need("municipality", known.municipality)
    local = known.at(municipality if fields.ok("municipality") else None)
    site = Site(
        key=fields.need("key", values.key),
        municipality=municipality,
        name=fields.need("name", values.text()),
        address=fields.need("address", values.text()),
        latitude=fields.need("latitude", values.real(-90, 90)),
        longitude=fields.need("longitude", values.real(-180, 180)),
        buildings=fields.each("buildings", _("Gebäude", "one"), lambda f: building.read(f, local)),
    )
    fields.unique(known.keys, ("site", site.key), "key")
    if fields.ok("latitude", "longitude"):
        for sentence in check.place(site.latitude, site.longitude):
            fields.wrong("latitude", sentence)
    return site
