"""One device: where do its values go, and is it still there?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from dashboard import html
from dashboard.components.basics import Part, answer, card, empty, head, state
from dashboard.components.device_history import history_card
from dashboard.components.devices import battery, format_name, in_vain, signal
from dashboard.components.release_form import release_card
from dashboard.components.table import Column, table
from dashboard.permit import may
from dashboard.visit import Visit, link
from gebaeude.access.roles import Right
from gebaeude.model import Reason
from gebaeude.profiles import profiles
from gebaeude.reports.devices import DeviceState, states
from gebaeude.reports.records import Condition
from gebaeude.store import kept, summary
from gebaeude.store.attachments import Attachment
from gebaeude.store.database import Connection
from gebaeude.text import REASONS, _, ago, duration, number, unit_name, when
from ingest import desk
from ingest.desk import DeviceReport


class Report(msgspec.Struct, frozen=True):
    """A device, and how it is."""

    device: DeviceReport
    state: DeviceState
    houses: dict[str, str]  # names of buildings by key
    kept_for: Reason | None  # why the message of it that was kept last is no reading


def read(connection: Connection, visit: Visit) -> Report:
    """Everything about the device; NotFound."""
    found = desk.device(connection, *visit.keys)
    at = (found.line.format, found.line.device)
    reasons = kept.reasons(connection, [at]) if found.line.waiting else {}
    return Report(
        device=found,
        state=states(connection, [found.line], visit.now)[0],
        houses={row.key: row.name for row in summary.buildings(connection)},
        kept_for=reasons.get(at),
    )


def title(report: Report) -> str:
    """What the window is called."""
    return report.device.line.name


def show(report: Report, visit: Visit) -> list[Part]:
    """When it was heard, what it feeds; what can be changed, and who did."""
    now_on = [one for one in report.device.channels if _is_now(one, visit)]
    past = [one for one in report.device.channels if one.point and not _is_now(one, visit)]
    return [
        _heading(report, visit),
        _answer(report, visit),
        html.Div(
            [
                html.Div(
                    [
                        _feeds(now_on, report, visit),
                        _past(past, report, visit),
                        _acting(report, visit),
                    ]
                ),
                html.Div([_facts(report), history_card(report.device, visit.now)]),
            ],
            className="job",
        ),
    ]


def _heading(report: Report, visit: Visit) -> Part:
    line = report.device.line
    above = html.Div(html.A(_("← Alle Geräte"), href="/geraete"), className="crumbs")
    question = _("Wohin gehen seine Werte, und meldet es sich noch?")
    return head(line.name, question, visit.now, above)


def _answer(report: Report, visit: Visit) -> Part:
    line, of = report.device.line, report.state
    fed = len(line.points)
    bad = of.silent or of.useless or of.never or of.battery_low
    condition = Condition.ATTENTION if bad else Condition.GOOD
    if of.never:
        text = _("Von diesem Gerät ist noch nichts gekommen.")
    elif of.useless:
        text = _(
            "Das Gerät meldet sich, zuletzt {ago}, aber seine Werte zählen nicht: {why}. Der "
            "letzte gültige Wert ist von {when}."
        ).format(
            ago=ago(of.last_at, visit.now),
            why=in_vain(of),
            when=when(of.value_at, visit.now) if of.value_at else _("noch nie"),
        )
    elif of.silent:
        text = _(
            "Das Gerät schweigt: zuletzt gehört {when}, erwartet alle {span}. Zuerst Batterie und "
            "Stromversorgung prüfen, dann die Funkverbindung."
        ).format(when=_moment(report, visit), span=_span(of))
    else:
        text = _("Das Gerät meldet sich, zuletzt {ago}.").format(ago=ago(line.heard_at, visit.now))
    if of.battery_low:
        text += " " + _("Die Batterie geht zu Ende.")
    parts: list[Part] = [text]
    if line.unread and line.waiting:
        text = _("{n} seiner aufbewahrten Nachrichten werden gerade eingelesen.")
        parts += [" ", text.format(n=number(line.waiting))]
    elif line.waiting:
        messages = link("/quarantaene", {"geraet": line.device})
        parts += [" ", html.A(_kept_text(line.waiting), href=messages)]
        if report.kept_for and not of.useless:
            parts.append(_(" Zuletzt: {why}.").format(why=_(REASONS[report.kept_for])))
    counts = _("Messpunkt zugeordnet") if fed == 1 else _("Messpunkte zugeordnet")
    return answer(number(fed), counts, parts, condition)


def _kept_text(count: int) -> str:
    if count == 1:
        return _("Eine seiner Nachrichten ließ sich nicht verwenden.")
    return _("{n} seiner Nachrichten ließen sich nicht verwenden.").format(n=number(count))


def _moment(report: Report, visit: Visit) -> str:
    heard = report.state.last_at
    return when(heard, visit.now) if heard else _("noch nie")


def _span(of: DeviceState) -> str:
    return duration(timedelta(seconds=of.expected_s or 0))


def _facts(report: Report) -> Part:
    line, of = report.device.line, report.state
    place = f"{line.building_name}, {of.municipality_name}"
    rows: list[Part] = [
        html.Dt(_("Gebäude", "one")),
        html.Dd(html.A(place, href=f"/gebaeude/{line.building}")),
        html.Dt(_("Art")),
        html.Dd(of.kind or format_name(line.format)),
        html.Dt(_("Kennung")),
        html.Dd(html.Code(line.device)),
    ]
    if of.expected_s:
        rows += [html.Dt(_("Meldet sich alle")), html.Dd(_span(of))]
    if (power := battery(of)) is not None:
        rows += [html.Dt(_("Batterie")), html.Dd(power)]
    if radio := signal(of):
        rows += [html.Dt(_("Funksignal")), html.Dd(radio)]
    return card(_("Das Gerät"), html.Dl(rows, className="where"))


def _is_now(of: Attachment, visit: Visit) -> bool:
    return (
        of.point is not None
        and (of.since is None or of.since <= visit.now)
        and (of.until is None or of.until > visit.now)
    )


def _feeds(rows: Sequence[Attachment], report: Report, visit: Visit) -> Part:
    if not rows:
        what = _("Kein Wert dieses Geräts gehört zurzeit zu einem Messpunkt.")
        return card(_("Seine Werte gehen an"), empty(what))
    columns = [*_columns(report), Column(_("Seit"), lambda row: _since(row, visit), number=True)]
    return card(_("Seine Werte gehen an"), table(columns, rows, _("Seine Werte gehen an")))


def _past(rows: Sequence[Attachment], report: Report, visit: Visit) -> Part:
    if not rows:
        return None
    columns = [
        *_columns(report),
        Column(_("Von"), lambda row: _since(row, visit), number=True),
        Column(_("Bis"), lambda row: _until(row, visit), number=True),
    ]
    name = _("Frühere und künftige Zuordnungen")
    return card(name, table(columns, rows, name))


def _columns(report: Report) -> list[Column[Attachment]]:
    return [
        Column(_("Messpunkt"), lambda row: _point(row, report)),
        Column(_("Wert des Geräts"), lambda row: _field(row, report)),
    ]


def _point(row: Attachment, report: Report) -> Part:
    href = f"/gebaeude/{row.building}?messpunkt={row.point}"
    link = html.A(row.point_name, href=href, className="row-link")
    if row.building == report.device.line.building:
        return link
    elsewhere = report.houses.get(row.building or "", "")
    return [link, html.Span(elsewhere, className="sub")]


def _field(row: Attachment, report: Report) -> Part:
    known = profiles().get(report.device.line.profile or "")
    about = known.field(row.field) if known else None
    told = _conversion(row)
    if about is None:
        return html.Span([row.field, html.Span(told, className="sub") if told else None])
    below = " · ".join(filter(None, (row.field, told)))
    return html.Span([about.name, html.Span(below, className="sub")])


def _conversion(row: Attachment) -> str:
    parts = []
    if row.unit and row.unit != row.point_unit:
        parts.append(_("kommt in {unit}").format(unit=unit_name(row.unit)))
    if row.factor != 1:
        parts.append(_("mal {factor}").format(factor=number(row.factor)))
    return ", ".join(parts)


def _since(row: Attachment, visit: Visit) -> str:
    return when(row.since, visit.now) if row.since else _("von Anfang an")


def _until(row: Attachment, visit: Visit) -> Part:
    if row.until is None:
        return state("none", _("auf Weiteres"))
    return when(row.until, visit.now)


def _acting(report: Report, visit: Visit) -> Part:
    if not may(Right.MANAGE_DEVICES, report.state.municipality):
        return None
    return release_card(report.device, visit)
