"""What people do to a ticket: the buttons of its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from dashboard import html
from dashboard.asking import noticed
from dashboard.components.basics import Part, note
from dashboard.pages.auftrag import BY_TECHNICIANS
from dashboard.permit import acting
from dashboard.visit import PATIENCE_S
from gebaeude.access import table
from gebaeude.config import Settings
from gebaeude.errors import GebaeudeError, UsageError
from gebaeude.maintenance.tickets import Action
from gebaeude.reports.records import Condition
from gebaeude.store import tickets as store
from gebaeude.store.database import LOST, Connection, Pool
from gebaeude.store.scope import who
from gebaeude.text import N_, _

DONE = {
    Action.TAKE: N_("Auftrag angenommen."),
    Action.START: N_("Arbeit begonnen."),
    Action.FINISH: N_("Auftrag erledigt gemeldet."),
    Action.CANCEL: N_("Auftrag storniert. Er lässt sich wieder öffnen."),
    Action.REASSIGN: N_("Auftrag zugewiesen."),
    Action.REOPEN: N_("Auftrag wieder geöffnet."),
    Action.COMMENT: N_("Kommentar gespeichert."),
}


def act(
    connection: Connection, number: str, action: Action, text: str | None, whom: str | None,
    now: datetime,
) -> None:  # fmt: skip
    """Does it in the name of who has signed in; a German sentence in UsageError, Conflict or
    NotFound where that cannot be."""
    actor, technician = who().name, who().technician
    words = (text or "").strip()
    if action is Action.REASSIGN and not whom:
        raise UsageError(_("Bitte wählen, wem der Auftrag zugewiesen wird."))
    if action in BY_TECHNICIANS and technician is None:
        raise UsageError(_("Annehmen und beginnen kann nur, wer zur Technik gehört."))
    key = technician or ""
    calls: dict[Action, Callable[[], object]] = {
        Action.TAKE: lambda: store.take(connection, number, technician=key, now=now),
        Action.START: lambda: store.start(connection, number, technician=key, now=now),
        Action.FINISH: lambda: store.finish(
            connection, number, actor=actor, now=now, comment=words or None
        ),
        Action.CANCEL: lambda: store.cancel(
            connection, number, actor=actor, now=now, comment=words
        ),
        Action.REOPEN: lambda: store.reopen(
            connection, number, actor=actor, now=now, comment=words
        ),
        Action.COMMENT: lambda: store.comment(
            connection, number, actor=actor, now=now, comment=words
        ),
        Action.REASSIGN: lambda: store.reassign(
            connection, number, actor=actor, technician=whom or "", now=now, comment=words or None
        ),
    }
    calls[action]()
    if action in BY_TECHNICIANS and words:
        store.comment(connection, number, actor=actor, now=now, comment=words)


def interact(app: Dash, pool: Pool, _settings: Settings) -> None:
    """The buttons."""

    def press(
        clicks: list[int | None], path: str, text: str | None, whom: list[str | None],
        version: int,
    ) -> tuple[Any, Any, Any]:  # fmt: skip
        if not any(clicks) or not ctx.triggered_id:
            return no_update, no_update, no_update
        action = Action(ctx.triggered_id["action"])
        now = datetime.now(UTC)
        try:
            with (
                acting(table.ACTIONS[action.value], f"ticket {action.value}"),
                pool.connection(timeout=PATIENCE_S) as connection,
            ):
                of, to = path.rsplit("/", 1)[-1], next(iter(whom), None)
                act(connection, of, action, text, to, now)
        except GebaeudeError as error:
            noticed(error, f"ticket {action.value}", path)
            return _trouble(str(error)), no_update, no_update
        except LOST:
            return _trouble(_("Die Datenbank antwortet nicht.")), no_update, no_update
        return None, version + 1, html.Div(_(DONE[action]), key=now.isoformat(), className="said")

    app.callback(
        Output("meldung", "children"),
        Output("version", "data", allow_duplicate=True),
        Output("said", "children", allow_duplicate=True),
        Input({"action": ALL}, "n_clicks"),
        State("url", "pathname"),
        State("bemerkung", "value"),
        State({"whom": ALL}, "value"),
        State("version", "data"),
        prevent_initial_call=True,
    )(press)


def _trouble(text: str) -> Part:
    return note(
        text,
        _("Es wurde nichts verändert."),
        _("Die Bemerkung steht noch da."),
        Condition.ATTENTION,
    )
