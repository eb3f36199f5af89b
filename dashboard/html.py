"""HTML elements as the page's renderer takes them: dictionaries, made quickly.

A list has thousands of them. Dash's own components check each property of each element whenever
one is made, and walk through all properties an element could have whenever one is written; that
was a third of the time a page took. Here a property is checked the first time that it is used.
Both kinds can stand inside each other.
"""

from __future__ import annotations

from typing import Any, ClassVar

from dash import html


class Element(dict[str, Any]):
    """`children` and properties; TypeError for a property that Dash's element does not have."""

    __slots__ = ()
    _known: ClassVar[set[str]]
    _prefixes: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls) -> None:
        component = getattr(html, cls.__name__)
        cls._known = set(component()._prop_names)
        cls._prefixes = tuple(component()._valid_wildcard_attributes)

    def __init__(self, children: Any = None, **properties: Any) -> None:
        properties["children"] = children
        if not self._known.issuperset(properties):
            self._learn(properties)
        super().__init__(
            props=properties, type=type(self).__name__, namespace="dash_html_components"
        )

    def __getattr__(self, name: str) -> Any:
        try:
            return self["props"][name]
        except KeyError:
            raise AttributeError(name) from None

    def _learn(self, properties: dict[str, Any]) -> None:
        for name in properties.keys() - self._known:
            if not name.startswith(self._prefixes):
                raise TypeError(f"{type(self).__name__} has no property {name}")
            self._known.add(name)


class A(Element): ...


class Blockquote(Element): ...


class Br(Element): ...


class Button(Element): ...


class Caption(Element): ...


class Code(Element): ...


class Dd(Element): ...


class Del(Element): ...


class Details(Element): ...


class Div(Element): ...


class Dl(Element): ...


class Dt(Element): ...


class Fieldset(Element): ...


class Footer(Element): ...


class H1(Element): ...


class H2(Element): ...


class H3(Element): ...


class Header(Element): ...


class Img(Element): ...


class Ins(Element): ...


class Legend(Element): ...


class Li(Element): ...


class Main(Element): ...


class Nav(Element): ...


class Ol(Element): ...


class P(Element): ...


class Pre(Element): ...


class Section(Element): ...


class Small(Element): ...


class Span(Element): ...


class Strong(Element): ...


class Summary(Element): ...


class Table(Element): ...


class Tbody(Element): ...


class Td(Element): ...


class Th(Element): ...


class Thead(Element): ...


class Tr(Element): ...


class Ul(Element): ...
