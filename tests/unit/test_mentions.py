"""Where a text names somebody, and what a history says instead."""

from __future__ import annotations

from gebaeude.access.mentions import NOTHING, Line, expression, nameless

MACHINERY = {"Wartungsplan", "E-Mail-Versand"}
OPENED = Line(1, "Wartungsplan", False, "Schule: Heizung warten")
ASSIGNED = Line(2, "Wartungsplan", True, "Anna Adler")
MAILED = Line(3, "E-Mail-Versand", False, "E-Mail an adler@nordlippe.example gesendet.")
TAKEN = Line(4, "Anna Adler", False, None)
TOLD = Line(5, "Bernd Busch", False, "Anna Adlers Schlüssel passt; Adler, Anna weiß Bescheid.")


def test_people_are_numbered_in_the_order_in_which_they_appear() -> None:
    changed = nameless([OPENED, ASSIGNED, MAILED, TAKEN, TOLD], MACHINERY, "Person {n}")
    assert changed == (
        Line(2, "Wartungsplan", True, "Person 1"),
        Line(3, "E-Mail-Versand", False, "E-Mail an … gesendet."),
        Line(4, "Person 1", False, None),
        Line(5, "Person 2", False, "Person 1 Schlüssel passt; Person 1 weiß Bescheid."),
    )


def test_a_history_without_people_stays_as_it_is() -> None:
    assert nameless([OPENED], MACHINERY, "Person {n}") == ()


def test_again_changes_nothing() -> None:
    once = nameless([ASSIGNED, TAKEN], MACHINERY, "Person {n}")
    assert nameless(once, MACHINERY, "Person {n}") == ()


def test_a_name_of_one_word_is_removed_only_where_it_stands_alone() -> None:
    lines = [Line(1, "Stein", False, "Stein im Rohr")]
    assert nameless(lines, MACHINERY, "Person {n}") == (
        Line(1, "Person 1", False, "Stein im Rohr"),
    )


def test_signs_in_a_name_mean_nothing_else() -> None:
    lines = [Line(1, "B. (Bob) O'Neil+", False, "B. (Bob) O'Neil+ war da")]
    (line,) = nameless(lines, MACHINERY, r"\1 {n}")
    assert (line.actor, line.comment) == (r"\1 1", r"\1 1 war da")


def test_nothing_to_look_for_is_never_found() -> None:
    assert expression([], [], []) == NOTHING
