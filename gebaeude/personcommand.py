"""`gebaeude person …`: what somebody may ask for about their data (DSGVO)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gebaeude.asowner import opened
from gebaeude.text import N_, _

if TYPE_CHECKING:
    from gebaeude.store.persons import Erased

app = typer.Typer(no_args_is_help=True, help=N_("Datenschutz: Auskunft über Personen, Löschung."))

PersonArgument = Annotated[str, typer.Argument(help=N_("E-Mail-Adresse oder Kürzel im Team."))]
StateOption = Annotated[
    Path | None,
    typer.Option("--state", help=N_("Verzeichnis mit den Daten der Demo."), show_default=False),
]


@app.command(help=N_("Alles, was über eine Person gespeichert ist, als JSON (Art. 15, 20 DSGVO)."))
def export(person: PersonArgument, state: StateOption = None) -> None:
    from gebaeude.store import audit, disclosure

    with opened("person", state) as (connection, known):
        found = disclosure.copy(connection, known, person, datetime.now(UTC))
        audit.note(connection, "person.exported", f"person/{found['Person']['E-Mail'][0]}")
    print(json.dumps(found, ensure_ascii=False, indent=2))


@app.command(help=N_("Alle Daten einer Person löschen (Art. 17 DSGVO); offene Aufträge neu geben."))
def delete(
    person: PersonArgument,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Nur zeigen, was geschehen würde."))
    ] = False,
    state: StateOption = None,
) -> None:
    from gebaeude.store import persons

    with opened("person", state) as (connection, _known):
        done = persons.erase(connection, person, datetime.now(UTC), dry_run=dry_run)
    for line in _summary(done, dry_run):
        print(line)


@app.command(help=N_("Eine gelöschte Person darf wieder im Portfolio stehen."))
def readmit(person: PersonArgument, state: StateOption = None) -> None:
    from gebaeude.store import audit, persons

    with opened("person", state) as (connection, _known):
        persons.readmit(connection, person)
        audit.note(connection, "person.readmitted", f"person/{person.strip().lower()}")


def _summary(done: Erased, dry_run: bool) -> Iterator[str]:
    if not done.counts:
        yield _("Diese Person ist schon gelöscht: {name}.").format(name=done.pseudonym)
        return
    yield (
        _("Das würde gelöscht oder ersetzt:")
        if dry_run
        else _("Gelöscht; an ihrer Stelle steht „{name}“:").format(name=done.pseudonym)
    )
    yield from (f"  {count:6d}  {what}" for what, count in done.counts.items())
    if done.handed_back:
        yield _("Neu vergeben: {tickets}").format(tickets=", ".join(done.handed_back))
    if done.shared:
        text = _("Auch andere haben, und bleibt deshalb in Texten: {what}")
        yield text.format(what=", ".join(done.shared))
    if done.portfolio:
        text = _("Die Portfoliodatei nennt die Person noch, bitte dort ändern: {places}")
        yield text.format(places=", ".join(done.portfolio))
    yield _("Was bleibt und warum, und was außerhalb der Datenbank zu tun ist: docs/datenschutz.md")
