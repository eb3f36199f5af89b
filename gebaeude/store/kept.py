"""What is kept and what would change, counted and listed for the pages that deal with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from gebaeude.model import Reason
from gebaeude.store.attachments import Identity
from gebaeude.store.database import Connection, queries
from gebaeude.store.summary import Quarantined

_sql = queries(__file__)


def unknown_devices(connection: Connection, most: int) -> int:
    """How many devices that nobody has attached wait in the inbox, counted up to `most`."""
    return int(_sql.unknown_devices(connection, most=most))


def messages(
    connection: Connection,
    *,
    reason: str | None = None,
    formats: Sequence[str] | None = None,
    device: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Quarantined]:
    """Messages in quarantine, the newest row first; page with `before` = the last one's id.

    device: a part of what the device calls itself.
    """
    found = _sql.messages(
        connection, reason=reason, formats=None if formats is None else list(formats),
        device=device, before=before, limit=limit,
    )  # fmt: skip
    names = Quarantined.__struct_fields__
    return [msgspec.convert(dict(zip(names, row, strict=False)), Quarantined) for row in found]


def readings(
    connection: Connection,
    points: Sequence[int],
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """How many readings points have in [since, until); None: without end."""
    return int(_sql.readings(connection, points=list(points), since=since, until=until))


def reasons(connection: Connection, devices: Sequence[Identity]) -> dict[Identity, Reason]:
    """Of each device of which something is kept, why its last message is no reading."""
    found = _sql.reasons(
        connection, formats=[one[0] for one in devices], devices=[one[1] for one in devices]
    )
    return {(kind, device): Reason(reason) for kind, device, reason in found}
