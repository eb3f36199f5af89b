"""Reading one mapping of the file field by field, so that every mistake is found in one go."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

from gebaeude.portfolio.nodes import Mapping, Node, Scalar, Sequence
from gebaeude.portfolio.values import Parser, Wrong, unknown
from gebaeude.text import _

T = TypeVar("T")

# Stands for a value that could not be read. Nobody sees it: a portfolio with a mistake is refused.
_BROKEN: Any = None


class Mistakes:
    """Collects (line, sentence)."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []
        self._said: set[tuple[int, str, str]] = set()

    def add(self, line: int, sentence: str) -> None:
        """One more; the sentence gets its full stop here."""
        self.found.append(
            (line, sentence if sentence.endswith((".", "?", "!")) else f"{sentence}.")
        )

    def of(self, what: str, name: str, mistakes: Iterable[tuple[int, str]]) -> None:
        """Those of a field's value; a list that many entries refer to is said once."""
        for line, sentence in mistakes:
            if (line, name, sentence) not in self._said:
                self._said.add((line, name, sentence))
                self.add(line, f"{what}: {name}: {sentence}")


class Fields:
    """The fields of one mapping. What is asked for is known; `done` reports what is left over."""

    def __init__(self, node: Node, what: str, mistakes: Mistakes) -> None:
        self.line = node.line
        self.what = what
        self.mistakes = mistakes
        self._nodes: dict[str, Node] = {}
        self._lines: dict[str, int] = {}
        self._asked: dict[str, bool] = {}  # whether it was read well
        self._missing: list[str] = []
        if isinstance(node, Mapping):
            self._collect(node)
            self.usable = True
        else:
            mistakes.add(node.line, _("{what}: hier werden Felder erwartet, „name: Wert“").format(
                what=what))  # fmt: skip
            self.usable = False

    def _collect(self, node: Mapping) -> None:
        for name_node, value in node.pairs:
            name = name_node.text if isinstance(name_node, Scalar) else None
            if name is None:
                self._add(name_node.line, _("{what}: hier fehlt der Name des Feldes"))
            elif name in self._nodes:
                sentence = _("{what}: das Feld „{name}“ steht schon in Zeile {first}")
                self._add(name_node.line, sentence, name=name, first=self._lines[name])
            else:
                self._nodes[name] = value
                self._lines[name] = name_node.line

    def _add(self, line: int, sentence: str, **parts: object) -> None:
        self.mistakes.add(line, sentence.format(what=self.what, **parts))

    def wrong(self, name: str, sentence: str) -> None:
        """A mistake of the field's value."""
        self.mistakes.add(self.line_of(name), f"{self.what}: {name}: {sentence}")
        self._asked[name] = False

    def line_of(self, name: str) -> int:
        """Where the field stands; where the mapping begins if it has no such field."""
        return self._lines.get(name, self.line)

    def ok(self, *names: str) -> bool:
        """Whether all these fields were read well; those not given and not needed count as well."""
        return all(self._asked.get(name, False) for name in names)

    def clean(self) -> bool:
        """Whether all that was asked for was read well."""
        return all(self._asked.values())

    def need(self, name: str, parse: Parser[T]) -> T:
        """The field's value; a mistake where it is missing or cannot be used."""
        if name in self._nodes:
            return self._value(name, parse)
        self.missing(name)
        broken: T = _BROKEN
        return broken

    def missing(self, name: str) -> None:
        """A mistake of a field that must be there; `done` tells it, or the misspelling of it."""
        self._asked[name] = False
        self._missing.append(name)

    def get(self, name: str, parse: Parser[T], default: Any = None) -> Any:
        """The field's value, or the default where it is not given."""
        if name in self._nodes:
            return self._value(name, parse)
        self._asked[name] = True
        return default

    def _value(self, name: str, parse: Parser[T]) -> T:
        try:
            value = parse(self._nodes[name])
        except Wrong as wrong:
            self.mistakes.of(self.what, name, wrong.mistakes)
            self._asked[name] = False
            broken: T = _BROKEN
            return broken
        self._asked[name] = True
        return value

    def each(self, name: str, what: str, read: Callable[[Fields], T]) -> tuple[T, ...]:
        """The records of a list of mappings; none where the field is not given."""
        node = self._nodes.get(name)
        empty = node is None or (isinstance(node, Scalar) and node.text is None)
        self._asked[name] = empty or isinstance(node, Sequence)
        if empty:
            return ()
        if not isinstance(node, Sequence):
            self.wrong(name, _("hier wird eine Liste erwartet, jeder Eintrag beginnt mit „- “"))
            return ()
        return tuple(self._record(item, what, read) for item in node.items)

    def _record(self, node: Node, what: str, read: Callable[[Fields], T]) -> T:
        fields = Fields(node, what, self.mistakes)
        record = read(fields)
        fields.done()
        return record

    def one(self, name: str, what: str, read: Callable[[Fields], T]) -> T | None:
        """The record of a mapping inside this one; None where the field is not given."""
        node = self._nodes.get(name)
        self._asked[name] = True
        return None if node is None else self._record(node, what, read)

    def pairs(self, name: str) -> list[tuple[str, Node]]:
        """The names and values of a mapping with free names, such as channels."""
        node = self._nodes.get(name)
        if node is None:
            self._asked[name] = True
            return []
        fields = Fields(node, f"{self.what}: {name}", self.mistakes)
        self._asked[name] = fields.usable
        return list(fields._nodes.items())

    def reference(self, name: str, known: set[str] | None, sentence: str) -> None:
        """A mistake where the field's value, already read, is not among the known keys."""
        node = self._nodes.get(name)
        if known is not None and isinstance(node, Scalar) and self.ok(name):
            value = (node.text or "").strip()
            if value not in known:
                self.wrong(name, f"{sentence} – {unknown(value, known)}")

    def unique(self, seen: dict[Hashable, int], key: Hashable, name: str) -> None:
        """A mistake where the key, read from the field, was seen before."""
        if not self.ok(name):
            return
        if key in seen:
            self.wrong(name, _("steht schon in Zeile {line}").format(line=seen[key]))
        else:
            seen[key] = self.line_of(name)

    def done(self) -> None:
        """Reports the fields that are missing and those nobody asked for."""
        if not self.usable:
            return
        for name in self._nodes:
            if name not in self._asked:
                self._unasked(name)
        for name in self._missing:
            self._add(self.line, _("{what}: das Feld „{name}“ fehlt"), name=name)

    def _unasked(self, name: str) -> None:
        near = difflib.get_close_matches(name, self._asked, 1)
        if near and near[0] in self._missing:
            self._missing.remove(near[0])
        hint = (
            _("; meinten Sie „{near}“?").format(near=near[0])
            if near
            else _("; möglich sind: {words}").format(words=", ".join(self._asked))
        )
        sentence = _("{what}: das Feld „{name}“ gibt es nicht{hint}")
        self._add(self.line_of(name), sentence, name=name, hint=hint)
