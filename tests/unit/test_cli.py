"""The command line: what it offers, and what it says and returns when something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gebaeude import cli
from gebaeude.config import settings
from gebaeude.demo.status import without_password


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "MQTT_URL"):
        monkeypatch.delenv(f"GEBAEUDE_{name}", raising=False)
    monkeypatch.setenv("GEBAEUDE_STATE_DIR", str(tmp_path / "state"))
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_offers_what_the_documents_promise(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    shown = capsys.readouterr().out
    for command in (
        "demo", "migrate", "ingest", "serve", "work", "simulate", "replay",
        "import", "export", "status", "gateway",
    ):  # fmt: skip
        assert f" {command} " in shown


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["nosuch"], "nosuch"),
        (["demo", "--days", "many"], "--days"),
        (["demo", "--days", "-1"], "--days"),
        (["demo", "--port", "70000"], "--port"),
        (["simulate", "--speed", "0"], "--speed"),
        (["status", "--only", "cellar"], "cellar"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(arguments) == 2
    said = capsys.readouterr()
    assert word in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GEBAEUDE_DATABASE_URL", "mysql://here"),
        ("GEBAEUDE_MQTT_URL", "127.0.0.1:1883"),
        ("GEBAEUDE_WEB_PORT", "eighty"),
        ("GEBAEUDE_INGEST_BATCH", "0"),
        ("GEBAEUDE_LOG_LEVEL", "LOUD"),
    ],
)
@pytest.mark.parametrize("command", ["status", "demo", "ingest", "migrate"])
def test_wrong_setting_is_named_in_one_line_and_exit_2(
    command: str,
    name: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, value)
    assert cli.run([command]) == 2
    said = capsys.readouterr().err
    assert name in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("command", ["migrate", "import", "export", "work", "serve", "replay"])
def test_missing_database_setting_is_named(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([command]) == 2
    name = "GEBAEUDE_WEB_DATABASE_URL" if command == "serve" else "GEBAEUDE_DATABASE_URL"
    assert name in capsys.readouterr().err


@pytest.mark.parametrize("command", ["migrate", "export"])
def test_absent_database_is_exit_3_for_a_task(
    command: str,
    unused_port: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GEBAEUDE_DATABASE_URL", f"postgresql://x:y@127.0.0.1:{unused_port}/z")
    assert cli.run([command]) == 3
    assert "Datenbank antwortet nicht" in capsys.readouterr().err


def test_status_tells_what_is_missing(
    unused_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GEBAEUDE_MQTT_URL", f"mqtt://127.0.0.1:{unused_port}")
    assert cli.run(["status", "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["well"] is False
    assert found["parts"]["database"] == "not configured"
    assert found["parts"]["broker"] == "missing"
    assert found["counts"] is None


def test_portfolio_that_is_no_file_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["import", str(tmp_path / "nosuch.yaml")]) == 2
    assert "nosuch.yaml" in capsys.readouterr().err


def test_help_follows_the_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GEBAEUDE_LANGUAGE", "en")
    settings.cache_clear()
    assert cli.run(["status", "--help"]) == 0
    assert "Wie es dem System geht" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@db:5432/x", "postgresql://me@db:5432/x"),
        ("mqtt://127.0.0.1:1883", "mqtt://127.0.0.1:1883"),
        ("", ""),
    ],
)
def test_passwords_are_not_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_starts_without_what_it_does_not_need() -> None:
    """`gebaeude status` in a health check must not pay for the dashboard's imports."""
    code = "import sys, gebaeude.cli; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"dash", "plotly", "numpy", "fastapi", "sqlalchemy", "psycopg", "paho", "procrastinate"}
    assert not heavy & set(loaded.stdout.split())


@pytest.fixture
def unused_port(free_port: object) -> int:
    port: int = free_port()  # type: ignore[operator]
    return port
