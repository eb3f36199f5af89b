"""Writing readings: whole numpy arrays as one statement.

`write` may be repeated without harm. `add` takes the database half the time, and only readings that
are not there yet.

PostgreSQL's binary form of a one-dimensional array without NULL is five big-endian int32 –
dimensions, has NULLs, element type, length, lower bound – and for each element its size as int32
and its bytes (source: src/backend/utils/adt/arrayfuncs.c, array_recv). A row of COPY is the number
of its columns as int16, and for each column again its size and its bytes (source: PostgreSQL's
documentation of COPY, binary format). numpy lays that out at once; the driver's own way, element by
element, takes over a hundred times as long.
"""

from __future__ import annotations

import struct
from typing import ClassVar, NamedTuple

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.adapt import Dumper
from psycopg.pq import Format

from gebaeude.store.database import Connection, queries

_sql = queries(__file__)

_HEADER = struct.Struct(">iiiii")
_EPOCH_2000 = 946_684_800_000_000  # µs; where PostgreSQL's timestamps begin


class Written(NamedTuple):
    """How many readings were new or corrected a stored value; the others were there already."""

    inserted_or_changed: int


class _Array(bytes):
    """An array in PostgreSQL's binary form."""

    element_oid: ClassVar[int]
    element: ClassVar[np.dtype[np.void]]

    @classmethod
    def of(cls, values: NDArray[np.generic]) -> _Array:
        elements = np.empty(len(values), cls.element)
        elements["size"] = cls.element["value"].itemsize
        elements["value"] = values
        header = _HEADER.pack(1, 0, cls.element_oid, len(values), 1)
        return cls(header + elements.tobytes())


def _element(kind: str) -> np.dtype[np.void]:
    return np.dtype([("size", ">i4"), ("value", kind)])


_COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # neither flags nor an extension
_COPY_END = b"\xff\xff"
_ROW = np.dtype(
    [
        ("columns", ">i2"),
        ("point", _element(">i4")),
        ("time", _element(">i8")),
        ("value", _element(">f8")),
        ("quality", _element(">i2")),
    ]
)


class _Int2Array(_Array):
    element_oid, element = 21, _element(">i2")


class _Int4Array(_Array):
    element_oid, element = 23, _element(">i4")


class _Float8Array(_Array):
    element_oid, element = 701, _element(">f8")


class _TimestamptzArray(_Array):
    element_oid, element = 1184, _element(">i8")


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: _Array) -> bytes:
        return obj


def _register(kind: type[_Array], array_oid: int) -> None:
    dumper = type(f"{kind.__name__}Dumper", (_ArrayDumper,), {"oid": array_oid})
    psycopg.adapters.register_dumper(kind, dumper)


for _kind, _oid in (
    (_Int2Array, 1005),
    (_Int4Array, 1007),
    (_Float8Array, 1022),
    (_TimestamptzArray, 1185),
):
    _register(_kind, _oid)


def write(
    connection: Connection,
    point_ids: NDArray[np.int32],
    times_us: NDArray[np.int64],
    values: NDArray[np.float64],
    qualities: NDArray[np.int16],
) -> Written:
    """Stores readings; four arrays of one length, in the order in which they came.

    times_us: µs since 1970-01-01 UTC. values: in the points' canonical units, finite.
    Of several values for one point and time the last counts. Does not commit.
    """
    last = _last_of_each_key(point_ids, times_us)
    if not len(last):
        return Written(0)
    cursor = connection.execute(
        _sql.write.sql,
        {
            "points": _Int4Array.of(point_ids[last]),
            "times": _TimestamptzArray.of(times_us[last] - _EPOCH_2000),
            "values": _Float8Array.of(values[last]),
            "qualities": _Int2Array.of(qualities[last]),
        },
    )
    return Written(cursor.rowcount)


def add(
    connection: Connection,
    point_ids: NDArray[np.int32],
    times_us: NDArray[np.int64],
    values: NDArray[np.float64],
    qualities: NDArray[np.int16],
) -> Written:
    """As `write`. Raises psycopg.errors.UniqueViolation where one of them is there already."""
    last = _last_of_each_key(point_ids, times_us)
    rows = np.empty(len(last), _ROW)
    rows["columns"] = 4
    for name, column in (
        ("point", point_ids[last]),
        ("time", times_us[last] - _EPOCH_2000),
        ("value", values[last]),
        ("quality", qualities[last]),
    ):
        rows[name]["size"] = _ROW[name]["value"].itemsize
        rows[name]["value"] = column
    with connection.cursor() as cursor:
        with cursor.copy(_sql.add.sql) as copy:
            copy.write(_COPY_HEAD + rows.tobytes() + _COPY_END)
        return Written(cursor.rowcount)


def _last_of_each_key(
    point_ids: NDArray[np.int32], times_us: NDArray[np.int64]
) -> NDArray[np.intp]:
    """Indices by point and time, of equal ones the last; neighbours then share index pages."""
    order = np.lexsort((times_us, point_ids))
    points, times = point_ids[order], times_us[order]
    last = np.ones(len(order), dtype=bool)
    last[:-1] = (points[1:] != points[:-1]) | (times[1:] != times[:-1])
    return order[last]
