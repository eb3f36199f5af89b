"""What can be changed about an attached device: ended, undone, moved, replaced."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import dash_mantine_components as dmc

from dashboard import html
from dashboard.components.basics import Part, card, extra
from dashboard.components.devices import device_href
from dashboard.local_time import moment_field, shown_in_field
from dashboard.visit import Visit
from gebaeude.profiles import profiles
from gebaeude.text import _
from ingest.desk import DeviceReport

END, UNDO, FREE = "end", "undo", "free"  # for good from a moment on; for a span; altogether


def release_card(of: DeviceReport, visit: Visit) -> Part:
    """Each way folded away; the button shows first what it would do."""
    line = of.line
    old = f"{line.format}/{quote(line.device, safe='')}"
    replace = {"ersetzt": old, "gebaeude": line.building}
    parts: list[Part] = [
        html.Div(
            [
                html.A(
                    _("Umziehen"),
                    href=device_href(line.format, line.device) + "/umziehen",
                    className="button",
                ),
                html.A(
                    _("Durch ein anderes ersetzen"),
                    href=f"/posteingang?{urlencode(replace)}",
                    className="button",
                ),
            ],
            className="actions",
        ),
    ]
    if fields := _fields(of):
        parts += [_end(fields, visit), _undo(fields), _free()]
    parts.append(html.Div(id="loesung", **extra({"aria-live": "polite"})))
    return card(_("Ändern"), parts)


def _fields(of: DeviceReport) -> list[dict[str, str]]:
    """Every field that is or was attached, for people."""
    known = profiles().get(of.line.profile or "")
    found: dict[str, str] = {}
    for one in of.channels:
        if one.point is not None:
            about = known.field(one.field) if known else None
            found[one.field] = f"{about.name if about else one.field} → {one.point_name}"
    return [{"value": field, "label": text} for field, text in found.items()]


def _which(way: str, fields: list[dict[str, str]]) -> Part:
    if len(fields) == 1:
        return None
    return dmc.MultiSelect(
        id={"release": "fields", "way": way},
        label=_("Nur diese Werte"),
        data=fields,
        value=[],
        placeholder=_("alle"),
        clearable=True,
        searchable=True,
        nothingFoundMessage=_("Nichts gefunden"),
        clearButtonProps={"aria-label": _("Auswahl aufheben")},
    )


def _end(fields: list[dict[str, str]], visit: Visit) -> Part:
    hint = _("Was bis dahin kam, bleibt. Was danach kommt, wartet im Posteingang.")
    return _folded(
        _("Zuordnung beenden"),
        [
            html.P(hint, className="quiet"),
            moment_field(
                {"release": "start", "way": END}, _("Ab"), value=shown_in_field(visit.now)
            ),
            _which(END, fields),
        ],
        END,
        _("Beenden"),
    )


def _undo(fields: list[dict[str, str]]) -> Part:
    hint = _(
        "Etwa weil das Gerät in dieser Zeit woanders hing. Die Messwerte der Zeit verlassen ihre "
        "Messpunkte; davor und danach bleibt alles."
    )
    return _folded(
        _("Für einen Zeitraum rückgängig machen"),
        [
            html.P(hint, className="quiet"),
            moment_field({"release": "start", "way": UNDO}, _("Von")),
            moment_field({"release": "end", "way": UNDO}, _("Bis")),
            _which(UNDO, fields),
        ],
        UNDO,
        _("Rückgängig machen"),
    )


def _free() -> Part:
    hint = _(
        "Das Gerät ist danach wieder unbekannt. Alle seine Messwerte verlassen ihre Messpunkte. "
        "Gelöscht wird nichts: wird es neu zugeordnet, sind sie wieder da."
    )
    return _folded(_("Ganz lösen"), [html.P(hint, className="quiet")], FREE, _("Gerät ganz lösen"))


def _folded(name: str, inside: list[Part], way: str, button: str) -> Part:
    ask = html.Button(button, id={"release": "ask", "way": way}, className="button", type="button")
    return html.Details(
        [
            html.Summary(name),
            html.Div([*inside, html.Div(ask, className="actions")], className="bones field"),
        ]
    )
