"""Elements: what Dash's own would have been, for the browser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dash import dcc
from dash import html as dash_html
from plotly.io.json import to_json_plotly

from dashboard import html


def tree(kind: Any) -> Any:
    link = kind.A(["1.234 ", None, kind.Strong("kWh")], href="/gebaeude", className="row-link")
    named = {"aria-label": "Antwort", "data-label": "Verbrauch"}
    return kind.Section([link, dcc.Store(id="x"), kind.Br()], id={"badge": "/"}, **named)


def test_the_browser_gets_what_dashs_own_elements_would_have_been() -> None:
    ours, dashs = to_json_plotly(tree(html)), to_json_plotly(tree(dash_html))
    assert json.loads(ours) == json.loads(dashs)


@pytest.mark.parametrize("name", ["classname", "onclick", "label"])
def test_a_property_that_the_element_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        html.Span("x", **{name: "y"})


def test_properties_can_be_read() -> None:
    element = html.Span("x", className="sub")
    assert (element.children, element.className) == ("x", "sub")
    assert not hasattr(element, "title")
