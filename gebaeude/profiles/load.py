"""Profile files → records, or every mistake in them with its line."""

from __future__ import annotations

from pathlib import Path

from gebaeude.errors import PortfolioError, ProfileError, UnitError
from gebaeude.model import Kind, Medium
from gebaeude.portfolio import check, nodes, times, values
from gebaeude.portfolio.fields import Fields, Mistakes
from gebaeude.portfolio.nodes import Node, Scalar
from gebaeude.portfolio.vocabulary import FORMATS
from gebaeude.profiles.records import DECODERS, About, Clock, Field, Profile, WrongClock
from gebaeude.text import _
from gebaeude.units import QUANTITIES, UNITS, factor

SHIPPED = Path(__file__).with_name("shipped")

_LONGEST_S = 31 * 86400
_YEARS_S = 20 * 365 * 86400


def load(own: Path | None = None) -> dict[str, Profile]:
    """All profiles by key: the shipped ones, and those of a directory of one's own.

    A file of one's own replaces the shipped one of that name. Raises ProfileError with every
    mistake of the first file that has any, and its lines.
    """
    found = {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}
    if own is not None:
        if not own.is_dir():
            raise ProfileError(str(own), [(1, _("dieses Verzeichnis gibt es nicht"))])
        found |= {path.stem: path for path in sorted(own.glob("*.yaml"))}
    return {key: read(path) for key, path in found.items()}


def read(path: Path) -> Profile:
    """The profile in a file; its key is the file's name. Raises ProfileError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(path.name, [(1, str(error))]) from None
    return loads(text, path.stem)


def loads(text: str, key: str) -> Profile:
    """The profile a text describes. Raises ProfileError."""
    mistakes = Mistakes()
    try:
        values.key(Scalar(1, key))
        fields = Fields(nodes.parse(text), _("Profil"), mistakes)
    except values.Wrong as wrong:
        raise ProfileError(key, wrong.mistakes) from None
    except PortfolioError as error:
        raise ProfileError(key, error.mistakes) from None
    profile = _profile(key, fields)
    fields.done()
    if mistakes.found:
        raise ProfileError(key, mistakes.found)
    return profile


def _profile(key: str, fields: Fields) -> Profile:
    return Profile(
        key=key,
        name=fields.need("name", values.text()),
        formats=fields.need("formats", values.several(values.choice(FORMATS), least=1)),
        every_s=fields.need("every", times.span(1, _LONGEST_S)),
        models=fields.get("models", values.several(values.text()), ()),
        decoder=fields.get("decoder", values.choice(DECODERS)),
        clock=fields.one("clock", _("Uhr"), _clock) or Clock(),
        is_generic=fields.get("generic", _truth, False),
        fields={name: _field(name, node, fields) for name, node in fields.pairs("fields")},
        ignore=fields.get("ignore", values.several(values.text()), ()),
    )


def _clock(fields: Fields) -> Clock:
    return Clock(
        wrong=fields.need("wrong", values.member(WrongClock)),
        ahead_s=fields.get("ahead", times.span(0, _YEARS_S)),
        behind_s=fields.get("behind", times.span(1, _YEARS_S)),
    )


def _field(name: str, node: Node, fields: Fields) -> Field:
    entry = Fields(node, f"{fields.what}: {name}", fields.mistakes)
    about = entry.get("about", values.member(About))
    is_point = about is None
    ask = entry.need if is_point else entry.get
    field = Field(
        name=entry.get("name", values.text(), name),
        medium=ask("medium", values.member(Medium)),
        quantity=ask("quantity", values.choice(QUANTITIES)),
        kind=ask("kind", values.member(Kind)),
        unit=entry.get("unit", values.choice(UNITS)),
        factor=entry.get("factor", values.real(-1e6, 1e6), 1.0),
        about=about,
        absent=entry.get("absent", values.several(values.real(-1e15, 1e15)), ()),
    )
    entry.done()
    if is_point and entry.usable and entry.clean():
        _check(entry, field)
    return field


def _check(entry: Fields, field: Field) -> None:
    """Whether medium, quantity, kind, unit and factor go together."""
    if field.medium is None or field.quantity is None or field.kind is None:
        return
    for name, sentence in check.point(field.medium, field.quantity, field.kind):
        entry.wrong(name, sentence)
    if field.factor == 0:
        entry.wrong("factor", _("mit 0 wäre jeder Wert 0"))
    if field.unit is not None:
        try:
            factor(field.unit, QUANTITIES[field.quantity].unit)
        except UnitError as error:
            entry.wrong("unit", str(error))


def _truth(node: Node) -> bool:
    return values.choice(("true", "false"))(node) == "true"
