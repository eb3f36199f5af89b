"""Whether a claim can be meant, before anything is changed by it."""

from __future__ import annotations

import math

from gebaeude.errors import UsageError
from gebaeude.portfolio import check, values
from gebaeude.portfolio.nodes import Scalar
from gebaeude.portfolio.vocabulary import FORMATS
from gebaeude.profiles import profiles
from gebaeude.store.attachments import Attach, Claim, NewPoint
from gebaeude.store.quarantine import LONGEST_DEVICE
from gebaeude.text import _
from gebaeude.units import QUANTITIES, UNITS


def check_claim(wanted: Claim) -> None:
    """Raises UsageError with what is wrong."""
    if wanted.format not in FORMATS:
        raise UsageError(_("Format {text}.").format(text=values.unknown(wanted.format, FORMATS)))
    if not 0 < len(wanted.device) <= LONGEST_DEVICE:
        raise UsageError(_("Die Kennung des Geräts ist zu lang oder leer."))
    if wanted.profile is not None and wanted.profile not in profiles():
        text = values.unknown(wanted.profile, profiles())
        raise UsageError(_("Profil {text}.").format(text=text))
    if wanted.since and wanted.until and wanted.until <= wanted.since:
        raise UsageError(_("Das Ende muss nach dem Anfang liegen."))
    if wanted.replaces == wanted.identity:
        raise UsageError(_("Ein Gerät kann sich nicht selbst ersetzen."))
    named = [one.field for one in wanted.attach] + list(wanted.ignore)
    fed = [one.point for one in wanted.attach]
    if len({*named}) < len(named) or len({*fed}) < len(fed):
        raise UsageError(_("Jedes Feld und jeder Messpunkt darf nur einmal vorkommen."))
    for one in wanted.attach:
        _check_field(one)


def _check_field(one: Attach) -> None:
    if one.factor == 0 or not math.isfinite(one.factor):
        raise UsageError(
            _("{field}: mit diesem Faktor gibt es keine Messwerte.").format(field=one.field)
        )
    if one.unit is not None and one.unit not in UNITS:
        text = values.unknown(one.unit, UNITS)
        raise UsageError(_("{field}: Einheit {text}.").format(field=one.field, text=text))


def unit_of(key: str, new: NewPoint) -> str:
    """The unit of a point that is to be made. Raises UsageError where it cannot be made."""
    try:
        values.key(Scalar(1, key))
    except values.Wrong as wrong:
        raise UsageError(f"{wrong.mistakes[0][1]}.") from None
    if new.quantity not in QUANTITIES:
        raise UsageError(f"{values.unknown(new.quantity, QUANTITIES)}.")
    for _field, sentence in check.point(new.medium, new.quantity, new.kind):
        raise UsageError(f"{key}: {sentence}.")
    return QUANTITIES[new.quantity].unit
