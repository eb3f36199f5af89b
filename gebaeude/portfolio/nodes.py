"""YAML text → a tree of nodes that know their line.

Built from the parser's events instead of PyYAML's own composer: that one recurses in C and brings
the process down on deep nesting, and it lets a collection be an alias, even of itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from gebaeude.errors import PortfolioError
from gebaeude.text import _

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml: slower, and the same
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

DEEPEST = 20

_NULL = frozenset(("", "~", "null", "Null", "NULL"))


class Scalar(msgspec.Struct, frozen=True):
    """A text as it stands in the file, leading zeros included; None where there is none."""

    line: int
    text: str | None


class Sequence(msgspec.Struct, frozen=True):
    """A list."""

    line: int
    items: list[Node]


class Mapping(msgspec.Struct, frozen=True):
    """Names with values, in order, double ones included."""

    line: int
    pairs: list[tuple[Node, Node]]


Node = Scalar | Sequence | Mapping


def parse(text: str) -> Node:
    """The file's one document. Raises PortfolioError with the line where it is not YAML."""
    try:
        events = _document(yaml.parse(text, Loader=Loader))
        root = _node(next(events), events, {}, 0)
        for _more in events:  # the rest of the file must be YAML, too, and not a second document
            pass
        return root
    except yaml.YAMLError as error:
        raise PortfolioError([_complaint(error, text)]) from None


def _document(events: Iterator[Any]) -> Iterator[Any]:
    documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                _refuse(event, _("Nach „---“ beginnt ein zweites Dokument; erlaubt ist nur eines."))
        elif isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            yield event
    if not documents:
        raise PortfolioError([(1, _("Die Datei ist leer."))])


def _node(event: Any, events: Iterator[Any], anchors: dict[str, Node], depth: int) -> Node:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.AliasEvent):
        return _alias(event, line, anchors)
    if depth > DEEPEST:
        _refuse(event, _("Zu tief verschachtelt; vermutlich fehlt weiter oben eine Klammer."))
    node: Node
    if isinstance(event, yaml.ScalarEvent):
        empty = event.implicit[0] and event.value in _NULL
        node = Scalar(line, None if empty else event.value)
    elif isinstance(event, yaml.SequenceStartEvent):
        node = Sequence(line, [_node(item, events, anchors, depth + 1) for item in _inside(events)])
    else:
        node = Mapping(line, list(_pairs(events, anchors, depth + 1)))
    if event.anchor is not None:
        anchors[event.anchor] = node
    return node


def _inside(events: Iterator[Any]) -> Iterator[Any]:
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            return
        yield event


def _pairs(
    events: Iterator[Any], anchors: dict[str, Node], depth: int
) -> Iterator[tuple[Node, Node]]:
    for event in _inside(events):
        key = _node(event, events, anchors, depth)
        yield key, _node(next(events), events, anchors, depth)


def _alias(event: Any, line: int, anchors: dict[str, Node]) -> Node:
    node = anchors.get(event.anchor)
    if isinstance(node, Scalar):
        return Scalar(line, node.text)
    if isinstance(node, Sequence) and all(isinstance(item, Scalar) for item in node.items):
        return node
    if node is None:
        _refuse(event, _("„*{name}“ ist vorher nirgends mit „&{name}“ benannt."), event.anchor)
    _refuse(event, _("„*{name}“: Verweise sind nur auf einfache Listen erlaubt."), event.anchor)
    raise AssertionError  # _refuse always raises


def _refuse(event: Any, text: str, name: str = "") -> None:
    raise PortfolioError([(event.start_mark.line + 1, text.format(name=name))])


def _complaint(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:  # a character YAML does not allow
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        return line, _("Hier steht ein Zeichen, das in der Datei nicht erlaubt ist.")
    problem = getattr(error, "problem", None) or ""
    if text[mark.index : mark.index + 1] == "\t":
        return mark.line + 1, _("Eingerückt wird mit Leerzeichen, hier steht ein Tabulator.")
    return mark.line + 1, _(
        "Das ist kein gültiges YAML; meist fehlt hier oder in der Zeile davor ein Anführungs"
        "zeichen, eine Klammer oder ein Doppelpunkt, oder die Einrückung stimmt nicht ({problem})."
    ).format(problem=problem)
