"""The sentences that stand above everything else on a page: its answer, in German, from numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from babel.dates import format_date

from gebaeude.analysis.localtime import local_day
from gebaeude.config import settings
from gebaeude.model import Medium
from gebaeude.reports.records import (
    BuildingLine,
    Condition,
    Consumption,
    FindingLine,
    Freshness,
)
from gebaeude.text import MEDIA, _, day_short, language, number, when

_STALE = timedelta(hours=1)  # without any reading at all: the way of the data is broken
_NOTICEABLE = 0.02  # a smaller change is none


def portfolio_answer(
    worst: Sequence[BuildingLine], attention: int, finding: FindingLine | None,
    fresh: Freshness, buildings: int, now: datetime,
) -> str:  # fmt: skip
    """Is everything all right, and if not, where first? `attention`: buildings that need it."""
    if trouble := _no_data(fresh, now):
        return trouble
    if not worst:
        text = _("Ja, alles ist in Ordnung: {buildings} Gebäude ohne Auffälligkeit, {points}.")
        return text.format(buildings=number(buildings), points=_points(fresh))
    first = worst[0]
    why = finding.text if finding else first.reason
    others = attention - 1
    text = _("Nein. Zuerst: {building} – {why}.").format(building=first.name, why=why.rstrip("."))
    if others == 1:
        return text + " " + _("Ein weiteres Gebäude braucht Aufmerksamkeit.")
    if others > 1:
        return text + " " + _("{n} weitere Gebäude brauchen Aufmerksamkeit.").format(n=others)
    return text


def building_answer(
    line: BuildingLine, findings: Sequence[FindingLine], yesterday: date, before: date
) -> str:
    """What does this house need, and is that normal?"""
    used = [one for one in line.consumption if one.value is not None]
    if not used:
        need = _("Der Verbrauch von gestern ist nicht bekannt.")
    else:
        amounts = [_amount(one) for one in used]
        need = _("Gestern {amounts}.").format(amounts=_listed(amounts))
        need += _compared(used, before)
    if line.condition is Condition.GOOD:
        return need + " " + _("Sonst ist nichts auffällig.")
    why = findings[0].text.rstrip(".") if findings else line.reason
    return _("Auffällig: {why}.").format(why=why) + " " + need


def quality_answer(fresh: Freshness, refused: int, now: datetime) -> str:
    """Which numbers can I not trust today? `refused`: messages in quarantine."""
    if trouble := _no_data(fresh, now):
        return trouble
    held = (
        _("In Quarantäne ist nichts.") if refused == 0
        else _("In Quarantäne liegt eine Nachricht.") if refused == 1
        else _("In Quarantäne liegen {n} Nachrichten.").format(n=number(refused))
    )  # fmt: skip
    if fresh.silent + fresh.never == 0:
        return _("Alle {n} Messpunkte melden sich.").format(n=number(fresh.points)) + " " + held
    parts = []
    if fresh.silent:
        parts.append(
            _("ist einer verstummt") if fresh.silent == 1
            else _("sind {n} verstummt").format(n=number(fresh.silent))
        )  # fmt: skip
    if fresh.never:
        parts.append(
            _("hat einer noch nie gesendet") if fresh.never == 1
            else _("haben {n} noch nie gesendet").format(n=number(fresh.never))
        )  # fmt: skip
    text = _("Von {n} Messpunkten {parts}.")
    return text.format(n=number(fresh.points), parts=_listed(parts)) + " " + held


def nothing_there(span: tuple[datetime, datetime] | None) -> str:
    """Why a chart is empty."""
    if span is None:
        return _("Dieser Messpunkt hat noch keinen Wert gesendet.")
    text = _("In diesem Zeitraum gibt es keine Messwerte, nur vom {first} bis zum {last}.")
    return text.format(first=day_short(local_day(span[0])), last=day_short(local_day(span[1])))


def _no_data(fresh: Freshness, now: datetime) -> str:
    if fresh.points == 0:
        return _("Es ist noch kein Gebäude mit Messpunkten angelegt.")
    if fresh.newest is None:
        return _("Es sind noch keine Messwerte angekommen.")
    if now - fresh.newest > _STALE:
        text = _("Es kommen keine Messwerte mehr an: der letzte {when}.")
        return text.format(when=when(fresh.newest, now))
    return ""


def _points(fresh: Freshness) -> str:
    if fresh.fresh == fresh.points:
        return _("alle {n} Messpunkte melden sich").format(n=number(fresh.points))
    text = _("{fresh} von {n} Messpunkten melden sich")
    return text.format(fresh=number(fresh.fresh), n=number(fresh.points))


def _amount(one: Consumption) -> str:
    name = _(MEDIA[one.medium])
    return f"{number(one.value, one.unit)} {name if language() == 'de' else name.lower()}"


def _compared(used: Sequence[Consumption], before: date) -> str:
    """The greatest change against the week before, if there is one worth a word."""
    counts = [one for one in used if one.medium is not Medium.PV]  # the sun is no consumer
    changed = [(abs(one.change), one) for one in counts if one.change is not None]
    if not changed:
        return ""
    size, one = max(changed, key=lambda pair: pair[0])
    weekday = format_date(before, "EEEE", locale=settings().language)
    if size < _NOTICEABLE:
        return " " + _("Das ist so viel wie am {weekday} der Vorwoche.").format(weekday=weekday)
    more = (one.change or 0.0) > 0
    text = _("{medium}: {percent} mehr als am {weekday} der Vorwoche.") if more else _(
        "{medium}: {percent} weniger als am {weekday} der Vorwoche."
    )  # fmt: skip
    return " " + text.format(
        medium=_(MEDIA[one.medium]), percent=number(size * 100, "%", 0), weekday=weekday
    )


def _listed(parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return _("{these} und {last}").format(these=", ".join(parts[:-1]), last=parts[-1])
