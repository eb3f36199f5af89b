"""What a browser asks for that shows the dashboard, without drawing it."""

from __future__ import annotations

import http.client
import json
from typing import Any

CALLBACK = "/_dash-update-component"
PAGE = "..page.children...title.data...navigation.children.."
FRESHNESS = "freshness.children"
BADGES = '{"badge":["ALL"]}.children'
BADGED = ("/geraete", "/posteingang")  # places in the navigation with a number beside them
LEAST = 1000  # bytes of a page; what is shorter only says that something is wrong

Told = list[dict[str, Any]]


class Browser:
    """One person's, signed in; each method says what was wrong, or ""."""

    def __init__(self, web: int, cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", web, timeout=30)
        self._headers = {
            "Cookie": cookie,
            "Content-Type": "application/json",
            "Accept-Encoding": "gzip",
            "Sec-Fetch-Site": "same-origin",
        }

    def page(self, path: str) -> str:
        """A step to another page: one callback brings all of it; the rest is the browser's."""
        inputs = [_told("url", "pathname", path), _told("url", "search", "")]
        inputs.append(_told("view", "data", {"width": 1200, "scheme": "light"}))
        inputs.append(_told("version", "data", 0))
        outputs = [one.split(".") for one in PAGE.strip(".").split("...")]
        changed = [{"id": of, "property": name} for of, name in outputs]
        return self._callback(PAGE, changed, inputs, "url.pathname", LEAST, path)

    def tick(self) -> str:
        """What every open page asks by itself: how fresh readings are, how many devices wait."""
        ticked = _told("clock", "n_intervals", 1)
        fresh = {"id": "freshness", "property": "children"}
        inputs = [ticked, _told("version", "data", 0)]
        wrong = self._callback(FRESHNESS, fresh, inputs, "clock.n_intervals", 1, FRESHNESS)
        places = [{"id": {"badge": one}, "property": "children"} for one in BADGED]
        inputs = [ticked, _told("done", "data", None)]
        return wrong or self._callback(BADGES, places, inputs, "clock.n_intervals", 0, "badges")

    def get(self, path: str) -> str:
        """A resource of the API."""
        return self._answer("GET", path, None, LEAST, path)

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def _callback(
        self, output: str, outputs: Any, inputs: Told, changed: str, least: int, what: str
    ) -> str:
        body = {
            "output": output,
            "outputs": outputs,
            "inputs": inputs,
            "state": [],
            "changedPropIds": [changed],
        }
        return self._answer("POST", CALLBACK, json.dumps(body), least, what)

    def _answer(self, method: str, path: str, body: str | None, least: int, what: str) -> str:
        try:
            self._connection.request(method, path, body, self._headers)
            answer = self._connection.getresponse()
            size = len(answer.read())
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            return f"{what}: {error!r}"
        good = answer.status == 200 or (least == 0 and answer.status == 204)
        return "" if good and size >= least else f"{what}: {answer.status}, {size} bytes"


def _told(of: str, name: str, value: object) -> dict[str, Any]:
    return {"id": of, "property": name, "value": value}
