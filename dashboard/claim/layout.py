"""The form as people see it: where it hangs and what it is, then what becomes of each value."""

from __future__ import annotations

import math
from typing import TypedDict
from urllib.parse import quote

import dash_mantine_components as dmc
from dash import dcc

from dashboard import html
from dashboard.claim.form import IGNORE, LATER, NEW, NO_PROFILE, Form, Row
from dashboard.components.basics import Part, card, empty
from dashboard.components.select import choice
from dashboard.local_time import moment_field
from dashboard.visit import Visit
from gebaeude.text import KINDS, MEDIA, QUANTITY_LABELS, _, ago, number, unit_name
from gebaeude.units import UNITS


def claim_form(form: Form, visit: Visit) -> Part:
    """Everything from the choice of a building to the button."""
    return html.Div(
        [
            _where(form, visit),
            *(_rest(form, visit) if form.building else [_first_the_building()]),
        ],
        className="bones",
    )


def _where(form: Form, visit: Visit) -> Part:
    places = [(one.key, one.name) for one in form.buildings]
    chosen = Visit(visit.path, {**visit.params, "gebaeude": form.building or ""}, visit.now)
    parts: list[Part] = [
        choice("gebaeude", _("Gebäude", "one"), places, chosen, _("bitte wählen"), fixed=True),
        _kind(form),
    ]
    if form.neighbours and not form.is_move:
        others = [(_in_address(one.format, one.device), one.name) for one in form.neighbours]
        old = _in_address(*form.replaces) if form.replaces else ""
        kept = Visit(visit.path, {**visit.params, "ersetzt": old}, visit.now)
        parts.append(choice("ersetzt", _("Ersetzt ein anderes Gerät"), others, kept, _("nein")))
    return card(_("1. Wo hängt es, und was ist es?"), html.Div(parts, className="fields"))


def _kind(form: Form) -> Part:
    """What it is; a guess says how well it fits."""
    told = None
    if form.fits is not None:
        share = number(100 * form.fits, "%", 0)
        told = _("Vermutet nach dem, was es sendet; passt zu {share}.").format(share=share)
    groups = ((_("Vermutlich"), form.guesses), (_("Andere Arten"), form.others))
    data: list[dict[str, object]] = [
        {"group": name, "items": [{"value": one.key, "label": one.name} for one in kinds]}
        for name, kinds in groups
        if kinds
    ]
    shown = form.profile or NO_PROFILE
    none = [{"value": NO_PROFILE, "label": _("Keine davon")}]
    return dmc.Select(
        id={"filter": "profil", "shown": shown},
        label=_("Art des Geräts"),
        description=told,
        data=[*data, {"group": _("Sonst"), "items": none}],
        value=shown,
        allowDeselect=False,
        searchable=True,
        inputWrapperOrder=["label", "input", "description", "error"],
        nothingFoundMessage=_("Nichts gefunden"),
    )


def _in_address(kind: str, device: str) -> str:
    return f"{kind}/{quote(device, safe='')}"


def _first_the_building() -> Part:
    text = _("Sobald das Gebäude gewählt ist, stehen hier die Werte des Geräts mit Vorschlägen.")
    return card(_("2. Welche Werte zählen?"), empty(text))


def _rest(form: Form, visit: Visit) -> list[Part]:
    rows: list[Part] = [_row(one, i, form, visit) for i, one in enumerate(form.rows)]
    if not rows:
        text = _("Unter den aufbewahrten Nachrichten ist kein Wert, der sich zuordnen ließe.")
        rows = [empty(text, _("Vielleicht passt eine andere Art des Geräts."))]
    if form.left_out:
        text = _("{n} weitere Werte bleiben im Posteingang und lassen sich danach zuordnen.")
        rows.append(html.P(text.format(n=number(form.left_out)), className="quiet"))
    if form.known:
        text = _("Das System kümmert sich selbst um: {names}.")
        rows.append(html.P(text.format(names=", ".join(form.known[:12])), className="quiet small"))
    return [card(_("2. Welche Werte zählen?"), rows), _last(form, visit)]


def _last(form: Form, visit: Visit) -> Part:
    dated = form.is_move or form.replaces is not None
    hint = (
        _("Was davor kam, bleibt, wo es ist.")
        if dated
        else _("Leer: von Anfang an. Alles Aufbewahrte zählt dann.")
    )
    name = dmc.TextInput(
        id=_id("name"), label=_("Name des Geräts"), value=form.name,
        description=_("So, wie man im Haus danach sucht."),
        inputWrapperOrder=["label", "input", "description", "error"],
    )  # fmt: skip
    button = html.Button(
        _("Übernehmen"), id="claim-do", className="button main-action big", type="button"
    )
    return card(
        _("3. Übernehmen"),
        [
            html.Div([name, moment_field(_id("since"), _("Gilt ab"), hint)], className="fields"),
            dcc.Store(id="claim-fields", data=[one.value.field for one in form.rows]),
            html.Div(button, className="actions"),
        ],
    )


def _id(name: str, row: int = -1) -> dict[str, str | int]:
    return {"claim": name, "n": row}


def _row(row: Row, i: int, form: Form, visit: Visit) -> Part:
    field = row.value.field
    heading = row.suggestion.name
    named = html.Span(_("im Gerät „{field}“").format(field=field), className="sub")
    fresh = ago(row.value.time, visit.now) if row.value.time else ""
    live = [html.Strong(_value(row)), html.Span(fresh, className="sub")]
    return html.Fieldset(
        [
            html.Legend(heading),
            html.Div(
                [
                    html.Div([html.Span(heading, className="line-title"), named]),
                    html.Div(live, className="live"),
                ],
                className="row-head",
            ),
            dmc.Select(
                id=_id("target", i),
                label=_("Dieser Wert gehört zu"),
                description=_("jetzt: {point}").format(point=row.now) if row.now else None,
                data=targets(form),
                value=row.target,
                allowDeselect=False,
                searchable=True,
                nothingFoundMessage=_("Nichts gefunden"),
            ),
            html.Div(_new_point(row, i), id={"new": "new", "n": i}, hidden=row.target != NEW),
            html.Div(
                _scale(row, i),
                id={"scale": "scale", "n": i},
                hidden=row.target in (LATER, IGNORE),
            ),
        ],
        className="value-row",
    )


def _value(row: Row) -> str:
    if not math.isfinite(row.value.value):
        return "–"
    return number(row.value.value, row.value.unit or row.suggestion.unit)


class Option(TypedDict):
    """An entry of a list to choose from."""

    value: str
    label: str


class Options(TypedDict):
    """Entries under a heading."""

    group: str
    items: list[Option]


def targets(form: Form) -> list[Options]:
    """What can become of a value; a point that another device feeds already says so."""
    feeders: dict[str, list[str]] = {}
    for device in form.neighbours:
        if (device.format, device.device) != form.replaces:
            for point in device.points:
                feeders.setdefault(point, []).append(device.name)
    found: list[Options] = [
        {
            "group": _("Was soll daraus werden?"),
            "items": [
                {"value": NEW, "label": _("Neuer Messpunkt")},
                {"value": LATER, "label": _("Später entscheiden")},
                {"value": IGNORE, "label": _("Nicht verwenden")},
            ],
        }
    ]
    for medium, name in MEDIA.items():
        items: list[Option] = [
            {"value": one.key, "label": _target(one.name, feeders.get(one.key, []))}
            for one in form.points
            if one.medium == medium
        ]
        if items:
            found.append({"group": _(name), "items": items})
    return found


def _target(point: str, feeders: list[str]) -> str:
    if not feeders:
        return point
    return _("{point} (kommt schon von {devices})").format(point=point, devices=", ".join(feeders))


def _new_point(row: Row, i: int) -> Part:
    about = row.suggestion
    details = [
        _select(_id("medium", i), _("Worum es geht"), MEDIA, about.medium),
        _select(_id("quantity", i), _("Was gemessen wird"), QUANTITY_LABELS, about.quantity),
        _select(_id("kind", i), _("Wie gezählt wird"), KINDS, about.kind),
        dmc.NumberInput(
            id=_id("minutes", i), label=_("Erwartet alle … Minuten"),
            value=round(about.interval_s / 60, 2), min=0, decimalSeparator=",",
            thousandSeparator=".", hideControls=True,
        ),
    ]  # fmt: skip
    return html.Div(
        [
            html.Div(
                [
                    dmc.TextInput(
                        id=_id("point", i), label=_("Name des Messpunkts"), value=row.name
                    ),
                    dmc.TextInput(
                        id=_id("space", i),
                        label=_("Raum"),
                        value="",
                        placeholder=_("falls er zu einem gehört"),
                    ),
                ],
                className="fields",
            ),
            html.Details(
                [
                    html.Summary(_kind_text(row)),
                    html.Div(details, className="fields"),
                ],
                open=not about.wanted,
            ),
        ],
        className="bones tight",
    )


def _kind_text(row: Row) -> str:
    about = row.suggestion
    if about.medium is None or about.quantity is None or about.kind is None:
        return _("Was gemessen wird")
    words = [_(MEDIA[about.medium]), _(QUANTITY_LABELS[about.quantity]), _(KINDS[about.kind])]
    return " · ".join(words)


def _select(
    id_: dict[str, str | int], label: str, options: dict[str, str], value: str | None
) -> Part:
    return dmc.Select(
        id=id_,
        label=label,
        data=[{"value": key, "label": _(text)} for key, text in options.items()],
        value=value,
        placeholder=_("bitte wählen"),
        allowDeselect=False,
    )


def _scale(row: Row, i: int) -> Part:
    units = [{"value": one, "label": unit_name(one) or _("ohne Einheit")} for one in UNITS]
    factor = dmc.NumberInput(
        id=_id("factor", i), label=_("Mal"), value=row.factor, decimalSeparator=",",
        thousandSeparator=".", hideControls=True, decimalScale=9,
    )  # fmt: skip
    if row.says_unit:
        parts: list[Part] = [factor]
    else:
        unit = dmc.Select(
            id=_id("unit", i), label=_("Einheit, in der das Gerät sendet"), data=units,
            value=row.unit, placeholder=_("wie der Messpunkt"), clearable=True, searchable=True,
            clearButtonProps={"aria-label": _("Auswahl aufheben")},
            nothingFoundMessage=_("Nichts gefunden"),
        )  # fmt: skip
        parts = [unit, factor]
    told = _("Umrechnung")
    if row.factor != 1:
        told += _(": mal {factor}").format(factor=number(row.factor))
    return html.Details([html.Summary(told), html.Div(parts, className="fields")])
