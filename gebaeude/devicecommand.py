"""`gebaeude devices …`: the inbox, and what is attached to what, on the command line."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gebaeude.asowner import opened
from gebaeude.errors import UsageError
from gebaeude.text import BERLIN, N_, _, ago, number

if TYPE_CHECKING:
    from gebaeude.store.attachments import Attach, Identity
    from gebaeude.store.database import Connection
    from gebaeude.store.inbox import DeviceLine, Waiting
    from ingest.desk import Look, Suggestion

app = typer.Typer(no_args_is_help=True, help=N_("Geräte: zuordnen, ansehen, wieder lösen."))

FormatArgument = Annotated[str, typer.Argument(help=N_("Format, das das Gerät spricht."))]
DeviceArgument = Annotated[str, typer.Argument(help=N_("Kennung des Geräts."))]
StateOption = Annotated[
    Path | None,
    typer.Option("--state", help=N_("Verzeichnis mit den Daten der Demo."), show_default=False),
]
FromOption = Annotated[
    str | None, typer.Option("--from", help=N_("Ab wann; ohne Zeitzone gilt die hiesige Uhr."))
]
ToOption = Annotated[str | None, typer.Option("--to", help=N_("Bis wann, ausschließlich."))]
ByOption = Annotated[
    str | None, typer.Option("--by", help=N_("Wer das veranlasst; sonst der Benutzer."))
]


@app.command("list", help=N_("Alle zugeordneten Geräte."))
def list_devices(
    building: Annotated[str | None, typer.Option(help=N_("Nur dieses Gebäude."))] = None,
    state: StateOption = None,
) -> None:
    from gebaeude.store import inbox

    now = datetime.now(UTC)
    with opened("devices", state) as (connection, _known):
        for one in inbox.devices(connection, building=building):
            _line(one.format, one.device, one.name, one.building, one.profile or "–",
                  ago(one.heard_at, now), *_state(one), ", ".join(one.points))  # fmt: skip


@app.command(help=N_("Geräte, von denen etwas aufbewahrt und nicht zugeordnet ist."))
def inbox(state: StateOption = None) -> None:
    from gebaeude.store import inbox as waiting

    now = datetime.now(UTC)
    with opened("devices", state) as (connection, _known):
        for one in waiting.waiting(connection):
            _line(f"{one.format} {one.device}", one.name or "–", *_kept(one, now))


@app.command(help=N_("Ein Gerät: was es sendet, was es sein könnte, was zugeordnet ist."))
def show(kind: FormatArgument, device: DeviceArgument, state: StateOption = None) -> None:
    from gebaeude.store import claims
    from gebaeude.store import inbox as waiting
    from ingest import desk

    with opened("devices", state) as (connection, _known):
        identity = (kind, device)
        if waiting.waiting(connection, of=identity):
            _print_look(desk.look(connection, kind, device))
        elif not waiting.devices(connection, of=identity):
            desk.look(connection, kind, device)  # says that there is nothing
        for one in claims.attachments(connection, identity):
            point = f"{one.building}/{one.point}" if one.point else _("nicht gewünscht")
            _line(one.field, "→", point, _span(one.since, one.until))
        for event in claims.events(connection, identity):
            _line(f"{event.at.astimezone(BERLIN):%d.%m.%Y %H:%M}", event.actor,
                  desk.sentence(event))  # fmt: skip


@app.command(help=N_("Felder eines Geräts Messpunkten zuordnen; Aufbewahrtes wird ausgewertet."))
def claim(
    kind: FormatArgument,
    device: DeviceArgument,
    building: Annotated[str, typer.Option(help=N_("Schlüssel des Gebäudes."))],
    name: Annotated[str, typer.Option(help=N_("Wie das Gerät heißen soll."))],
    profile: Annotated[str | None, typer.Option(help=N_("Profil; siehe profiles."))] = None,
    attach: Annotated[list[str] | None, typer.Option(help=N_("feld=messpunkt; mehrfach."))] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help=N_("Feld, das niemand braucht; mehrfach."))
    ] = None,
    unit: Annotated[
        list[str] | None, typer.Option(help=N_("feld=Einheit, die das Gerät sendet; mehrfach."))
    ] = None,
    factor: Annotated[
        list[str] | None, typer.Option(help=N_("feld=Faktor, etwa eines Wandlers; mehrfach."))
    ] = None,
    create: Annotated[
        bool, typer.Option("--create", help=N_("Fehlende Messpunkte nach dem Profil anlegen."))
    ] = False,
    space: Annotated[str | None, typer.Option(help=N_("Raum der neuen Messpunkte."))] = None,
    since: FromOption = None,
    until: ToOption = None,
    replaces: Annotated[
        str | None, typer.Option(help=N_("format/kennung des Geräts, das es ersetzt."))
    ] = None,
    by: ByOption = None,
    state: StateOption = None,
) -> None:
    from gebaeude.store.attachments import Claim
    from ingest import desk

    with opened("devices", state) as (connection, known):
        pairs = _pairs(attach)
        suggested: dict[str, Suggestion] = {}
        if profile is not None:
            suggested = {one.field: one for one in desk.suggestions(profile, pairs)}
        missing = _missing(connection, building, pairs) if create else set()
        fields = tuple(
            _attach(field, point, suggested, _pairs(unit), _pairs(factor), point in missing, space)
            for field, point in pairs.items()
        )
        wanted = Claim(
            format=kind,
            device=device,
            building=building,
            name=name,
            actor=by or getpass.getuser(),
            attach=fields,
            ignore=tuple(ignore or ()),
            profile=profile,
            since=_moment(since),
            until=_moment(until),
            replaces=_identity(replaces),
        )
        print(desk.claim(connection, known, wanted))


@app.command(help=N_("Zuordnungen beenden oder für eine Zeit zurücknehmen, samt Messwerten."))
def release(
    kind: FormatArgument,
    device: DeviceArgument,
    field: Annotated[list[str] | None, typer.Option(help=N_("Nur dieses Feld; mehrfach."))] = None,
    since: FromOption = None,
    until: ToOption = None,
    force: Annotated[
        bool, typer.Option("--force", help=N_("Auch wenn den Messpunkt noch ein Gerät speist."))
    ] = False,
    by: ByOption = None,
    state: StateOption = None,
) -> None:
    from gebaeude.store import claims

    with opened("devices", state) as (connection, _known):
        print(
            claims.release(
                connection, (kind, device), actor=by or getpass.getuser(), fields=field,
                start=_moment(since), end=_moment(until), force=force,
            )
        )  # fmt: skip


@app.command(help=N_("Bekannte Arten von Geräten."))
def profiles() -> None:
    from gebaeude.profiles import profiles as known

    for one in known().values():
        _line(one.key, one.name, " ".join(one.formats))


def _print_look(view: Look) -> None:
    if not view.values:
        _line(_("Kein Wert ist lesbar."), view.topic)
    for guess in view.guesses:
        _line(_("vielleicht"), guess.profile, guess.name, f"{guess.score:.0%}")
    for one in view.values:
        _line(one.field, f"{one.value:g} {one.unit or ''}".strip(), one.point or "–")


def _kept(one: Waiting, now: datetime) -> Iterator[str]:
    if one.messages:
        count = _("{n} Nachrichten").format(n=number(one.messages))
        yield _("eine Nachricht") if one.messages == 1 else count
        yield ago(one.last_at, now)
    if one.withdrawn:
        yield _("zurückgenommene Messwerte: {n}").format(n=number(one.withdrawn))


def _state(one: DeviceLine) -> Iterator[str]:
    if one.battery is not None:
        yield _("Batterie {state}").format(state=number(one.battery, one.battery_unit))
    if one.signal is not None:
        yield _("Funk {state}").format(state=number(one.signal, one.signal_unit))


def _line(*columns: str) -> None:
    print("  ".join(columns).rstrip())


def _span(since: datetime | None, until: datetime | None) -> str:
    shown = [
        text.format(at=f"{at.astimezone(BERLIN):%d.%m.%Y %H:%M}")
        for text, at in ((_("ab {at}"), since), (_("bis {at}"), until))
        if at is not None
    ]
    return " ".join(shown)


def _missing(connection: Connection, building: str, pairs: dict[str, str]) -> set[str]:
    from gebaeude.store import summary

    return {*pairs.values()} - {one.key for one in summary.points(connection, building=building)}


def _attach(
    field: str,
    point: str,
    suggested: dict[str, Suggestion],
    units: dict[str, str],
    factors: dict[str, str],
    is_new: bool,
    space: str | None,
) -> Attach:
    from gebaeude.store.attachments import Attach, NewPoint

    about = suggested.get(field)
    new = None
    if is_new:
        if about is None or not (about.medium and about.quantity and about.kind):
            text = _(
                "Was {field} misst, sagt das Profil nicht; der Messpunkt {point} muss da sein."
            )
            raise UsageError(text.format(field=field, point=point))
        name = f"{about.name} {space}" if space else about.name
        new = NewPoint(name, about.medium, about.quantity, about.kind, about.interval_s, space)
    unit = units.get(field) or (about.unit if about else None)
    return Attach(field, point, unit, _factor(factors.get(field), about), new)


def _factor(given: str | None, about: Suggestion | None) -> float:
    if given is None:
        return about.factor if about else 1.0
    try:
        return float(given)
    except ValueError:
        raise UsageError(_("„{text}“ ist keine Zahl.").format(text=given)) from None


def _pairs(given: Iterable[str] | None) -> dict[str, str]:
    pairs = {}
    for text in given or ():
        field, sign, value = text.rpartition("=")
        if not (field and sign and value):
            raise UsageError(_("„{text}“: erwartet wird feld=wert.").format(text=text))
        pairs[field] = value
    return pairs


def _identity(text: str | None) -> Identity | None:
    if text is None:
        return None
    kind, sign, device = text.partition("/")
    if not (kind and sign and device):
        raise UsageError(_("„{text}“: erwartet wird format/kennung.").format(text=text))
    return kind, device


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            _("„{text}“ ist kein Zeitpunkt wie 2026-11-22T14:00.").format(text=text)
        ) from None
    return (at if at.tzinfo else at.replace(tzinfo=BERLIN)).astimezone(UTC)
