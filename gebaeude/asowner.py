"""The database as its owner has it, for commands of whoever runs the system."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gebaeude.config import Settings, require

if TYPE_CHECKING:
    from gebaeude.store.database import Connection


@contextmanager
def opened(command: str, state: Path | None) -> Iterator[tuple[Connection, Settings]]:
    """A connection in whose traces command and user of this machine stand; commits at the end.

    Of the running demo in `state` where the settings name no database.
    """
    from gebaeude.cli import _with_running_demo
    from gebaeude.store.database import connect

    known = _with_running_demo(state)
    url = require(known.database_url, "database_url")
    with connect(url, name=f"gebaeude-{command}") as connection:
        actor = f"{getpass.getuser()} (gebaeude {command})"
        connection.execute("SELECT set_config('gebaeude.actor', %s, false)", [actor])
        connection.commit()
        yield connection, known
