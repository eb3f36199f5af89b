"""The small parts: icon, state, heading, answer, key figure, note, empty state, choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dashboard import html
from gebaeude.model import Medium
from gebaeude.reports.records import Condition
from gebaeude.text import BERLIN, MEDIA, N_, _

Part = Any  # whatever Dash takes as a child: a component, a text, None

CONDITIONS: dict[str, str] = {
    Condition.GOOD: N_("in Ordnung"),
    Condition.ATTENTION: N_("Achtung"),
    Condition.CRITICAL: N_("kritisch"),
}


def extra(names: Mapping[str, str]) -> dict[str, Any]:
    """Attributes that are no Python names: aria-…, data-…."""
    return dict(names)


def icon(name: str) -> html.Span:
    """A drawing that says nothing which does not stand beside it in words."""
    return html.Span(className=f"icon icon-{name}", **extra({"aria-hidden": "true"}))


def shape(condition: str, label: str | None = None) -> html.Span:
    """The state's shape in its colour; with `label` it speaks for itself."""
    spoken = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    return html.Span(
        className=f"state-shape state-shape-{condition} state-{condition}", **extra(spoken)
    )


def state(condition: str, text: str | None = None) -> html.Span:
    """The state in colour, shape and word."""
    word = text if text is not None else _(CONDITIONS[condition])
    return html.Span([shape(condition), html.Span(word)], className=f"state state-{condition}")


def medium(of: Medium) -> html.Span:
    """The medium's drawing in its colour, and its name."""
    drawing = html.Span(icon(of), className=f"medium-{of}")
    return html.Span([drawing, html.Span(_(MEDIA[of]))], className="name")


def head(title: str, question: str, now: datetime, above: Part = None) -> html.Header:
    """The heading, the question the page answers, and how old the answer is."""
    clock = f"{now.astimezone(BERLIN):%H:%M}"
    return html.Header(
        [
            html.Div(
                [above, html.H1(title, tabIndex="-1"), html.P(question, className="question")]
            ),
            html.Div(
                [
                    html.Span(_("Stand {clock}").format(clock=clock)),
                    html.Button(
                        [icon("refresh"), html.Span(_("aktualisieren"))],
                        id={"refresh": "page"},
                        className="button plain",
                        type="button",
                    ),
                ],
                className="standing",
            ),
        ],
        className="page-head",
    )


def answer(number: str, counts: str, sentence: Part, condition: str) -> html.Section:
    """The page's answer in one number and in words."""
    return html.Section(
        [
            html.Div(
                [
                    shape(condition, _(CONDITIONS[condition])),
                    html.Span(number, className="answer-figure"),
                    html.Small(counts),
                ],
                className="answer-number",
            ),
            html.P(sentence, className="answer-text"),
        ],
        className="card answer",
        **extra({"aria-label": _("Antwort")}),
    )


def key(
    label: Part, value: str, note: Part = None, href: str | None = None, idle: bool = False
) -> Part:
    """A key figure: what, how much, and beside what it stands.

    idle: there is nothing to do about it, so that a phone leaves it out.
    """
    names = "card key idle" if idle else "card key"
    parts = [
        html.Div(label, className="key-label"),
        html.Div(value, className="key-value"),
        html.Div(note, className="key-note") if note else None,
    ]
    return html.A(parts, href=href, className=names) if href else html.Div(parts, className=names)


def keys(figures: Sequence[Part]) -> html.Div:
    """Key figures side by side."""
    return html.Div(list(figures), className="keys")


def card(title: Part, children: Part, aside: Part = None, **more: Any) -> html.Section:
    """A part of the page with its heading, and what can be done with it at the heading's side."""
    top = html.Div([html.H2(title), aside], className="card-head")
    inside = children if isinstance(children, list) else [children]
    return html.Section([top, *inside], className="card", **more)


def empty(what: str, next_step: Part = None) -> html.Div:
    """Nothing to show: why, and what to do next."""
    return html.Div([html.P(what), html.P(next_step) if next_step else None], className="empty")


def note(happened: str, safe: str, todo: Part, condition: str = Condition.CRITICAL) -> html.Section:
    """Something went wrong: what happened, what is safe, what to do."""
    return html.Section(
        [
            shape(condition, _(CONDITIONS[condition])),
            html.Div([html.H2(happened), html.P(safe), html.P(todo)]),
        ],
        className="card note",
        role="alert",
    )


def question(text: str, buttons: Part) -> html.Section:
    """What is about to happen, and whether it shall."""
    return html.Section(
        [
            shape(Condition.ATTENTION, _(CONDITIONS[Condition.ATTENTION])),
            html.Div([html.P(text), buttons]),
        ],
        className="card note",
        role="alert",
    )


def choices(label: str, options: Sequence[tuple[str, str, bool]]) -> html.Nav:
    """Links of which one is chosen: (text, address, chosen)."""
    return html.Nav(
        [
            html.A(
                text,
                href=href,
                className="choice",
                **extra({"aria-current": "true"} if chosen else {}),
            )
            for text, href, chosen in options
        ],
        className="choices",
        **extra({"aria-label": label}),
    )
