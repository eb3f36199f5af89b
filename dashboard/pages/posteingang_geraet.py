"""A device of the inbox: what is it, where does it hang, which of its values count?"""

from __future__ import annotations

import math

import msgspec

from dashboard import html
from dashboard.claim.form import Form, of_inbox
from dashboard.claim.layout import claim_form
from dashboard.components.basics import Part, answer, card, empty, head
from dashboard.components.devices import device_href, format_name, readings
from dashboard.components.table import Column, table
from dashboard.pages.posteingang import name_of
from dashboard.pages.quarantaene import ATTACHABLE
from dashboard.visit import Visit, link
from gebaeude.profiles import Profile, profiles
from gebaeude.reports.quality import readable
from gebaeude.reports.records import Condition
from gebaeude.store.database import Connection
from gebaeude.text import REASONS, _, ago, number, when
from ingest import desk
from ingest.desk import Look, Value

MOST_VALUES = 60  # of the live sample


class Report(msgspec.Struct, frozen=True):
    """What it sends, and the form."""

    look: Look
    form: Form


def read(connection: Connection, visit: Visit) -> Report:
    """The device as it stands in the inbox; NotFound."""
    look = desk.look(connection, *visit.keys)
    return Report(look, of_inbox(connection, look, visit))


def title(report: Report) -> str:
    """What the window is called."""
    return heading(report)


def heading(report: Report) -> str:
    """Its name where it has one, else what it may be."""
    return report.look.waiting.name or _("Neu: {kind}").format(kind=name_of(report.look))


def show(report: Report, visit: Visit) -> list[Part]:
    """What waits; the form; what it sends."""
    above = html.Div(html.A(_("← Posteingang"), href="/posteingang"), className="crumbs")
    question = _("Was ist das, wo hängt es, und welche seiner Werte zählen?")
    return [
        head(heading(report), question, visit.now, above),
        html.Div(
            [
                _answer(report, visit),
                html.Div(
                    [
                        html.Div(
                            [
                                claim_form(report.form, visit),
                                html.Div(id="uebernahme", role="alert"),
                            ]
                        ),
                        html.Div([_sample(report, visit), _facts(report)]),
                    ],
                    className="job",
                ),
            ],
            id="claim-form",
            className="bones",
        ),
    ]


def _answer(report: Report, visit: Visit) -> Part:
    of = report.look.waiting
    counts = _("Nachricht aufbewahrt") if of.messages == 1 else _("Nachrichten aufbewahrt")
    said = [
        _("Aufbewahrt seit {since}, zuletzt gehört {ago}.").format(
            since=when(of.first_at, visit.now), ago=ago(of.last_at, visit.now)
        )
        if of.first_at
        else _("Seine Messwerte wurden zurückgenommen und warten auf eine neue Zuordnung.")
    ]
    if of.withdrawn and of.first_at:
        said.append(_("Dazu zurückgenommen: {readings}.").format(readings=readings(of.withdrawn)))
    if of.unread:
        said.append(_("Das Gerät ist zugeordnet; was aufbewahrt ist, wird gerade eingelesen."))
    else:
        said.append(
            _("Mit der Zuordnung wird alles davon eingelesen, mit den ursprünglichen Zeiten.")
        )
    return answer(number(of.messages), counts, " ".join(said), Condition.ATTENTION)


def _sample(report: Report, visit: Visit) -> Part:
    values = [one for one in report.look.values if math.isfinite(one.value)]
    if not values:
        return card(
            _("Was es gerade sendet"), empty(_("Kein Wert ist lesbar."), _unreadable(report))
        )
    about = profiles().get(report.form.profile or "")
    columns: list[Column[Value]] = [
        Column(_("Wert"), lambda row: _named(row, about)),
        Column(_("Zuletzt"), lambda row: _live(row, about, visit), number=True),
    ]
    return card(
        _("Was es gerade sendet"), table(columns, values[:MOST_VALUES], _("Was es gerade sendet"))
    )


def _unreadable(report: Report) -> str:
    """Why; that nobody has attached it yet is no reason."""
    reasons = set(report.look.waiting.reasons) - set(ATTACHABLE)
    if not reasons:
        return _("In seinen Nachrichten steht keine Zahl.")
    return "; ".join(_(REASONS[one]) for one in sorted(reasons))


def _named(row: Value, about: Profile | None) -> Part:
    field = about.field(row.field) if about else None
    if field is None:
        return html.Span(row.field)
    return [html.Span(field.name), html.Span(row.field, className="sub")]


def _live(row: Value, about: Profile | None, visit: Visit) -> Part:
    fresh = ago(row.time, visit.now) if row.time else None
    return html.Span(
        [
            html.Strong(number(row.value, _unit(row, about))),
            html.Span(fresh, className="sub") if fresh else None,
        ]
    )


def _unit(row: Value, about: Profile | None) -> str | None:
    field = about.field(row.field) if about else None
    return row.unit or (field.unit if field else None)


def _facts(report: Report) -> Part:
    of, look = report.look.waiting, report.look
    rows: list[Part] = [
        html.Dt(_("Funkweg")),
        html.Dd(format_name(of.format)),
        html.Dt(_("Kennung")),
        html.Dd(html.Code(of.device)),
    ]
    if look.hint and look.hint != of.device:
        rows += [html.Dt(_("Nennt sich")), html.Dd(readable(look.hint.encode())[:200])]
    if look.topic:
        rows += [html.Dt(_("Kommt über")), html.Dd(html.Code(look.topic[:300]))]
    if of.known:
        name = html.A(of.name, href=device_href(of.format, of.device))
        rows += [html.Dt(_("Gerät")), html.Dd(name)]
    raw = html.A(
        _("Aufbewahrte Nachrichten ansehen"),
        href=link("/quarantaene", {"geraet": of.device}),
        className="button",
    )
    parts: list[Part] = [html.Dl(rows, className="where")]
    if of.messages:
        parts.append(html.Div(raw, className="actions"))
    return card(_("Das Gerät"), parts)
