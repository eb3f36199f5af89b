"""Accounts of gateways: names, areas that never overlap, files that are replaced whole."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gebaeude import cli
from gebaeude.broker import files
from gebaeude.broker.filters import overlap
from gebaeude.broker.gateways import add, gateways, revoke
from gebaeude.broker.reload import reload
from gebaeude.config import settings
from gebaeude.errors import Conflict, NotFound, UsageError
from ingest.formats import format_of


def test_a_gateway_stands_in_both_files_and_its_password_in_none(tmp_path: Path) -> None:
    password = add(tmp_path, "rathaus", ["application/17/"])
    [gateway] = gateways(tmp_path)
    assert (gateway.name, gateway.prefixes, gateway.can_sign_in) == (
        "rathaus", ("application/17",), True,
    )  # fmt: skip
    assert {"rathaus/#", "senml/rathaus/#", "application/17/#"} <= {*gateway.areas}
    text = (tmp_path / "acl").read_text() + (tmp_path / "passwords").read_text()
    assert len(password) == 48
    assert password not in text
    assert "user rathaus\ntopic readwrite application/17/#\n" in text


def test_hashes_are_what_mosquitto_makes_itself(tmp_path: Path) -> None:
    add(tmp_path, "ours")
    theirs = tmp_path / "theirs"
    theirs.write_text("theirs:secret\n")
    subprocess.run(["mosquitto_passwd", "-U", theirs], check=True)
    shapes = [
        [len(part) for part in line.strip().split(":")[1].split("$")]
        for line in ((tmp_path / "passwords").read_text(), theirs.read_text())
    ]
    assert shapes[0] == shapes[1]


def test_a_name_is_given_once_and_a_revoked_one_is_free_again(tmp_path: Path) -> None:
    first = add(tmp_path, "rathaus")
    before = (tmp_path / "passwords").read_text()
    with pytest.raises(Conflict, match="rathaus"):
        add(tmp_path, "rathaus")
    assert (tmp_path / "passwords").read_text() == before
    revoke(tmp_path, "rathaus")
    assert gateways(tmp_path) == []
    with pytest.raises(NotFound):
        revoke(tmp_path, "rathaus")
    assert add(tmp_path, "rathaus") != first


@pytest.mark.parametrize(
    "name", ["", "Rathaus", "bärlin", "a b", "a/b", "a+", "#", "%u", "-a", "a:b", "a\nb", "x" * 64]
)
def test_impossible_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        add(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["ingest", "simulators", "senml", "application", "homie"])
def test_names_that_mean_something_else_are_taken(tmp_path: Path, name: str) -> None:
    with pytest.raises(Conflict, match=name):
        add(tmp_path, name)


@pytest.mark.parametrize(("name", "prefix"), [("gebaeude", None), ("rathaus", "gebaeude"),
                                              ("rathaus", "gebaeude/ingest")])  # fmt: skip
def test_nobody_gets_the_topic_by_which_ingests_agree(
    tmp_path: Path, name: str, prefix: str | None
) -> None:
    with pytest.raises(Conflict, match="gebaeude/"):
        add(tmp_path, name, [prefix] if prefix else [])
    assert gateways(tmp_path) == []
    add(tmp_path, "gebaeude-2", ["gebaeude2/ingest"])


@pytest.mark.parametrize(
    "prefix",
    ["", "#", "+", "+/a", "/a", "a//b", "a b", "a\nuser x", "$SYS", "a/%u", "a+", "x" * 201],
)
def test_impossible_prefixes_are_refused(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(UsageError):
        add(tmp_path, "rathaus", [prefix])


@pytest.mark.parametrize(
    "prefix",
    ["senml", "senml/schule", "schule", "spBv1.0/+/x", "application/17", "application/17/a"],
)
def test_areas_of_two_gateways_do_not_overlap(tmp_path: Path, prefix: str) -> None:
    add(tmp_path, "schule", ["application/17"])
    with pytest.raises(Conflict, match="schule"):
        add(tmp_path, "rathaus", [prefix])
    assert [one.name for one in gateways(tmp_path)] == ["schule"]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a/#", "a/b", True), ("a/#", "a", True), ("a/#", "ab", False), ("a/+", "a/b", True),
        ("a/+", "a", False), ("a/+/c", "a/b/c", True), ("a/+/c", "a/b/d", False),
        ("#", "x/y", True), ("a/b/#", "a/c/#", False), ("a/+/#", "a/c/d/#", True),
    ],
)  # fmt: skip
def test_filters_overlap_where_a_topic_matches_both(one: str, other: str, expected: bool) -> None:
    assert overlap(one, other) is expected
    assert overlap(other, one) is expected


# What a gateway called "rathaus" sends in each format; the others have topics nobody can choose.
IN_ITS_AREA = {
    "chirpstack": "application/rathaus/device/0101010101010101/event/up",
    "wmbusmeters": "wmbusmeters/rathaus/keller",
    "senml": "senml/rathaus",
    "thethingsstack": "v3/rathaus/devices/x/up",
    "zigbee2mqtt": "zigbee2mqtt/rathaus/keller",
    "sparkplugb": "spBv1.0/rathaus/NDATA/node",
    "openems": "edge/rathaus/channel/meter0/ActivePower",
    "homie": "homie/5/rathaus/meter/power",
    "shelly1": "shellies/rathaus/relay/0/power",
    "evcc": "rathaus/evcc/site/gridPower",
    "tasmota": "tele/rathaus/keller/SENSOR",
    "shelly": "rathaus/shellyplus1-a8032abe54dc/events/rpc",
    "plain": "plain/rathaus/keller/temperature",
}


@pytest.mark.parametrize(("name", "topic"), IN_ITS_AREA.items())
def test_the_area_has_room_for_a_format(tmp_path: Path, name: str, topic: str) -> None:
    add(tmp_path, "rathaus")
    [gateway] = gateways(tmp_path)
    assert any(overlap(area, topic) for area in gateway.areas)
    assert format_of(topic.encode()) == name


def test_a_head_of_ones_own_stays(tmp_path: Path) -> None:
    own = "user grafana\ntopic read senml/#\n" + files.BASE.read_text()
    (tmp_path / "acl").write_text(own)
    (tmp_path / "passwords").write_text("grafana:$7$101$x$y\n")
    add(tmp_path, "rathaus")
    revoke(tmp_path, "rathaus")
    assert (tmp_path / "acl").read_text() == own
    assert (tmp_path / "passwords").read_text() == "grafana:$7$101$x$y\n"
    with pytest.raises(Conflict):
        add(tmp_path, "grafana")


def test_files_keep_their_rights(tmp_path: Path) -> None:
    add(tmp_path, "rathaus")
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o640}
    (tmp_path / "passwords").chmod(0o600)
    add(tmp_path, "schule")
    assert (tmp_path / "passwords").stat().st_mode & 0o777 == 0o600


def test_many_at_once_lose_nobody(tmp_path: Path) -> None:
    names = [f"g{number}" for number in range(20)]
    threads = [threading.Thread(target=add, args=(tmp_path, name)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.name for one in gateways(tmp_path) if one.can_sign_in) == sorted(names)


def test_a_stranger_with_the_brokers_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (tmp_path / "pid").write_text(f"{stranger.pid}\n")
        assert not reload(tmp_path / "pid")
        assert stranger.poll() is None
        stranger.kill()
    assert not reload(tmp_path / "pid")
    assert not reload(tmp_path / "nosuch")
    assert not reload(None)


@pytest.fixture
def broker_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("GEBAEUDE_BROKER_DIR", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.mark.usefixtures("broker_dir")
def test_command_says_what_a_person_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["gateway", "list"]) == 0
    assert "Noch kein Gateway" in capsys.readouterr().out
    assert cli.run(["gateway", "add", "rathaus", "--prefix", "application/17"]) == 0
    said = capsys.readouterr().out
    assert "Kennwort: " in said
    assert "application/17/#" in said
    assert "kill -s HUP" in said
    assert cli.run(["gateway", "add", "rathaus"]) == 1
    assert "gibt es schon" in capsys.readouterr().err
    assert cli.run(["gateway", "add", "Rathaus"]) == 2
    assert cli.run(["gateway", "list"]) == 0
    assert capsys.readouterr().out == "rathaus  application/17/#\n"
    assert cli.run(["gateway", "revoke", "rathaus"]) == 0
    assert cli.run(["gateway", "revoke", "rathaus"]) == 1


def test_command_without_a_directory_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GEBAEUDE_BROKER_DIR", raising=False)
    settings.cache_clear()
    assert cli.run(["gateway", "list"]) == 2
    assert "GEBAEUDE_BROKER_DIR" in capsys.readouterr().err


def test_command_without_its_directory_says_so(
    broker_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broker_dir.rmdir()
    for words in (["list"], ["add", "rathaus"], ["revoke", "rathaus"]):
        assert cli.run(["gateway", *words]) == 2
        assert str(broker_dir) in capsys.readouterr().err
