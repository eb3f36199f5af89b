"""From an unknown device to its history in the chart, and back; kept messages read again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from gebaeude.config import Settings
from gebaeude.model import Kind, Medium
from gebaeude.store import claims
from gebaeude.store.attachments import Attach, Claim, NewPoint
from gebaeude.store.database import connect
from gebaeude.text import BERLIN
from ingest import desk

HOUSE = "barntrup-rathaus"
NAME = "Rathaus Barntrup, Barntrup"
Send = Callable[..., None]


def hours(device: str, count: int, field: str = "total_m3") -> list[tuple[str, bytes]]:
    """A gas meter's messages of the last hours, the register growing by 0,5 m³ each."""
    now = datetime.now(UTC).replace(minute=5, second=0, microsecond=0) - timedelta(hours=1)
    return [
        (
            f"wmbusmeters/{device}",
            json.dumps(
                {
                    "media": "gas", "meter": "unismart", "name": device, "id": device,
                    field: 100 + i / 2, "timestamp": f"{now - timedelta(hours=count - i):%FT%TZ}",
                }
            ).encode(),
        )
        for i in range(count)
    ]  # fmt: skip


def waits(page: Page, device: str, count: int) -> None:
    """Until the inbox has all of them; ingest writes within a second."""
    line = page.locator("#posteingang-liste a.line", has_text=device)
    for _again in range(40):
        if line.count() and f"{count} Nachrichten" in line.inner_text():
            return
        page.wait_for_timeout(250)
        page.get_by_role("button", name="aktualisieren").click()
        page.wait_for_selector("#page:not(.page-busy) h1")
    raise AssertionError(f"{device} is not in the inbox with {count} messages")


def choose(page: Page, label: str, option: str | None = None) -> None:
    """The option of this name in a list, else the first one."""
    page.get_by_label(label, exact=True).first.click()
    found = page.get_by_role("option", name=option, exact=True) if option else None
    (found or page.get_by_role("option").first).click()


def registers(page: Page) -> list[float]:
    """What the chart of the open page shows: consumption of each hour that has one."""
    drawn = page.wait_for_function(
        """() => document.querySelector('#verlauf .js-plotly-plot')?.calcdata?.flat()
                 .map(one => one.s).filter(value => value > 0)"""
    )
    return list(drawn.json_value())


def test_an_unknown_device_becomes_history_and_can_be_taken_back(tab: Any, send: Send) -> None:
    device = "71540001"
    send(*hours("71549999", 1), *hours(device, 30))
    one = tab()
    page = one.open("/posteingang")
    waits(page, device, 30)
    expect(page.locator(".nav-inbox .badge")).to_have_text(re.compile(r"^\d+"))
    page.get_by_label("Suchen").fill("1540001")
    line = page.locator("#posteingang-liste a.line")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("Gaszähler (wM-Bus)")
    expect(line).to_contain_text("Gas 114")
    line.click()
    page.wait_for_url("**/posteingang/wmbusmeters/71540001")
    one.settled()

    expect(page.locator("#claim-form")).to_contain_text("Sobald das Gebäude gewählt ist")
    choose(page, "Gebäude", NAME)
    page.wait_for_url(f"**gebaeude={HOUSE}**")
    point = page.get_by_label("Name des Messpunkts")
    expect(point).to_have_value("Gas")

    # What cannot be meant is told beside the field, also in a part that is folded.
    point.fill("")
    page.get_by_label("Gilt ab").fill("am Dienstag")
    choose(page, "Dieser Wert gehört zu", "Neuer Messpunkt")
    page.locator("summary", has_text="Gas · Menge · Zähler").click()
    page.get_by_label("Erwartet alle … Minuten").fill("")
    page.locator("summary", has_text="Gas · Menge · Zähler").click()
    page.get_by_role("button", name="Übernehmen").click()
    for field, said in (
        (point, "Bitte dem Messpunkt einen Namen geben."),
        (page.get_by_label("Gilt ab"), "Bitte Tag und Uhrzeit angeben"),
        (page.get_by_label("Erwartet alle … Minuten"), "Bitte Minuten angeben"),
    ):
        expect(field).to_be_visible()
        expect(field).to_have_attribute("aria-invalid", "true")
        beside = field.locator("xpath=ancestor::*[contains(@class,'mantine-InputWrapper-root')][1]")
        expect(beside).to_contain_text(said)
    expect(page.locator("#uebernahme")).to_contain_text("Es wurde nichts verändert.")

    point.fill("Gas Anbau")
    page.get_by_label("Gilt ab").fill("")
    page.get_by_label("Erwartet alle … Minuten").fill("60")
    page.get_by_label("Name des Geräts").fill("Gaszähler Anbau")
    page.get_by_role("button", name="Übernehmen").click()
    expect(page.locator(".done")).to_contain_text("„Gaszähler Anbau“ ist zugeordnet")
    expect(page.locator(".done")).to_contain_text("30 aufbewahrte Nachrichten")
    expect(page.locator(".done")).to_contain_text("Neu gespeichert: 30 Messwerte")

    page.get_by_role("link", name="Verlauf ansehen: Gas Anbau").click()
    page.wait_for_url(f"**/gebaeude/{HOUSE}?messpunkt=gas-anbau**")
    one.settled()
    expect(page.locator("#verlauf")).to_have_attribute("aria-label", re.compile("Gas Anbau"))
    shown = registers(page)
    assert len(shown) >= 25
    assert abs(sum(shown) - 14.5) < 1.0  # 29 steps of half a cubic metre, its ends interpolated


def attached(database: str, device: str, point: str) -> None:
    """The device feeds a new point of this name; all that is kept of it is read."""
    new = NewPoint(point, Medium.GAS, "volume", Kind.COUNTER, 3600)
    attach = Attach("total_m3", point.lower().replace(" ", "-"), new=new)
    wanted = Claim("wmbusmeters", device, HOUSE, f"Zähler {point}", "Karin Vogt", (attach,))
    with connect(database, name="test") as connection:
        done = desk.claim(connection, Settings(database_url=database), wanted)
    assert done.readings == done.checked


def test_a_wrong_attachment_is_undone_and_its_readings_go_and_come_back(
    tab: Any, send: Send, living_database: str
) -> None:
    device = "71540003"
    send(*hours(device, 30))
    one = tab()
    page = one.open("/posteingang")
    waits(page, device, 30)
    attached(living_database, device, "Gas Aula")

    page = one.open(f"/geraete?suche={device}")
    page.get_by_role("link", name="Zähler Gas Aula").click()
    page.wait_for_url(f"**/geraete/wmbusmeters/{device}")
    one.settled()
    expect(page.locator(".history")).to_contain_text("Zugeordnet zu Gas Aula.")
    page.locator("summary", has_text="Für einen Zeitraum").click()
    page.get_by_label("Von").fill("heute 12:00")
    page.get_by_label("Bis").fill("gestern 12:00")
    page.get_by_role("button", name="Rückgängig machen").click()
    expect(page.locator("#loesung")).to_contain_text("Das Ende muss nach dem Anfang liegen.")
    hour = datetime.now(BERLIN) - timedelta(hours=6)
    page.get_by_label("Von").fill(f"{hour - timedelta(hours=4):%d.%m.%Y %H}:00")
    page.get_by_label("Bis").fill(f"{hour:%d.%m.%Y %H}:00")
    page.get_by_role("button", name="Rückgängig machen").click()
    expect(page.locator("#loesung")).to_contain_text("Betroffen: 4 Messwerte")
    expect(page.locator("#loesung")).to_contain_text("Gelöscht wird nichts")
    page.get_by_role("button", name="Ja, so machen").click()
    expect(page.locator(".history")).to_contain_text("4 Messwerte zurückgenommen")

    page.locator("summary", has_text="Ganz lösen").click()
    page.get_by_role("button", name="Gerät ganz lösen").click()
    expect(page.locator("#loesung")).to_contain_text("Betroffen: 26 Messwerte")
    page.get_by_role("button", name="Doch nicht").click()
    expect(page.locator("#loesung")).to_be_empty()
    page.get_by_role("button", name="Gerät ganz lösen").click()
    page.get_by_role("button", name="Ja, so machen").click()
    expect(page.locator("#loesung")).to_contain_text("gehört jetzt zu keinem Gebäude mehr")
    chart = one.open(f"/gebaeude/{HOUSE}?messpunkt=gas-aula")
    expect(chart.locator("#page")).to_contain_text(
        "Dieser Messpunkt hat noch keinen Wert gesendet."
    )

    page = one.open(f"/posteingang/wmbusmeters/{device}?gebaeude={HOUSE}")
    expect(page.locator(".answer")).to_contain_text("zurückgenommen")
    choose(page, "Dieser Wert gehört zu", "Gas Aula")
    page.get_by_label("Name des Geräts").fill("Zähler Aula")
    page.get_by_role("button", name="Übernehmen").click()
    expect(page.locator(".done")).to_contain_text("wieder da: 30 Messwerte")


def test_a_kept_message_is_readable_and_can_be_read_again(
    tab: Any, send: Send, living_database: str
) -> None:
    device = "71540002"
    send(*hours(device, 1), ("senml/böse", b'["<script>document.title=1</script>", \xff\x00]'))
    one = tab(width=390, height=844)
    page = one.open("/datenqualitaet")
    page.get_by_role("link", name="Nachrichten ansehen").click()
    page.wait_for_url("**/quarantaene")
    one.settled()
    with connect(living_database, name="test") as connection:
        query = b"SELECT id FROM quarantine WHERE device = %s OR topic = %s ORDER BY id"
        for _again in range(40):
            found = connection.execute(query, (device, "senml/böse".encode())).fetchall()
            connection.rollback()
            if len(found) == 2:
                break
            page.wait_for_timeout(250)
        kept, hostile = (row[0] for row in found)

        page = one.open(f"/quarantaene/{hostile}")
        expect(page.locator("#page h1")).to_have_text("Nachricht enthält unlesbare Zeichen")
        raw = page.locator(".raw").first
        expect(raw).to_contain_text('["<script>docum')
        expect(raw).to_contain_text("ff 00 5d")
        assert page.locator(".raw script").count() == 0
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Herunterladen").click()
        assert waiting.value.path().read_bytes().endswith(b"\xff\x00]")

        page = one.open(f"/quarantaene?geraet={device}")
        page.locator("#quarantaene-liste td.lead a").click()
        page.wait_for_url(f"**/quarantaene/{kept}")
        one.settled()
        expect(page.locator(".raw").first).to_contain_text('"total_m3": 100.0')
        page.get_by_role("button", name="Noch einmal einlesen").click()
        expect(page.locator("#ergebnis")).to_contain_text("noch immer nicht verwenden")

        # As from the command line: attached, and nothing read again yet.
        new = NewPoint("Gas Keller", Medium.GAS, "volume", Kind.COUNTER, 900)
        attach = Attach("total_m3", "gas-keller", new=new)
        wanted = Claim("wmbusmeters", device, HOUSE, "Gaszähler Keller", "Test", (attach,))
        claims.claim(connection, wanted)
        connection.execute("DELETE FROM unread")  # or the worker would read it before we do
        connection.commit()
        page.get_by_role("button", name="Noch einmal einlesen").click()
        expect(page.locator("#ergebnis")).to_contain_text("Neu gespeichert: ein Messwert")
        gone = one.open(f"/quarantaene/{kept}")
        expect(gone.locator("#page")).to_contain_text("steht nicht in der Quarantäne")
