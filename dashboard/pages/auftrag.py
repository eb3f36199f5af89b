"""One ticket: what, where, why, what happened; big buttons for cold hands."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc

from dashboard import html
from dashboard.components.basics import Part, card, empty, head, state
from dashboard.components.findings import SHAPES
from dashboard.components.ticket_card import due
from dashboard.permit import may
from dashboard.visit import Visit
from gebaeude.access.table import ACTIONS as ACTION_RIGHTS
from gebaeude.maintenance.tickets import ACTIONS, Action
from gebaeude.reports.board import Event, FindingView, Ticket, ticket
from gebaeude.reports.records import Condition
from gebaeude.store.database import Connection
from gebaeude.store.scope import who
from gebaeude.text import SEVERITIES, SKILLS, STATES, _, ago, when

FORWARD = (
    Action.TAKE,
    Action.START,
    Action.FINISH,
)  # the way a ticket goes; others are the exception


BY_TECHNICIANS = (Action.TAKE, Action.START)  # whoever does it has the ticket from then on


def read(connection: Connection, visit: Visit) -> Ticket:
    """Everything about the ticket; NotFound."""
    return ticket(connection, visit.keys[0], visit.now)


def title(report: Ticket) -> str:
    """What the window is called."""
    return f"{report.card.number} {report.card.title}"


def show(report: Ticket, visit: Visit) -> list[Part]:
    """What is to be done and the buttons first; then where, why, and the history."""
    return [
        _heading(report, visit),
        html.Div(
            [
                html.Div([_task(report), _acting(report), _why(report, visit)]),
                html.Div([_where(report), _history(report, visit)]),
            ],
            className="job",
        ),
    ]


def _heading(report: Ticket, visit: Visit) -> Part:
    of = report.card
    above = html.Div(html.A(_("← Alle Aufträge"), href="/auftraege"), className="crumbs")
    who = of.technician or _("noch niemand")
    where = html.A(of.building, href=f"/gebaeude/{of.building_key}", className="row-link")
    facts: list[Part] = [
        where,
        of.number,
        html.Strong(_(STATES[of.state])),
        who,
        _(SKILLS[of.skill]),
    ]
    if of.overdue:
        facts.append(state(Condition.CRITICAL, _("überfällig")))
    if of.due_on and of.closed_at is None:
        facts.append(due(of.due_on, visit.now))
    return html.Div(
        [
            head(of.title, _("Was ist zu tun, wo, und warum?"), visit.now, above),
            html.P([html.Span(fact) for fact in facts], className="facts"),
        ]
    )


def _task(report: Ticket) -> Part:
    parts: list[Part] = [html.P(report.task, className="task")]
    if report.asset:
        parts.append(html.P([html.Span(_("Anlage: "), className="quiet"), report.asset]))
    if report.plan:
        parts.append(html.P([html.Span(_("Wartungsplan: "), className="quiet"), report.plan]))
    if report.card.settled and report.card.closed_at is None:
        text = _(
            "Die Auffälligkeit hat sich von selbst gegeben. Bitte prüfen und dann erledigt melden."
        )
        parts.append(html.P(state(Condition.GOOD, text), style={"whiteSpace": "normal"}))
    return card(_("Zu tun"), parts)


def offered(report: Ticket) -> list[Action]:
    """What whoever looks can do with the ticket now."""
    place, technician = report.card.municipality_key, who().technician
    return [
        one for one in report.actions
        if may(ACTION_RIGHTS[one], place) and (technician or one not in BY_TECHNICIANS)
    ]  # fmt: skip


def _acting(report: Ticket) -> Part:
    able = offered(report)
    if not able:
        return None
    ahead = [one for one in able if one in FORWARD]
    rest = [one for one in able if one not in FORWARD and one is not Action.COMMENT]
    buttons = [
        _button(one, "button big" + ("" if i else " main-action")) for i, one in enumerate(ahead)
    ]
    return card(
        _("Melden"),
        [
            html.Div(buttons, className="actions") if buttons else None,
            html.Div(
                dmc.Textarea(
                    id="bemerkung",
                    label=_("Bemerkung"),
                    placeholder=_("Was wurde gesehen, gemacht, getauscht?"),
                    autosize=True,
                    minRows=2,
                    value="",
                ),
                className="field",
            ),
            html.Div(_button(Action.COMMENT, "button"), className="actions"),
            html.Div(id="meldung", role="alert"),
            _exceptions(report, rest),
        ],
    )


def _exceptions(report: Ticket, actions: Sequence[Action]) -> Part:
    if not actions:
        return None
    parts: list[Part] = []
    if Action.REASSIGN in actions:
        parts.append(
            dmc.Select(
                id={"whom": "whom"},
                label=_("Jemand anderem zuweisen"),
                data=[{"value": one.key, "label": one.name} for one in report.team],
                placeholder=_("wem?"),
            )
        )
    hint = _("Stornieren und Wiederöffnen brauchen oben eine Bemerkung mit dem Grund.")
    parts.append(html.Div([_button(one, "button") for one in actions], className="actions"))
    parts.append(html.P(hint, className="quiet small"))
    return html.Details([html.Summary(_("Anderes")), html.Div(parts, className="bones")])


def _button(action: Action, class_name: str) -> Part:
    return html.Button(
        _(ACTIONS[action]), id={"action": action.value}, className=class_name, type="button"
    )


def _where(report: Ticket) -> Part:
    of = report.card
    geo = f"geo:{report.latitude:.5f},{report.longitude:.5f}"
    rows: list[Part] = [
        html.Dt(_("Gebäude", "one")),
        html.Dd(html.A(of.building, href=f"/gebaeude/{of.building_key}")),
        html.Dt(_("Adresse")),
        html.Dd(html.A(report.address, href=geo, title=_("In der Karten-App öffnen"))),
        html.Dt(_("Kommune")),
        html.Dd(of.municipality),
    ]
    if of.technician:
        rows += [html.Dt(_("Zuständig")), html.Dd(_person(report))]
    return card(_("Wo"), html.Dl(rows, className="where"))


def _person(report: Ticket) -> Part:
    name = report.card.technician
    if not report.technician_phone:
        return name
    return [name, " ", html.A(report.technician_phone, href=f"tel:{report.technician_phone}")]


def _why(report: Ticket, visit: Visit) -> Part:
    if not report.findings:
        text = (
            _("Dieser Auftrag steht im Wartungsplan.")
            if report.plan
            else _("Keine Auffälligkeit ist damit verbunden.")
        )
        return card(_("Warum"), html.P(text))
    return card(_("Warum"), [_finding(one, visit) for one in report.findings])


def _finding(of: FindingView, visit: Visit) -> Part:
    if of.closed_at:
        ended = _("{since}, zu Ende {ago}").format(
            since=when(of.opened_at, visit.now), ago=ago(of.closed_at, visit.now)
        )
    else:
        ended = _("seit {since}, dauert an").format(since=when(of.opened_at, visit.now))
    return html.Div(
        [
            html.P(
                [
                    state(SHAPES[of.severity], _(SEVERITIES[of.severity])),
                    html.Span(ended, className="quiet small"),
                ],
                className="since",
            ),
            html.P(of.sentence),
            html.P(
                html.A(
                    _("Verlauf ansehen: {point}").format(point=of.point),
                    href=f"/gebaeude/{of.building_key}?messpunkt={of.point_key}",
                )
            ),
        ]
    )


def _history(report: Ticket, visit: Visit) -> Part:
    if not report.history:
        return card(_("Verlauf"), empty(_("Noch ist nichts geschehen.")))
    return card(
        _("Verlauf"),
        html.Ol([_event(one, visit) for one in reversed(report.history)], className="history"),
    )


def _event(of: Event, visit: Visit) -> Part:
    return html.Li(
        [
            html.Div(of.text),
            html.Blockquote(of.comment) if of.comment else None,
            html.Div(f"{when(of.at, visit.now)} · {of.actor}", className="quiet small"),
        ]
    )
