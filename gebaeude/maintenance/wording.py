"""What a ticket, its history and its mail say, in the words of a facility manager."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from gebaeude.model import Medium
from gebaeude.text import BERLIN, N_, PRIORITIES, QUANTITY_LABELS, _, day, number

# Who acted, where it was no person.
ACTORS: dict[str, str] = {
    "limit": N_("Grenzwert-Überwachung"),
    "silent": N_("Ausfall-Überwachung"),
    "plan": N_("Wartungsplan"),
    "mail": N_("E-Mail-Versand"),
    "privacy": N_("Datenschutz"),
}


class Place(msgspec.Struct, frozen=True):
    """Where something was measured, by the names people use."""

    building: str
    point: str
    space: str | None
    medium: str
    quantity: str
    unit: str


class LimitEvidence(msgspec.Struct, frozen=True):
    """What a finding of the limit rule rests on; values in the point's unit."""

    bound: str  # "low" or "high"
    limit: float
    value: float
    extreme: float
    since: datetime
    at: datetime
    until: datetime | None = None  # the reading that closed it


class SilenceEvidence(msgspec.Struct, frozen=True):
    """What a finding of the silence rule rests on."""

    last: datetime
    interval_s: int
    until: datetime | None = None  # the reading that closed it


Evidence = LimitEvidence | SilenceEvidence
EVIDENCE: dict[str, type[LimitEvidence] | type[SilenceEvidence]] = {
    "limit": LimitEvidence,
    "silent": SilenceEvidence,
}


class Letter(msgspec.Struct, frozen=True):
    """A mail without its link; the sender adds that, who knows the system's address."""

    subject: str
    body: str


class Seen(msgspec.Struct, frozen=True):
    """What was found where."""

    place: Place
    evidence: Evidence


def title(seen: Sequence[Seen]) -> str:
    """The ticket's name on the board, true tomorrow as well: "Raum 204 über 28 °C"."""
    first = seen[0]
    if isinstance(first.evidence, LimitEvidence):
        return f"{_subject(first.place)} {_beyond(first.place, first.evidence)}"
    if len(seen) == 1:
        return _("{point} meldet sich nicht").format(point=first.place.point)
    return _("{count} Messpunkte melden sich nicht").format(count=len(seen))


def headline(seen: Sequence[Seen], now: datetime) -> str:
    """What is wrong, in one line: "Schule: Raum 204 seit 35 Minuten über 28 °C (zuletzt 29 °C)"."""
    first = seen[0]
    what = _present(first.place, first.evidence, now) if len(seen) == 1 else title(seen)
    return f"{first.place.building}: {what}"


def sentence(place: Place, evidence: Evidence, now: datetime) -> str:
    """The finding in a line without its building, whether it lasts or is over."""
    if evidence.until is None:
        return _present(place, evidence, now)
    if isinstance(evidence, SilenceEvidence):
        span = _spoken(evidence.until - evidence.last, _LASTING)
        return _("{point} hat sich {span} nicht gemeldet").format(point=place.point, span=span)
    text = _("{subject} war {span} {beyond} ({extreme})")
    farthest = _("höchstens {value}") if evidence.bound == "high" else _("mindestens {value}")
    return text.format(
        subject=_subject(place),
        span=_spoken(evidence.until - evidence.since, _LASTING),
        beyond=_beyond(place, evidence),
        extreme=farthest.format(value=number(evidence.extreme, place.unit)),
    )


def task(seen: Sequence[Seen], now: datetime) -> str:
    """What the technician is asked to do, with the moments it rests on."""
    first = seen[0]
    if isinstance(first.evidence, SilenceEvidence):
        lines = [_silence(one.place, one.evidence, now) for one in seen]
        please = _("Bitte Stromversorgung, Batterie und Funkverbindung prüfen.")
        return "\n".join([*lines, "", please] if len(lines) > 1 else [f"{lines[0]} {please}"])
    text = _(
        "{subject} {beyond}: zuerst {since}, zuletzt {value} ({at}). Bitte die Ursache klären."
    )
    return text.format(
        subject=_subject(first.place),
        beyond=_beyond(first.place, first.evidence),
        since=_at(first.evidence.since, now),
        value=number(first.evidence.value, first.place.unit),
        at=_at(first.evidence.at, now),
    )


def further(seen: Seen, now: datetime, *, again: bool) -> str:
    """The line in the history of a ticket that gets a finding; `again`: it had the point before."""
    text = _("Wieder aufgetreten: {sentence}") if again else _("Dazugekommen: {sentence}")
    return text.format(sentence=_present(seen.place, seen.evidence, now))


def over(place: Place, evidence: Evidence, now: datetime) -> str:
    """The line in the history when a finding closed by itself."""
    if isinstance(evidence, SilenceEvidence):
        return _("{point} meldet sich wieder.").format(point=place.point)
    text = _("{subject} ist wieder im vorgegebenen Bereich, {span}.")
    span = _spoken((evidence.until or now) - evidence.since, _AFTER)
    return text.format(subject=_subject(place), span=span)


def letter(
    *,
    recipient: str,
    ticket: str,
    what: str,
    task: str,
    address: str,
    priority: str,
    due_on: date | None,
) -> Letter:
    """The mail to the technician who got the ticket; `what` is one line with the building."""
    facts = [
        (_("Auftrag"), ticket),
        (_("Adresse"), address),
        (_("Dringlichkeit"), _(PRIORITIES[priority])),
        (_("Zu erledigen bis"), day(due_on) if due_on else _("ohne Termin")),
    ]
    body = [
        _("Guten Tag {name},").format(name=recipient),
        _("für Sie liegt ein Auftrag vor:"),
        what,
        "\n".join(f"{name}: {value}" for name, value in facts),
        task,
    ]
    return Letter(_one_line(f"{ticket} · {what}"), "\n\n".join(body) + "\n")


def due_again(due_on: date, today: date) -> str:
    """The line in the history of a plan's ticket that is still open at the next due date."""
    return _("Erneut fällig am {day}.").format(day=day(due_on, today))


def settled() -> str:
    """Why a ticket closed without a hand."""
    return _("Hat sich erledigt, bevor jemand den Auftrag angenommen hat.")


def mail_sent(recipient: str) -> str:
    """The line in the history when the mail has left."""
    return _("E-Mail an {recipient} gesendet.").format(recipient=recipient)


def mail_given_up(recipient: str, error: str) -> str:
    """The line in the history when the mail server refused the mail for too long."""
    text = _("E-Mail an {recipient} ist nicht zustellbar: {error}. Bitte anders Bescheid geben.")
    return text.format(recipient=recipient, error=error)


def nobody(municipality: str, skill: str) -> str:
    """Why a ticket is nobody's. `skill` as people call it."""
    text = _("Niemand im Team ist in {municipality} für {skill} zuständig. Bitte zuweisen.")
    return text.format(municipality=municipality, skill=skill)


def since(span: timedelta) -> str:
    """How long something has lasted: "jetzt", "seit 35 Minuten", "seit 3 Tagen"."""
    return _spoken(span, _SINCE) if span >= timedelta(minutes=1) else _("jetzt")


def _silence(place: Place, evidence: Evidence, now: datetime) -> str:
    if not isinstance(evidence, SilenceEvidence):
        return _present(place, evidence, now)
    text = _("{point}: letzter Wert {last}, erwartet wird einer {every}.")
    every = _every(evidence.interval_s)
    return text.format(point=place.point, last=_at(evidence.last, now), every=every)


def _present(place: Place, evidence: Evidence, now: datetime) -> str:
    if isinstance(evidence, SilenceEvidence):
        text = _("{point} meldet sich {since} nicht")
        return text.format(point=place.point, since=since(now - evidence.last))
    return _("{subject} {since} {beyond} (zuletzt {value})").format(
        subject=_subject(place),
        since=since(now - evidence.since),
        beyond=_beyond(place, evidence),
        value=number(evidence.value, place.unit),
    )


def _subject(place: Place) -> str:
    """The room for its climate, with the quantity unless it is the temperature; else the point."""
    if place.space is None or place.medium != Medium.CLIMATE:
        return place.point
    if place.quantity == "temperature":
        return place.space
    label = QUANTITY_LABELS.get(place.quantity)
    return f"{place.space}: {_(label)}" if label else place.point


def _beyond(place: Place, evidence: LimitEvidence) -> str:
    text = _("über {limit}") if evidence.bound == "high" else _("unter {limit}")
    return text.format(limit=number(evidence.limit, place.unit))


# Spans up to 90 minutes, up to 36 hours, and longer.
_SINCE = (N_("seit {n} Minuten"), N_("seit {n} Stunden"), N_("seit {n} Tagen"))
_LASTING = (N_("{n} Minuten lang"), N_("{n} Stunden lang"), N_("{n} Tage lang"))
_AFTER = (N_("nach {n} Minuten"), N_("nach {n} Stunden"), N_("nach {n} Tagen"))
_EVERY = (N_("alle {n} Minuten"), N_("alle {n} Stunden"), N_("alle {n} Tage"))
_ONE_MINUTE = {
    _SINCE[0]: N_("seit 1 Minute"),
    _LASTING[0]: N_("1 Minute lang"),
    _AFTER[0]: N_("nach 1 Minute"),
    _EVERY[0]: N_("jede Minute"),
}


def _spoken(span: timedelta, forms: tuple[str, str, str]) -> str:
    minutes = max(1, round(span / timedelta(minutes=1)))
    if minutes == 1:
        return _(_ONE_MINUTE[forms[0]])
    if minutes < 90:
        return _(forms[0]).format(n=minutes)
    if minutes < 36 * 60:
        return _(forms[1]).format(n=round(minutes / 60))
    return _(forms[2]).format(n=round(minutes / (24 * 60)))


def _every(interval_s: int) -> str:
    exact = {3600: N_("jede Stunde"), 86_400: N_("jeden Tag")}
    if interval_s in exact:
        return _(exact[interval_s])
    return _spoken(timedelta(seconds=interval_s), _EVERY)


def _at(time: datetime, now: datetime) -> str:
    """A moment by its date: a ticket is read tomorrow, too, when "today" is another day."""
    local = time.astimezone(BERLIN)
    return f"{day(local.date(), now.astimezone(BERLIN).date())} {local:%H:%M}"


def _one_line(text: str) -> str:
    """Header lines end where a line ends; the narrow space before a unit stays."""
    return text.replace("\r", " ").replace("\n", " ")
