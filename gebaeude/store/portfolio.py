"""The portfolio in the database: written from records, and read back as the same records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from gebaeude.errors import Conflict, UsageError
from gebaeude.model import Kind, Medium, Severity, Skill, Use
from gebaeude.portfolio import check, values
from gebaeude.portfolio.compare import ImportReport, Key, Row, compare, rows
from gebaeude.portfolio.load import load
from gebaeude.portfolio.records import (
    Asset,
    Building,
    Channel,
    Device,
    Limits,
    Mount,
    Municipality,
    Plan,
    Point,
    Portfolio,
    Site,
    Technician,
)
from gebaeude.profiles import profiles
from gebaeude.store import persons
from gebaeude.store.database import Connection, connect, queries
from gebaeude.text import _

_sql = queries(__file__)

__all__ = ["ImportReport", "export", "import_file", "write"]


def import_file(where: str | Connection, path: Path | str) -> ImportReport:
    """Writes what a file describes; nothing changes where the file has a mistake.

    `where` is a connection or the URL for one. Raises PortfolioError, UsageError and Conflict.
    """
    portfolio = load(path)
    if isinstance(where, str):
        with connect(where, name="gebaeude-import") as connection:
            return write(connection, portfolio)
    return write(where, portfolio)


def write(connection: Connection, portfolio: Portfolio) -> ImportReport:
    """Brings the database to what the portfolio says, in one transaction.

    Things are known by their keys. What the portfolio does not name is kept and reported; what
    belongs to a thing it names (limits, channels, municipalities of a person) becomes as it says.
    Raises Conflict, and changes nothing, where that contradicts what is kept.
    """
    after = rows(portfolio)
    _refuse_unknown_profiles(portfolio)
    try:
        with connection.transaction():
            _sql.lock_imports(connection)
            persons.refuse_erased(connection, portfolio.team)
            before = rows(export(connection))
            _refuse_other_quantities(connection, before["point"], after["point"])
            _drop_corrected_meters(connection, before["meter"], after["meter"])
            _refuse_overlaps(before["meter"], after["meter"])
            for kind, put in _PUT.items():
                _put(connection, put, before[kind], after[kind])
            return compare(before, after)
    except psycopg.errors.UniqueViolation as error:
        raise Conflict(
            _("Etwas ist in der Datenbank schon unter anderem Schlüssel bekannt: {detail}").format(
                detail=error.diag.message_detail or error
            )
        ) from None


# Each kind's queries in order; a kind refers only to those before it.
_PUT: dict[str, tuple[Any, ...]] = {
    "municipality": (_sql.put_municipality,),
    "technician": (
        _sql.put_technician,
        _sql.drop_technician_municipalities,
        _sql.put_technician_municipalities,
    ),
    "site": (_sql.put_site,),
    "building": (_sql.put_building,),
    "asset": (_sql.put_asset,),
    "point": (
        _sql.put_space, _sql.put_point, _sql.put_within, _sql.drop_limits, _sql.put_limits,
    ),
    "meter": (_sql.put_meter,),
    "device": (_sql.put_device, _sql.drop_channels, _sql.put_channels, _sql.put_ignored),
    "plan": (_sql.put_plan,),
}  # fmt: skip


def _put(
    connection: Connection, queries: tuple[Any, ...], before: dict[Key, Row], after: dict[Key, Row]
) -> None:
    different = [row for key, row in after.items() if before.get(key) != row]
    if different:
        numbered = Jsonb([{"n": n, **row} for n, row in enumerate(different)])
        for query in queries:
            query(connection, rows=numbered)


def _refuse_unknown_profiles(portfolio: Portfolio) -> None:
    for building in portfolio.buildings():
        for device in building.devices:
            if device.profile is not None and device.profile not in profiles():
                text = values.unknown(device.profile, profiles())
                raise UsageError(_("Gerät {id}: Profil {text}.").format(id=device.id, text=text))


def _refuse_other_quantities(
    connection: Connection, before: dict[Key, Row], after: dict[Key, Row]
) -> None:
    """Readings stay what they were: kWh do not become m3 because the file was edited."""
    other = [
        row
        for key, row in after.items()
        if key in before and before[key]["quantity"] != row["quantity"]
    ]
    if other and (taken := list(_sql.points_with_readings(connection, rows=Jsonb(other)))):
        raise Conflict(
            _(
                "Zu diesen Messpunkten gibt es Messwerte einer anderen Größe; bitte neue Schlüssel "
                "wählen: {keys}"
            ).format(keys=", ".join("/".join(key) for key in taken))
        )


def _drop_corrected_meters(
    connection: Connection, before: dict[Key, Row], after: dict[Key, Row]
) -> None:
    """The same meter at the same point with another date is a correction, not a second meter."""
    given = {(row["building"], row["point"], row["serial"]) for row in after.values()}
    corrected = {
        key: row
        for key, row in before.items()
        if key not in after and (row["building"], row["point"], row["serial"]) in given
    }
    if corrected:
        _sql.drop_meters(connection, rows=Jsonb(list(corrected.values())))
    for key in corrected:
        del before[key]


def _refuse_overlaps(before: dict[Key, Row], after: dict[Key, Row]) -> None:
    mounts = defaultdict(list)
    for row in (before | after).values():
        mounts[row["building"]].append((msgspec.convert(row, Mount, strict=False), 0))
    for building, of in mounts.items():
        for _line, sentence in check.overlaps(of):
            raise Conflict(
                _(
                    "{building}: {sentence}. In der Datenbank steht ein Zähler, der in der Datei "
                    "fehlt; „gebaeude export“ zeigt ihn."
                ).format(building=building, sentence=sentence)
            )


def export(connection: Connection) -> Portfolio:
    """What the database holds; importing it again changes nothing."""
    sites = defaultdict(list)
    inside = {name: _by_building(read(connection)) for name, read in _INSIDE.items()}
    for site, key, name, use, *rest in _sql.buildings(connection):
        contents: dict[str, Any] = {part: tuple(of[key]) for part, of in inside.items()}
        sites[site].append(Building(key, name, Use(use), *rest, **contents))
    return Portfolio(
        municipalities=tuple(Municipality(*row) for row in _sql.municipalities(connection)),
        team=tuple(
            Technician(key, name, email, tuple(map(Skill, skills)), tuple(places), phone)
            for key, name, email, phone, skills, places in _sql.technicians(connection)
        ),
        sites=tuple(
            Site(key, *rest, buildings=tuple(sites[key]))  # type: ignore[misc]
            for key, *rest in _sql.sites(connection)
        ),
    )


def _by_building(records: Iterable[tuple[str, Any]]) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for building, record in records:
        found[building].append(record)
    return found


def _assets(connection: Connection) -> Iterable[tuple[str, Asset]]:
    return ((building, Asset(*row)) for building, *row in _sql.assets(connection))


def _points(connection: Connection) -> Iterable[tuple[str, Point]]:
    for row in _sql.points(connection):
        building, key, name, medium, quantity, kind, every_s, space, within, severity, *limits = row
        yield building, Point(
            key, name, Medium(medium), quantity, Kind(kind), every_s, space, within,
            Limits(Severity(severity), Skill(limits[0]), *limits[1:]) if severity else None,
        )  # fmt: skip


def _meters(connection: Connection) -> Iterable[tuple[str, Mount]]:
    return ((building, Mount(*row)) for building, *row in _sql.meters(connection))


def _devices(connection: Connection) -> Iterable[tuple[str, Device]]:
    channels, ignored = defaultdict(list), defaultdict(list)
    for device, field, point, unit, factor in _sql.channels(connection):
        if point is None:
            ignored[device].append(field)
        else:
            channels[device].append(Channel(field, point, unit, factor))
    for building, id_, format_, external_id, name, profile in _sql.devices(connection):
        fields = tuple(channels[id_]), tuple(ignored[id_])
        yield building, Device(format_, external_id, name, *fields, profile)


def _plans(connection: Connection) -> Iterable[tuple[str, Plan]]:
    for building, key, name, task, rrule, starts_on, skill, lead_days, asset in _sql.plans(
        connection
    ):
        yield building, Plan(key, name, task, rrule, starts_on, Skill(skill), lead_days, asset)


_INSIDE: dict[str, Any] = {
    "assets": _assets, "points": _points, "meters": _meters, "devices": _devices, "plans": _plans,
}  # fmt: skip
