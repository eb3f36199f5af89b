"""What a demo needs in its database before anything else starts."""

from __future__ import annotations

import math
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from gebaeude.store import schema, status, webrole
from gebaeude.store.database import connect

NAME = "gebaeude-demo"
WEB_ROLE = "gebaeude_demo"  # in a database that is given
# A point that a fault keeps silent must not bring the whole history again at every start.
COMPLETE_SHARE = 0.9


def prepare(url: str, web_url: str = "") -> bool:
    """Bring the schema up to date, and the example portfolio into an empty database.

    web_url: the web process's own address, whose role is made. Returns True if the portfolio was
    imported. A database that has buildings keeps its own.
    """
    _bring_up_to_date(url, web_url)
    with connect(url, name=NAME) as connection:
        if status.counts(connection).buildings:
            return False
        # Only here, as below: of every start, it would be a good part.
        from gebaeude.portfolio.load import NORDLIPPE, load
        from gebaeude.store.portfolio import write

        write(connection, load(NORDLIPPE))
    return True


def web_url(url: str) -> str:
    """This database for the web process of a demo: a role that is made, with a new password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{WEB_ROLE}:{secrets.token_urlsafe(24)}@{host}").geturl()


def _bring_up_to_date(url: str, web_url: str) -> None:
    with connect(url, name=NAME) as connection:
        if schema.is_current(connection):
            if web_url:
                webrole.ensure_login(connection, web_url)
            return
    # Only here: it takes a quarter of a second to import, of every start.
    from gebaeude.store.migrate import migrate

    migrate(url, web_url)


def missing_days(url: str, days: int, now: datetime | None = None) -> int:
    """Return how many days of history are still to be brought.

    All of it where points do not reach back that far yet; otherwise what has passed since the
    newest reading, so that a demo which slept over the weekend has no hole there.
    """
    now = now or datetime.now(UTC)
    with connect(url, name=NAME) as connection:
        reach = status.reach(connection, now - timedelta(days=max(days - 1, 0)))
    if reach.newest is None or reach.share_before < COMPLETE_SHARE:
        return days
    return min(days, math.ceil((now - reach.newest) / timedelta(days=1)))
