"""The portfolio in a real database: written once, again, changed, broken, and read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gebaeude.errors import Conflict, PortfolioError
from gebaeude.portfolio.compare import rows
from gebaeude.portfolio.dump import dump
from gebaeude.portfolio.load import NORDLIPPE, load, loads
from gebaeude.portfolio.records import Building, Portfolio
from gebaeude.store.database import Connection, connect
from gebaeude.store.portfolio import export, import_file, write

TEXT = NORDLIPPE.read_text("utf-8")
NORDLIPPE_RECORDS = load(NORDLIPPE)

_TABLES = (
    "municipality", "technician", "technician_municipality", "site", "building", "space", "asset",
    "point", "meter_mount", "device", "channel", "limit_rule", "plan", "channels_version",
)  # fmt: skip


def everything(connection: Connection) -> dict[str, list[Any]]:
    """Every row of every table the portfolio fills, ids and row versions included."""
    return {
        table: connection.execute(
            f"SELECT xmin::text, t::text FROM {table} t ORDER BY t::text"  # type: ignore[arg-type]
        ).fetchall()
        for table in _TABLES
    }


def edited(*edits: tuple[str, str]) -> Portfolio:
    text = TEXT
    for old, new in edits:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    return loads(text)


def test_nordlippe_is_written_and_read_back(connection: Connection) -> None:
    report = write(connection, NORDLIPPE_RECORDS)
    assert len(report.changes["building"].new) == 36
    assert len(report.changes["point"].new) == 390
    assert "Gebäude: 36 neu" in report.lines()
    back = export(connection)
    assert rows(back) == rows(NORDLIPPE_RECORDS)
    assert [b.key for b in back.buildings()] == [b.key for b in NORDLIPPE_RECORDS.buildings()]
    assert loads(dump(back)) == back


def test_what_was_written_is_seen_by_others(database_url: str) -> None:
    import_file(database_url, NORDLIPPE)
    with connect(database_url, name="test") as other:
        assert other.execute("SELECT count(*) FROM point").fetchone() == (390,)


def test_importing_twice_changes_nothing(portfolio_db: str) -> None:
    with connect(portfolio_db, name="test", autocommit=True) as connection:
        before = everything(connection)
        report = write(connection, NORDLIPPE_RECORDS)
        assert report.nothing_changed
        assert report.lines()[0].startswith("Nichts zu ändern")
        assert everything(connection) == before


def test_importing_what_was_exported_changes_nothing(portfolio_db: str, tmp_path: Path) -> None:
    with connect(portfolio_db, name="test", autocommit=True) as connection:
        before = everything(connection)
        (tmp_path / "out.yaml").write_text(dump(export(connection)), "utf-8")
        report = import_file(connection, tmp_path / "out.yaml")
        assert report.nothing_changed
        assert everything(connection) == before


def test_a_broken_file_changes_nothing(portfolio_db: str, tmp_path: Path) -> None:
    broken = TEXT.replace("population: 8520", "population: 9000")
    broken = broken.replace('cost_group: "421"', 'cost_group: "921"', 1)
    (tmp_path / "broken.yaml").write_text(broken, "utf-8")
    with connect(portfolio_db, name="test", autocommit=True) as connection:
        before = everything(connection)
        with pytest.raises(PortfolioError, match="Kostengruppe"):
            import_file(connection, tmp_path / "broken.yaml")
        assert everything(connection) == before


def test_changes_reach_the_rows_they_mean_and_no_others(portfolio_db: str) -> None:
    changed = edited(
        ("population: 8520", "population: 9000"),
        ("floor_area_m2: 1820", "floor_area_m2: 1850.5"),
        ("{high: 90, hysteresis: 2,", "{high: 85, hysteresis: 2,"),
        ("channels: {total_m3: gas}", "channels: {total_m3: {point: gas, factor: 10}}"),
        ("key: p-nowak, name: Piotr Nowak", "key: p-nowak, name: Piotr Nowak-Ernst"),
    )
    with connect(portfolio_db, name="test") as connection:
        ids = connection.execute("SELECT id, key FROM building ORDER BY id").fetchall()
        report = write(connection, changed)
        assert report.changes["municipality"].changed == ("barntrup",)
        assert report.changes["building"].changed == ("barntrup-rathaus",)
        assert report.changes["point"].changed == ("barntrup-rathaus/vorlauf",)
        assert report.changes["device"].changed == ("wmbusmeters/16531577",)
        assert report.changes["technician"].changed == ("p-nowak",)
        assert not any(change.new or change.kept for change in report.changes.values())
        assert connection.execute("SELECT id, key FROM building ORDER BY id").fetchall() == ids
        assert rows(export(connection)) == rows(changed)
        assert write(connection, NORDLIPPE_RECORDS).changes == report.changes
        assert rows(export(connection)) == rows(NORDLIPPE_RECORDS)


def test_what_is_no_longer_in_the_file_is_reported_and_kept(connection: Connection) -> None:
    write(connection, NORDLIPPE_RECORDS)
    fewer = msgspec.structs.replace(NORDLIPPE_RECORDS, sites=NORDLIPPE_RECORDS.sites[:-1])
    report = write(connection, fewer)
    assert report.changes["building"].kept == ("kalletal-bauhof",)
    assert any("behalten – Gebäude: kalletal-bauhof" in line for line in report.lines())
    assert len(list(export(connection).buildings())) == 36


def test_limits_channels_and_municipalities_become_as_the_file_says(connection: Connection) -> None:
    write(connection, NORDLIPPE_RECORDS)
    less = edited(
        (
            "every: 15min,\n             limits: {high: 90, hysteresis: 2, delay: 30min,"
            " severity: warning, skill: heating}}",
            "every: 15min}",
        ),
        (', "em:0.total_act_power": stromleistung}', "}"),
        ("municipalities: [barntrup, doerentrup]", "municipalities: [doerentrup]"),
    )
    write(connection, less)
    assert rows(export(connection)) == rows(less)
    first = next(less.buildings())
    assert next(p for p in first.points if p.key == "vorlauf").limits is None


def test_things_move_with_their_history(connection: Connection) -> None:
    write(connection, NORDLIPPE_RECORDS)
    was = connection.execute("SELECT id FROM building WHERE key = 'barntrup-sporthalle'").fetchone()
    one, two, *others = NORDLIPPE_RECORDS.sites
    gym = two.buildings[1]
    moved = msgspec.structs.replace(
        NORDLIPPE_RECORDS,
        sites=(
            msgspec.structs.replace(one, buildings=(*one.buildings, gym)),
            msgspec.structs.replace(two, buildings=(two.buildings[0], two.buildings[2])),
            *others,
        ),
    )
    report = write(connection, moved)
    assert report.changes["building"].changed == ("barntrup-sporthalle",)
    now = connection.execute("SELECT id FROM building WHERE key = 'barntrup-sporthalle'").fetchone()
    assert now == was
    assert rows(export(connection)) == rows(moved)


def test_readings_are_not_turned_into_another_quantity(connection: Connection) -> None:
    write(connection, NORDLIPPE_RECORDS)
    other = edited(
        ("Wärmezähler Heizung, medium: heat, quantity: energy", "Durchlauf, medium: heat, "
         "quantity: volume"),
        ("{total_energy_consumption_kwh: waerme, ", "{total_volume_m3: waerme, "),
        ("ignore: *heat_meter", "ignore: [status]"),
    )  # fmt: skip
    connection.execute(
        "INSERT INTO reading SELECT min(id), now(), 1 FROM point WHERE key = 'waerme'"
    )
    with pytest.raises(Conflict, match="barntrup-rathaus/waerme"):
        write(connection, other)
    assert rows(export(connection)) == rows(NORDLIPPE_RECORDS)
    connection.execute("DELETE FROM reading")
    write(connection, other)
    assert rows(export(connection)) == rows(other)


WATER = (
    "- {point: wasser, serial: 8DME0050286639, mounted_from: 2024-04-16, "
    "calibrated_until: 2030-12-31}"
)


def mounts(connection: Connection) -> list[tuple[str, str]]:
    return [
        (mount.serial, mount.mounted_from.date().isoformat())
        for mount in next(export(connection).buildings()).meters
        if mount.point == "wasser"
    ]


def test_a_replaced_meter_stands_beside_the_former(connection: Connection) -> None:
    write(connection, NORDLIPPE_RECORDS)
    new = WATER.replace("8DME0050286639", "8DME0011112222").replace("2024-04-16", "2026-10-05")
    old = WATER.replace(", calibrated", ", mounted_to: 2026-10-05, calibrated")
    report = write(connection, edited((WATER, f"{old}\n          {new}")))
    assert len(report.changes["meter"].new) == 1
    assert len(report.changes["meter"].changed) == 1
    assert mounts(connection) == [
        ("8DME0050286639", "2024-04-15"), ("8DME0011112222", "2026-10-04"),  # midnight in Berlin
    ]  # fmt: skip


def test_a_corrected_date_of_a_meter_is_no_second_meter(connection: Connection) -> None:
    write(connection, NORDLIPPE_RECORDS)
    report = write(connection, edited((WATER, WATER.replace("2024-04-16", "2024-04-18"))))
    assert report.changes["meter"].kept == ()
    assert mounts(connection) == [("8DME0050286639", "2024-04-17")]


def test_a_meter_cannot_hang_where_a_kept_one_hangs(connection: Connection) -> None:
    write(connection, NORDLIPPE_RECORDS)
    other = WATER.replace("8DME0050286639", "8DME0011112222").replace("2024-04-16", "2026-10-05")
    with pytest.raises(Conflict, match="8DME0050286639"):
        write(connection, edited((WATER, other)))
    assert mounts(connection) == [("8DME0050286639", "2024-04-15")]


def test_a_municipality_key_cannot_be_taken_twice(connection: Connection) -> None:
    write(connection, NORDLIPPE_RECORDS)
    renamed = loads(TEXT.replace("key: barntrup,", "key: barntrup-stadt,")
                    .replace("municipality: barntrup\n", "municipality: barntrup-stadt\n")
                    .replace("[barntrup, ", "[barntrup-stadt, "))  # fmt: skip
    with pytest.raises(Conflict, match="05766012"):
        write(connection, renamed)
    assert rows(export(connection)) == rows(NORDLIPPE_RECORDS)


def test_an_empty_database_exports_an_empty_portfolio(connection: Connection) -> None:
    assert export(connection) == Portfolio((), (), ())


def _without(building: Building, left_out: set[int]) -> Building:
    """The building without some points, and without what refers to them."""
    points = tuple(p for n, p in enumerate(building.points) if n not in left_out)
    keys = {point.key for point in points}
    replace = msgspec.structs.replace
    return replace(
        building,
        points=tuple(p if p.within in keys else replace(p, within=None) for p in points),
        meters=tuple(mount for mount in building.meters if mount.point in keys),
        devices=tuple(
            replace(device, channels=tuple(c for c in device.channels if c.point in keys))
            for device in building.devices
        ),
    )


@st.composite
def portfolios(draw: st.DrawFn) -> Portfolio:
    """Parts of the example: some sites, some of their points, in any order."""
    replace = msgspec.structs.replace
    places = draw(st.lists(st.sampled_from(NORDLIPPE_RECORDS.sites), max_size=4, unique=True))
    left_out = draw(st.sets(st.integers(0, 12)))
    return replace(
        NORDLIPPE_RECORDS,
        team=tuple(draw(st.permutations(NORDLIPPE_RECORDS.team))),
        sites=tuple(
            replace(site, buildings=tuple(_without(b, left_out) for b in site.buildings))
            for site in places
        ),
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(portfolio=portfolios())
def test_whatever_was_imported_importing_its_export_changes_nothing(
    connection: Connection, portfolio: Portfolio
) -> None:
    """One import after the other into the same database: what each leaves is read back whole."""
    write(connection, portfolio)
    held = rows(export(connection))
    for kind, wanted in rows(portfolio).items():
        assert wanted.items() <= held[kind].items()
    report = write(connection, loads(dump(export(connection))))
    assert report.nothing_changed
    assert not any(change.kept for change in report.changes.values())
