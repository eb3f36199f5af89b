"""What is kept of attached devices and was not read to its end: whoever read it died."""

from __future__ import annotations

from functools import partial
from threading import Event

from gebaeude.config import Settings
from gebaeude.log import Trouble
from gebaeude.store import unread
from gebaeude.store.database import Connection
from gebaeude.worker.context import attempt
from ingest.replay import replay_device


def read(connection: Connection, settings: Settings, trouble: Trouble, stop: Event) -> None:
    """Reads it, of one device after another; where somebody is at it, it is theirs."""
    for kind, device in unread.devices(connection):
        if stop.is_set():
            return
        if not unread.is_being_read(connection, (kind, device)):
            work = partial(replay_device, connection, settings, kind, device)
            attempt(trouble, "kept messages", f"{kind}/{device}", work)
