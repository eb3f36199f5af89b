"""`gebaeude audit …`: who changed what, and whether the record of it is whole."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gebaeude.asowner import opened
from gebaeude.errors import GebaeudeError
from gebaeude.text import BERLIN, N_, _

if TYPE_CHECKING:
    from gebaeude.store.audit import Entry

app = typer.Typer(no_args_is_help=True, help=N_("Protokoll: wer was wann geändert hat."))

StateOption = Annotated[
    Path | None,
    typer.Option("--state", help=N_("Verzeichnis mit den Daten der Demo."), show_default=False),
]

FAULTS: dict[str, str] = {
    "missing": N_("Vor Eintrag {position} fehlt mindestens einer."),
    "unlinked": N_("Eintrag {position} gehört nicht hinter den vor ihm."),
    "altered": N_("Eintrag {position} wurde nachträglich verändert."),
    "unchained": N_("Mindestens ein Eintrag wurde nie verkettet."),
    "cut": N_("Das Ende fehlt: Ab Eintrag {position} ist etwas gelöscht."),
}


@app.command(help=N_("Prüft die Kette: ob ein Eintrag fehlt oder verändert wurde."))
def verify(state: StateOption = None) -> None:
    from gebaeude.store import audit

    with opened("audit", state) as (connection, _known):
        found = audit.verify(connection)
    if found.fault is not None:
        when = "" if found.at is None else f" ({found.at.astimezone(BERLIN):%d.%m.%Y %H:%M})"
        raise GebaeudeError(_(FAULTS[found.fault]).format(position=found.position) + when)
    text = _("{n} Einträge, keiner fehlt, keiner ist verändert; geleert: {emptied}.")
    print(text.format(n=found.entries, emptied=found.emptied))
    print(_("Prüfsumme des letzten: {hash}").format(hash=found.head.hex()))


@app.command("list", help=N_("Die neuesten Einträge."))
def list_entries(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=N_("So viele höchstens."))] = 50,
    actor: Annotated[str | None, typer.Option(help=N_("Nur von dieser Person."))] = None,
    subject: Annotated[str | None, typer.Option(help=N_("Nur was so beginnt."))] = None,
    building: Annotated[str | None, typer.Option(help=N_("Nur dieses Gebäude."))] = None,
    since: Annotated[datetime | None, typer.Option(help=N_("Nur ab dann."))] = None,
    state: StateOption = None,
) -> None:
    from gebaeude.store import audit

    filters = audit.Filters(
        actor=actor,
        subject=subject,
        building=building,
        since=since and since.replace(tzinfo=since.tzinfo or BERLIN),
    )
    with opened("audit", state) as (connection, _known):
        for entry in reversed(audit.entries(connection, filters, limit=limit)):
            print(_line(entry))


def _line(entry: Entry) -> str:
    who = "  ".join(filter(None, (entry.actor or "–", entry.origin)))
    before, after = entry.before or {}, entry.after or {}
    names = [*before, *(name for name in after if name not in before)]
    change = {name: [before.get(name), after.get(name)] for name in names}
    text = json.dumps(change if entry.action == "update" else after or before, ensure_ascii=False)
    when = f"{entry.at.astimezone(BERLIN):%d.%m.%Y %H:%M:%S}"
    return f"{entry.position}  {when}  {who}  {entry.action} {entry.subject}  {text}"
