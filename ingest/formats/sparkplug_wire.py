"""Sparkplug B payloads on the wire: the part of their protobuf messages that ingest reads.

Declared here as a table instead of generated code, so that nothing has to be generated. What is
not in the table (data sets, files, metadata, extensions) is skipped by the protobuf library.

Source: Sparkplug 3.0 specification, section 6.4 "Payloads" (field names, numbers and types).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError as WireError
from google.protobuf.message_factory import GetMessageClass

from gebaeude.errors import DecodeError
from gebaeude.model import Reason
from ingest.formats.common import MOST_VALUES, within

PACKAGE = "sparkplug"
MOST_PARTS = 8 * MOST_VALUES


class Field(NamedTuple):
    """type: a scalar type of protobuf, or the name of a message of the table."""

    name: str
    number: int
    type: str
    repeated: bool = False


MESSAGES: dict[str, tuple[Field, ...]] = {
    "Payload": (
        Field("timestamp", 1, "uint64"),  # ms
        Field("metrics", 2, "Metric", repeated=True),
        Field("seq", 3, "uint64"),
    ),
    "Metric": (
        Field("name", 1, "string"),
        Field("alias", 2, "uint64"),
        Field("timestamp", 3, "uint64"),  # ms
        Field("datatype", 4, "uint32"),
        Field("is_historical", 5, "bool"),
        Field("is_transient", 6, "bool"),
        Field("is_null", 7, "bool"),
        Field("properties", 9, "PropertySet"),
        Field("int_value", 10, "uint32"),
        Field("long_value", 11, "uint64"),
        Field("float_value", 12, "float"),
        Field("double_value", 13, "double"),
        Field("boolean_value", 14, "bool"),
        Field("string_value", 15, "string"),
        Field("template_value", 18, "Template"),
    ),
    "Template": (Field("metrics", 2, "Metric", repeated=True),),
    "PropertySet": (
        Field("keys", 1, "string", repeated=True),
        Field("values", 2, "PropertyValue", repeated=True),
    ),
    "PropertyValue": (Field("string_value", 8, "string"),),
}
SCALARS: dict[str, FieldDescriptorProto.Type.ValueType] = {
    "uint32": FieldDescriptorProto.TYPE_UINT32,
    "uint64": FieldDescriptorProto.TYPE_UINT64,
    "float": FieldDescriptorProto.TYPE_FLOAT,
    "double": FieldDescriptorProto.TYPE_DOUBLE,
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "string": FieldDescriptorProto.TYPE_STRING,
}


def _message(name: str, fields: tuple[Field, ...]) -> DescriptorProto:
    message = DescriptorProto(name=name)
    for field in fields:
        is_message = field.type in MESSAGES
        message.field.add(
            name=field.name,
            number=field.number,
            label=FieldDescriptorProto.LABEL_REPEATED
            if field.repeated
            else FieldDescriptorProto.LABEL_OPTIONAL,
            type=FieldDescriptorProto.TYPE_MESSAGE if is_message else SCALARS[field.type],
            type_name=f".{PACKAGE}.{field.type}" if is_message else None,
        )
    return message


def _payload_class() -> Any:
    pool = DescriptorPool()
    messages = [_message(name, fields) for name, fields in MESSAGES.items()]
    pool.Add(
        FileDescriptorProto(
            name="sparkplug.proto", package=PACKAGE, syntax="proto2", message_type=messages
        )
    )
    return GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.Payload"))


Payload: Any = _payload_class()


def read(payload: bytes) -> Any:
    """The payload's message. Raises DecodeError: invalid_structure, too_large."""
    # Each metric and each of its properties begins so; other bytes may be the same by chance.
    within(payload.count(b"\x12"), MOST_PARTS)
    try:
        return Payload.FromString(payload)
    except WireError as error:
        raise DecodeError(Reason.INVALID_STRUCTURE, str(error)[:80]) from None


def metrics_in(metrics: Any) -> int:
    """How many there are, those in templates included."""
    inner = (one.template_value.metrics for one in metrics if one.HasField("template_value"))
    return len(metrics) + sum(map(metrics_in, inner))
