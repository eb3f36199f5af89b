"""What a guest's link says before it is used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from gebaeude.store import links


def test_a_guest_reads_what_they_will_see_and_how_long(world: Any) -> None:
    with world.connect() as connection:
        now = datetime.now(UTC)
        secret = links.create_guest(connection, "schule", timedelta(days=3), now, None)
    page = world.program.get(f"/gast/{secret}").text
    assert "„Waldschule“" in page
    assert "bis " in page.split("„Waldschule“")[1]
