"""Who gets a ticket."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gebaeude.maintenance.dispatch import Technician, choose, fits

SKILLS, TOWNS = ["heating", "electrical", "sanitary"], ["barntrup", "extertal", "kalletal"]


def member(key: str, active: int = 0, skill: str = "heating", town: str = "barntrup") -> Technician:
    return Technician(key, key.title(), f"{key}@x", frozenset([skill]), frozenset([town]), active)


def test_the_one_with_the_fewest_tickets() -> None:
    team = [member("a", 3), member("b", 1), member("c", 2)]
    assert choose(team, municipality="barntrup", skill="heating") == team[1]


def test_the_first_by_key_where_several_have_as_few() -> None:
    team = [member("z", 1), member("m", 1), member("q", 1)]
    assert choose(team, municipality="barntrup", skill="heating") == team[1]


def test_nobody_where_skill_or_municipality_is_missing() -> None:
    team = [member("a", skill="electrical"), member("b", town="extertal")]
    assert choose(team, municipality="barntrup", skill="heating") is None
    assert choose([], municipality="barntrup", skill="heating") is None


team = st.lists(
    st.builds(
        Technician,
        key=st.text("abcdef", min_size=1, max_size=4),
        name=st.just("n"),
        email=st.just("e"),
        skills=st.frozensets(st.sampled_from(SKILLS)),
        municipalities=st.frozensets(st.sampled_from(TOWNS)),
        active=st.integers(0, 5),
    ),
    unique_by=lambda member: member.key,
)


@given(team, st.sampled_from(TOWNS), st.sampled_from(SKILLS), st.randoms())
def test_the_choice_fits_is_least_busy_and_the_same_in_any_order(team, town, skill, random) -> None:  # type: ignore[no-untyped-def]
    chosen = choose(team, municipality=town, skill=skill)
    fitting = [t for t in team if fits(t, municipality=town, skill=skill)]
    assert (chosen is None) == (not fitting)
    if chosen is not None:
        assert chosen in fitting
        assert chosen.active == min(t.active for t in fitting)
    random.shuffle(team)
    assert choose(team, municipality=town, skill=skill) == chosen
