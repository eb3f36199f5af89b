"""Tables: real ones, that a screen reader can walk, a printer prints and a phone stacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dashboard import html
from dashboard.components.basics import Part, extra, icon
from dashboard.visit import Visit
from gebaeude.text import _

R = TypeVar("R")


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column: its name, what stands in it, and by what it is sorted."""

    name: str
    cell: Callable[[R], Part]
    sort: Callable[[R], Any] | None = None
    key: str = ""  # its name in the address; "" where it cannot be sorted
    number: bool = False
    falling: bool = False  # whether the first click sorts the largest first
    wide_only: bool = False  # left out on a phone


def table(
    columns: Sequence[Column[R]],
    rows: Sequence[R],
    caption: str,
    visit: Visit | None = None,
    *,
    paired: bool = False,
) -> html.Div:
    """The rows as they come; with `visit` the headings are links that sort.

    paired: on a phone the second column stands beside the first, and two figures below them.
    """
    return grouped(columns, [(None, rows)], caption, visit, paired=paired)


def grouped(
    columns: Sequence[Column[R]],
    groups: Sequence[tuple[Part, Sequence[R]]],
    caption: str,
    visit: Visit | None = None,
    *,
    paired: bool = False,
) -> html.Div:
    """Rows in groups, each under its heading."""
    inside = [
        html.Caption(caption, className="unseen"),
        html.Thead(html.Tr([_head(column, visit) for column in columns])),
        *(_body(columns, heading, rows) for heading, rows in groups),
    ]
    return html.Div(
        html.Table(inside, className="stack paired" if paired else "stack"), className="scroll"
    )


def _body(columns: Sequence[Column[R]], heading: Part, rows: Sequence[R]) -> html.Tbody:
    lines = [html.Tr([_cell(column, row, i) for i, column in enumerate(columns)]) for row in rows]
    if heading is None:
        return html.Tbody(lines)
    top = html.Th(heading, scope="rowgroup", colSpan=len(columns))
    return html.Tbody([html.Tr(top, className="group"), *lines])


def ordered(columns: Sequence[Column[R]], rows: Sequence[R], visit: Visit) -> list[R]:
    """Rows in the order the address asks for; without one, as they come. Unknown values go last."""
    column = next((one for one in columns if one.key and one.key == visit.get("sortiert")), None)
    if column is None or column.sort is None:
        return list(rows)
    by = column.sort
    known = [row for row in rows if by(row) is not None]
    unknown = [row for row in rows if by(row) is None]
    return sorted(known, key=by, reverse=visit.get("richtung") == "ab") + unknown


def _head(column: Column[Any], visit: Visit | None) -> html.Th:
    side = "number" if column.number else ""
    if visit is None or not column.key:
        return html.Th(column.name, scope="col", className=side)
    chosen, down = visit.get("sortiert") == column.key, visit.get("richtung") == "ab"
    then_down = not down if chosen else column.falling
    href = visit.link(sortiert=column.key, richtung="ab" if then_down else None)
    sign = icon("down" if down else "up") if chosen else None
    order = {"aria-sort": "descending" if down else "ascending"} if chosen else {}
    title = _("Nach {name} sortieren").format(name=column.name)
    return html.Th(
        html.A([column.name, sign], href=href, title=title),
        scope="col",
        className=side,
        **extra(order),
    )


def _cell(column: Column[R], row: R, index: int) -> html.Td:
    inside = column.cell(row)
    names = ["number"] if column.number else []
    if index == 0:
        names.append("lead")
    if column.wide_only:
        names.append("wide-only")
    if inside is None or inside == "" or getattr(inside, "className", "") == "nothing quiet":
        names.append("empty")
    return html.Td(inside, className=" ".join(names), **extra({"data-label": column.name}))
