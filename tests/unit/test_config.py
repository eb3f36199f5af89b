"""Settings: what is wrong is said in one line that names it, and the docs list what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from gebaeude.config import PREFIX, Settings, load
from gebaeude.errors import SettingsError

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def test_defaults_bind_to_loopback_only() -> None:
    assert Settings().web_host == "127.0.0.1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEB_PORT", "eighty"),
        ("WEB_PORT", "70000"),
        ("DATABASE_URL", "mysql://somewhere/x"),
        ("DATABASE_URL", "postgresql://host:notaport/x"),
        ("MQTT_URL", "mqtt://"),
        ("MQTT_URL", "http://broker"),
        ("MQTT_URL", "mqtt://broker:1883,"),
        ("MQTT_URL", "mqtt://one:1883,two:notaport"),
        ("MQTT_URL", "mqtt://one,mqtt://two"),
        ("SMTP_URL", "mail.example"),
        ("INGEST_BATCH", "0"),
        ("INGEST_BATCH", "1000000"),
        ("LOG_LEVEL", "loud"),
        ("LANGUAGE", "fr"),
        ("PLAIN_TOPICS", "haus/{building}/{field}"),
        ("PLAIN_TOPICS", "{device}/{device}"),
        ("PLAIN_TOPICS", "{device}/{room}"),
        ("PLAIN_TOPICS", "{device}-1/{device}"),
        ("PLAIN_TOPICS", "{device}/#"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError) as caught:
        load()
    assert PREFIX + name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_secret_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("postgresql://u:secret@db/gebaeude\n")
    monkeypatch.setenv(PREFIX + "DATABASE_URL_FILE", str(tmp_path / "url"))
    assert load().database_url == "postgresql://u:secret@db/gebaeude"


def test_a_secret_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "DATABASE_URL_FILE", "/nowhere/url")
    with pytest.raises(SettingsError, match="DATABASE_URL_FILE"):
        load()


def test_a_wrong_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "DATABASE_URL", "postgres-typo://u:geheim@db/x")
    with pytest.raises(SettingsError) as caught:
        load()
    assert "geheim" not in str(caught.value)


def test_docs_list_every_setting_with_its_default() -> None:
    assert DOCS.read_text(encoding="utf-8").endswith(settings_table())


def settings_table() -> str:
    """The table of docs/settings.md as the settings class says it."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in ("", None) else f"`{str(field.default).lower()}`"
        if isinstance(field.default, str) and field.default:
            default = f"`{field.default}`"
        meaning = " ".join((field.description or "").split())
        rows.append(f"| `{PREFIX}{name.upper()}` | {default} | {meaning} |")
    return "\n".join(rows) + "\n"
