"""Whatever stands in the file, it is a portfolio or a PortfolioError; and dumping loses nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gebaeude.errors import PortfolioError
from gebaeude.portfolio.dump import dump
from gebaeude.portfolio.load import NORDLIPPE, load, loads
from gebaeude.portfolio.records import Channel, Mount, Portfolio, Site

SMALL = (Path(__file__).parent / "small.yaml").read_text("utf-8")

_TOKENS = [
    "", "~", "null", "{}", "[]", "{", "}", "[", "]", "- ", ": ", ",", "\n", "\t", " ", "#", "&a ",
    "*a", "*room", "!!int ", "!x ", "'", '"', "|", ">", "---\n", "<<: ", "0", "-1", "1e99", ".inf",
    "1" * 400, "\0", "\ufeff", "\u2028", "ä", "😀", "key: ", "point: ", "FREQ=DAILY;INTERVAL=0",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "0000-00-00", "9999-12-31", "2026-02-30", "true",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The small portfolio with a few pieces cut out, doubled, moved or replaced."""
    text = SMALL
    for _round in range(draw(st.integers(1, 4))):
        start, other = draw(st.tuples(*[st.integers(0, len(text))] * 2))
        end = min(len(text), start + draw(st.integers(0, 40)))
        piece = draw(
            st.sampled_from(_TOKENS)
            | st.text(max_size=6)
            | st.just(text[start:end] * 2)
            | st.just(text[other : other + 30])
        )
        text = text[:start] + piece + text[end:]
    return text


def _is_judged(text: str) -> None:
    try:
        portfolio = loads(text)
    except PortfolioError as error:
        mistakes, last = error.mistakes, len(text.splitlines()) + 1
    else:
        assert loads(dump(portfolio)) == portfolio
        return
    assert mistakes
    assert all(1 <= line <= last and sentence for line, sentence in mistakes)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_any_mutation_is_read_or_refused(text: str) -> None:
    _is_judged(text)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("ab:-{}[],&*!#'\"|>%@` \n\t0~\\?"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    _is_judged(text)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["key", "name", "municipalities", "sites", "points", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["lists", "municipalities", "team", "sites"]), _VALUES))
def test_any_structure_is_read_or_refused(document: dict[str, Any]) -> None:
    _is_judged(msgspec.json.encode(document).decode())


_characters = st.characters(
    exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff"
)
_texts = st.text(_characters, min_size=1, max_size=30).map(str.strip).filter(bool)
_ignored = _texts.filter(lambda field: field != "°")  # which the device's channel is of
_moments = st.builds(
    lambda seconds: datetime(1960, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds),
    st.integers(0, 4_000_000_000) | st.integers(0, 50_000).map(lambda day: day * 86400 - 3600),
)
_numbers = st.floats(-1000, 1000).filter(lambda value: value == 0 or abs(value) > 1e-9)


@settings(max_examples=200, deadline=None)
@given(name=_texts, task=_texts, serial=_texts, low=_numbers, mounted=_moments, fields=st.lists(
    _ignored, min_size=1, max_size=3, unique=True), factor=_numbers.filter(bool))  # fmt: skip
def test_dumping_loses_nothing(
    name: str, task: str, serial: str, low: float, mounted: datetime, fields: list[str],
    factor: float,
) -> None:  # fmt: skip
    portfolio = loads(SMALL)
    replace = msgspec.structs.replace
    building = portfolio.sites[0].buildings[0]
    meter, radio = building.devices[0], building.devices[1]
    limits = building.points[1].limits
    assert limits is not None
    points = list(building.points)
    points[4] = replace(points[4], space=name, every_s=77)
    points[1] = replace(points[1], limits=replace(limits, low=low / 20, high=None))
    building = replace(
        building,
        name=name,
        points=tuple(points),
        meters=(Mount("wasser", serial, mounted, mounted + timedelta(days=3), date(2150, 12, 31)),),
        devices=(
            replace(meter, name=task, channels=(Channel("x_kw", "waerme", "MWh", factor),)),
            replace(radio, ignore=tuple(fields), channels=(Channel("°", "aula-temperatur"),)),
        ),
        plans=(replace(building.plans[0], task=task),),
    )
    site = replace(portfolio.sites[0], name=name, address=task, buildings=(building,))
    changed: Portfolio = replace(portfolio, sites=(site,))
    assert loads(dump(changed)) == changed


def test_the_example_is_dumped_and_read_again() -> None:
    example = load(NORDLIPPE)
    assert loads(dump(example)) == example


def test_an_empty_site_is_dumped_and_read_again() -> None:
    small = loads(SMALL)
    site = Site("wiese", "barntrup", "Wiese: hinten", "null", 52.0, 9.0)
    changed = msgspec.structs.replace(small, sites=(site,), team=())
    assert loads(dump(changed)) == changed
