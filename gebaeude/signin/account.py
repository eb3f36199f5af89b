"""One's own account: name, password, second factor, sessions, API keys."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from gebaeude.access.roles import Right, needs_second_factor
from gebaeude.errors import UsageError
from gebaeude.signin import letters, trace
from gebaeude.signin.visit import Refused, Visit
from gebaeude.signin.words import agent_name, by_role
from gebaeude.store import accounts, mail, sessions, tokens
from gebaeude.store.database import Connection
from gebaeude.text import N_, _, ago, day_short

LASTS = (7, 30, 90, 365)  # days a key can be given
# What a key can be good for, in the words of whoever makes one.
SCOPES: dict[Right, str] = {
    Right.SEE_BUILDINGS: N_("Gebäude ansehen"),
    Right.SEE_READINGS: N_("Messwerte lesen"),
    Right.SEE_QUALITY: N_("Datenqualität ansehen"),
    Right.SEE_TICKETS: N_("Aufträge ansehen"),
    Right.SEE_PEOPLE: N_("Namen und Zeiten der Technik ansehen"),
    Right.WORK_TICKETS: N_("Aufträge bearbeiten"),
    Right.MANAGE_TICKETS: N_("Aufträge umverteilen und stornieren"),
    Right.MANAGE_DEVICES: N_("Geräte zuordnen"),
    Right.SEE_COSTS: N_("Kosten ansehen"),
    Right.MANAGE_PORTFOLIO: N_("Gebäude und Anlagen ändern"),
    Right.SEE_AUDIT: N_("Protokoll ansehen"),
}
# Keys make no keys and no accounts: whoever finds one must not be able to stay.
DONE: dict[str, str] = {
    "name": N_("Der Name ist geändert."),
    "kennwort": N_("Das Kennwort ist geändert, alle anderen Anmeldungen sind beendet."),
    "sitzung": N_("Die Anmeldung ist beendet."),
    "schluessel": N_("Der Schlüssel gilt nicht mehr."),
    "ohne-faktor": N_("Der zweite Faktor ist entfernt."),
}


def show(visit: Visit) -> Response:
    """Everything about oneself on one page."""
    if visit.person.account is None:
        return visit.page("guest_account.html")
    with visit.site.connect() as connection:
        return _page(visit, connection)


def rename(visit: Visit) -> Response:
    """Another name."""
    visit.check_form()
    with visit.site.connect(visit.person, visit.origin) as connection:
        accounts.rename(connection, visit.account, visit.field("name"))
    return visit.go("/konto?neu=name")


def end_session(visit: Visit) -> Response:
    """Ends one session, or all but this one."""
    visit.check_form()
    with visit.site.connect(visit.person, visit.origin) as connection:
        if visit.field("alle"):
            sessions.revoke_all(connection, visit.account, visit.now, but=visit.person.session)
            which = "all others"
        else:
            which = str(visit.number("sitzung"))
            sessions.revoke(connection, int(which), visit.now, account=visit.account)
        trace.note(connection, "session.revoked", f"account/{visit.person.email}", which=which)
    return visit.go("/konto?neu=sitzung")


def make_token(visit: Visit) -> Response:
    """A new key, shown on the page that answers and never again."""
    visit.check_form()
    person = visit.person
    if not person.may(Right.OWN_TOKENS):
        raise Refused(403, _("Mit Ihrer Rolle gibt es keine Schlüssel für Programme."))
    wanted = {right for right in _offered(visit) if right.value in visit.form.get("recht", ())}
    days = visit.number("tage")
    places = {one.municipality for one in person.memberships}
    chosen = [int(one) for one in visit.form.get("kommune", ()) if one.isascii() and one.isdigit()]
    if days not in LASTS or not places.issuperset(chosen):
        raise Refused(400, _("Das Formular ist unvollständig."))
    with visit.site.connect(person, visit.origin) as connection:
        try:
            token = tokens.create(
                connection, visit.account, visit.field("name"), wanted, now=visit.now,
                lasts=timedelta(days=days), municipalities=chosen or None,
            )  # fmt: skip
        except UsageError as error:
            return _page(visit, connection, complaint=str(error))
        trace.note(
            connection, "token.created", f"account/{person.email}",
            name=visit.field("name")[:100], scopes=" ".join(sorted(wanted)), days=str(days),
        )  # fmt: skip
        what = _("Für Ihr Konto gibt es einen neuen Schlüssel für Programme.")
        mail.put(connection, None, person.email, letters.changed(what), visit.now)
        return _page(visit, connection, token=token)


def end_token(visit: Visit) -> Response:
    """A key counts no more."""
    visit.check_form()
    number = visit.number("schluessel")
    with visit.site.connect(visit.person, visit.origin) as connection:
        if tokens.revoke(connection, number, visit.account, visit.now):
            trace.note(connection, "token.revoked", f"api_token/{number}")
    return visit.go("/konto?neu=schluessel")


def _offered(visit: Visit) -> dict[Right, str]:
    return {right: name for right, name in SCOPES.items() if visit.person.may(right)}


def _page(
    visit: Visit, connection: Connection, *, complaint: str = "", token: str = ""
) -> Response:
    done = DONE.get(visit.request.query_params.get("neu", ""), "")
    account = accounts.one(connection, visit.account)
    return visit.page(
        "account.html",
        status=400 if complaint else 200,
        complaint=complaint,
        done=_(done) if done and not complaint else "",
        account=account,
        roles=by_role(account.memberships),
        is_needed=needs_second_factor(account.roles, visit.site.settings.second_factor),
        sessions=[
            {
                "id": one.id,
                "where": agent_name(one.agent),
                "origin": one.origin,
                "seen": ago(one.seen_at, visit.now),
                "is_this": one.id == visit.person.session,
            }
            for one in sessions.listed(connection, visit.account, visit.now)
        ],
        tokens=[
            {
                "id": one.id,
                "name": one.name,
                "scopes": [_(SCOPES[right]) for right in one.scopes if right in SCOPES],
                "where": one.municipalities,
                "used": ago(one.used_at, visit.now),
                "until": day_short(one.expires_at.date()),
                "is_over": one.expires_at <= visit.now,
            }
            for one in tokens.listed(connection, visit.account)
        ],
        may_have_tokens=visit.person.may(Right.OWN_TOKENS),
        offered=[(right.value, _(name)) for right, name in _offered(visit).items()],
        places=[(one.municipality, one.name) for one in visit.person.memberships],
        lasts=LASTS,
        token=token,
    )
