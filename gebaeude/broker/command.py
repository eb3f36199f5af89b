"""`gebaeude gateway add | revoke | list`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gebaeude.config import require, settings
from gebaeude.errors import UsageError
from gebaeude.text import N_, _

app = typer.Typer(no_args_is_help=True, help=N_("Gateways, die an den Broker senden dürfen."))

NameArgument = Annotated[str, typer.Argument(help=N_("Name des Gateways, zugleich sein Benutzer."))]


@app.command(help=N_("Ein Gateway anlegen; sein Kennwort wird nur hier gezeigt."))
def add(
    name: NameArgument,
    prefix: Annotated[
        list[str] | None,
        typer.Option(help=N_("Anfang von Topics, die es nicht frei wählen kann; mehrfach.")),
    ] = None,
) -> None:
    from gebaeude.broker import gateways

    directory = _directory()
    password = gateways.add(directory, name, prefix or ())
    print(_("Benutzer: {name}").format(name=name))
    print(_("Kennwort: {password} (wird nur jetzt gezeigt)").format(password=password))
    print(_("Darf senden unter:"))
    for one in next(one for one in gateways.gateways(directory) if one.name == name).areas:
        print(f"  {one}")
    _reload()


@app.command(help=N_("Einem Gateway den Zugang nehmen."))
def revoke(name: NameArgument) -> None:
    from gebaeude.broker import gateways

    gateways.revoke(_directory(), name)
    print(_("Das Gateway {name} hat keinen Zugang mehr.").format(name=name))
    _reload()


@app.command("list", help=N_("Alle Gateways, und was sie über ihren Namen hinaus dürfen."))
def show() -> None:
    from gebaeude.broker import gateways

    found = gateways.gateways(_directory())
    for one in found:
        note = "" if one.can_sign_in else _("ohne Kennwort")
        print("  ".join([one.name, *(f"{prefix}/#" for prefix in one.prefixes), note]).rstrip())
    if not found:
        print(_("Noch kein Gateway."))


def _directory() -> Path:
    known = settings().broker_dir
    found = Path(require(str(known or ""), "broker_dir"))
    if not found.is_dir():
        raise UsageError(_("Es gibt kein Verzeichnis {path}.").format(path=found))
    return found


def _reload() -> None:
    from gebaeude.broker.reload import reload

    if reload(settings().broker_pid_file):
        print(_("Der Broker hat die Änderung übernommen."))
        return
    print(
        _(
            "Der Broker muss die Änderung noch übernehmen: docker compose kill -s HUP broker, "
            "oder systemctl reload mosquitto."
        )
    )
