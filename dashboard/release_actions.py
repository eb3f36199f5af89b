"""Ending and undoing what a device is attached to: first what it would do, then the deed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, no_update

from dashboard import html
from dashboard.asking import noticed
from dashboard.components.basics import Part, card, note, question
from dashboard.components.devices import identity_in, inbox_href, readings
from dashboard.components.release_form import FREE, UNDO
from dashboard.local_time import moment
from dashboard.visit import PATIENCE_S
from gebaeude.config import Settings
from gebaeude.errors import Conflict, GebaeudeError, NotFound, UsageError
from gebaeude.reports.records import Condition
from gebaeude.store import claims, inbox, kept
from gebaeude.store.attachments import Attachment, Identity
from gebaeude.store.database import LOST, Connection, Pool
from gebaeude.store.scope import who
from gebaeude.text import _, when

Plan = dict[str, Any]  # way, fields (or null), start, end (ISO 8601, UTC), force


def plan_of(
    way: str, start: str | None, end: str | None, fields: Sequence[str] | None, now: datetime
) -> Plan:
    """What was entered. Raises UsageError."""
    first, last = moment(start, now), moment(end, now)
    if way != FREE and first is None:
        raise UsageError(_("Bitte angeben, ab wann."))
    if way == UNDO and last is None:
        raise UsageError(_("Bitte angeben, bis wann."))
    if first and last and last <= first:
        raise UsageError(_("Das Ende muss nach dem Anfang liegen."))
    return {
        "way": way,
        "fields": list(fields) if fields else None,
        "start": first.isoformat() if first and way != FREE else None,
        "end": last.isoformat() if last and way == UNDO else None,
        "force": False,
    }


def consequences(connection: Connection, identity: Identity, plan: Plan, now: datetime) -> str:
    """What the plan would do, in sentences. Raises NotFound where it would do nothing."""
    start, end = _span(plan)
    hit = [
        one for one in claims.attachments(connection, identity)
        if one.point_id is not None
        and (plan["fields"] is None or one.field in plan["fields"])
        and _meets(one, start, end)
    ]  # fmt: skip
    if not hit:
        raise NotFound(_("In dieser Zeit gehört kein Wert dieses Geräts zu einem Messpunkt."))
    count = sum(
        kept.readings(
            connection, [one.point_id or 0],
            max(filter(None, (one.since, start)), default=None),
            min(filter(None, (one.until, end)), default=None),
        )
        for one in hit
    )  # fmt: skip
    points = ", ".join(sorted({f"„{one.point_name}“" for one in hit}))
    said = [_what(plan, points, now)]
    if count:
        said.append(
            _(
                "Betroffen: {readings}. Gelöscht wird nichts: was die Messpunkte verlässt, bleibt "
                "beim Gerät aufbewahrt und ist wieder da, wenn es für diese Zeit neu zugeordnet "
                "wird."
            ).format(readings=readings(count))
        )
    else:
        said.append(_("Kein Messwert ist davon betroffen."))
    return " ".join(said)


def _what(plan: Plan, points: str, now: datetime) -> str:
    start, end = _span(plan)
    if start and end:
        return _("Von {start} bis {end} zählt das Gerät nicht für {points}.").format(
            start=when(start, now), end=when(end, now), points=points
        )
    if start:
        return _("Ab {start} zählt das Gerät nicht mehr für {points}.").format(
            start=when(start, now), points=points
        )
    return _("Das Gerät wird von {points} gelöst und ist danach unbekannt.").format(points=points)


def _meets(one: Attachment, start: datetime | None, end: datetime | None) -> bool:
    return (end is None or one.since is None or one.since < end) and (
        start is None or one.until is None or one.until > start
    )


def _span(plan: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    start, end = plan["start"], plan["end"]
    return (
        datetime.fromisoformat(start) if start else None,
        datetime.fromisoformat(end) if end else None,
    )


def do(connection: Connection, identity: Identity, plan: Plan) -> str:
    """Does it in the name of who has signed in; what was done, in a sentence. Does not commit."""
    start, end = _span(plan)
    done = claims.release(
        connection, identity, actor=who().name, fields=plan["fields"], start=start, end=end,
        force=bool(plan["force"]),
    )  # fmt: skip
    if not done.readings:
        return _("Erledigt. Kein Messwert war davon betroffen.")
    return _("Erledigt. Zurückgenommen und aufbewahrt: {readings}.").format(
        readings=readings(done.readings)
    )


def interact(app: Dash, pool: Pool, _settings: Settings) -> None:
    """Asking, and saying yes or no."""
    app.callback(
        Output("loesung", "children"),
        Input({"release": "ask", "way": ALL}, "n_clicks"),
        State({"release": "start", "way": ALL}, "value"),
        State({"release": "end", "way": ALL}, "value"),
        State({"release": "fields", "way": ALL}, "value"),
        State("url", "pathname"),
        prevent_initial_call=True,
    )(_ask(pool))
    app.callback(
        Output("loesung", "children", allow_duplicate=True),
        Output("version", "data", allow_duplicate=True),
        Output("said", "children", allow_duplicate=True),
        Output("done", "data", allow_duplicate=True),
        Input({"release-go": ALL}, "n_clicks"),
        State("release-plan", "data"),
        State("url", "pathname"),
        State("version", "data"),
        prevent_initial_call=True,
    )(_go(pool))


def _ask(pool: Pool) -> Callable[..., Part]:
    def ask(
        clicks: list[int | None], _starts: list[Any], _ends: list[Any], _fields: list[Any],
        path: str,
    ) -> Part:  # fmt: skip
        if not any(clicks) or not ctx.triggered_id:
            return no_update
        way, now = str(ctx.triggered_id["way"]), datetime.now(UTC)
        start, end, fields = (_of(way, group) for group in ctx.states_list[:3])
        try:
            plan = plan_of(way, start, end, fields, now)
            with pool.connection(timeout=PATIENCE_S) as connection:
                text = consequences(connection, identity_in(path), plan, now)
        except GebaeudeError as error:
            noticed(error, "device release", path)
            return _refused(str(error))
        except LOST:
            return _refused(_("Die Datenbank antwortet nicht."))
        return _confirm(text, plan)

    return ask


def _of(way: str, group: Sequence[Mapping[str, Any]]) -> Any:
    """What was entered for this way, of all that stands on the page."""
    return next((one.get("value") for one in group if one["id"]["way"] == way), None)


def _go(pool: Pool) -> Callable[..., Any]:
    def go(clicks: list[int | None], plan: Plan, path: str, version: int) -> Any:
        if not any(clicks) or not ctx.triggered_id:
            return no_update
        answer = ctx.triggered_id["release-go"]
        if answer == "no":
            return None, no_update, no_update, no_update
        plan = {**plan, "force": answer == "force"}
        identity, now = identity_in(path), datetime.now(UTC)
        try:
            with pool.connection(timeout=PATIENCE_S) as connection:
                text = do(connection, identity, plan)
                is_known = bool(inbox.devices(connection, of=identity))
        except Conflict as error:
            return _conflict(str(error), plan), no_update, no_update, no_update
        except GebaeudeError as error:
            noticed(error, "device release", path)
            return [_refused(str(error)), _again(plan)], no_update, no_update, no_update
        except LOST:
            sorry = _refused(_("Die Datenbank antwortet nicht."))
            return sorry, no_update, no_update, no_update
        stamp = now.isoformat()
        if not is_known:
            return _gone(text, identity), no_update, no_update, stamp
        return None, version + 1, html.Div(text, key=stamp, className="said"), stamp

    return go


def _confirm(text: str, plan: Plan) -> Part:
    return html.Div([question(text, _buttons()), dcc.Store(id="release-plan", data=plan)])


def _again(plan: Plan) -> Part:
    """The same question, after something was missing."""
    return html.Div([_buttons(), dcc.Store(id="release-plan", data=plan)])


def _buttons() -> Part:
    return html.Div(
        [_button("yes", _("Ja, so machen")), _button("no", _("Doch nicht"))], className="actions"
    )


def _button(answer: str, text: str) -> Part:
    return html.Button(text, id={"release-go": answer}, className="button", type="button")


def _conflict(text: str, plan: Plan) -> Part:
    what = _(
        "Trotzdem geht es nur ganz: dann verlassen alle Messwerte dieser Zeit den Messpunkt, auch "
        "die des anderen Geräts."
    )
    buttons = html.Div(
        [_button("force", _("Trotzdem alle zurücknehmen")), _button("no", _("Doch nicht"))],
        className="actions",
    )
    asked = question(f"{text} {what}", buttons)
    return html.Div([asked, dcc.Store(id="release-plan", data=plan)])


def _gone(text: str, identity: Identity) -> Part:
    links = [
        html.A(_("Im Posteingang neu zuordnen"), href=inbox_href(*identity), className="button"),
        html.A(_("Zu allen Geräten"), href="/geraete", className="button"),
    ]
    more = _("Das Gerät gehört jetzt zu keinem Gebäude mehr.")
    return card(
        _("Gelöst"),
        [html.P(f"{text} {more}", role="status"), html.Div(links, className="actions")],
    )


def _refused(text: str) -> Part:
    return note(text, _("Es wurde nichts verändert."), None, Condition.ATTENTION)
