"""Which field of a device is which point, and from when to when: changed, and made undone.

A channel is never rewritten: it is cut at a moment, and another one follows. Readings that leave
a point by that are kept aside (`withdrawn`) as the device had sent them, and are back as soon as
the field is attached for their time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from gebaeude.errors import Conflict, NotFound, UnitError, UsageError
from gebaeude.store import unread
from gebaeude.store.attachments import (
    Attach,
    Attachment,
    Claim,
    Event,
    Identity,
    NewPoint,
    Released,
)
from gebaeude.store.claimcheck import check_claim, unit_of
from gebaeude.store.database import Connection, queries
from gebaeude.store.spans import Span, as_text, common, overlap
from gebaeude.text import _
from gebaeude.units import factor

_sql = queries(__file__)


def claim(connection: Connection, wanted: Claim) -> int:
    """Attaches a device's fields; returns how many withdrawn readings are back. One transaction.

    Raises UsageError where the claim cannot be meant, NotFound for a building or point that does
    not exist, Conflict where a field is attached already and no moment is named.
    """
    check_claim(wanted)
    with connection.transaction():
        _sql.begin_change(connection)
        building_id = _sql.building(connection, key=wanted.building)
        if building_id is None:
            raise NotFound(_("Das Gebäude {key} gibt es nicht.").format(key=wanted.building))
        attach = wanted.attach
        if wanted.replaces is not None:
            attach = _take_over(connection, wanted, wanted.replaces)
        device_id = _sql.put_device(
            connection, building_id=building_id, name=wanted.name, profile=wanted.profile,
            **_who(wanted.identity),
        )  # fmt: skip
        points = {one.field: _point(connection, building_id, one) for one in attach}
        restored = 0
        for one in attach:
            point_id, unit = points[one.field]
            span = _room(connection, wanted, one.field)
            _add(connection, device_id, span, one.field, point_id, one.unit, one.factor)
            restored += _restore(connection, wanted.identity, one, span, point_id, unit)
        for field in wanted.ignore:
            _ignore(connection, wanted, device_id, field)
        _refuse_two_buildings(connection, wanted)
        _record(connection, wanted, attach, restored)
        unread.mark(connection, device_id)
        return restored


def release(
    connection: Connection,
    identity: Identity,
    *,
    actor: str,
    fields: Iterable[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    force: bool = False,
) -> Released:
    """Undoes attachments for a span of time; their readings of that span leave the points.

    fields: None for all. start None: from the beginning; end None: for good, so that with a start
    alone an attachment ends then. force: also where another device feeds the same point, and
    nobody can tell whose readings they are. Raises NotFound, Conflict, UsageError.
    """
    if start is not None and end is not None and end <= start:
        raise UsageError(_("Das Ende muss nach dem Anfang liegen."))
    wanted = None if fields is None else set(fields)
    with connection.transaction():
        _sql.begin_change(connection)
        present = attachments(connection, identity)
        if not present or (wanted and not wanted & {one.field for one in present}):
            raise NotFound(_("Dieses Gerät ist nicht zugeordnet."))
        chosen = [one for one in present if wanted is None or one.field in wanted]
        cut = [one for one in chosen if overlap((one.since, one.until), (start, end))]
        readings = sum(_cut(connection, identity, one, (start, end), force) for one in cut)
        _sql.drop_device(connection, **_who(identity))
        changed = sorted({one.field for one in cut})
        detail = {"fields": changed, "readings": readings, **as_text((start, end))}
        _add_event(connection, identity, actor, "released", detail)
        return Released(len(cut), readings)


def attachments(connection: Connection, identity: Identity) -> list[Attachment]:
    """All channels of a device, also past ones, by field and time."""
    return [Attachment(*row) for row in _sql.attachments(connection, **_who(identity))]


def events(connection: Connection, identity: Identity) -> list[Event]:
    """What was done to a device, the newest first."""
    return [Event(*row) for row in _sql.events(connection, **_who(identity))]


def _take_over(connection: Connection, wanted: Claim, old: Identity) -> tuple[Attach, ...]:
    """Ends what the device that is replaced feeds; returns what is to be attached instead.

    Without fields of its own the new device sends what the old one sent.
    """
    if wanted.since is None:
        raise UsageError(_("Wann das Gerät getauscht wurde, muss gesagt sein."))
    span = (wanted.since, wanted.until)
    feeding = [
        one for one in attachments(connection, old)
        if one.building == wanted.building and overlap((one.since, one.until), span)
    ]  # fmt: skip
    if not feeding:
        raise NotFound(_("Das ersetzte Gerät speist dann keinen Messpunkt dieses Gebäudes."))
    attach = wanted.attach or tuple(
        Attach(one.field, one.point or "", one.unit, one.factor) for one in feeding
    )
    taken = {one.point for one in attach}
    for one in feeding:
        if one.point in taken:
            _cut(connection, old, one, span, force=False)
    detail = {"by": "/".join(wanted.identity), **as_text(span)}
    _add_event(connection, old, wanted.actor, "replaced", detail)
    return attach


def _refuse_two_buildings(connection: Connection, wanted: Claim) -> None:
    elsewhere = {
        one.building for one in attachments(connection, wanted.identity)
        if one.until is None and one.building not in (None, wanted.building)
    }  # fmt: skip
    if elsewhere:
        raise Conflict(
            _(
                "Andere Felder des Geräts speisen noch {building}; bitte auch diese umziehen."
            ).format(building=", ".join(sorted(filter(None, elsewhere))))
        )


def _point(connection: Connection, building_id: int, one: Attach) -> tuple[int, str]:
    """Id and unit of the point that a field is to feed; makes it where that is asked for."""
    if one.new is not None:
        _add_point(connection, building_id, one.point, one.new)
    found = _sql.point(connection, building_id=building_id, key=one.point)
    if found is None:
        raise NotFound(_("Den Messpunkt {key} gibt es hier nicht.").format(key=one.point))
    if one.unit is not None:
        try:
            factor(one.unit, found[1])
        except UnitError as error:
            raise UsageError(f"{one.field}: {error}") from None
    return found[0], found[1]


def _add_point(connection: Connection, building_id: int, key: str, new: NewPoint) -> None:
    unit = unit_of(key, new)
    space_id = (
        None
        if new.space is None
        else _sql.put_space(connection, building_id=building_id, name=new.space)
    )
    made = _sql.add_point(
        connection, building_id=building_id, space_id=space_id, key=key, name=new.name,
        medium=new.medium.value, quantity=new.quantity, unit=unit, kind=new.kind.value,
        interval_s=new.interval_s,
    )  # fmt: skip
    if made is None:
        raise Conflict(_("Den Messpunkt {key} gibt es schon.").format(key=key))


def _room(connection: Connection, wanted: Claim, field: str) -> Span:
    """The span that a claim takes for a field; what stood there before makes way."""
    pieces = [one for one in attachments(connection, wanted.identity) if one.field == field]
    if wanted.since is None and pieces:
        if pieces[-1].until is None or wanted.until is not None:
            raise Conflict(
                _("{field} ist schon zugeordnet; ab wann soll es anders sein?").format(field=field)
            )
        return pieces[-1].until, None
    span = (wanted.since, wanted.until)
    for one in pieces:
        if overlap((one.since, one.until), span):
            _cut(connection, wanted.identity, one, span, force=False)
    return span


def _ignore(connection: Connection, wanted: Claim, device_id: int, field: str) -> None:
    pieces = [one for one in attachments(connection, wanted.identity) if one.field == field]
    is_so = bool(pieces) and pieces[-1].until is None and pieces[-1].point_id is None
    if not is_so:
        _add(connection, device_id, _room(connection, wanted, field), field, None, None, 1.0)


def _add(
    connection: Connection, device_id: int, span: Span, field: str, point_id: int | None,
    unit: str | None, multiplier: float,
) -> None:  # fmt: skip
    _sql.add_channel(
        connection, device_id=device_id, field=field, point_id=point_id, unit=unit,
        factor=multiplier, since=span[0], until=span[1],
    )  # fmt: skip


def _cut(
    connection: Connection, identity: Identity, one: Attachment, span: Span, force: bool
) -> int:
    """Takes a span out of a channel and its readings off the point; returns how many."""
    inside = common((one.since, one.until), span)
    readings = 0
    if one.point_id is not None:
        others = [
            name
            for (name,) in _sql.other_feeders(
                connection,
                point_id=one.point_id,
                device_id=one.device_id,
                since=inside[0],
                until=inside[1],
            )
        ]
        if others and not force:
            raise Conflict(
                _(
                    "Den Messpunkt „{point}“ speist auch {others}; welche Messwerte von wem sind, "
                    "lässt sich nicht mehr unterscheiden."
                ).format(point=one.point_name, others=", ".join(others))
            )
        unit, (scale, shift) = _conversion(one.unit, one.point_unit or "", one.factor)
        readings = _sql.withdraw(
            connection, field=one.field, unit=unit, scale=scale, shift=shift,
            point_id=one.point_id, **_who(identity), since=inside[0], until=inside[1],
        )  # fmt: skip
    _sql.drop_channel(connection, device_id=one.device_id, field=one.field, since=one.since)
    rest = one.point_id, one.unit, one.factor
    if inside[0] != one.since:
        _add(connection, one.device_id, (one.since, inside[0]), one.field, *rest)
    if inside[1] != one.until:
        _add(connection, one.device_id, (inside[1], one.until), one.field, *rest)
    return int(readings)


def _restore(
    connection: Connection, identity: Identity, one: Attach, span: Span, point_id: int, unit: str
) -> int:
    """Withdrawn readings of the field become the point's, as far as the units allow."""
    restored = 0
    for (was,) in list(_sql.withdrawn_units(connection, field=one.field, **_who(identity))):
        try:
            # A unit that is named now corrects the one that was thought before.
            _unit, (scale, shift) = _conversion(one.unit or was, unit, one.factor)
        except UnitError:
            continue
        restored += _sql.restore(
            connection, field=one.field, unit=was, scale=scale, shift=shift, point_id=point_id,
            **_who(identity), since=span[0], until=span[1],
        )  # fmt: skip
    return restored


def _conversion(sent: str | None, unit: str, multiplier: float) -> tuple[str, tuple[float, float]]:
    """The unit of what is sent, and (scale, shift) from it to the point's unit."""
    scale, shift = factor(sent or unit, unit)
    return sent or unit, (scale * multiplier, shift)


def _record(
    connection: Connection, wanted: Claim, attach: tuple[Attach, ...], restored: int
) -> None:
    detail: dict[str, Any] = {
        "building": wanted.building,
        "fields": {one.field: one.point for one in attach},
        "ignore": list(wanted.ignore),
        "profile": wanted.profile,
        "restored": restored,
        **as_text((wanted.since, wanted.until)),
    }
    if wanted.replaces is not None:
        detail["replaces"] = "/".join(wanted.replaces)
    _add_event(connection, wanted.identity, wanted.actor, "claimed", detail)


def _add_event(
    connection: Connection, identity: Identity, actor: str, kind: str, detail: dict[str, Any]
) -> None:
    content = Jsonb(msgspec.to_builtins(detail))
    _sql.add_event(connection, actor=actor, kind=kind, detail=content, **_who(identity))


def _who(identity: Identity) -> dict[str, str]:
    return {"format": identity[0], "device": identity[1]}
