"""No page shows a format's internal name."""

from __future__ import annotations

from dashboard.components.devices import FORMATS as NAMES
from ingest.formats import FORMATS


def test_every_format_has_a_name_people_know() -> None:
    assert set(NAMES) == set(FORMATS)
