"""Each house with how many devices it has and how they are: the way into the list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from dashboard import html
from dashboard.components.basics import CONDITIONS, Part, card, shape
from dashboard.visit import Visit
from gebaeude.reports.devices import Devices, DeviceState
from gebaeude.reports.records import Condition
from gebaeude.text import _, number


def houses(report: Devices, visit: Visit) -> Part:
    """Houses by municipality; each leads to its devices."""
    of_place: dict[str, dict[str, list[DeviceState]]] = defaultdict(lambda: defaultdict(list))
    for one in report.devices:
        of_place[one.municipality_name][one.line.building_name].append(one)
    everything = html.A(
        _("Alle als Liste"), href=visit.link(sortiert="name"), className="button plain"
    )
    places = [_place(name, of_place[name], visit) for name in sorted(of_place)]
    return card(_("Nach Gebäude"), html.Div(places, className="house-groups"), everything)


def _place(name: str, inside: dict[str, list[DeviceState]], visit: Visit) -> Part:
    lines = [_house(house, inside[house], visit) for house in sorted(inside, key=str.casefold)]
    return html.Section([html.H3(name), html.Div(lines, className="houses")])


def _house(name: str, devices: Sequence[DeviceState], visit: Visit) -> Part:
    condition = Condition.ATTENTION if any(one.trouble for one in devices) else Condition.GOOD
    return html.A(
        [
            shape(condition, _(CONDITIONS[condition])),
            html.Span(name),
            html.Span(how_many(devices), className="reason"),
        ],
        href=visit.link(gebaeude=devices[0].line.building),
        className="tile",
    )


def how_many(devices: Sequence[DeviceState]) -> str:
    """ "7 Geräte, 1 schweigt"."""
    count = len(devices)
    said = [_("1 Gerät") if count == 1 else _("{n} Geräte").format(n=number(count))]
    for text, found in (
        (_("{n} stumm"), sum(one.silent for one in devices)),
        (_("{n} ohne Wert"), sum(one.useless for one in devices)),
        (_("{n} mit schwacher Batterie"), sum(one.battery_low for one in devices)),
        (_("{n} mit schwachem Funk"), sum(one.signal_weak for one in devices)),
        (_("{n} noch nie gehört"), sum(one.never for one in devices)),
    ):
        if found:
            said.append(text.format(n=number(found)))
    return ", ".join(said)
