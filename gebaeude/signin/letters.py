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


def _clock(until: datetime) -> str:
    return f"{until.astimezone(BERLIN):%d.%m.%Y %H:%M}"
