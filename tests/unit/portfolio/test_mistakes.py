"""Every kind of mistake in a portfolio file: found, alone, and on its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gebaeude.errors import PortfolioError, UsageError
from gebaeude.portfolio.load import load, loads

SMALL = (Path(__file__).parent / "small.yaml").read_text("utf-8")

POINT = "          - {key: waerme, name: Wärmezähler, medium: heat, quantity: energy"
MOUNT = "- {point: waerme, serial: 6ZRI0077268773"


def mistakes(text: str) -> list[tuple[int, str]]:
    with pytest.raises(PortfolioError) as caught:
        loads(text)
    return list(caught.value.mistakes)


def test_the_text_these_tests_start_from_is_right() -> None:
    assert len(loads(SMALL).sites) == 1


# (what stands there, what stands there instead, what the sentence says); the mistake is expected on
# the line on which the change begins, or on that of the text named last.
EDITS = [
    # structure
    ("municipalities:\n", "municipalitees:\n", "municipalities“?"),
    ("use: school", "use: school\n        uses: school", "das Feld „uses“ gibt es nicht", "uses:"),
    ("floor_area_m2: 7400", "floor_area_m2: 7400\n        floor_area_m2: 1", "schon in Zeile",
     "floor_area_m2: 1"),
    ("        built: 1974\n", "", "das Feld „built“ fehlt", "- key: gymnasium"),
    ("name: Schulzentrum\n", "name:\n", "hier fehlt der Wert", "    name:\n    address"),
    ("name: Schulzentrum\n", "name: [Schule]\n", "ein einzelner Wert"),
    ("name: Schulzentrum\n", f"name: {'x' * 201}\n", "höchstens 200 Zeichen"),
    ("name: Schulzentrum\n", 'name: "Schule\\0"\n', "Steuerzeichen"),
    ("[heating, sanitary]", "heating", "eine Liste erwartet"),
    ("[heating, sanitary]", "[heating, heating, sanitary]", "doppelt"),
    ("[heating, sanitary], municipalities: [barntrup]", "[heating], municipalities: []",
     "mindestens ein Eintrag"),
    # keys and references
    ("key: gymnasium", "key: Gymnasium Süd", "etwa „gymnasium-sued“"),
    ("key: vorlauf", "key: waerme", "schon in Zeile"),
    ("municipality: barntrup", "municipality: barntrop", "meinten Sie „barntrup“?"),
    ("asset: kessel", "asset: kesel", "meinten Sie „kessel“?"),
    ("temperature: aula-temperatur", "temperature: aula-temperaturen", "„aula-temperatur“?"),
    ("point: waerme, serial: 6ZRI0097562772", "point: warme, serial: 6ZRI0097562772", "„waerme“?"),
    ("within: wasser", "within: waser", "meinten Sie „wasser“?"),
    ("within: wasser", "within: garten", "im Kreis"),
    ("within: wasser", "within: waerme", "desselben Mediums"),
    # words
    ("use: school", "use: shool", "meinten Sie „school“?"),
    ("kind: boiler", "kind: boilr", "meinten Sie „boiler“?"),
    ("[heating, sanitary]", "[heating, sanitary, diving]", "möglich sind: heating"),
    ("severity: warning", "severity: bad", "möglich sind: info, warning, critical"),
    ("medium: heat, quantity: energy", "medium: heat, quantity: energie", "„energy“?"),
    ("medium: heat, quantity: energy", "medium: heat, quantity: humidity", "passt nicht"),
    ("quantity: temperature, kind: gauge, every: 15min", "quantity: temperature, kind: counter, "
     "every: 15min", "counter gibt es für: energy, volume"),
    ("skill: heating}\n", "skill: pool}\n", "im Team hat niemand „pool“", "skill: pool"),
    ("skill: heating}}", "skill: electrical}}", "im Team hat niemand „electrical“"),
    # numbers
    ("floor_area_m2: 7400", "floor_area_m2: 7400,5", "7400.5 statt 7400,5"),
    ("floor_area_m2: 7400", "floor_area_m2: groß", "keine Zahl"),
    ("floor_area_m2: 7400", "floor_area_m2: .nan", "keine Zahl"),
    ("floor_area_m2: 7400", "floor_area_m2: 2", "unplausibel"),
    ("population: 8520", "population: 8520.5", "keine ganze Zahl"),
    ("built: 1974", "built: 74", "kein mögliches Jahr"),
    ("built: 1974", "built: 2974", "kein mögliches Jahr"),
    ("renovated: 2012", "renovated: 1912", "vor dem Bau"),
    ("latitude: 51.9898\n    longitude: 9.1098", "latitude: 9.1098\n    longitude: 51.9898",
     "vertauscht"),
    ("latitude: 51.9898", "latitude: 41.9", "nicht in Deutschland"),
    ('ags: "05766012"', 'ags: "5766012"', "acht Ziffern"),
    ('ags: "05766012"', 'ags: "17766012"', "01–16"),
    ('cost_group: "421"', 'cost_group: "42"', "Kostengruppe"),
    ("vdma_part: 2", "vdma_part: 9", "unplausibel"),
    ("every: 15min}", "every: 15 Minuten}", "30s, 15min, 1h oder 1d"),
    ("every: 15min}", "every: 99d}", "unplausibel"),
    # limits
    ("low: 20, high: 90", "low: 90, high: 20", "über der unteren"),
    ("low: 20, high: 90, ", "", "mindestens eine Grenze", "limits: {hyst"),
    ("hysteresis: 2,", "hysteresis: 40,", "kein Wert zwischen den Grenzen"),
    ("high: 90", "high: 900", "nicht möglich"),
    # meters
    ("mounted_to: 2021-09-24", "mounted_to: 2021-10-24", "hängt dann noch", "6ZRI0097562772"),
    (", mounted_to: 2021-09-24", "", "dort fehlt mounted_to", "6ZRI0097562772"),
    ("mounted_to: 2021-09-24", "mounted_to: 2011-09-24", "nach dem Einbau"),
    ("calibrated_until: 2027-12-31", "calibrated_until: 2020-12-31", "vor dem Einbau"),
    ("mounted_from: 2014-05-12", "mounted_from: 12.05.2014", "kein Zeitpunkt"),
    ("mounted_from: 2014-05-12", "mounted_from: 2014-02-30", "kein mögliches Datum"),
    ("{point: waerme, serial: 6ZRI0097562772", "{point: vorlauf, serial: 6ZRI0097562772",
     "kein Zähler"),
    # people
    ("karin.vogt@nordlippe.example", "karin.vogt@nordlippe", "keine E-Mail-Adresse"),
    ("phone: 05264 555-110", "phone: intern", "keine Telefonnummer"),
    # devices
    ("format: chirpstack", "format: chirpstak", "meinten Sie „chirpstack“?"),
    ('id: "24e124707c044108"', 'id: "24E124707C044108"', "klein geschrieben"),
    ('id: "07562772"', 'id: 7562772', "führender Nullen"),
    ("ff1:", "ff1", "muss auf"),
    ("{temperature: aula-temperatur}", "{battery: aula-temperatur}", "channels und unter ignore"),
    ("{waerme: waerme, wasser", '{"a/waerme": waerme, wasser', "gehört zur id"),
    ("{waerme: waerme, wasser: wasser", "{waerme: wasser, wasser: wasser", "bekommt schon"),
    ("{total_energy_consumption_kwh: waerme", "{total_m3: waerme", "passt nicht zum Messpunkt"),
    ("{point: vorlauf, factor: 1}", "{point: vorlauf, unit: kWh}", "nicht in °C umrechnen"),
    ("{point: vorlauf, factor: 1}", "{point: vorlauf, unit: Grad}", "„Grad“ gibt es nicht"),
    ("{point: vorlauf, factor: 1}", "{point: vorlauf, factor: 0}", "mit 0"),
    ("{point: vorlauf, factor: 1}", "{point: vorlauf, faktor: 1}", "meinten Sie „factor“?"),
    ("&room [battery, light_level]", "&room [battery, battery]", "doppelt"),
    # plans
    ("rrule: FREQ=YEARLY", "rrule: jährlich", "FREQ=DAILY"),
    ("rrule: FREQ=YEARLY", 'rrule: "FREQ=YEARLY;BYDAY=XX"', "nicht lesbar"),
    ("rrule: FREQ=YEARLY", 'rrule: "FREQ=YEARLY;BYMONTH=3"', "14.09.2026"),
    ("starts_on: 2026-09-14", "starts_on: 2026-14-09", "kein mögliches Datum"),
    ("lead_days: 14", "lead_days: -1", "unplausibel"),
    # YAML itself
    ("name: Schulzentrum\n", "name: \"Schulzentrum\n", "kein gültiges YAML", "Twete"),
    ("    name: Schulzentrum\n", "\tname: Schulzentrum\n", "Tabulator"),
    ("name: Schulzentrum\n", "name: Schul\x07zentrum\n", "nicht erlaubt"),
    ("ignore: *room", "ignore: *rom", "vorher nirgends"),
    ("ignore: [status]", "ignore: &own {status: 1}\n            x: *own", "nur auf einfache Listen",
     "x: *own"),
    ("team:\n", "---\nteam:\n", "zweites Dokument"),
    ("name: Schulzentrum\n", f"name: {'[' * 30}{']' * 30}\n", "Zu tief"),
]  # fmt: skip


@pytest.mark.parametrize("edit", EDITS, ids=lambda e: e[1][:40])
def test_a_mistake_is_found_on_its_line(edit: tuple[str, ...]) -> None:
    old, new, sentence, *elsewhere = edit
    assert old in SMALL
    text = SMALL.replace(old, new, 1)
    where = text.index(elsewhere[0]) if elsewhere else SMALL.index(old)
    line = text.count("\n", 0, where) + 1
    found = mistakes(text)
    assert [at for at, _said in found] == [line], found
    assert sentence in found[0][1]


def test_many_mistakes_come_in_one_report() -> None:
    text = SMALL
    for old, new in (("use: school", "use: shool"), ("8520", "viele"), ("FREQ=YEARLY", "nie")):
        text = text.replace(old, new, 1)
    lines = [text.count("\n", 0, text.index(word)) + 1 for word in ("viele", "shool", "nie")]
    assert [line for line, _sentence in mistakes(text)] == lines


def test_a_list_that_many_refer_to_is_complained_about_once() -> None:
    text = SMALL.replace("[battery, light_level]", "[battery, battery]")
    text = text.replace("ignore: [status]", "ignore: *room")
    assert len(mistakes(text)) == 1


def test_a_section_that_cannot_be_read_is_one_mistake_and_not_one_per_reference() -> None:
    start, end = SMALL.index("        points:\n"), SMALL.index("        meters:\n")
    assert len(mistakes(SMALL[:start] + "        points: keine\n" + SMALL[end:])) == 1


@pytest.mark.parametrize(
    "text", ["", "# nur ein Kommentar\n", "---\n", "[]", "5", "a: b", "\ufeff"]
)
def test_what_is_no_portfolio_is_said_to_be_none(text: str) -> None:
    assert mistakes(text)


def test_a_hundred_thousand_brackets_are_a_mistake_like_any_other() -> None:
    assert "Zu tief" in mistakes("[" * 100_000)[0][1]


def test_a_list_that_contains_itself_is_refused() -> None:
    assert mistakes("lists: &all [*all]")


def test_a_file_in_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(SMALL.encode("latin-1"))
    with pytest.raises(PortfolioError) as caught:
        load(tmp_path / "latin.yaml")
    first = next(n for n, line in enumerate(SMALL.splitlines(), 1) if not line.isascii())
    assert [line for line, _sentence in caught.value.mistakes] == [first]


@pytest.mark.parametrize("name", ["nowhere.yaml", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"lässt sich nicht lesen"):
        load(f"{tmp_path}/{name}")


def test_a_leading_zero_survives_without_quotes() -> None:
    portfolio = loads(SMALL.replace('ags: "05766012"', "ags: 05766012"))
    assert portfolio.municipalities[0].ags == "05766012"
