"""Asks the running demo, from outside, whether readings flow and the dashboard answers."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import datetime
from typing import Any

TIMEOUT_SECONDS = 5.0

# Whatever proxy the environment names, our own server is here.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ready(address: str) -> bool:
    """Say whether the API calls itself ready."""
    return answers(f"{address}/api/v1/health/ready")


def answers(url: str, token: str = "") -> bool:
    """Say whether this address is answered with what it names."""
    return _get(url, token) is not None


def dashboard_answers(address: str, token: str) -> bool:
    """Say whether the dashboard's page comes."""
    page = _get(f"{address}/", token)
    return page is not None and b"<html" in page.lower()


def fresh_reading(address: str, since: datetime, token: str) -> str | None:
    """Return the first point found whose latest reading was taken after `since`, None if none."""
    for point in _items(f"{address}/api/v1/points?limit=1000", token):
        latest = point.get("latest")
        if latest and datetime.fromisoformat(latest["time"]) >= since:
            return f"{point['building']}/{point['key']}"
    return None


def _items(url: str, token: str) -> list[Any]:
    body = _get(url, token)
    if body is None:
        return []
    found = json.loads(body)
    return list(found["items"] if isinstance(found, dict) else found)


def _get(url: str, token: str = "") -> bytes | None:
    """Return the body, None where nobody answers or the answer is no."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with _opener.open(
            urllib.request.Request(url, headers=headers), timeout=TIMEOUT_SECONDS
        ) as response:
            body: bytes = response.read()
    except (urllib.error.URLError, OSError):
        return None
    return body
