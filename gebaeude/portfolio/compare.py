"""Two portfolios → what is new, changed, missing. Pure; the store writes the result."""

from __future__ import annotations

from typing import Any

import msgspec

from gebaeude.portfolio.records import Building, Portfolio
from gebaeude.text import N_, _

Key = tuple[str, ...]
Row = dict[str, Any]

# The kinds of things in the order in which they can be written: each refers only to those before.
KINDS: dict[str, str] = {
    "municipality": N_("Kommunen"),
    "technician": N_("Personen"),
    "site": N_("Liegenschaften"),
    "building": N_("Gebäude"),
    "asset": N_("Anlagen"),
    "point": N_("Messpunkte"),
    "meter": N_("Zähler"),
    "device": N_("Geräte"),
    "plan": N_("Wartungspläne"),
}


class Change(msgspec.Struct, frozen=True):
    """What an import does to one kind of things; keys as people write them, `gymnasium/waerme`."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    kept: tuple[str, ...]  # no longer in the file, and kept
    unchanged: int


class ImportReport(msgspec.Struct, frozen=True):
    """What an import did."""

    changes: dict[str, Change]  # by the names of KINDS

    @property
    def nothing_changed(self) -> bool:
        """Whether the database said the same already."""
        return not any(change.new or change.changed for change in self.changes.values())

    def lines(self) -> list[str]:
        """The report for a person, in German."""
        lines = [f"{_(KINDS[kind])}: {_counts(change)}" for kind, change in self.changes.items()]
        if self.nothing_changed:
            lines.insert(0, _("Nichts zu ändern: die Datenbank stimmt mit der Datei überein."))
        for kind, change in self.changes.items():
            if change.kept:
                lines.append(_("Nicht mehr in der Datei und behalten – {kind}: {keys}").format(
                    kind=_(KINDS[kind]), keys=_some(change.kept)))  # fmt: skip
        return lines

    def __str__(self) -> str:
        return "\n".join(self.lines())


def _counts(change: Change) -> str:
    parts = [
        (change.unchanged, _("{n} unverändert")),
        (len(change.new), _("{n} neu")),
        (len(change.changed), _("{n} geändert")),
        (len(change.kept), _("{n} nicht mehr in der Datei")),
    ]
    return ", ".join(text.format(n=n) for n, text in parts if n) or _("keine")


def _some(keys: tuple[str, ...], most: int = 12) -> str:
    rest = len(keys) - most
    more = _(" und {n} weitere").format(n=rest) if rest > 0 else ""
    return ", ".join(keys[:most]) + more


def rows(portfolio: Portfolio) -> dict[str, dict[Key, Row]]:
    """The portfolio as flat rows, by kind and key; things inside others name them by key."""
    found: dict[str, dict[Key, Row]] = {kind: {} for kind in KINDS}
    for municipality in portfolio.municipalities:
        found["municipality"][municipality.key,] = _row(municipality)
    for person in portfolio.team:
        row = _row(person)
        found["technician"][person.key,] = row | {"municipalities": sorted(row["municipalities"])}
    for site in portfolio.sites:
        row = _row(site)
        del row["buildings"]
        found["site"][site.key,] = row
        for building in site.buildings:
            _add_building(found, site.key, building)
    return found


def _add_building(found: dict[str, dict[Key, Row]], site: str, building: Building) -> None:
    inside = {"building": building.key}
    row = _row(building)
    for name in ("assets", "points", "meters", "devices", "plans"):
        del row[name]
    found["building"][building.key,] = row | {"site": site}
    for asset in building.assets:
        found["asset"][building.key, asset.key] = _row(asset) | inside
    for point in building.points:
        found["point"][building.key, point.key] = _row(point) | inside | {"unit": point.unit}
    for mount in building.meters:
        row = _row(mount) | inside
        found["meter"][building.key, mount.point, row["mounted_from"]] = row
    for device in building.devices:
        channels = sorted(_row(device)["channels"], key=lambda channel: str(channel["field"]))
        content = {"channels": channels, "ignore": sorted(device.ignore)}
        found["device"][device.format, device.id] = _row(device) | inside | content
    for plan in building.plans:
        found["plan"][building.key, plan.key] = _row(plan) | inside


def _row(record: msgspec.Struct) -> Row:
    row: Row = msgspec.to_builtins(record)
    return row


def compare(before: dict[str, dict[Key, Row]], after: dict[str, dict[Key, Row]]) -> ImportReport:
    """What turns `before` into `after` when nothing is taken away."""
    return ImportReport({kind: _change(before[kind], after[kind]) for kind in KINDS})


def _change(before: dict[Key, Row], after: dict[Key, Row]) -> Change:
    both = [key for key in after if key in before]
    changed = [key for key in both if before[key] != after[key]]
    return Change(
        new=tuple("/".join(key) for key in after if key not in before),
        changed=tuple("/".join(key) for key in changed),
        kept=tuple("/".join(key) for key in before if key not in after),
        unchanged=len(both) - len(changed),
    )
