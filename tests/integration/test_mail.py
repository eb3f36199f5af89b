"""Mails reach a real server: once, later if it is down, never lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from gebaeude.config import Settings
from gebaeude.maintenance.outbox import next_attempt, pause
from gebaeude.worker.mails import compose, send_waiting


def settings(url: str, **more: Any) -> Settings:
    return Settings(
        smtp_url=url, mail_from="Gebäude <haus@nordlippe.example>",
        public_url="http://haus.example:8050/", **more,
    )  # fmt: skip


def write(houses: Any, count: int = 1, recipient: str = "adler@nordlippe.example") -> None:
    """Mails of one ticket into the outbox."""
    houses.ask(
        "WITH t AS (INSERT INTO ticket (building_id, title, task, priority, skill, opened_at)"
        " SELECT id, 't', 't', 'normal', 'heating', '2026-06-01' FROM building WHERE key = 'schule'"
        " RETURNING id)"
        " INSERT INTO mail (ticket_id, recipient, subject, body, created_at)"
        " SELECT t.id, %s, 'Nr. ' || n || ' · Raum 204 über 28\u202f°C',"
        " 'Guten Tag,\n\nes ist zu warm.\n', %s"
        " FROM t, generate_series(1, %s) n RETURNING id",
        recipient, houses.now, count,
    )  # fmt: skip


def send(houses: Any, to: Any, now: datetime | None = None) -> None:
    with houses.connect() as connection:
        send_waiting(connection, settings(to.url), now or houses.now, threading.Event())


def outbox(houses: Any) -> list[tuple[bool, int, str | None]]:
    return houses.ask("SELECT sent_at IS NOT NULL, attempts, error FROM mail ORDER BY id")  # type: ignore[no-any-return]


class TestSending:
    def test_the_mail_arrives_as_it_was_written_with_its_link(
        self, houses: Any, mail_server: Any
    ) -> None:
        mail_server.start()
        write(houses)
        send(houses, mail_server)
        [mail] = mail_server.mails()
        assert mail["From"] == "Gebäude <haus@nordlippe.example>"
        assert mail["To"] == "adler@nordlippe.example"
        assert mail["Subject"] == "Nr. 1 · Raum 204 über 28\u202f°C"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Message-ID"].endswith("@nordlippe.example>")
        assert mail.get_content_type() == "text/plain"
        text = mail.get_content()
        assert "es ist zu warm." in text
        number = houses.one("SELECT 'A-2026-' || lpad(id::text, 4, '0') FROM ticket")
        assert f"Zum Auftrag: http://haus.example:8050/auftraege/{number}" in text
        assert outbox(houses) == [(True, 1, None)]
        assert houses.ask("SELECT actor, comment FROM ticket_event WHERE kind = 'mail'") == [
            ("E-Mail-Versand", "E-Mail an adler@nordlippe.example gesendet.")
        ]

    def test_several_senders_at_once_send_each_once(self, houses: Any, mail_server: Any) -> None:
        mail_server.start()
        write(houses, count=40)
        program = textwrap.dedent("""
            import sys, threading
            from datetime import UTC, datetime
            from gebaeude.config import Settings
            from gebaeude.store.database import connect
            from gebaeude.worker.mails import send_waiting
            with connect(sys.argv[1], name="sender", autocommit=True) as connection:
                send_waiting(connection, Settings(smtp_url=sys.argv[2]), datetime.now(UTC),
                             threading.Event())
        """)

        def sender(_number: int) -> int:
            command = [sys.executable, "-c", program, houses.url, mail_server.url]
            return subprocess.run(command, timeout=60, check=False).returncode

        with ThreadPoolExecutor(3) as pool:
            assert list(pool.map(sender, range(3))) == [0, 0, 0]
        subjects = [mail["Subject"].split()[1] for mail in mail_server.mails()]
        assert sorted(map(int, subjects)) == list(range(1, 41))

    def test_without_a_server_they_wait(self, houses: Any) -> None:
        write(houses)
        with houses.connect() as connection:
            send_waiting(connection, Settings(smtp_url=""), houses.now, threading.Event())
        assert outbox(houses) == [(False, 0, None)]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Files of a certificate for 127.0.0.1 that signs itself, and of its key."""
    directory = tmp_path_factory.mktemp("tls")
    cert, key = str(directory / "cert.pem"), str(directory / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
               "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


class TestEncryption:
    @pytest.mark.parametrize(("scheme", "kind"), [("smtps", "smtps"), ("smtp+starttls", "tls")])
    @pytest.mark.parametrize("trusted", [True, False])
    def test_only_with_a_server_that_proves_who_it_is(
        self, houses: Any, mail_server: Any, certificate: tuple[str, str],
        monkeypatch: pytest.MonkeyPatch, scheme: str, kind: str, trusted: bool,
    ) -> None:  # fmt: skip
        cert, key = certificate
        mail_server.start(options=[f"--{kind}cert", cert, f"--{kind}key", key])
        mail_server.url = f"{scheme}://127.0.0.1:{mail_server.port}"
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", cert)
        write(houses)
        send(houses, mail_server)
        [(was_sent, _attempts, error)] = outbox(houses)
        assert was_sent is trusted
        assert len(mail_server.mails()) == trusted
        assert trusted or "certificate verify failed" in (error or "")

    def test_a_server_without_starttls_gets_nothing(self, houses: Any, mail_server: Any) -> None:
        mail_server.start()
        mail_server.url = f"smtp+starttls://127.0.0.1:{mail_server.port}"
        write(houses)
        send(houses, mail_server)
        assert "STARTTLS" in (outbox(houses)[0][2] or "")
        assert mail_server.mails() == []


class TestTrouble:
    def test_down_then_up(self, houses: Any, mail_server: Any) -> None:
        write(houses, count=2)
        send(houses, mail_server)
        [first, second] = outbox(houses)
        assert first[:2] == (False, 1)
        assert second[:2] == (False, 0)
        assert "refused" in (first[2] or "")
        assert "refused" in (second[2] or "")
        mail_server.start()
        send(houses, mail_server, houses.now + timedelta(seconds=4))
        assert mail_server.mails() == []
        send(houses, mail_server, houses.now + timedelta(seconds=6))
        assert len(mail_server.mails()) == 2
        assert [row[0] for row in outbox(houses)] == [True, True]
        assert [row[2] for row in outbox(houses)] == [None, None]

    def test_a_refused_mail_says_why_and_holds_up_no_other(
        self, houses: Any, mail_server: Any
    ) -> None:
        mail_server.start(size_limit=2000)
        write(houses)
        houses.ask("UPDATE mail SET body = repeat('x ', 3000) RETURNING 1")
        write(houses, recipient="busch@nordlippe.example")
        write(houses, recipient="kein Empfänger\nBcc: alle@nordlippe.example")
        send(houses, mail_server)
        assert [mail["To"] for mail in mail_server.mails()] == ["busch@nordlippe.example"]
        [large, fine, broken] = outbox(houses)
        assert (large[0], fine[0], broken[0]) == (False, True, False)
        assert (large[2] or "").startswith("552 ")
        assert broken[2]

    def test_what_is_refused_for_days_is_given_up_and_the_ticket_says_so(
        self, houses: Any, mail_server: Any
    ) -> None:
        mail_server.start(size_limit=100)
        write(houses)
        for days in (0, 1, 3):
            send(houses, mail_server, houses.now + timedelta(days=days))
        assert houses.one("SELECT next_at = 'infinity' FROM mail")
        text = houses.one("SELECT comment FROM ticket_event WHERE kind = 'mail'")
        assert text.startswith("E-Mail an adler@nordlippe.example ist nicht zustellbar: 552")

    def test_killed_while_sending_it_is_sent_again_with_the_same_id(
        self, houses: Any, mail_server: Any
    ) -> None:
        mail_server.start()
        write(houses)
        program = textwrap.dedent("""
            import os, signal, sys, threading
            from datetime import UTC, datetime
            from gebaeude.config import Settings
            from gebaeude.store import mail
            from gebaeude.store.database import connect
            from gebaeude.worker.mails import send_waiting
            mail.sent = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
            with connect(sys.argv[1], name="sender", autocommit=True) as connection:
                known = Settings(smtp_url=sys.argv[2], mail_from="haus@nordlippe.example")
                send_waiting(connection, known, datetime.now(UTC), threading.Event())
        """)
        command = [sys.executable, "-c", program, houses.url, mail_server.url]
        killed = subprocess.run(command, timeout=60, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert outbox(houses) == [(False, 0, None)]
        send(houses, mail_server)
        assert outbox(houses) == [(True, 1, None)]
        first, second = mail_server.mails()
        assert first["Message-ID"] == second["Message-ID"]


class TestPauses:
    @pytest.mark.parametrize(
        ("attempts", "seconds"), [(0, 5), (1, 10), (5, 160), (9, 1800), (10**6, 1800)]
    )
    def test_grow_up_to_half_an_hour(self, attempts: int, seconds: int) -> None:
        assert pause(attempts) == timedelta(seconds=seconds)

    def test_given_up_after_three_days(self, houses: Any) -> None:
        now = houses.now
        assert next_attempt(now - timedelta(days=2, hours=23), 50, now) == now + timedelta(
            minutes=30
        )
        assert next_attempt(now - timedelta(days=3), 50, now) is None


def test_the_sender_of_a_mail_without_a_ticket(houses: Any) -> None:
    from gebaeude.store.mail import Mail

    mail = Mail(7, "x@y.example", "Betreff", "Text\n", houses.now, 0, None, None)
    message = compose(mail, settings("smtp://localhost"))
    assert "auftraege" not in message.get_content()
