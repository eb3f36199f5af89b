"""Messages that could not become readings: kept with their bytes and the reason, to be replayed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gebaeude.model import Message, Reason
from gebaeude.store.database import Connection, queries

_sql = queries(__file__)

NO_LAST = 2**63 - 1  # an id
LONGEST_DETAIL = 500  # characters
LONGEST_DEVICE = 200  # characters; an index holds it, and what is longer cannot be attached
STATEMENT_BYTES = 1_000_000  # of payloads, about; the driver copies them several times


@dataclass(frozen=True)
class Rejected:
    """One message and one reason why it, or a part of it, became no reading."""

    message: Message
    reason: Reason
    detail: str
    format: str | None = None
    device: str | None = None  # its external id, where the message told it
    last: int | None = None  # µs; when it was last seen, if it came several times
    times: int = 1
    is_moment: bool = False  # its time is that of receipt: the same again is another message

    @property
    def fingerprint(self) -> bytes:
        """What tells this row from others of the same reason."""
        message = self.message
        moment = message.received if self.is_moment else None
        return fingerprint(message.topic, message.payload, moment, stored_device(self.device))


@dataclass(frozen=True)
class Kept:
    """A row of the quarantine."""

    id: int
    reason: Reason
    message: Message
    last: int  # µs
    times: int
    device: str | None


Row = tuple[tuple[bytes, Reason], Rejected]


def keep(connection: Connection, rejected: Iterable[Rejected], *, again: bool = False) -> int:
    """Keeps messages; returns how many rows that touched. Does not commit.

    again: these are kept messages that were looked at again, not messages that came again.
    """
    rows = list(_counted(rejected).items())
    touched = 0
    for part in _parts(rows):
        touched += _keep(connection, part, counted=0 if again else 1)
    return touched


def _keep(connection: Connection, rows: list[Row], counted: int) -> int:
    entries = [entry for _, entry in rows]
    return int(
        _sql.keep(
            connection,
            fingerprints=[fingerprint for (fingerprint, _), _ in rows],
            reasons=[entry.reason.value for entry in entries],
            details=[_storable(entry.detail)[:LONGEST_DETAIL] for entry in entries],
            formats=[entry.format for entry in entries],
            devices=[entry.device and _storable(entry.device) for entry in entries],
            topics=[entry.message.topic for entry in entries],
            payloads=[entry.message.payload for entry in entries],
            retained=[entry.message.retained for entry in entries],
            first=[entry.message.received for entry in entries],
            last=[entry.last or entry.message.received for entry in entries],
            times=[entry.times for entry in entries],
            counted=counted,
        )
    )


def page(
    connection: Connection,
    reasons: Sequence[Reason] | None,
    after: int,
    count: int,
    of: tuple[str, str] | None = None,
    last: int = NO_LAST,
) -> list[Kept]:
    """Up to `count` kept messages with ids above `after`, locked until the transaction ends.

    last: none with a higher id. of: format and device, to get what one sent.
    """
    chosen = None if reasons is None else [reason.value for reason in reasons]
    if of is None:
        found = _sql.page(connection, reasons=chosen, after=after, last=last, count=count)
    else:
        found = _sql.page_of(
            connection, format=of[0], device=of[1], reasons=chosen, after=after, last=last,
            count=count,
        )  # fmt: skip
    return [
        Kept(row[0], Reason(row[1]), Message(row[2], row[3], row[5], row[4]), *row[6:])
        for row in found
    ]


def newest(connection: Connection) -> int:
    """The highest id of a kept message; what is kept from now on has a higher one."""
    return int(_sql.newest(connection))


def release(connection: Connection, ids: Sequence[int]) -> None:
    """Forgets messages that have become readings. Does not commit."""
    _sql.release(connection, ids=list(ids))


def fingerprint(
    topic: bytes, payload: bytes, moment: int | None = None, device: str | None = None
) -> bytes:
    """What tells one message from another: 16 bytes over topic and payload.

    moment: time of receipt, for messages without a time of their own; redelivered they have kept
    it. device: one message may hold several, and each has a row.
    """
    digest = hashlib.blake2b(len(topic).to_bytes(4) + topic + payload, digest_size=16)
    if moment is not None:
        digest.update(b"\0moment" + moment.to_bytes(8, signed=True))
    if device is not None:
        digest.update(b"\0device" + device.encode())
    return digest.digest()


def stored_device(device: str | None) -> str | None:
    """A device's id as its row has it."""
    return None if device is None else _storable(device)[:LONGEST_DEVICE]


def _counted(rejected: Iterable[Rejected]) -> dict[tuple[bytes, Reason], Rejected]:
    """One entry a row: a statement cannot touch the same row twice."""
    rows: dict[tuple[bytes, Reason], Rejected] = {}
    for entry in rejected:
        key = entry.fingerprint, entry.reason
        first = rows.setdefault(key, entry)
        if first is not entry:
            rows[key] = replace(
                first,
                detail=entry.detail,
                last=entry.last or entry.message.received,
                times=first.times + entry.times,
            )
    return rows


def _parts(rows: list[Row]) -> Iterator[list[Row]]:
    """The rows in order, in pieces that memory does not notice."""
    part: list[Row] = []
    size = 0
    for row in rows:
        part.append(row)
        size += len(row[1].message.payload)
        if size >= STATEMENT_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _storable(text: str) -> str:
    """Without what PostgreSQL's text cannot hold: NUL and lone surrogates."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
