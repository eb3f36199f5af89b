"""What every job needs, and how one that fails does not take the others with it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from gebaeude.config import Settings
from gebaeude.log import Trouble
from gebaeude.store.database import LOST

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Context:
    """What every job needs."""

    settings: Settings
    database: str  # its address
    trouble: Trouble
    stop: threading.Event


def attempt(trouble: Trouble, kind: str, about: str, work: Callable[[], object]) -> None:
    """Runs `work`; what goes wrong is said once a minute for each kind, and not raised.

    So one point or plan that cannot be worked on leaves the others alone. Only a lost database is
    raised: nothing else would work either.
    """
    try:
        work()
    except LOST:
        raise
    except Exception as error:
        trouble.say(kind, f"{about}: {type(error).__name__}: {error}", logging.ERROR)
        log.debug("%s: %s", kind, about, exc_info=True)
