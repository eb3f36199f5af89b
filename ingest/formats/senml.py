"""SenML (RFC 8428) packs as JSON or CBOR: what data loggers send, often many values at once.

Topic `senml/<anything>`. Device: the resolved name up to and including its last `:` or `/`;
field: the rest (a name without either is the device, with the empty field).
Time: `bt + t`; from 2²⁸ on seconds since 1970 UTC, below relative to the moment of reception.

Traps
- Base fields (`bn bt bu bv bs bver`) hold until they change, also in the middle of a pack.
- Text (`vs`), truth (`vb`) and data (`vd`) are no numbers and are left out.
- A sum `s` is its own field, `<field>.sum`: the value's integral over time, so W become J.
- A pack of a newer version, or with a field it says must be understood (`…_"`), is refused whole.

Source: RFC 8428 sections 4.1 to 4.6, units of section 12.1 and RFC 8798.
"""

from __future__ import annotations

import re

import msgspec

from gebaeude.errors import DecodeError
from gebaeude.model import Message, Reason, Sample
from ingest.formats import senmlcbor
from ingest.formats.common import number, parse, seconds, within

TOPICS = ("senml/#",)

# Names of the registry that differ from ours; the others are the same or unknown.
UNITS: dict[str, str] = {"Cel": "°C", "%RH": "%", "%EL": "%", "/": "1"}
SUMS: dict[str, str] = {"W": "J", "kW": "kJ"}  # times seconds
VERSION = 10
ABSOLUTE = 2**28  # seconds

_MUST_UNDERSTAND = re.compile(rb'"[^"\\]*_"\s*:')


class Record(msgspec.Struct, gc=False):
    bn: str | None = None
    bt: float | None = None
    bu: str | None = None
    bv: float | None = None
    bs: float | None = None
    bver: float | None = None
    n: str = ""
    u: str | None = None
    t: float = 0.0
    v: object = None
    s: float | None = None
    vs: object = None
    vb: object = None
    vd: object = None


_pack = msgspec.json.Decoder(list[Record])


def decode(message: Message) -> list[Sample]:
    """The pack's numbers, resolved. Raises DecodeError."""
    pack = _read(message.payload)
    now = message.received / 1_000_000
    base, samples = Record(), []
    names: dict[str, tuple[str, str]] = {}
    for record in pack:
        if _changes_base(record):
            base = _new_base(base, record)
            names = {}
        identity = names.get(record.n)
        if identity is None:
            identity = names[record.n] = _split((base.bn or "") + record.n)
        device, field = identity
        at = record.t if base.bt is None else base.bt + record.t
        time = seconds(at if at >= ABSOLUTE else now + at)
        unit = base.bu if record.u is None else record.u
        if unit in UNITS:
            unit = UNITS[unit]
        value = record.v
        if value is not None or _is_base_alone(base, record):
            amount = value if type(value) is float else number(value or 0.0)
            samples.append(Sample(device, field, time, amount + (base.bv or 0.0), unit))
        if record.s is not None or base.bs is not None:
            total = (record.s or 0.0) + (base.bs or 0.0)
            samples.append(Sample(device, f"{field}.sum", time, total, SUMS.get(unit or "")))
    return samples


def _read(payload: bytes) -> list[Record]:
    if senmlcbor.is_cbor(payload):
        try:
            pack = msgspec.convert(senmlcbor.records(payload), list[Record])
        except (msgspec.ValidationError, OverflowError) as error:
            raise DecodeError(Reason.INVALID_STRUCTURE, str(error)) from None
        _require_version(pack)
        return pack
    pack = parse(_pack, payload)
    within(len(pack))
    _require_version(pack)
    if b'_"' in payload and (found := _MUST_UNDERSTAND.search(payload)):
        raise DecodeError(Reason.INVALID_STRUCTURE, found.group().decode(errors="replace")[:80])
    return pack


def _require_version(pack: list[Record]) -> None:
    versions = [record.bver for record in pack if record.bver is not None]
    if versions and max(versions) > VERSION:
        raise DecodeError(Reason.INVALID_STRUCTURE, f"bver {max(versions):g}")


def _changes_base(record: Record) -> bool:
    return (
        record.bn is not None
        or record.bt is not None
        or record.bu is not None
        or record.bv is not None
        or record.bs is not None
    )


def _new_base(base: Record, record: Record) -> Record:
    return Record(
        bn=base.bn if record.bn is None else record.bn,
        bt=base.bt if record.bt is None else record.bt,
        bu=base.bu if record.bu is None else record.bu,
        bv=base.bv if record.bv is None else record.bv,
        bs=base.bs if record.bs is None else record.bs,
    )


def _is_base_alone(base: Record, record: Record) -> bool:
    """A missing value counts as zero beside a base value, where the record holds nothing else."""
    others = (record.vs, record.vb, record.vd, record.s)
    return base.bv is not None and all(other is None for other in others)


def _split(name: str) -> tuple[str, str]:
    """A resolved name as (device, field). Raises DecodeError: invalid_structure for no name."""
    if not name:
        raise DecodeError(Reason.INVALID_STRUCTURE, "n")
    end = max(name.rfind(":"), name.rfind("/")) + 1
    return (name[:end], name[end:]) if end else (name, "")
