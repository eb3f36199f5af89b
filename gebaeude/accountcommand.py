"""`gebaeude account …`: who can sign in, on the command line of whoever runs the system."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gebaeude.access.roles import Role
from gebaeude.asowner import opened
from gebaeude.errors import Conflict, GebaeudeError, UsageError
from gebaeude.text import BERLIN, N_, ROLES, _

if TYPE_CHECKING:
    from gebaeude.config import Settings
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
    with opened("account", state) as (connection, known):
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
    with opened("account", state) as (connection, known):
        account = accounts.add(connection, email, name, now)
        _print_link(connection, known, account, Purpose.INVITE, now)


@app.command("list", help=N_("Alle Konten mit ihren Rollen."))
def show(state: StateOption = None) -> None:
    from gebaeude.store import accounts

    with opened("account", state) as (connection, _known):
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
    with opened("account", state) as (connection, _known):
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
    with opened("account", state) as (connection, _known):
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
    from gebaeude.signin import letters
    from gebaeude.store import accounts, mail, sessions
    from gebaeude.store.links import Purpose

    now = datetime.now(UTC)
    with opened("account", state) as (connection, known):
        account = accounts.by_email(connection, email)
        if second_factor:
            accounts.drop_second_factor(connection, account.id)
            sessions.revoke_all(connection, account.id, now)
            what = _("Die Verwaltung hat den zweiten Faktor Ihres Kontos entfernt.")
            mail.put(connection, None, account.email, letters.changed(what), now)
        _print_link(connection, known, account.id, Purpose.RESET, now)


@app.command("new-key", help=N_("Einen neuen Schlüssel für zweite Faktoren zeigen."))
def new_key() -> None:
    from gebaeude.access import sealed

    print(sealed.new_key())


@app.command(help=N_("Alle zweiten Faktoren mit dem ersten Schlüssel der Einstellung ablegen."))
def encrypt(state: StateOption = None) -> None:
    from gebaeude.access.sealed import Unreadable
    from gebaeude.signin.site import sealer
    from gebaeude.store import accounts

    done, lost = 0, 0
    with opened("account", state) as (connection, known):
        seals = sealer(known)
        for account, kept in accounts.second_factors(connection):
            try:
                secret = seals.open(account, kept)
            except Unreadable:
                lost += 1
                continue
            if not seals.is_current(kept):
                accounts.reseal(connection, account, seals.seal(account, secret))
                done += 1
    print(_("{done} neu abgelegt; {lost} nicht lesbar.").format(done=done, lost=lost))
    if lost:
        raise GebaeudeError(
            _(
                "Ihr Schlüssel fehlt in GEBAEUDE_SECOND_FACTOR_KEY. Ist er verloren, den zweiten "
                "Faktor entfernen: gebaeude account reset --second-factor."
            )
        )


def _print_link(
    connection: Connection, known: Settings, account: int, purpose: Purpose, now: datetime
) -> None:
    from gebaeude.store import links

    secret = links.create(connection, purpose, now, account=account)
    until = (now + links.LASTS[purpose]).astimezone(BERLIN)
    print(_("Dieser Link gilt einmal, bis {until}:").format(until=f"{until:%d.%m.%Y %H:%M}"))
    print(f"{known.public_url}/kennwort/{secret}")
