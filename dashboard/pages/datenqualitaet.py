"""Datenqualität: which numbers can I not trust today?"""

from __future__ import annotations

from datetime import timedelta

from dashboard import html
from dashboard.components.basics import Part, answer, card, empty, head, key, keys, medium
from dashboard.components.details import often
from dashboard.components.devices import device_href, format_name, heard
from dashboard.components.table import Column, ordered, table
from dashboard.visit import Visit, link
from gebaeude.reports.devices import DeviceState
from gebaeude.reports.quality import Quality, QuarantineReason, SilentPoint, quality
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
                _held(report.quarantined, times),
            ),
        ]
    )


def _held(messages: int, times: int) -> str:
    if not messages:
        return _("nichts abgewiesen")
    word = _("Nachricht") if messages == 1 else _("Nachrichten")
    return word if times == messages else f"{word}, {often(times)}"


def _devices(report: Quality, visit: Visit) -> Part:
    heading = _("Geräte ohne aktuellen Wert")
    if not report.devices:
        return card(heading, empty(_("Alle Geräte melden sich.")))
    columns: list[Column[DeviceState]] = [
        Column(_("Gerät"), _device),
        Column(
            _("Gebäude", "one"),
            lambda row: html.A(
                row.line.building_name, href=f"/gebaeude/{row.line.building}", className="row-link"
            ),
        ),
        Column(_("Messpunkte"), lambda row: number(len(row.line.points)), number=True),
        Column(_("Letzter gültiger Wert"), lambda row: ago(row.value_at, visit.now), number=True),
        Column(_("Zuletzt gehört"), lambda row: heard(row, visit), number=True),
    ]
    body = table(columns, report.devices[:SHOWN], heading)
    told = [html.P(text, className="quiet") for text in _advice(report)]
    return card(heading, [*told, body, _more(len(report.devices))])


def _advice(report: Quality) -> list[str]:
    """What helps, by what is wrong."""
    told = []
    if any(not one.useless for one in report.devices):
        told.append(
            _("Schweigt ein Gerät: zuerst Batterie und Stromversorgung, dann die Funkverbindung.")
        )
    if any(one.useless for one in report.devices):
        told.append(
            _(
                "Sendet es, ohne dass seine Werte zählen: Der Grund steht dabei, die Nachrichten "
                "liegen in der Quarantäne."
            )
        )
    return told


def _device(row: DeviceState) -> Part:
    href = device_href(row.line.format, row.line.device)
    below = row.kind or format_name(row.line.format)
    return [
        html.A(row.line.name, href=href, className="row-link"),
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
        Column(_("Gekommen"), lambda row: often(row.times), number=True),
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
