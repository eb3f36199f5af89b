"""Demos that do not start, and demos that use what is given to them."""

from __future__ import annotations

import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gebaeude.demo import ports
from gebaeude.demo.mosquitto import EmbeddedMosquitto
from tests.integration.demo.process import command, environment, processes_of

Eventually = Callable[..., object]


def test_port_that_is_taken_is_told(directory: Path, free_port: Callable[[], int]) -> None:

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*command(directory / "state"), "--port", port],
            capture_output=True, text=True, env=environment(), timeout=20,
        )  # fmt: skip
    assert done.returncode == 1
    assert f"Der Port {port} ist belegt" in done.stderr


def test_directory_with_something_else_in_it_is_left_alone(directory: Path) -> None:
    precious = directory / "home" / "letter.txt"
    precious.parent.mkdir()
    precious.write_text("keep me")
    done = subprocess.run(
        command(precious.parent, "--reset"), capture_output=True, text=True, env=environment()
    )
    assert done.returncode == 2
    assert "enthält schon etwas anderes" in done.stderr
    assert precious.read_text() == "keep me"


@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("--check",), 1)])
def test_given_database_that_is_away_is_waited_for(
    directory: Path,
    free_port: Callable[[], int],
    arguments: tuple[str, ...],
    code: int,
) -> None:
    """It says so and waits; Ctrl-C still ends it, which is no passed check."""
    given = {
        "GEBAEUDE_DATABASE_URL": f"postgresql://x:y@127.0.0.1:{free_port()}/z",
        "GEBAEUDE_MQTT_URL": f"mqtt://127.0.0.1:{free_port()}",
    }
    state = directory / "state"
    process = subprocess.Popen(
        command(state, *arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment(**given),
    )  # fmt: skip
    assert process.stdout is not None
    line = ""
    while "Datenbank antwortet nicht" not in line:
        line = process.stdout.readline()
        assert line, "the demo ended without waiting"
    assert not (state / "postgres").exists()
    assert not (state / "mosquitto").exists()
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=20)[0]
    assert process.returncode == code, said


def test_given_servers_are_used_and_readings_flow_through_them(
    directory: Path, empty_database_url: str
) -> None:
    state = directory / "state"
    with EmbeddedMosquitto(directory / "broker") as broker:
        given = {
            "GEBAEUDE_DATABASE_URL": empty_database_url,
            "GEBAEUDE_MQTT_URL": broker.url,
            "GEBAEUDE_LANGUAGE": "en",
        }
        done = subprocess.run(
            command(state, "--check"), capture_output=True, text=True, env=environment(**given),
            timeout=130,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "A reading has arrived" in done.stdout
    assert not (state / "postgres").exists()
    assert not (state / "mosquitto").exists()


def test_wrong_fault_ends_the_demo_with_one_line(directory: Path) -> None:
    done = subprocess.run(
        command(directory / "state", "--fault", "nonsense"),
        capture_output=True, text=True, env=environment(), timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "nonsense" in done.stderr
    assert done.stderr.count("\n") == 1
    assert processes_of(directory / "state") == []


def test_database_that_refuses_us_is_exit_3(directory: Path, server_url: str) -> None:
    """Waiting cannot mend a wrong password."""
    wrong = server_url.replace(server_url.split("@")[0], "postgresql://gebaeude:guessed")
    done = subprocess.run(
        command(directory / "state"), capture_output=True, text=True,
        env=environment(GEBAEUDE_DATABASE_URL=wrong), timeout=30,
    )  # fmt: skip
    assert done.returncode == 3
    assert "weist uns ab" in done.stderr
    assert processes_of(directory / "state") == []


def test_mail_server_keeps_every_mail(directory: Path, eventually: Eventually) -> None:

    port, mails = ports.any_free(), directory / "mail"
    server = subprocess.Popen([sys.executable, "-m", "gebaeude.demo.mail", str(port), str(mails)])
    try:
        eventually(lambda: ports.accepts(port))
        with smtplib.SMTP("127.0.0.1", port) as client:
            for number in range(2):
                client.sendmail("a@x", ["technik@nordlippe.example"], f"Subject: {number}\n\nHallo")
    finally:
        server.terminate()
        assert server.wait(10) == 0
    kept = sorted(mails.iterdir())
    assert [path.suffix for path in kept] == [".eml", ".eml"]
    assert b"Subject: 1" in kept[1].read_bytes()
