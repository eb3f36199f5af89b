"""The command `gebaeude`: one subcommand a process or a task.

Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 a service it needs is not there.
Everything heavy is imported by the command that needs it, so that each starts quickly.
"""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import Abort

from gebaeude import log
from gebaeude.accountcommand import app as accounts
from gebaeude.asowner import state_directory, with_running_demo
from gebaeude.auditcommand import app as audit
from gebaeude.broker.command import app as gateway
from gebaeude.complaint import complaint
from gebaeude.config import Settings, require, settings
from gebaeude.devicecommand import app as devices
from gebaeude.errors import ServiceMissing, UsageError
from gebaeude.personcommand import app as persons
from gebaeude.text import N_, _

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=N_("Gebäude: Gebäude- und Energiedaten gemeinsam betreuter Kommunen."),
)

app.add_typer(audit, name="audit")
app.add_typer(gateway, name="gateway")
app.add_typer(devices, name="devices")
app.add_typer(accounts, name="account")
app.add_typer(persons, name="person")

StateOption = Annotated[
    Path | None,
    typer.Option("--state", help=N_("Verzeichnis mit den Daten der Demo."), show_default=False),
]
PortfolioOption = Annotated[
    Path | None,
    typer.Option("--portfolio", help=N_("Portfoliodatei statt des Beispiels Nordlippe.")),
]
FaultOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fault", help=N_("Störung: name[@beginn[+dauer]][:messpunkt oder gerät]; mehrfach.")
    ),
]
SpeedOption = Annotated[
    float, typer.Option("--speed", min=0.1, help=N_("So viel schneller läuft die Uhr."))
]
SeedOption = Annotated[int, typer.Option("--seed", help=N_("Gleiche Zahl, gleiche Daten."))]


@app.command(help=N_("Alles auf diesem Rechner: eigene Datenbank, eigener Broker, Simulation."))
def demo(
    state: StateOption = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help=N_("Port des Dashboards, 0 für irgendeinen.")),
    ] = None,
    days: Annotated[
        int, typer.Option(min=0, max=3650, help=N_("Tage Vorgeschichte der Gebäude."))
    ] = 365,
    speed: SpeedOption = 1.0,
    seed: SeedOption = 1,
    fault: FaultOption = None,
    faultless: Annotated[
        bool, typer.Option("--faultless", help=N_("Ohne die Störungen des Beispiels."))
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help=N_("Nur prüfen, ob Messwerte durchkommen, und enden."))
    ] = False,
    reset: Annotated[
        bool, typer.Option("--reset", help=N_("Vorher alle Daten dieser Demo löschen."))
    ] = False,
) -> None:
    from gebaeude.demo.options import EXAMPLE_FAULTS, DemoOptions
    from gebaeude.demo.supervisor import Supervisor

    known = settings()
    if check and speed != 1:
        raise UsageError(_("--check geht nur mit --speed 1."))
    options = DemoOptions(
        state=state_directory(state, known),
        host=known.web_host,
        port=known.web_port if port is None else port,
        days=days,
        speed=speed,
        seed=seed,
        faults=tuple(fault or (() if faultless else EXAMPLE_FAULTS)),
        check=check,
        reset=reset,
    )
    Supervisor(options, known).run()


@app.command(help=N_("Die Datenbank auf den heutigen Stand des Schemas bringen."))
def migrate(state: StateOption = None) -> None:
    known = with_running_demo(state)
    url = require(known.database_url, "database_url")
    from gebaeude.store.migrate import migrate as bring_up_to_date

    for name in bring_up_to_date(url, known.web_database_url):
        print(name)


@app.command("import", help=N_("Ein Portfolio einlesen; bei einem Fehler ändert sich nichts."))
def import_portfolio(
    file: Annotated[Path | None, typer.Argument(help=N_("YAML-Datei; sonst Nordlippe."))] = None,
    state: StateOption = None,
) -> None:
    known = with_running_demo(state)
    from gebaeude.portfolio.load import NORDLIPPE, load
    from gebaeude.store import portfolio
    from gebaeude.store.database import connect

    # Mistakes in the file are told even where there is no database to put it into.
    read = load(file or NORDLIPPE)
    with connect(require(known.database_url, "database_url"), name="gebaeude-import") as connection:
        print(portfolio.write(connection, read))


@app.command("export", help=N_("Das Portfolio als Datei ausgeben."))
def export_portfolio(
    file: Annotated[Path | None, typer.Argument(help=N_("Sonst Standardausgabe."))] = None,
    state: StateOption = None,
) -> None:
    url = require(with_running_demo(state).database_url, "database_url")
    from gebaeude.portfolio.load import dump
    from gebaeude.store import portfolio
    from gebaeude.store.database import connect

    with connect(url, name="gebaeude-export") as connection:
        text = dump(portfolio.export(connection))
    if file is None:
        print(text, end="")
    else:
        file.write_text(text, encoding="utf-8")


@app.command(help=N_("Nachrichten vom Broker annehmen und als Messwerte speichern."))
def ingest(
    leave: Annotated[
        bool,
        typer.Option("--leave", help=N_("Leert und beendet die eigene Sitzung, für immer.")),
    ] = False,
) -> None:
    known = _process_settings("database_url", "mqtt_url")
    with _importing():
        from ingest.broker import watching
        from ingest.service import run

    with watching(known):
        run(known, _stop_on_signal(), leaving=leave)


@app.command(help=N_("Regeln, Wartungspläne und Mails: was von selbst geschieht."))
def work() -> None:
    known = _process_settings("database_url")
    with _importing():
        from gebaeude.worker import run

    run(known, _stop_on_signal())


@app.command(help=N_("Dashboard und API ausliefern."))
def serve(
    example_roles: Annotated[bool, typer.Option("--example-roles", hidden=True)] = False,
) -> None:
    known = _process_settings()
    with _importing():
        from gebaeude.web import run

    # `gebaeude demo` alone says so: one click instead of a password.
    run(known, _stop_on_signal(), demo=example_roles)


@app.command(help=N_("Die Geräte eines Portfolios nachahmen."))
def simulate(
    portfolio: PortfolioOption = None,
    days: Annotated[int, typer.Option(min=0, help=N_("Tage Vorgeschichte."))] = 0,
    speed: SpeedOption = 1.0,
    seed: SeedOption = 1,
    fault: FaultOption = None,
) -> None:
    url = _process_settings("mqtt_url").mqtt_url
    from gebaeude.portfolio.load import NORDLIPPE, load
    from simulators.run import simulate as run

    run(
        load(portfolio or NORDLIPPE),
        url,
        seed=seed,
        days=days,
        speed=speed,
        faults=fault or [],
        stop=_stop_on_signal(),
    )


@app.command(help=N_("Zurückgestellte Nachrichten noch einmal auswerten."))
def replay(
    reason: Annotated[str | None, typer.Option(help=N_("Nur die mit diesem Grund."))] = None,
    quarantine: Annotated[bool, typer.Option("--quarantine", help=N_("Die Quarantäne."))] = True,
    state: StateOption = None,
) -> None:
    known = with_running_demo(state)
    require(known.database_url, "database_url")
    from ingest.replay import replay as decode_again

    print(decode_again(known, reason=reason))


@app.command(help=N_("Wie es dem System geht."))
def status(
    state: StateOption = None,
    as_json: Annotated[bool, typer.Option("--json", help=N_("Für Programme."))] = False,
    only: Annotated[
        str | None, typer.Option(help=N_("Nur dieser Teil: database, broker, ingest, worker, web."))
    ] = None,
) -> None:
    from gebaeude.demo import status as system

    if only is not None and only not in system.PARTS:
        raise UsageError(_("Es gibt keinen Teil {name}.").format(name=only))
    found = system.gather(with_running_demo(state))
    print(system.as_json(found) if as_json else system.as_text(found))
    if not found.well(only):
        raise typer.Exit(ServiceMissing.exit_code)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command line; return the exit code, with what went wrong on standard error."""
    try:
        command = _in_the_interface_language(typer.main.get_command(app))
        result = command.main(list(arguments), prog_name="gebaeude", standalone_mode=False)
    except (Abort, KeyboardInterrupt):
        return 1
    except Exception as error:
        told = complaint(error)
        if told is None:
            raise
        if told.text:
            print(f"gebaeude: {told.text}", file=sys.stderr)
        return told.exit_code
    return result if isinstance(result, int) else 0


def _in_the_interface_language(command: Any) -> Any:
    command.help = command.help and _(command.help)
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = _(parameter.help)
    for part in getattr(command, "commands", {}).values():
        _in_the_interface_language(part)
    return command


def _process_settings(*needed: str) -> Settings:
    """Settings of a long-running process, which logs, and cannot run without the ones named."""
    known = settings()
    log.configure(known.log_level)
    for name in needed:
        require(getattr(known, name), name)
    return known


@contextmanager
def _importing() -> Iterator[None]:
    """For what a process imports and keeps for all its life.

    Looking for garbage in it would find none: a fifth of the time of a start, and some of every
    later search.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


if __name__ == "__main__":
    main()
