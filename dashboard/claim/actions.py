"""The button of the form: what was entered is checked, claimed and replayed, and told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, no_update

from dashboard import html
from dashboard.asking import noticed
from dashboard.claim.entries import Entered, Place, read
from dashboard.claim.form import Form, of_device, of_inbox
from dashboard.components.basics import Part, card, note, state
from dashboard.components.devices import device_href, identity_in, readings
from dashboard.visit import PATIENCE_S, Visit, visit
from gebaeude.config import Settings
from gebaeude.errors import GebaeudeError, NotFound
from gebaeude.reports.records import Condition
from gebaeude.store.attachments import Claim
from gebaeude.store.database import LOST, Connection, Pool
from gebaeude.store.scope import who
from gebaeude.text import _, number
from ingest import desk
from ingest.desk import Claimed

MOST_LINKS = 8
MOVE = "/umziehen"  # how the address of a device that moves ends


def form_of(connection: Connection, asked: Visit) -> Form:
    """The form at this address, for a device of the inbox or one that moves. Raises NotFound."""
    kind, device = identity_in(asked.path)
    if asked.path.rstrip("/").endswith(MOVE):
        return of_device(connection, desk.device(connection, kind, device).line, asked)
    return of_inbox(connection, desk.look(connection, kind, device), asked)


def interact(app: Dash, pool: Pool, settings: Settings) -> None:
    """Taking over, and what shows only where it is needed."""
    app.callback(
        Output("claim-form", "children"),
        Output("uebernahme", "children"),
        Output({"claim": ALL, "n": ALL}, "error"),
        Output("done", "data", allow_duplicate=True),
        Input("claim-do", "n_clicks"),
        State({"claim": ALL, "n": ALL}, "value"),
        State({"claim": ALL, "n": ALL}, "id"),
        State("claim-fields", "data"),
        State("url", "pathname"),
        State("url", "search"),
        running=[
            (Output("claim-do", "disabled"), True, False),
            (Output("claim-do", "children"), _("Wird eingelesen …"), _("Übernehmen")),
        ],
        prevent_initial_call=True,
    )(_press(pool, settings))
    for name, of in (("fresh", "new"), ("used", "scale")):
        app.clientside_callback(  # type: ignore[no-untyped-call]
            ClientsideFunction("gebaeude", name),
            Output({of: of, "n": MATCH}, "hidden"),
            Input({"claim": "target", "n": MATCH}, "value"),
            prevent_initial_call=True,
        )


def _press(pool: Pool, settings: Settings) -> Callable[..., Any]:
    def press(
        clicks: int | None, values: list[Any], ids: list[dict[str, Any]], fields: list[str],
        path: str, search: str | None,
    ) -> Any:  # fmt: skip
        if not clicks:
            return no_update
        places = [(str(one["claim"]), int(one["n"])) for one in ids]
        try:
            with pool.connection(timeout=PATIENCE_S) as connection:
                asked = visit(path, search, datetime.now(UTC), None)
                form = form_of(connection, asked)
                entered = _entered(form, dict(zip(places, values, strict=True)), fields)
                if entered.claim is None:
                    told = _told_wrong(entered, places)
                    return *told, no_update
                done = desk.claim(connection, settings, entered.claim)
        except GebaeudeError as error:
            noticed(error, "device claim", path)
            return no_update, _refused(str(error)), [None] * len(places), no_update
        except LOST:
            return no_update, _interrupted(), [None] * len(places), no_update
        told_done = _told(done, entered.claim, form)
        stamp = asked.now.isoformat()
        return told_done, None, [None] * len(places), stamp

    return press


def _entered(form: Form, entries: dict[Place, Any], fields: list[str]) -> Entered:
    if form.building is None:
        raise NotFound(_("Bitte zuerst das Gebäude wählen."))
    stays = {
        one.value.field: one.value.point.partition("/")[2]
        for one in form.rows
        if one.value.point and one.value.point.startswith(f"{form.building}/")
    }
    sends = {one.value.field: one.value.unit or "" for one in form.rows if one.says_unit}
    return read(
        entries, fields, form.identity, form.building, form.points, actor=who().name,
        profile=form.profile, replaces=form.replaces, feeds_now=stays, sends=sends,
        must_date=form.is_move or form.replaces is not None, now=datetime.now(UTC),
    )  # fmt: skip


def _told_wrong(entered: Entered, places: list[Place]) -> tuple[Any, Part, list[str | None]]:
    """Each sentence beside its field; those without one at the button."""
    beside = [entered.wrong.get(place) for place in places]
    general = entered.wrong.get(("do", -1))
    text = general or _("Es fehlt noch etwas; was, steht rot bei den Feldern.")
    return no_update, _refused(text), beside


def _refused(text: str) -> Part:
    return note(
        text,
        _("Es wurde nichts verändert."),
        _("Was eingetragen ist, steht noch da."),
        Condition.ATTENTION,
    )


def _interrupted() -> Part:
    """It may have gone before or after the attachment; what is kept is read in any case."""
    return note(
        _("Die Datenbank antwortet nicht."),
        _("Nichts ist verloren. War die Zuordnung schon gespeichert, wird der Rest eingelesen."),
        _("Bitte in einer Minute die Seite aktualisieren."),
        Condition.ATTENTION,
    )


def _told(done: Claimed, claim: Claim, form: Form) -> Part:
    """What was done, and where the history is to be seen."""
    names = {one.key: one.name for one in form.points}
    names |= {one.point: one.new.name for one in claim.attach if one.new}
    span = "&zeitraum=monat" if _is_older(form) else ""
    links = [
        html.Li(
            html.A(
                _("Verlauf ansehen: {point}").format(point=names.get(one.point, one.point)),
                href=f"/gebaeude/{claim.building}?messpunkt={one.point}{span}",
                className="button",
            )
        )
        for one in claim.attach[:MOST_LINKS]
    ]
    further = [
        html.A(_("Zum Gerät"), href=device_href(*claim.identity), className="button"),
        html.A(_("Zum Posteingang"), href="/posteingang", className="button"),
    ]
    return card(
        _("Übernommen"),
        [
            html.P(
                state(Condition.GOOD, sentence(done, claim, form.is_move)),
                style={"whiteSpace": "normal"}, role="status", className="done",
            ),
            html.Ul(links, className="actions"),
            html.Div(further, className="actions"),
        ],
    )  # fmt: skip


def _is_older(form: Form) -> bool:
    first = form.since_first
    return first is not None and datetime.now(UTC) - first > timedelta(days=6)


def _messages(count: int) -> str:
    return _("eine Nachricht") if count == 1 else _("{n} Nachrichten").format(n=number(count))


def sentence(done: Claimed, claim: Claim, is_move: bool = False) -> str:
    """What a claim did, for a person."""
    if is_move:
        said = [_("„{name}“ ist umgezogen.")]
        if done.restored:
            said.append(_("Mit umgezogen: {restored}."))
        return " ".join(said).format(name=claim.name, restored=readings(done.restored))
    count = len(claim.attach)
    if claim.replaces is not None:
        said = [_("„{name}“ hat die Messpunkte des alten Geräts übernommen.")]
    elif not count:
        said = [_("„{name}“ ist eingetragen; keiner seiner Werte wird verwendet.")]
    elif count == 1:
        said = [_("„{name}“ ist zugeordnet, ein Wert zählt.")]
    else:
        said = [_("„{name}“ ist zugeordnet, {n} Werte zählen.")]
    if done.released == 1:
        said.append(_("Eine aufbewahrte Nachricht wurde eingelesen. Neu gespeichert: {readings}."))
    elif done.released:
        said.append(
            _("{kept} aufbewahrte Nachrichten wurden eingelesen. Neu gespeichert: {readings}.")
        )
    if done.restored:
        said.append(_("Früher zurückgenommen und wieder da: {restored}."))
    if done.left:
        said.append(_("Aufbewahrt bleiben {rest}, in denen noch anderes steht."))
    return " ".join(said).format(
        name=claim.name,
        n=number(count),
        kept=number(done.released),
        readings=readings(done.readings),
        restored=readings(done.restored),
        rest=_messages(done.left),
    )
