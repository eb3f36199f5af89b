"""The accounts of others, for administrators: each sees and changes what is their municipalities'.

Roles are given and taken in the municipalities one administers. What concerns a whole account
(disabling it, its second factor, its sessions) takes somebody who administers all of its
municipalities. Each municipality keeps at least one administrator.
"""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from gebaeude.access.roles import Right, Role
from gebaeude.errors import Conflict
from gebaeude.signin import password, trace
from gebaeude.signin.visit import Refused, Visit
from gebaeude.signin.words import by_role
from gebaeude.store import accounts, links, sessions, summary
from gebaeude.store.accounts import Account
from gebaeude.store.database import Connection
from gebaeude.store.links import Purpose
from gebaeude.text import N_, ROLES, _, ago, when

GUEST_DAYS = (1, 7, 30, 90)
GIVEN = tuple(role for role in Role if role is not Role.GUEST)
DONE: dict[str, str] = {
    "rolle": N_("Die Rolle ist geändert."),
    "gesperrt": N_("Das Konto ist gesperrt und überall abgemeldet."),
    "offen": N_("Das Konto ist wieder offen."),
    "abgemeldet": N_("Alle Anmeldungen des Kontos sind beendet."),
    "mail": N_("Eine Mail mit einem Link für ein neues Kennwort ist unterwegs."),
    "faktor": N_(
        "Der zweite Faktor ist entfernt und wird beim nächsten Anmelden neu eingerichtet."
    ),
    "anmeldedienst": N_("Das Konto ist vom Anmeldedienst gelöst und überall abgemeldet."),
    "eingeladen": N_("Die Einladung ist unterwegs."),
    "gast": N_("Der Gastlink gilt nicht mehr."),
}


def listed(visit: Visit) -> Response:
    """Everybody with a role in one's municipalities, and guests' links."""
    with visit.site.connect() as connection:
        return _list(visit, connection)


def invite(visit: Visit) -> Response:
    """An account with a role, and a mail with a link; an account that is there gets the role."""
    visit.check_form()
    places = _places(visit)
    municipality, role = visit.field("kommune"), _role(visit.field("rolle"))
    if municipality not in places.values() or role is None:
        raise Refused(400, _("Das Formular ist unvollständig."))
    email = visit.field("email").strip()
    with visit.site.connect(visit.person, visit.origin) as connection:
        account = accounts.id_of(connection, email)
        if account is not None and _is_in_mine(connection, account, visit):
            raise Conflict(_("Für {email} gibt es schon ein Konto.").format(email=email))
        if account is None:
            account = accounts.add(connection, email, visit.field("name"), visit.now)
            password.mail_link(visit, connection, account, email, Purpose.INVITE)
        accounts.give_role(connection, account, municipality, role)
        trace.note(
            connection, "account.invited", f"account/{email}", role=role.value, where=municipality
        )
    return visit.go("/benutzer?neu=eingeladen")


def one(visit: Visit) -> Response:
    """An account with its roles in one's municipalities."""
    with visit.site.connect() as connection:
        account = _account(visit, connection)
        done = DONE.get(visit.request.query_params.get("neu", ""), "")
        held = {one.key: one.role for one in account.memberships}
        return visit.page(
            "person.html",
            done=_(done) if done else "",
            account=account,
            is_me=account.id == visit.person.account,
            is_mine=_is_all_mine(visit, account),
            places=[
                (one.key, one.name, held.get(one.key))
                for one in visit.person.municipalities(Right.MANAGE_ACCOUNTS)
            ],
            elsewhere=[
                (one.name, _(ROLES[one.role]))
                for one in account.memberships
                if not visit.person.may(Right.MANAGE_ACCOUNTS, one.key)
            ],
            choices=[(role.value, _(ROLES[role])) for role in GIVEN],
            sessions=len(sessions.listed(connection, account.id, visit.now)),
        )


def change_role(visit: Visit) -> Response:
    """Another role in a municipality, or none."""
    visit.check_form()
    municipality, wanted = visit.field("kommune"), visit.field("rolle")
    role = _role(wanted)
    if municipality not in _places(visit).values() or (role is None and wanted != "keine"):
        raise Refused(400, _("Das Formular ist unvollständig."))
    with visit.site.connect(visit.person, visit.origin) as connection:
        account = _account(visit, connection)
        if role is None:
            accounts.take_role(connection, account.id, municipality)
        else:
            accounts.give_role(connection, account.id, municipality, role)
        _check_administered(visit, connection)
        told = role.value if role else "none"
        trace.note(
            connection, "role.changed", f"account/{account.email}", role=told, where=municipality
        )
        left = accounts.one(connection, account.id)
        if not any(visit.person.may(Right.MANAGE_ACCOUNTS, one.key) for one in left.memberships):
            return visit.go("/benutzer?neu=rolle")
    return visit.go(f"/benutzer/{account.id}?neu=rolle")


def act(visit: Visit) -> Response:
    """Disables, opens again, signs out, sends a link, removes the second factor."""
    visit.check_form()
    wanted = visit.field("was")
    with visit.site.connect(visit.person, visit.origin) as connection:
        account = _account(visit, connection)
        if account.id == visit.person.account:
            raise Refused(400, _("Das eigene Konto verwaltet man unter „Mein Konto“."))
        if not _is_all_mine(visit, account):
            text = _("Dieses Konto gehört auch zu Kommunen, die Sie nicht verwalten.")
            raise Refused(403, text)
        if wanted not in ACTIONS:
            raise Refused(400, _("Das Formular ist unvollständig."))
        ACTIONS[wanted](visit, connection, account)
        _check_administered(visit, connection)
        trace.note(connection, f"account.{AUDITED[wanted]}", f"account/{account.email}")
    return visit.go(f"/benutzer/{account.id}?neu={wanted}")


def _disable(visit: Visit, connection: Connection, account: Account) -> None:
    accounts.disable(connection, account.id, visit.now)
    sessions.revoke_all(connection, account.id, visit.now)


def _sign_out(visit: Visit, connection: Connection, account: Account) -> None:
    sessions.revoke_all(connection, account.id, visit.now)


def _open(visit: Visit, connection: Connection, account: Account) -> None:
    accounts.enable(connection, account.id)


def _send(visit: Visit, connection: Connection, account: Account) -> None:
    password.mail_link(visit, connection, account.id, account.email, Purpose.RESET)


def _drop_second(visit: Visit, connection: Connection, account: Account) -> None:
    accounts.drop_second_factor(connection, account.id)
    sessions.revoke_all(connection, account.id, visit.now)
    what = _("Die Verwaltung hat den zweiten Faktor Ihres Kontos entfernt.")
    password.tell(visit, connection, account.email, what)


def _unbind(visit: Visit, connection: Connection, account: Account) -> None:
    accounts.unbind_subject(connection, account.id)
    sessions.revoke_all(connection, account.id, visit.now)


ACTIONS = {
    "gesperrt": _disable,
    "offen": _open,
    "abgemeldet": _sign_out,
    "mail": _send,
    "faktor": _drop_second,
    "anmeldedienst": _unbind,
}
AUDITED = {
    "gesperrt": "disabled",
    "offen": "enabled",
    "abgemeldet": "signed_out",
    "mail": "link_sent",
    "faktor": "second_factor_removed",
    "anmeldedienst": "unbound",
}


def make_guest_link(visit: Visit) -> Response:
    """A link to one building, shown on the page that answers and never again."""
    visit.check_form()
    building, days = visit.field("gebaeude"), visit.number("tage")
    if days not in GUEST_DAYS:
        raise Refused(400, _("Das Formular ist unvollständig."))
    with visit.site.connect(visit.person, visit.origin) as connection:
        if building not in dict(_buildings(visit, connection)):
            raise Refused(403, _("Dieses Gebäude gehört nicht zu Ihren Kommunen."))
        lasts = timedelta(days=days)
        secret = links.create_guest(connection, building, lasts, visit.now, visit.person.account)
        trace.note(connection, "guest_link.created", f"building/{building}", days=str(days))
        link = f"{visit.site.settings.public_url}/gast/{secret}"
        return _list(visit, connection, link=link)


def end_guest_link(visit: Visit) -> Response:
    """A guest's link counts no more, nor does what it began."""
    visit.check_form()
    number = visit.number("gast")
    with visit.site.connect(visit.person, visit.origin) as connection:
        if links.end_guest(connection, number, [*_places(visit)], visit.now):
            trace.note(connection, "guest_link.ended", f"one_time_link/{number}")
    return visit.go("/benutzer?neu=gast")


def _list(visit: Visit, connection: Connection, *, link: str = "") -> Response:
    places = _places(visit)
    done = DONE.get(visit.request.query_params.get("neu", ""), "")
    return visit.page(
        "people.html",
        done=_(done) if done and not link else "",
        people=[
            {
                "id": one.id,
                "name": one.name,
                "email": one.email,
                "roles": [
                    f"{role} {where}"
                    for where, role in by_role(
                        [held for held in one.memberships if held.municipality in places]
                    )
                ],
                "second": one.has_second_factor,
                "is_disabled": one.disabled_at is not None,
                "is_invited": not one.has_password and not one.signs_in_elsewhere,
            }
            for one in accounts.listed(connection, [*places])
        ],
        places=[(one.key, one.name) for one in visit.person.municipalities(Right.MANAGE_ACCOUNTS)],
        choices=[(role.value, _(ROLES[role])) for role in GIVEN],
        buildings=_buildings(visit, connection),
        guests=[
            {
                "id": one.id,
                "building": one.building_name,
                "made": ago(one.created_at, visit.now),
                "until": when(one.expires_at, visit.now),
                "by": one.created_by or "–",
            }
            for one in links.guests(connection, [*places], visit.now)
        ],
        guest_days=GUEST_DAYS,
        link=link,
    )


def _places(visit: Visit) -> dict[int, str]:
    """The municipalities one administers: id → key. Refused where there is none."""
    held = visit.person.municipalities(Right.MANAGE_ACCOUNTS)
    if not held or visit.session is None:
        raise Refused(403, _("Das ist der Verwaltung vorbehalten."))
    return {one.municipality: one.key for one in held}


def _buildings(visit: Visit, connection: Connection) -> list[tuple[str, str]]:
    mine = {*_places(visit).values()}
    return [
        (one.key, one.name) for one in summary.buildings(connection) if one.municipality in mine
    ]


def _account(visit: Visit, connection: Connection) -> Account:
    """The account of the address; as if it were not there, where it is none of one's business."""
    number = int(visit.request.path_params["account"])
    account = accounts.one(connection, min(number, 2**31 - 1))
    if not {one.municipality for one in account.memberships} & {*_places(visit)}:
        raise Refused(404, _("Dieses Konto gibt es nicht."))
    return account


def _is_in_mine(connection: Connection, account: int, visit: Visit) -> bool:
    found = accounts.one(connection, account)
    return bool({one.municipality for one in found.memberships} & {*_places(visit)})


def _is_all_mine(visit: Visit, account: Account) -> bool:
    return {one.municipality for one in account.memberships} <= {*_places(visit)}


def _check_administered(visit: Visit, connection: Connection) -> None:
    """Raises Conflict, and with that takes everything back, where nobody would be left."""
    for one in visit.person.municipalities(Right.MANAGE_ACCOUNTS):
        if not accounts.administrators(connection, one.municipality):
            text = _("{name} braucht noch jemanden, der Konten verwaltet.")
            raise Conflict(text.format(name=one.name))


def _role(text: str) -> Role | None:
    return next((role for role in GIVEN if role.value == text), None)
