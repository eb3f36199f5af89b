"""Datenqualität: which numbers can I not trust today?"""

from __future__ import annotations

from datetime import timedelta

from dash import html

from dashboard.components.basics import Part, answer, card, empty, head, key, keys, medium
from dashboard.components.devices import device_href, format_name
from dashboard.components.table import Column, ordered, table
from dashboard.visit import Visit, link
from gebaeude.reports.quality import Quality, QuarantineReason, SilentDevice, SilentPoint, quality
from gebaeude.reports.records import Condition
from gebaeude.store.database import Connection
from gebaeude.text import _, ago, duration, number, when

SHOWN = 200  # rows of a list; more than anybody reads, few enough to stay fast


def read(connection: Connection, visit: Visit) -> Quality:
    """What is missing and what was refused."""
    return quality(connection, visit.now)


def title(_report: Quality) -> str:
    """What the window is called."""
    return _("Datenqualität")


def show(report: Quality, visit: Visit) -> list[Part]:
    """Answer, key figures, silent devices, silent points, quarantine."""
    return [
        head(_("Datenqualität"), _("Welchen Zahlen kann ich heute nicht trauen?"), visit.now),
        _answer(report),
        _keys(report),
        _devices(report, visit),
        _points(report, visit),
        _quarantine(report, visit),
    ]


def _answer(report: Quality) -> Part:
    silent = report.freshness.silent + report.freshness.never
    points = report.freshness.points
    counts = _("von {n} Messpunkten ohne aktuellen Wert").format(n=number(points))
    condition = Condition.ATTENTION if silent or report.quarantined else Condition.GOOD
    if points and silent > points / 2:
        condition = Condition.CRITICAL
    return answer(number(silent), counts, report.sentence, condition)


def _keys(report: Quality) -> Part:
    fresh = report.freshness
    share = number(100 * fresh.fresh / fresh.points, "%", 0) if fresh.points else "–"
    times = sum(one.times for one in report.reasons)
    return keys(
        [
            key(
                _("Messpunkte aktuell"),
                share,
                _("{n} von {all}").format(n=number(fresh.fresh), all=number(fresh.points)),
            ),
            key(_("Verstummt"), number(fresh.silent), _("haben früher gesendet")),
            key(_("Noch nie gehört"), number(fresh.never), _("angelegt, aber ohne Wert")),
            key(
                _("In Quarantäne"),
                number(report.quarantined),
                _("Nachrichten, {n}-mal gekommen").format(n=number(times))
                if times
                else _("nichts abgewiesen"),
            ),
        ]
    )


def _devices(report: Quality, visit: Visit) -> Part:
    if not report.devices:
        return card(_("Stumme Geräte"), empty(_("Alle Geräte melden sich.")))
    columns: list[Column[SilentDevice]] = [
        Column(_("Gerät"), _device),
        Column(
            _("Gebäude", "one"),
            lambda row: html.A(
                row.building_name, href=f"/gebaeude/{row.building}", className="row-link"
            ),
        ),
        Column(_("Messpunkte"), lambda row: number(row.points), number=True),
        Column(_("Zuletzt gehört"), lambda row: ago(row.since, visit.now), number=True),
    ]
    todo = _("Zuerst Batterie und Stromversorgung prüfen, dann die Funkverbindung.")
    body = table(columns, report.devices[:SHOWN], _("Stumme Geräte"))
    return card(
        _("Stumme Geräte"), [html.P(todo, className="quiet"), body, _more(len(report.devices))]
    )


def _device(row: SilentDevice) -> Part:
    below = f"{format_name(row.format)} · {row.external_id}"
    href = device_href(row.format, row.external_id)
    return [
        html.A(row.name, href=href, className="row-link"),
        html.Span(below, className="sub"),
    ]


def _points(report: Quality, visit: Visit) -> Part:
    if not report.points:
        return card(
            _("Messpunkte ohne aktuellen Wert"),
            empty(_("Jeder Messpunkt hat gesendet, was von ihm erwartet wird.")),
        )
    columns: list[Column[SilentPoint]] = [
        Column(_("Messpunkt"), _point, lambda row: row.point_name.casefold(), key="messpunkt"),
        Column(
            _("Gebäude", "one"),
            lambda row: html.A(
                row.building_name, href=f"/gebaeude/{row.building}", className="row-link"
            ),
            lambda row: row.building_name.casefold(),
            key="gebaeude",
        ),
        Column(
            _("Kommune"),
            lambda row: row.municipality_name,
            lambda row: row.municipality_name,
            key="kommune",
        ),
        Column(_("Art"), lambda row: medium(row.medium), lambda row: row.medium, key="art"),
        Column(
            _("Erwartet alle"), lambda row: duration(timedelta(seconds=row.expected_s)), number=True
        ),
        Column(
            _("Letzter Wert"),
            lambda row: html.Span(ago(row.since, visit.now), title=_title(row, visit)),
            lambda row: row.since,
            key="seit",
            number=True,
        ),
    ]
    rows = ordered(columns, report.points, visit)[:SHOWN]
    body = table(columns, rows, _("Messpunkte ohne aktuellen Wert"), visit)
    return card(_("Messpunkte ohne aktuellen Wert"), [body, _more(len(report.points))])


def _title(row: SilentPoint, visit: Visit) -> str:
    return (
        when(row.since, visit.now)
        if row.since
        else _("Dieser Messpunkt hat noch keinen Wert gesendet.")
    )


def _point(row: SilentPoint) -> Part:
    href = f"/gebaeude/{row.building}?messpunkt={row.point}"
    below = html.Span(", ".join(row.devices), className="sub") if row.devices else None
    return [html.A(row.point_name, href=href, className="row-link"), below]


def _quarantine(report: Quality, visit: Visit) -> Part:
    if not report.reasons:
        return card(_("Quarantäne"), empty(_("Jede Nachricht ließ sich verstehen und zuordnen.")))
    columns: list[Column[QuarantineReason]] = [
        Column(_("Grund"), _reason),
        Column(_("Nachrichten"), lambda row: number(row.messages), number=True),
        Column(_("Gekommen"), lambda row: _("{n}-mal").format(n=number(row.times)), number=True),
        Column(_("Zuerst"), lambda row: when(row.first, visit.now), number=True),
        Column(_("Zuletzt"), lambda row: ago(row.last, visit.now), number=True),
    ]
    text = _(
        "Was kein Messwert werden konnte, wird aufbewahrt und geht nicht verloren. Ist die Ursache "
        "behoben, lässt es sich noch einmal einlesen."
    )
    everything = html.A(_("Nachrichten ansehen"), href="/quarantaene", className="button")
    return card(
        _("Quarantäne"),
        [html.P(text, className="quiet"), table(columns, report.reasons, _("Quarantäne"))],
        everything,
    )


def _reason(row: QuarantineReason) -> Part:
    href = link("/quarantaene", {"grund": row.reason.value})
    return html.A(row.text, href=href, className="row-link")


def _more(count: int) -> Part:
    if count <= SHOWN:
        return None
    return html.P(
        _("Gezeigt sind die ersten {n} von {all}.").format(n=SHOWN, all=number(count)),
        className="quiet",
    )
