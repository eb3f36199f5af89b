"""Findings and tickets as lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dashboard import html
from dashboard.components.basics import CONDITIONS, Part, extra, shape
from gebaeude.model import Severity
from gebaeude.reports.records import BuildingLine, Condition, FindingLine, TicketLine
from gebaeude.text import SEVERITIES, STATES, _, ago

SHAPES: dict[str, str] = {
    Severity.INFO: "none",
    Severity.WARNING: Condition.ATTENTION,
    Severity.CRITICAL: Condition.CRITICAL,
}


def finding_list(findings: Sequence[FindingLine], now: datetime, where: bool = True) -> Part:
    """What is wrong, since when and the ticket it became; `where` names each building once."""
    lines, last = [], ""
    for one in findings:
        named = one.building_name if where and one.building != last else ""
        lines.append(html.Li(_finding(one, now, named if where else one.point_name)))
        last = one.building
    return html.Ul(lines, className="lines")


def _finding(of: FindingLine, now: datetime, name: str) -> Part:
    foot = [_("bemerkt {ago}").format(ago=ago(of.opened_at, now))]
    if of.ticket:
        foot.append(_("Auftrag {number}").format(number=of.ticket))
    chart = f"/gebaeude/{of.building}?messpunkt={of.point}"
    return html.A(
        [
            shape(SHAPES[of.severity], _(SEVERITIES[of.severity])),
            html.Span(name, className="line-title") if name else None,
            html.Span(of.text, className="line-text"),
            html.Span(" · ".join(foot), className="line-foot"),
        ],
        href=f"/auftraege/{of.ticket}" if of.ticket else chart,
        className="line",
    )


def building_list(buildings: Sequence[BuildingLine]) -> Part:
    """Buildings that need attention, each with the reason."""
    return html.Ul([html.Li(_building(one)) for one in buildings], className="lines")


def _building(of: BuildingLine) -> Part:
    return html.A(
        [
            shape(of.condition, _(CONDITIONS[of.condition])),
            html.Span(of.name, className="line-title"),
            html.Span(of.reason, className="line-text"),
        ],
        href=f"/gebaeude/{of.key}",
        className="line",
    )


def ticket_list(tickets: Sequence[TicketLine], now: datetime) -> Part:
    """Each with its state, who has it and since when."""
    return html.Ul([html.Li(_ticket(one, now)) for one in tickets], className="lines")


def _ticket(of: TicketLine, now: datetime) -> Part:
    who = of.technician or _("noch niemand")
    foot = f"{of.number} · {_(STATES[of.state])} · {who} · {ago(of.opened_at, now)}"
    return html.A(
        [
            html.Span(className="icon icon-tickets quiet", **extra({"aria-hidden": "true"})),
            html.Span(of.title, className="line-title"),
            html.Span(foot, className="line-foot"),
        ],
        href=f"/auftraege/{of.number}",
        className="line",
    )
