"""What the mails with links say."""

from __future__ import annotations

from datetime import datetime

from gebaeude.maintenance.wording import Letter
from gebaeude.text import BERLIN, _


def reset(link: str, until: datetime) -> Letter:
    """To somebody who says to have forgotten their password."""
    body = _(
        "Jemand hat für dieses Konto ein neues Kennwort angefordert. Wer das war, kann es hier "
        "wählen (gilt einmal, bis {until}):\n\n{link}\n\n"
        "Wer das nicht war, braucht nichts zu tun: Das alte Kennwort gilt weiter.\n"
    )
    return Letter(_("Neues Kennwort wählen"), body.format(link=link, until=_clock(until)))


def invitation(link: str, until: datetime, inviter: str) -> Letter:
    """To somebody for whom an account was made."""
    body = _(
        "{inviter} hat für Sie ein Konto im Gebäudemanagement angelegt. Hier wählen Sie Ihr "
        "Kennwort (gilt einmal, bis {until}):\n\n{link}\n"
    )
    text = body.format(link=link, until=_clock(until), inviter=inviter)
    return Letter(_("Ihr Konto im Gebäudemanagement"), text)


def changed(what: str) -> Letter:
    """To the owner of an account in which something important changed."""
    body = _(
        "{what}\n\nWer das nicht selbst war, wählt unter „Kennwort vergessen“ ein neues Kennwort "
        "und sagt der Verwaltung Bescheid.\n"
    )
    return Letter(_("Änderung an Ihrem Konto"), body.format(what=what))


def signed_in(at: datetime, browser: str, *, is_last: bool) -> Letter:
    """To the owner of an account that is used from somewhere new. No address and no link: mails
    are passed on, and who wants to be let in sends such mails with links."""
    body = _(
        "Am {when} Uhr hat sich jemand mit Ihrem Konto angemeldet, von einem Ort oder Gerät, das "
        "wir von Ihnen noch nicht kennen ({browser}).\n\n"
        "Waren Sie das, brauchen Sie nichts zu tun.\n\n"
        "Wenn nicht: Bitte gleich auf der Anmeldeseite unter „Kennwort vergessen“ ein neues "
        "Kennwort wählen; damit enden alle Anmeldungen. Danach der Verwaltung Bescheid sagen. Von "
        "welcher Adresse die Anmeldung kam, steht unter „Mein Konto“.\n"
    ).format(when=_clock(at), browser=browser or _("unbekannter Browser"))
    if is_last:
        body += _(
            "\nWeitere Anmeldungen dieser Art melden wir in den nächsten 24 Stunden nicht mehr "
            "einzeln. Unter „Mein Konto“ stehen alle.\n"
        )
    return Letter(_("Neue Anmeldung an Ihrem Konto"), body)


def _clock(until: datetime) -> str:
    return f"{until.astimezone(BERLIN):%d.%m.%Y %H:%M}"
