"""Health, metrics, and what stands in front of the web process."""

from __future__ import annotations

import gzip
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bench import access
from gebaeude import metrics
from gebaeude.config import Settings
from gebaeude.demo.postgres import EmbeddedPostgres
from gebaeude.errors import ServiceMissing, SettingsError
from gebaeude.store.database import connect
from gebaeude.store.heartbeat import beat
from gebaeude.store.migrate import migrate
from gebaeude.web import run
from tests.places import scratch
from tests.webprocess import TLS

API = "/api/v1"
Serve = Callable[[str], AbstractContextManager[httpx.Client]]
Eventually = Callable[..., object]


def test_ready_tells_of_the_other_processes(
    portfolio_db: str, serve: Serve, eventually: Eventually
) -> None:
    with connect(portfolio_db, name="test") as connection:
        beat(connection, "ingest")
        beat(connection, "worker")
        connection.execute("UPDATE heartbeat SET at = at - INTERVAL '1h' WHERE process = 'worker'")
    with serve(portfolio_db) as client:

        def own_sign() -> dict[str, bool]:
            found = client.get(f"{API}/health/ready").json()["processes"]
            alive = {one["process"]: one["alive"] for one in found}
            return alive if "web" in alive else {}

        assert eventually(own_sign) == {"ingest": True, "worker": False, "web": True}
        assert client.get(f"{API}/health/ready").json()["status"] == "ready"


def test_a_database_without_the_schema_is_not_ready(empty_database_url: str, serve: Serve) -> None:
    with serve(empty_database_url) as client:
        assert client.get(f"{API}/health/live").json() == {"status": "ok"}
        answer = client.get(f"{API}/health/ready")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.json()["database"], answer.json()["migrated"]) == (True, False)
        assert "gebaeude migrate" in answer.json()["detail"]
        asked = client.get(f"{API}/buildings")
        assert (asked.status_code, asked.json()["detail"]) == (503, answer.json()["detail"])


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    """A database server that the test may stop."""
    with scratch() as directory:
        server = EmbeddedPostgres(directory, durable=False)
        server.start()
        yield server
        server.stop()


def test_without_its_database_the_process_lives_and_is_not_ready(
    own_server: EmbeddedPostgres, serve: Serve, eventually: Eventually
) -> None:
    migrate(own_server.url)
    with serve(own_server.url) as client:
        assert client.get(f"{API}/health/ready").status_code == 200
        own_server.stop()
        assert client.get(f"{API}/health/live").status_code == 200
        assert client.get(f"{API}/health/ready").status_code == 503
        away = client.get(f"{API}/buildings")
        assert (away.status_code, away.headers["retry-after"]) == (503, "5")
        assert away.json()["detail"].startswith("Die Datenbank antwortet gerade nicht.")
        # Who scrapes cannot be known either; Prometheus sees that as a part that does not answer.
        assert client.get(f"{API}/metrics").status_code == 503
        own_server.start()
        # Of a database without municipalities nobody may see anything; it answers again.
        assert eventually(lambda: client.get(f"{API}/buildings").status_code != 503, timeout=30)
        assert client.get(f"{API}/health/ready").status_code == 200


def test_metrics_can_be_read_by_prometheus(stocked: httpx.Client) -> None:
    stocked.get(f"{API}/buildings/nosuch")
    answer = stocked.get(f"{API}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    values = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert values["gebaeude_database_up",] == 1
    assert sum(values["gebaeude_points", state] for state in ("fresh", "silent", "never")) == 390
    assert values["gebaeude_quarantine_messages", "time_ahead"] == 46
    requests = "gebaeude_http_requests_total"
    assert values[requests, "/buildings/{building}", "404", "GET"] >= 1
    assert not any("nosuch" in label for name in values for label in name)


def test_other_processes_offer_their_metrics_on_a_port(free_port: Callable[[], int]) -> None:
    port = free_port()
    stop = metrics.serve(Settings(metrics_port=port))
    try:
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert "gebaeude_build_info" in text
        # As ingest and worker on one machine, with one environment.
        with pytest.raises(SettingsError, match=r"GEBAEUDE_METRICS_PORT.*eigenen Port.*9465"):
            metrics.serve(Settings(metrics_port=port))
        with pytest.raises(SettingsError, match=r"GEBAEUDE_METRICS_PORT.*192\.0\.2\.1"):
            metrics.serve(Settings(metrics_port=port, metrics_host="192.0.2.1"))
    finally:
        stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    metrics.serve(Settings(metrics_port=0))()


@pytest.mark.parametrize("path", ["/", f"{API}/buildings", "/api/nosuch", "/assets/favicon.svg"])
def test_every_answer_has_its_security_headers(stocked: httpx.Client, path: str) -> None:
    headers = stocked.get(path).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == policy["script-src"] == policy["connect-src"] == "'self'"
    assert not any("//" in sources or "*" in sources for sources in policy.values())
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "server" not in headers


def test_text_is_compressed_for_whoever_takes_it(stocked: httpx.Client) -> None:
    with stocked.stream("GET", f"{API}/points") as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert len(raw) < len(gzip.decompress(raw)) / 5
    plain = stocked.get(f"{API}/points", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers


def test_other_names_for_this_host_are_refused(stocked: httpx.Client) -> None:
    port = stocked.base_url.port
    for host in (f"evil.example:{port}", "evil.example", "", "[", "127.0.0.1.evil.example"):
        for path in ("/", f"{API}/buildings", "/_dash-layout"):
            assert stocked.get(path, headers={"host": host}).status_code == 421, host
    for host in (f"localhost:{port}", "LOCALHOST", "127.0.0.1", f"[::1]:{port}"):
        assert stocked.get(f"{API}/health/live", headers={"host": host}).status_code == 200, host


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"origin": "http://127.0.0.1:{port}"}, False),
        ({"origin": "http://127.0.0.1:{port}", "sec-fetch-site": "same-origin"}, False),
        ({"origin": "http://127.0.0.1:1"}, True),
        ({"origin": "http://evil.example"}, True),
        ({"origin": "null"}, True),
        # What a page with "no-referrer" sends, and what one in a sandbox elsewhere does.
        ({"origin": "null", "sec-fetch-site": "same-origin"}, False),
        ({"origin": "null", "sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
    ],
)
def test_other_sites_change_nothing(
    stocked: httpx.Client, headers: dict[str, str], refused: bool
) -> None:
    sent = {name: value.format(port=stocked.base_url.port) for name, value in headers.items()}
    body = {"technician": "m-brandt"}
    answer = stocked.post(f"{API}/tickets/A-2026-9999999/take", json=body, headers=sent)
    assert answer.status_code == (403 if refused else 404)
    dash = stocked.post("/_dash-update-component", json={}, headers=sent)
    assert (dash.status_code == 403) == refused


def test_a_body_that_is_too_large_or_without_end_is_refused(stocked: httpx.Client) -> None:
    path = f"{API}/tickets/A-2026-9999999/comment"
    assert stocked.post(path, content=b"x" * (2 * 1024 * 1024 + 1)).status_code == 413
    endless = stocked.post(path, content=iter([b"{", b"}"]))
    assert endless.status_code == 411
    assert endless.headers["content-type"] == "application/problem+json"


def test_other_machines_come_by_https_alone(portfolio_db: str) -> None:
    for host in ("0.0.0.0", "192.0.2.7", "::"):
        settings = Settings(web_database_url=portfolio_db, web_host=host, web_port=0)
        with pytest.raises(SettingsError, match=r"nur auf diesem Rechner"):
            run(settings, threading.Event(), demo=True)
        settings = settings.model_copy(update={"public_url": "http://haus.example"})
        with pytest.raises(SettingsError, match=r"nicht mit https.*Kennwörter"):
            run(settings, threading.Event())


def test_an_open_one_is_reached_by_number_neighbours_and_its_public_name(
    portfolio_db: str,
) -> None:
    stop, found = threading.Event(), dict[str, int]()
    settings = Settings(
        web_database_url=access.as_web(portfolio_db),
        web_host="0.0.0.0",
        web_port=0,
        public_url="https://haus.example",
    )

    def ask(address: str) -> None:
        here = address.replace("0.0.0.0", "127.0.0.1")
        for host in ("127.0.0.1", "192.0.2.7:80", "[2001:db8::1]", "web:8050", "haus.example",
                     "evil.example", ""):  # fmt: skip
            headers = {"host": host}
            found[host] = httpx.get(
                f"{here}{API}/health/live", headers=headers, verify=TLS
            ).status_code
        stop.set()

    thread = threading.Thread(target=run, args=(settings, stop), kwargs={"ready": ask})
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert list(found.values()) == [200, 200, 200, 200, 200, 421, 421]


def test_a_port_that_is_taken_and_a_database_that_refuses(portfolio_db: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bound = access.as_web(portfolio_db)
        settings = Settings(web_database_url=bound, web_port=taken.getsockname()[1])
        with pytest.raises(SettingsError, match="GEBAEUDE_WEB_PORT"):
            run(settings, threading.Event())
    parts = urlsplit(bound)
    wrong = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":wrong@")).geturl()
    with pytest.raises(ServiceMissing, match="weist uns ab"):
        run(Settings(web_database_url=wrong, web_port=0), threading.Event())


def test_the_process_stops_cleanly_on_sigterm(
    portfolio_db: str, free_port: Callable[[], int], eventually: Eventually
) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "GEBAEUDE_WEB_DATABASE_URL": access.as_web(portfolio_db),
        "GEBAEUDE_WEB_PORT": str(port),
    }
    command = [sys.executable, "-m", "gebaeude.cli", "serve"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)

    def answers() -> bool:
        try:
            return (
                httpx.get(f"http://127.0.0.1:{port}{API}/health/ready", verify=TLS).status_code
                == 200
            )
        except httpx.TransportError:
            return False

    try:
        eventually(answers, timeout=30)
        process.send_signal(signal.SIGTERM)
        _out, log = process.communicate(timeout=15)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in log
