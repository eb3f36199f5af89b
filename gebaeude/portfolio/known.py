"""What has been read so far and later entries refer to."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace

from gebaeude.model import Skill
from gebaeude.portfolio import values
from gebaeude.portfolio.nodes import Node
from gebaeude.portfolio.records import Point
from gebaeude.text import SKILLS, _

# A building's points by their key; None stands for one with a mistake of its own.
Points = dict[str, Point | None]


def readable(keys: Iterable[str | None]) -> set[str] | None:
    """The keys, or None where one of them could not be read: any reference may mean that one."""
    found = set(keys)
    return None if None in found else {key for key in found if key is not None}


@dataclass
class Known:
    """Keys and what they stand for; None where the section itself cannot be read.

    A section that cannot be read is one mistake, and not one more for every reference into it.
    """

    keys: dict[Hashable, int] = field(default_factory=dict)  # (kind, key) → line
    municipalities: set[str] | None = None
    hands: set[tuple[str, Skill]] | None = None  # which skills are at hand in which municipality
    here: str | None = None  # the municipality of the site that is being read

    def at(self, municipality: str | None) -> Known:
        """The same knowledge, at a place."""
        return replace(self, here=municipality)

    def municipality(self, node: Node) -> str:
        """Parses the key of a municipality."""
        value = values.raw(node)
        if self.municipalities is not None and value not in self.municipalities:
            raise values.Wrong(
                (
                    node.line,
                    _("Kommune {text}").format(text=values.unknown(value, self.municipalities)),
                )
            )
        return value

    def skill(self, node: Node) -> Skill:
        """Parses a skill that somebody in the municipality at hand has."""
        value = values.member(Skill)(node)
        if self.hands is not None and self.here and (self.here, value) not in self.hands:
            raise values.Wrong((node.line, _(
                "im Team hat niemand „{skill}“ ({label}) für {place}"
            ).format(skill=value.value, label=_(SKILLS[value]), place=self.here)))  # fmt: skip
        return value
