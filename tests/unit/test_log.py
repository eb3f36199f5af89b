"""Log lines are JSON, and trouble does not flood them."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from gebaeude.log import JsonLines, Trouble


def test_a_line_is_one_json_object() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "Wärme %s\nzweite Zeile", ("gut",), None)
    line = JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "Wärme gut\nzweite Zeile"


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("no answer from postgresql://web:s3cret@db:5432/x", "postgresql://web:…@db:5432/x"),
        ("mail to p.probe+x@kalletal.example refused", "mail to …@kalletal.example refused"),
        ("GET /kennwort/Kx_0-9abcdef failed", "GET /kennwort/… failed"),
        ("GET /gast/abc failed", "GET /gast/… failed"),
        ("Authorization: Bearer geb_abc-def", "Authorization: Bearer …"),
        ("token geb_abc-def", "token geb_…"),
        (f"cookie gebaeude={'a-B_9' * 8}abc;", "cookie gebaeude=…;"),
        ("Key (lower(email))=(p@x.example) already exists.", "=(…) already exists."),
        ("Key (name)=(Petra Probe) is not present", "Key (name)=(…) is not present"),
        ("building rathaus, point heizung/vorlauf", "building rathaus, point heizung/vorlauf"),
    ],
)
def test_secrets_and_addresses_of_people_never_stand_there(said: str, logged: str) -> None:
    for record in (
        logging.LogRecord("x", logging.INFO, "f", 1, said, (), None),
        logging.LogRecord("x", logging.INFO, "f", 1, "%s", (ValueError(said),), None),
    ):
        assert logged in json.loads(JsonLines().format(record))["message"]


def test_nor_do_they_in_the_traces_of_errors() -> None:
    try:
        raise ValueError("login of petra@kalletal.example with postgresql://u:hunter2@db/x")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed", (), sys.exc_info())
    line = JsonLines().format(record)
    assert "petra" not in line.replace("raise ValueError", "")
    assert "hunter2" not in line


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
