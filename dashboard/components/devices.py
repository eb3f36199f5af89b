"""Devices as people know them: their kind, where their pages are, how long they are silent."""

from __future__ import annotations

from urllib.parse import quote, unquote

from dashboard import html
from dashboard.components.basics import Part, state
from dashboard.visit import Visit
from gebaeude.portfolio import vocabulary
from gebaeude.reports.devices import DeviceState
from gebaeude.reports.records import Condition
from gebaeude.text import N_, REASONS, _, ago, number

FORMATS: dict[str, str] = {key: one.name for key, one in vocabulary.FORMATS.items()}


def format_name(of: str | None) -> str:
    """The format as people know it; nothing else is ever shown."""
    return _(FORMATS.get(of or "", N_("unbekannte Art")))


def device_href(kind: str, device: str) -> str:
    """The page of a device that is attached."""
    return f"/geraete/{quote(kind, safe='')}/{quote(device, safe='')}"


def inbox_href(kind: str, device: str) -> str:
    """The page of a device in the inbox."""
    return f"/posteingang/{quote(kind, safe='')}/{quote(device, safe='')}"


def readings(count: int) -> str:
    """So many readings."""
    return _("ein Messwert") if count == 1 else _("{n} Messwerte").format(n=number(count))


def identity_in(path: str) -> tuple[str, str]:
    """Format and device of a page about one device."""
    parts = [*path.split("/"), "", "", "", ""]
    return unquote(parts[2]).replace("\0", ""), unquote(parts[3]).replace("\0", "")


def heard(of: DeviceState, visit: Visit) -> Part:
    """When it was heard last; with the state where that is too long ago, or was in vain."""
    text = ago(of.last_at, visit.now)
    if of.silent:
        return state(Condition.ATTENTION, text)
    if of.useless:
        why = html.Span(in_vain(of), className="sub")
        return [state(Condition.ATTENTION, text), why]
    return state("none", text) if of.never else text


def in_vain(of: DeviceState) -> str:
    """Why the values of a device that is heard do not count."""
    if of.useless_for is None:
        return _("seine Messpunkte bekommen nichts")
    return _(REASONS[of.useless_for])


def signal(of: DeviceState) -> Part:
    """How strong its radio is received, marked where it is weak; nothing where nobody says."""
    if of.line.signal is None:
        return None
    text = number(of.line.signal, of.line.signal_unit, 0).replace("-", "\N{MINUS SIGN}")
    if of.signal_weak:
        return state(Condition.ATTENTION, _("schwach, {value}").format(value=text))
    return text


def battery(of: DeviceState) -> Part:
    """Its battery, marked where it runs low; nothing where it does not say."""
    if of.line.battery is None:
        return None
    text = _power(of.line.battery, of.line.battery_unit)
    return state(Condition.ATTENTION, text) if of.battery_low else text


def _power(value: float, unit: str | None) -> str:
    if unit == "a":  # meters tell how long it will last
        years = max(round(value), 0)
        text = _("noch 1 Jahr") if years == 1 else _("noch {n} Jahre")
        return text.format(n=number(years))
    return number(value, unit, 0 if unit == "%" else None)
