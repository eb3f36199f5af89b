"""Kept messages read once more: one, those of a device, those of a reason; and saved as a file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from dashboard import html
from dashboard.asking import noticed
from dashboard.components.basics import Part, note, state
from dashboard.components.devices import readings
from dashboard.pages import quarantaene
from dashboard.visit import PATIENCE_S, visit
from gebaeude.config import Settings
from gebaeude.errors import GebaeudeError, NotFound
from gebaeude.model import Reason
from gebaeude.reports.records import Condition
from gebaeude.store import summary
from gebaeude.store.database import LOST, Connection, Pool
from gebaeude.text import _, number
from ingest.replay import Replayed, replay_device, replay_message, replay_reason


def again(connection: Connection, settings: Settings, what: str, of: str) -> Replayed:
    """what: message (of its id), device (of format/device) or reason. Raises NotFound."""
    if what == "message":
        if not of.isdecimal() or len(of) > 18:
            raise NotFound(_("Diese Nachricht steht nicht in der Quarantäne."))
        return replay_message(connection, settings, int(of))
    if what == "device":
        kind, _slash, device = of.partition("/")
        return replay_device(connection, settings, kind, device)
    return replay_reason(connection, settings, Reason(of))


def told(done: Replayed) -> str:
    """What came of it, for a person."""
    if not done.checked:
        return _("Hier ist nichts mehr aufbewahrt.")
    if not (done.readings or done.released > done.left):
        if done.checked == 1:
            return _("Die Nachricht lässt sich noch immer nicht verwenden und bleibt aufbewahrt.")
        return _("Keine der {n} Nachrichten lässt sich schon verwenden; alle bleiben.").format(
            n=number(done.checked)
        )
    if done.checked == 1:
        text = _("Die Nachricht ist eingelesen. Neu gespeichert: {readings}.")
        return text.format(readings=readings(done.readings))
    text = _("{released} von {checked} Nachrichten eingelesen. Neu gespeichert: {readings}.")
    return text.format(
        released=number(done.released),
        checked=number(done.checked),
        readings=readings(done.readings),
    )


def interact(app: Dash, pool: Pool, settings: Settings) -> None:
    """The buttons of the list and of one message."""
    busy = [(Output("liest", "children"), _("Wird eingelesen …"), "")]
    app.callback(
        Output("ergebnis", "children"),
        Output("done", "data", allow_duplicate=True),
        Input({"replay-one": ALL}, "n_clicks"),
        State("url", "pathname"),
        running=busy,
        prevent_initial_call=True,
    )(_one(pool, settings))
    app.callback(
        Output("einlesen", "children"),
        Output("quarantaene-liste", "children"),
        Output("done", "data", allow_duplicate=True),
        Input({"replay-many": ALL, "of": ALL}, "n_clicks"),
        State("url", "search"),
        running=busy,
        prevent_initial_call=True,
    )(_many(pool, settings))
    app.callback(
        Output("payload-file", "data"),
        Input({"payload": ALL}, "n_clicks"),
        State("url", "pathname"),
        prevent_initial_call=True,
    )(_save(pool))


def _one(pool: Pool, settings: Settings) -> Callable[..., Any]:
    def one(clicks: list[int | None], path: str) -> Any:
        if not any(clicks) or not ctx.triggered_id:
            return no_update
        what, message = str(ctx.triggered_id["replay-one"]), path.rstrip("/").rsplit("/", 1)[-1]
        try:
            with pool.connection(timeout=PATIENCE_S) as connection:
                of = message if what == "message" else _of(connection, what, message)
                done = again(connection, settings, what, of)
        except GebaeudeError as error:
            noticed(error, "message replay", path)
            return _refused(str(error)), no_update
        except LOST:
            return _interrupted(), no_update
        return _result(done), datetime.now(UTC).isoformat()

    return one


def _of(connection: Connection, what: str, message: str) -> str:
    """The device or the reason of a message."""
    found = summary.quarantined(connection, int(message) if message.isdecimal() else 0)
    return found.reason.value if what == "reason" else f"{found.format}/{found.device}"


def _many(pool: Pool, settings: Settings) -> Callable[..., Any]:
    def many(clicks: list[int | None], search: str | None) -> Any:
        if not any(clicks) or not ctx.triggered_id:
            return no_update
        now = datetime.now(UTC)
        asked = visit("/quarantaene", search, now, None)
        pressed = ctx.triggered_id
        try:
            with pool.connection(timeout=PATIENCE_S) as connection:
                done = again(connection, settings, pressed["replay-many"], pressed["of"])
                shown = quarantaene.listed(quarantaene.read(connection, asked), asked)
        except GebaeudeError as error:
            noticed(error, "message replay", "/quarantaene")
            return _refused(str(error)), no_update, no_update
        except LOST:
            return _interrupted(), no_update, no_update
        return _result(done), shown, now.isoformat()

    return many


def _save(pool: Pool) -> Callable[..., Any]:
    def save(clicks: list[int | None], path: str) -> Any:
        if not any(clicks):
            return no_update
        message = path.rstrip("/").rsplit("/", 1)[-1]
        try:
            with pool.connection(timeout=PATIENCE_S) as connection:
                found = summary.quarantined(connection, int(message))
        except (GebaeudeError, ValueError, *LOST) as error:
            noticed(error, "message file", path)
            return no_update
        return {
            "content": b64encode(found.payload or b"").decode(),
            "base64": True,
            "filename": f"nachricht-{found.id}.bin",
            "type": "application/octet-stream",
        }

    return save


def _result(done: Replayed) -> Part:
    condition = Condition.GOOD if done.readings or done.released > done.left else "none"
    return html.Div(
        html.P(state(condition, told(done)), className="done", role="status"), className="card"
    )


def _interrupted() -> Part:
    return note(
        _("Die Datenbank antwortet nicht."),
        _("Nichts ist verloren: was schon eingelesen ist, bleibt; der Rest ist noch aufbewahrt."),
        _("Bitte in einer Minute noch einmal versuchen."),
        Condition.ATTENTION,
    )


def _refused(text: str) -> Part:
    return note(text, _("Es wurde nichts verändert."), None, Condition.ATTENTION)
