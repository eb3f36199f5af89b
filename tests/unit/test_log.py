"""Log lines are JSON, and trouble does not flood them."""

from __future__ import annotations

import json
import logging

import pytest

from gebaeude.log import JsonLines, Trouble


def test_a_line_is_one_json_object() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "Wärme %s\nzweite Zeile", ("gut",), None)
    line = JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "Wärme gut\nzweite Zeile"


def test_trouble_is_said_once_and_then_counted(caplog: pytest.LogCaptureFixture) -> None:
    trouble = Trouble(logging.getLogger("test"), every_s=3600)
    for _ in range(500):
        trouble.say("broker", "connection refused")
    trouble.say("database", "gone")
    assert [record.getMessage() for record in caplog.records] == [
        "broker: connection refused",
        "database: gone",
    ]


def test_what_was_not_said_is_told_with_the_next_line(caplog: pytest.LogCaptureFixture) -> None:
    trouble = Trouble(logging.getLogger("test"), every_s=0)
    trouble._unsaid["broker"] = 7
    trouble.say("broker", "connection refused")
    assert "8 times" in caplog.text
