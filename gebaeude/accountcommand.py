"""`gebaeude account …`: who can sign in, on the command line of whoever runs the system."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gebaeude.access.roles import Role
from gebaeude.config import Settings, require
from gebaeude.errors import Conflict, UsageError
from gebaeude.text import BERLIN, N_, ROLES, _

if TYPE_CHECKING:
    from gebaeude.store.database import Connection
    from gebaeude.store.links import Purpose

app = typer.Typer(no_args_is_help=True, help=N_("Konten: wer sich anmelden kann."))

EmailArgument = Annotated[str, typer.Argument(help=N_("E-Mail-Adresse des Kontos."))]
NameArgument = Annotated[str, typer.Argument(help=N_("Vor- und Nachname."))]
MunicipalityArgument = Annotated[str, typer.Argument(help=N_("Schlüssel der Kommune."))]
RoleArgument = Annotated[
    str, typer.Argument(help=N_("administrator, facility_manager, technician … oder none."))
]
StateOption = Annotated[
    Path | None,
    typer.Option("--state", help=N_("Verzeichnis mit den Daten der Demo."), show_default=False),
]


@app.command("first-administrator", help=N_("Das erste Konto; der Link wird nur hier gezeigt."))
def first_administrator(
    email: EmailArgument, name: NameArgument, state: StateOption = None
) -> None:
    from gebaeude.store import accounts
    from gebaeude.store.links import Purpose

    now = datetime.now(UTC)
    with _open(state) as (connection, known):
        places = accounts.municipalities(connection)
        if not places:
            raise UsageError(_("Es gibt noch keine Kommune; zuerst gebaeude import."))
        if any(Role.ADMINISTRATOR in one.roles for one in accounts.listed(connection)):
            raise Conflict(_("Es gibt schon jemanden, der Konten verwaltet; siehe account list."))
        account = accounts.id_of(connection, email)
        if account is None:
            account = accounts.add(connection, email, name, now)
        for _id, key, _name in places:
            accounts.give_role(connection, account, key, Role.ADMINISTRATOR)
        _print_link(connection, known, account, Purpose.FIRST, now)


@app.command(help=N_("Ein Konto anlegen; der Link, um ein Kennwort zu wählen, wird gezeigt."))
def add(email: EmailArgument, name: NameArgument, state: StateOption = None) -> None:
    from gebaeude.store import accounts
    from gebaeude.store.links import Purpose

    now = datetime.now(UTC)
    with _open(state) as (connection, known):
        account = accounts.add(connection, email, name, now)
        _print_link(connection, known, account, Purpose.INVITE, now)


@app.command("list", help=N_("Alle Konten mit ihren Rollen."))
def show(state: StateOption = None) -> None:
    from gebaeude.store import accounts

    with _open(state) as (connection, _known):
        found = accounts.listed(connection)
        for one in found:
            roles = ", ".join(f"{_(ROLES[held.role])} {held.name}" for held in one.memberships)
            note = _("gesperrt") if one.disabled_at else ""
            print("  ".join([one.email, one.name, roles or "–", note]).rstrip())
        if not found:
            print(_("Noch kein Konto."))


@app.command(help=N_("Eine Rolle in einer Kommune geben, mit none nehmen."))
def role(
    email: EmailArgument,
    municipality: MunicipalityArgument,
    role: RoleArgument,
    state: StateOption = None,
) -> None:
    from gebaeude.store import accounts

    if role != "none" and role not in set(Role):
        raise UsageError(_("Eine Rolle {name} gibt es nicht.").format(name=role))
    with _open(state) as (connection, _known):
        account = accounts.by_email(connection, email)
        if role == "none":
            accounts.take_role(connection, account.id, municipality)
        else:
            accounts.give_role(connection, account.id, municipality, Role(role))


@app.command(help=N_("Ein Konto sperren (mit --enable wieder öffnen) und überall abmelden."))
def disable(
    email: EmailArgument,
    enable: Annotated[bool, typer.Option("--enable", help=N_("Wieder öffnen."))] = False,
    state: StateOption = None,
) -> None:
    from gebaeude.store import accounts, sessions

    now = datetime.now(UTC)
    with _open(state) as (connection, _known):
        account = accounts.by_email(connection, email)
        if enable:
            accounts.enable(connection, account.id)
        else:
            accounts.disable(connection, account.id, now)
            sessions.revoke_all(connection, account.id, now)


@app.command(help=N_("Einen Link für ein neues Kennwort zeigen, etwa wenn keine Mail ankommt."))
def reset(
    email: EmailArgument,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help=N_("Auch den zweiten Faktor entfernen."))
    ] = False,
    state: StateOption = None,
) -> None:
    from gebaeude.store import accounts, sessions
    from gebaeude.store.links import Purpose

    now = datetime.now(UTC)
    with _open(state) as (connection, known):
        account = accounts.by_email(connection, email)
        if second_factor:
            accounts.drop_second_factor(connection, account.id)
            sessions.revoke_all(connection, account.id, now)
        _print_link(connection, known, account.id, Purpose.RESET, now)


@contextmanager
def _open(state: Path | None) -> Iterator[tuple[Connection, Settings]]:
    """The database, of the running demo where the settings name none; commits at the end."""
    from gebaeude.cli import _with_running_demo
    from gebaeude.store.database import connect

    known = _with_running_demo(state)
    url = require(known.database_url, "database_url")
    with connect(url, name="gebaeude-account") as connection:
        actor = f"{getpass.getuser()} (gebaeude account)"
        connection.execute("SELECT set_config('gebaeude.actor', %s, false)", [actor])
        yield connection, known


def _print_link(
    connection: Connection, known: Settings, account: int, purpose: Purpose, now: datetime
) -> None:
    from gebaeude.store import links

    secret = links.create(connection, purpose, now, account=account)
    until = (now + links.LASTS[purpose]).astimezone(BERLIN)
    print(_("Dieser Link gilt einmal, bis {until}:").format(until=f"{until:%d.%m.%Y %H:%M}"))
    print(f"{known.public_url}/kennwort/{secret}")
