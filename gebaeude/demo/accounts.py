"""The system accounts the servers run as when we are root; None stands for our own account."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from gebaeude.errors import ServiceMissing, SettingsError
from gebaeude.text import _


def service_account(name: str) -> str | None:
    """Return the system account to run a server as: `name` when we are root, else our own (None).

    Raises ServiceMissing when we are root and there is no such account.
    """
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(name)
    except KeyError:
        raise ServiceMissing(
            _("Das Systemkonto {name} fehlt; make setup legt es an.").format(name=name)
        ) from None
    return name


def become(name: str) -> list[str]:
    """Return the arguments with which setpriv turns into the account."""
    group = pwd.getpwnam(name).pw_gid
    return ["--reuid", name, "--regid", str(group), "--init-groups"]


def require_way_through(state: Path, account: str | None) -> None:
    """Raise SettingsError where the account cannot reach the directory; None is our own."""
    if account is None:
        return
    for directory in (state, *state.parents):
        if not directory.stat().st_mode & 0o001:
            raise SettingsError(
                _(
                    "Das Verzeichnis {state} ist für das Konto {account} nicht erreichbar, unter "
                    "dem der Server läuft: {directory} lässt andere nicht durch."
                ).format(state=state, account=account, directory=directory)
            )


def hand_over(account: str | None, *paths: Path) -> None:
    """Make the account the owner of the files; None is our own, and changes nothing."""
    if account is not None:
        entry = pwd.getpwnam(account)
        for path in paths:
            os.chown(path, entry.pw_uid, entry.pw_gid)
