"""What somebody with a phone in the other hand sees first, on each page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from gebaeude.store import inbox
from gebaeude.store.database import connect
from gebaeude.store.inbox import Heard

SENSOR = "24e124707c044108"
PHONE = {"width": 390, "height": 844}
# Values that stand in one another.
OVERLAPPING = """() => [...document.querySelectorAll('#gebaeude-liste tbody tr')].filter(row => {
  const boxes = [...row.querySelectorAll('td')].filter(cell => cell.offsetParent).map(cell => {
    const text = document.createRange(); text.selectNodeContents(cell);
    return text.getBoundingClientRect(); });
  return boxes.some((a, i) => boxes.some((b, j) => i < j && a.left < b.right - 1
    && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1));
}).map(row => row.innerText)"""
SCREENS = "document.documentElement.scrollHeight / 844"


@pytest.fixture
def running_low(living_database: str) -> Iterator[None]:
    """The battery of the sensor in a room of the town hall is nearly empty."""

    def tell(percent: float) -> None:
        now = round(datetime.now(UTC).timestamp() * 1e6)
        with connect(living_database, name="test", autocommit=True) as connection:
            inbox.hear(connection, [Heard("chirpstack", SENSOR, now, percent, "%")])

    tell(7.0)
    yield
    tell(90.0)


@pytest.mark.usefixtures("running_low")
def test_devices_in_trouble_come_first_and_the_others_by_house(tab: Any) -> None:
    page = tab(**PHONE).open("/geraete")
    first = page.locator("#geraete-liste section").filter(has_text="Zuerst ansehen")
    expect(first.locator("tbody tr").filter(has_text="AM307 Büro 1.12")).to_contain_text("7\u202f%")
    assert page.evaluate(SCREENS) < 6
    house = page.locator("#geraete-liste a.tile", has_text="Rathaus Barntrup")
    expect(house).to_contain_text("1 mit schwacher Batterie")
    field = page.get_by_role("textbox", name="Zustand")
    expect(field).to_be_hidden()
    page.get_by_text("Auswählen", exact=True).click()
    expect(field).to_be_visible()
    house.click()
    page.wait_for_url("**/geraete?gebaeude=barntrup-rathaus")
    few = re.compile(r"^\d+ von \d{3} Geräten")
    expect(page.locator("#geraete-liste h2", has_text=few)).to_be_visible()


def test_buildings_that_are_well_are_folded_on_the_overview(tab: Any) -> None:
    page = tab(**PHONE).open("/")
    place = page.locator("section.card").filter(has=page.get_by_role("link", name="Kalletal"))
    well = place.locator("details .tile").first
    expect(well).to_be_hidden()
    assert page.evaluate(SCREENS) < 5
    place.locator("summary").click()
    expect(well).to_be_visible()


def test_what_only_a_wall_can_show_is_not_offered(tab: Any) -> None:
    page = tab(**PHONE).open("/")
    expect(page.locator(".wall-link")).to_be_hidden()
    one = tab(width=1280).open("/")
    expect(one.locator(".wall-link")).to_be_visible()


def test_buildings_take_little_room_each(tab: Any) -> None:
    page = tab(**PHONE).open("/gebaeude")
    rows = page.locator("#gebaeude-liste tbody tr")
    expect(rows).to_have_count(36)
    heights = rows.evaluate_all("all => all.map(row => row.getBoundingClientRect().height)")
    assert sorted(heights)[18] < 155  # the room a name, a state and two figures need
    assert page.evaluate(OVERLAPPING) == []


def test_a_room_that_is_too_cold_says_so_before_its_air(tab: Any) -> None:
    page = tab(**PHONE).open("/gebaeude/barntrup-rathaus")
    room = page.locator("a.room").first
    expect(room).to_contain_text("Büro 1.12")
    expect(room.locator(".state").first).to_have_text("zu kalt")


def test_what_the_weather_explains_stands_beside_the_heat(tab: Any) -> None:
    page = tab().open("/")
    card = page.locator("section.card").filter(has_text="Verbrauch gestern")
    expect(card).to_contain_text(re.compile("Draußen im Mittel|Das Wetter ist nicht"))
