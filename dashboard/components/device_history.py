"""Who did what with a device."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dashboard import html
from dashboard.components.basics import Part, card, empty
from dashboard.components.devices import readings
from gebaeude.store.attachments import Event
from gebaeude.text import _, number, when
from ingest.desk import DeviceReport

MOST_NAMES = 6  # points that one line names


def history_card(of: DeviceReport, now: datetime) -> Part:
    """What was done, the newest first."""
    if not of.history:
        what = _("Das Gerät steht seit der Einrichtung im Gebäude; geändert hat es niemand.")
        return card(_("Wer hat was getan"), empty(what))
    names = {one.point: one.point_name for one in of.channels if one.point and one.point_name}
    lines = [_line(one, names, now) for one in of.history]
    return card(_("Wer hat was getan"), html.Ol(lines, className="history"))


def _line(of: Event, names: Mapping[str, str], now: datetime) -> Part:
    return html.Li(
        [
            html.Div(told(of, names, now)),
            html.Div(f"{when(of.at, now)} · {of.actor}", className="quiet small"),
        ]
    )


def told(of: Event, names: Mapping[str, str], now: datetime) -> str:
    """What was done, in a sentence; names: of points by their key."""
    span = _span(of.detail, now)
    if of.kind == "claimed":
        fed = [names.get(key, key) for key in of.detail.get("fields", {}).values()]
        if not fed:
            return _("Eingetragen, ohne dass ein Wert zählt{span}.").format(span=span)
        return _("Zugeordnet zu {points}{span}.").format(points=_listed(fed), span=span)
    if of.kind == "replaced":
        other = str(of.detail.get("by", "")).partition("/")[2]
        return _("Durch ein anderes Gerät ersetzt ({device}){span}.").format(
            device=other, span=span
        )
    count = int(of.detail.get("readings", 0))
    fields = len(of.detail.get("fields", ()))
    if fields == 1:
        return _("Ein Wert gelöst{span}, {readings} zurückgenommen.").format(
            span=span, readings=readings(count)
        )
    return _("{fields} Werte gelöst{span}, {readings} zurückgenommen.").format(
        span=span, fields=number(fields), readings=readings(count)
    )


def _listed(names: list[str]) -> str:
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    more = _("{n} weiteren").format(n=len(names) - MOST_NAMES)
    return ", ".join([*names[:MOST_NAMES], more])


def _span(detail: Mapping[str, Any], now: datetime) -> str:
    start, end = (_moment(detail.get(name)) for name in ("from", "to"))
    if start and end:
        return _(" für {start} bis {end}").format(start=when(start, now), end=when(end, now))
    if start:
        return _(" ab {start}").format(start=when(start, now))
    return _(" bis {end}").format(end=when(end, now)) if end else ""


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
