"""Settings and database as whoever runs the system has them, for commands."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gebaeude.config import PREFIX, Settings, require, settings

if TYPE_CHECKING:
    from gebaeude.store.database import Connection


@contextmanager
def opened(command: str, state: Path | None) -> Iterator[tuple[Connection, Settings]]:
    """A connection in whose traces command and user of this machine stand; commits at the end.

    Of the running demo in `state` where the settings name no database.
    """
    from gebaeude.store.database import connect

    known = with_running_demo(state)
    url = require(known.database_url, "database_url")
    with connect(url, name=f"gebaeude-{command}") as connection:
        actor = f"{getpass.getuser()} (gebaeude {command})"
        connection.execute("SELECT set_config('gebaeude.actor', %s, false)", [actor])
        connection.commit()
        yield connection, known


def with_running_demo(state: Path | None) -> Settings:
    """Settings, with the addresses of the running demo where the environment names none."""
    from gebaeude.demo.state import running

    known = settings()
    found = running(state_directory(state, known))
    if found is not None:
        for name in ("database_url", "mqtt_url", "public_url"):
            if not getattr(known, name) or name == "public_url":
                os.environ[PREFIX + name.upper()] = getattr(found, name)
        settings.cache_clear()
    return settings()


def state_directory(given: Path | None, known: Settings) -> Path:
    """Where a demo keeps its data."""
    from gebaeude.demo.state import default_directory

    return (given or known.state_dir or default_directory()).absolute()
