"""Übersicht: is everything all right, and if not, where first?"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import html
from dashboard.components.basics import (
    CONDITIONS,
    Part,
    answer,
    card,
    empty,
    head,
    key,
    keys,
    shape,
    state,
)
from dashboard.components.consumption import consumption_rows, weather_text
from dashboard.components.findings import building_list, finding_list
from dashboard.components.freshness import silent_text
from dashboard.visit import NARROW, Visit, link
from gebaeude.reports.overview import MunicipalityLine, Overview, overview
from gebaeude.reports.records import BuildingLine, Condition
from gebaeude.store.database import Connection
from gebaeude.text import _, ago, day, number, when

OTHERS = 5  # buildings without a finding that are named where to look first


def read(connection: Connection, visit: Visit) -> Overview:
    """The portfolio at a glance."""
    return overview(connection, visit.now)


def title(_report: Overview) -> str:
    """What the window is called."""
    return _("Übersicht")


def show(report: Overview, visit: Visit) -> list[Part]:
    """Answer, key figures, where first, yesterday's consumption, and every building."""
    if not report.buildings:
        return [_heading(visit), _nothing_yet()]
    return [
        _heading(visit),
        _answer(report),
        _keys(report),
        html.Div([_first(report), _consumption(report)], className="columns"),
        html.Section(
            [
                html.Div(
                    [
                        html.H2(_("Alle Gebäude auf einen Blick")),
                        html.A(
                            _("Für die Wand"),
                            href="/?wand=1",
                            className="button plain wall-link",
                            title=_(
                                "Ohne Navigation, jede Minute neu; zurück mit der Zurück-Taste"
                            ),
                        ),
                    ],
                    className="card-head",
                ),
                html.Div(
                    [_municipality(one, report, visit) for one in report.municipalities],
                    className="municipalities",
                ),
            ],
            className="bones",
        ),
    ]


def _heading(visit: Visit) -> Part:
    return head(_("Übersicht"), _("Ist alles in Ordnung, und wenn nicht, wo zuerst?"), visit.now)


def _nothing_yet() -> Part:
    return card(
        _("Noch keine Gebäude"),
        empty(
            _("In der Datenbank steht noch kein Gebäude."),
            [
                _("Den Gebäudebestand liest "),
                html.Code("gebaeude import"),
                _(" aus einer Datei ein."),
            ],
        ),
    )


def _answer(report: Overview) -> Part:
    bad = sum(one.condition is not Condition.GOOD for one in report.buildings)
    counts = _("von {all} Gebäuden brauchen Aufmerksamkeit").format(all=len(report.buildings))
    if bad == 0:
        counts = _("von {all} Gebäuden in Ordnung").format(all=len(report.buildings))
    shown = number(bad or len(report.buildings))
    return answer(shown, counts, report.sentence, report.condition)


def _keys(report: Overview) -> Part:
    fresh = report.freshness
    newest = ago(fresh.newest, report.now)
    critical = sum(one.condition is Condition.CRITICAL for one in report.buildings)
    return keys(
        [
            key(
                _("Offene Auffälligkeiten"),
                number(report.findings),
                _("in {n} Gebäuden kritisch").format(n=critical)
                if critical
                else _("keine kritisch"),
            ),
            key(_("Offene Aufträge"), number(report.tickets), _("zur Tafel"), href="/auftraege"),
            key(
                _("Messpunkte aktuell"),
                f"{number(fresh.fresh)} / {number(fresh.points)}",
                _("{n} schweigen").format(n=number(fresh.silent))
                if fresh.silent
                else _("keiner schweigt"),
                href="/datenqualitaet",
            ),
            key(
                _("Letzter Messwert"),
                newest,
                when(fresh.newest, report.now) if fresh.newest else None,
            ),
        ]
    )


def _first(report: Overview) -> Part:
    if not report.worst:
        text = _("Nichts drängt. Alle Gebäude arbeiten so, wie sie sollen.")
        return card(_("Wo zuerst?"), empty(text))
    return card(
        _("Wo zuerst?"),
        [
            finding_list(report.newest_findings, report.now) if report.newest_findings else None,
            _others(report),
        ],
        html.A(
            _("Alle Gebäude"),
            href=link("/gebaeude", {"sortiert": "zustand"}),
            className="button plain",
        ),
    )


def _others(report: Overview) -> Part:
    """Buildings that need attention though no finding above is theirs."""
    told = {one.building for one in report.newest_findings}
    others = [
        one
        for one in report.buildings
        if one.condition is not Condition.GOOD and one.key not in told
    ][:OTHERS]
    if not others:
        return None
    return building_list(others)


def _consumption(report: Overview) -> Part:
    weather = weather_text(report.consumption, report.outside)
    text = _("{day} gegen {before}").format(
        day=day(report.yesterday, report.yesterday), before=day(report.before, report.yesterday)
    )
    return card(
        _("Verbrauch gestern"),
        [
            consumption_rows(report.consumption),
            html.P(weather, className="quiet small") if weather else None,
        ],
        html.Span(text, className="quiet small"),
    )


def _municipality(of: MunicipalityLine, report: Overview, visit: Visit) -> Part:
    inside = [one for one in report.buildings if one.municipality == of.key]
    figures = [
        _("{n} Gebäude").format(n=of.buildings),
        _("{n} Aufträge").format(n=of.tickets) if of.tickets != 1 else _("1 Auftrag"),
        silent_text(of.silent),
    ]
    word = None if of.condition is Condition.GOOD else _("{n} auffällig").format(n=of.attention)
    return html.Section(
        [
            html.Div(
                [
                    html.H3(
                        html.A(
                            of.name,
                            href=link("/gebaeude", {"kommune": of.key}),
                            className="row-link",
                        )
                    ),
                    state(of.condition, word),
                ],
                className="card-head",
            ),
            html.P([html.Span(text) for text in figures], className="municipality-figures"),
            *_tiles(inside, visit),
        ],
        className="card",
    )


def _tiles(inside: Sequence[BuildingLine], visit: Visit) -> list[Part]:
    """Every building; on a phone those that are well are folded away."""
    if visit.width >= NARROW:
        return [html.Div([_tile(one) for one in inside], className="tiles")]
    well = [one for one in inside if one.condition is Condition.GOOD]
    bad = [one for one in inside if one.condition is not Condition.GOOD]
    text = _("1 Gebäude in Ordnung") if len(well) == 1 else _("{n} Gebäude in Ordnung")
    folded = html.Details(
        [
            html.Summary(text.format(n=number(len(well)))),
            html.Div([_tile(one) for one in well], className="tiles"),
        ]
    )
    return [
        html.Div([_tile(one) for one in bad], className="tiles") if bad else None,
        folded if well else None,
    ]


def _tile(of: BuildingLine) -> Part:
    reason = html.Span(of.reason, className="reason") if of.reason else None
    return html.A(
        [shape(of.condition, _(CONDITIONS[of.condition])), html.Span(of.name), reason],
        href=f"/gebaeude/{of.key}",
        className="tile",
    )
