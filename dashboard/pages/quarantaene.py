"""Quarantäne: what could not be read, and why?"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dashboard import html
from dashboard.components.basics import Part, answer, card, empty, extra, head
from dashboard.components.details import detail, often
from dashboard.components.devices import FORMATS, device_href, format_name, inbox_href
from dashboard.components.select import choice
from dashboard.components.table import Column, table
from dashboard.permit import may
from dashboard.visit import Visit
from gebaeude.access.roles import Right
from gebaeude.model import Reason
from gebaeude.reports.quality import readable
from gebaeude.reports.records import Condition
from gebaeude.store import inbox, kept, summary
from gebaeude.store.database import Connection
from gebaeude.store.summary import Quarantined, Refused
from gebaeude.text import REASONS, _, ago, number, when

A_PAGE = 25
# What a claim cures: such messages are told of in the inbox, with their devices.
ATTACHABLE = (Reason.UNKNOWN_DEVICE, Reason.UNKNOWN_FIELD)


class Report(msgspec.Struct, frozen=True):
    """Why messages are kept, and some of them."""

    reasons: tuple[Refused, ...]  # the latest first
    messages: tuple[Quarantined, ...]  # of this page, the newest first
    further: bool  # whether there are older ones
    names: dict[tuple[str, str], str]  # of devices that are attached


def read(connection: Connection, visit: Visit) -> Report:
    """What the address asks for."""
    before = visit.get("vor")
    found = kept.messages(
        connection,
        reason=visit.get("grund") or None,
        formats=formats_of(visit.get("art")),
        device=visit.get("geraet") or None,
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
        limit=A_PAGE + 1,
    )
    lines = inbox.devices(connection)
    return Report(
        reasons=tuple(summary.quarantine_by_reason(connection)),
        messages=tuple(found[:A_PAGE]),
        further=len(found) > A_PAGE,
        names={(one.format, one.device): one.name for one in lines},
    )


def formats_of(name: str) -> tuple[str, ...] | None:
    """The formats that people know by the same name as this one; None: all."""
    if name not in FORMATS:
        return None
    return tuple(one for one in FORMATS if FORMATS[one] == FORMATS[name])


def title(_report: Report) -> str:
    """What the window is called."""
    return _("Quarantäne")


def show(report: Report, visit: Visit) -> list[Part]:
    """How much and why; then the messages."""
    above = html.Div(html.A(_("← Datenqualität"), href="/datenqualitaet"), className="crumbs")
    question = _("Was konnte nicht gelesen werden, und warum?")
    return [
        head(_("Quarantäne"), question, visit.now, above),
        _answer(report, visit),
        _reasons(report, visit),
        html.P(id="liest", role="status", className="quiet"),
        html.Div(id="einlesen", **extra({"aria-live": "polite"})),
        _filters(report, visit),
        html.Div(listed(report, visit), id="quarantaene-liste", className="bones"),
    ]


def _answer(report: Report, visit: Visit) -> Part:
    count = sum(one.messages for one in report.reasons)
    counts = _("Nachricht wird aufbewahrt") if count == 1 else _("Nachrichten werden aufbewahrt")
    if not count:
        text = _("Jede Nachricht ließ sich verstehen und zuordnen.")
        return answer("0", counts, text, Condition.GOOD)
    most = max(report.reasons, key=lambda one: one.messages)
    text = _("Häufigster Grund: {reason}. Zuletzt {ago}. Nichts davon ist verloren.").format(
        reason=_(REASONS[most.reason]), ago=ago(report.reasons[0].last_at, visit.now)
    )
    return answer(number(count), counts, text, Condition.ATTENTION)


def _reasons(report: Report, visit: Visit) -> Part:
    if not report.reasons:
        return None
    columns: list[Column[Refused]] = [
        Column(_("Grund"), lambda row: _reason(row, visit)),
        Column(_("Nachrichten"), lambda row: number(row.messages), number=True),
        Column(_("Gekommen"), lambda row: often(row.times), number=True),
        Column(_("Zuletzt"), lambda row: ago(row.last_at, visit.now), number=True),
    ]
    if may(Right.MANAGE_DEVICES):
        columns.append(Column(_("Einlesen"), _replay_button, number=True))
    return card(_("Warum"), table(columns, report.reasons, _("Warum")))


def _reason(row: Refused, visit: Visit) -> Part:
    chosen = visit.get("grund") == row.reason
    href = visit.link(grund=None if chosen else row.reason.value, vor=None)
    text = _(REASONS[row.reason])
    parts: list[Part] = [html.A(text, href=href, className="row-link")]
    if row.reason in ATTACHABLE and may(Right.MANAGE_DEVICES):
        parts.append(html.A(_("im Posteingang zuordnen"), href="/posteingang", className="sub"))
    return parts


def _replay_button(row: Refused) -> Part:
    return html.Button(
        _("Noch einmal einlesen"),
        id={"replay-many": "reason", "of": row.reason.value},
        className="button plain",
        type="button",
    )


def _filters(report: Report, visit: Visit) -> Part:
    if not report.reasons:
        return None
    reasons = [(one.reason.value, _(REASONS[one.reason])) for one in report.reasons]
    kinds = {_(name): kind for kind, name in reversed(FORMATS.items())}
    return html.Div(
        [
            choice("grund", _("Grund"), reasons, visit, _("alle")),
            choice("art", _("Art"), sorted((v, k) for k, v in kinds.items()), visit, _("alle")),
            _device_choice(report, visit),
        ],
        className="filters",
        role="search",
    )


def _device_choice(report: Report, visit: Visit) -> Part:
    """Devices of the messages on this page; one that the address names stays there."""
    found = {
        one.device: report.names.get((one.format or "", one.device), one.device)
        for one in report.messages
        if one.device
    }
    if asked := visit.get("geraet"):
        found.setdefault(asked, asked)
    options = sorted(found.items(), key=lambda pair: pair[1])
    return choice("geraet", _("Gerät"), options, visit, _("alle"))


def listed(report: Report, visit: Visit) -> list[Part]:
    """The messages of this page."""
    if not report.reasons:
        return []
    if not report.messages:
        everything = html.A(_("Alle Nachrichten zeigen"), href=visit.path)
        nothing = empty(_("Keine Nachricht passt zu dieser Auswahl."), everything)
        return [card(_("Nichts gefunden"), nothing)]
    columns: list[Column[Quarantined]] = [
        Column(_("Nachricht"), lambda row: _message(row, visit)),
        Column(_("Von"), lambda row: _sender(row, report)),
        Column(_("Zuerst"), lambda row: when(row.first_at, visit.now), number=True),
        Column(_("Zuletzt"), lambda row: ago(row.last_at, visit.now), number=True),
        Column(_("Gekommen"), lambda row: often(row.times), number=True),
    ]
    body = table(columns, report.messages, _("Aufbewahrte Nachrichten"))
    aside = _of_device(report.messages, visit)
    return [card(_("Aufbewahrte Nachrichten"), [body, _steps(report, visit)], aside)]


def _of_device(messages: Sequence[Quarantined], visit: Visit) -> Part:
    """Where one device is chosen, all of it can be read again."""
    wanted = visit.get("geraet")
    own = next((one for one in messages if one.device == wanted and one.format), None)
    if own is None or not may(Right.MANAGE_DEVICES):
        return None
    return html.Button(
        _("Alles von diesem Gerät noch einmal einlesen"),
        id={"replay-many": "device", "of": f"{own.format}/{own.device}"},
        className="button",
        type="button",
    )


def _message(row: Quarantined, visit: Visit) -> Part:
    below = detail(row, visit.now)
    return [
        html.A(_(REASONS[row.reason]), href=f"/quarantaene/{row.id}", className="row-link"),
        html.Span(below, className="sub") if below else None,
    ]


def _sender(row: Quarantined, report: Report) -> Part:
    kind = format_name(row.format) if row.format else ""
    if row.device is None or row.format is None:
        return html.Span([kind or "–", html.Span(_topic(row), className="sub breaks")])
    name = report.names.get((row.format, row.device))
    href = (device_href if name else inbox_href)(row.format, row.device)
    if not name and row.reason not in (*ATTACHABLE, Reason.UNDECODED):
        return html.Span([kind, html.Span(row.device, className="sub breaks")])
    below = html.Span(row.device, className="sub breaks")
    return html.Span([html.A(name or kind, href=href, className="row-link"), below])


def _topic(row: Quarantined) -> str:
    return readable(row.topic)[:120]


def _steps(report: Report, visit: Visit) -> Part:
    if not report.further and not visit.get("vor"):
        return None
    last = str(report.messages[-1].id)
    newest = html.A(_("Die neuesten"), href=visit.link(vor=None), className="button")
    older = html.A(_("ältere"), href=visit.link(vor=last), className="button")
    return html.Div(
        [newest if visit.get("vor") else None, older if report.further else None],
        className="actions",
    )
