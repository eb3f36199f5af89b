"""docker-compose.yml as far as it can be held to the code without a Docker engine."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from gebaeude.cli import app
from gebaeude.config import PREFIX, Settings, is_loopback
from gebaeude.mqtt import address

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
OURS = {
    "migrate", "ingest", "ingest-durable", "ingest-cluster", "worker", "web", "portfolio",
    "simulate",
}  # fmt: skip
NODES = ("rabbitmq-1", "rabbitmq-2", "rabbitmq-3")
SERVERS = {
    "secrets", "certificates", "database", "broker", "durable-secrets", "durable",
    "cluster-secrets", *NODES,
}  # fmt: skip
ONE_SHOT = {
    "secrets", "durable-secrets", "cluster-secrets", "certificates", "migrate", "portfolio",
    "gateway",
}  # fmt: skip


def compose_plugin() -> bool:
    docker = shutil.which("docker")
    return (
        bool(docker)
        and subprocess.run([docker, "compose", "version"], capture_output=True).returncode == 0
    )


def expand(node: Any) -> Any:
    """Fill in ${NAME:-default} with the default, as Compose does in an empty environment."""
    if isinstance(node, dict):
        return {key: expand(value) for key, value in node.items()}
    if isinstance(node, list):
        return [expand(value) for value in node]
    if isinstance(node, str) and "${" in node:
        before, _, rest = node.partition("${")
        name, _, after = rest.partition("}")
        return expand(before + name.partition(":-")[2] + after)
    return node


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    if compose_plugin():
        done = subprocess.run(
            ["docker", "compose", "--profile", "*", "-f", str(FILE), "config", "--format", "json"],
            capture_output=True,
            text=True,
            check=True,
        )
        found: dict[str, Any] = json.loads(done.stdout)
        return found
    parsed: dict[str, Any] = expand(yaml.safe_load(FILE.read_text()))
    return parsed


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def test_has_every_part_of_the_system(services: dict[str, Any]) -> None:
    assert set(services) == {*SERVERS, *OURS, "gateway"}


@pytest.mark.parametrize("name", sorted(OURS))
def test_runs_a_command_the_program_has(services: dict[str, Any], name: str) -> None:
    commands = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert services[name]["command"][0] in commands


def test_gateways_are_maintained_without_a_network(services: dict[str, Any]) -> None:
    gateway = services["gateway"]
    assert gateway["network_mode"] == "none"
    assert gateway["entrypoint"] == ["gebaeude", "gateway"]
    assert "gateway" in {group.name for group in app.registered_groups}
    assert len(gateway["volumes"]) == 1


@pytest.mark.parametrize("name", sorted({*OURS, "gateway"}))
def test_uses_only_settings_that_exist(services: dict[str, Any], name: str) -> None:
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    ours = {
        key if key in known else key.removesuffix("_FILE")
        for key in services[name]["environment"]
        if key.startswith(PREFIX)
    }
    assert ours
    assert ours <= known


def test_settings_of_the_web_process_are_accepted(
    services: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in services["web"]["environment"].items():
        if not key.endswith("_FILE"):
            monkeypatch.setenv(key, value)
    settings = Settings()
    assert settings.web_host == "0.0.0.0"
    assert is_loopback(urlsplit(settings.public_url).hostname or "")


def test_no_password_stands_in_the_file(services: dict[str, Any]) -> None:
    for service in services.values():
        for key, value in service.get("environment", {}).items():
            if "PASSWORD" in key or key.endswith("_URL_FILE"):
                assert str(value).startswith("/run/secrets/"), key


def test_every_secret_that_is_read_is_made(services: dict[str, Any], made_secrets: Path) -> None:
    wanted = {
        Path(value).name
        for service in services.values()
        for value in service.get("environment", {}).values()
        if str(value).startswith("/run/secrets/")
    }
    assert len(wanted) >= 4
    assert wanted <= {path.name for path in made_secrets.iterdir()}


def test_what_runs_on_is_watched_and_started_again(services: dict[str, Any]) -> None:
    for name in set(services) - ONE_SHOT:
        assert services[name]["restart"] == "unless-stopped", name
        assert "healthcheck" in services[name], name
    for name in ONE_SHOT:
        assert services[name]["restart"] == "no", name


def test_ports_are_published_on_loopback_only(services: dict[str, Any]) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert len(published) == 6
    for port in published:
        host = port["host_ip"] if isinstance(port, dict) else port.split(":")[0]
        assert host == "127.0.0.1"


def test_data_outlives_the_containers(compose: dict[str, Any]) -> None:
    assert set(compose["volumes"]) == {
        "database", "broker", "secrets", "access", "certificates", "durable", "durable-access",
        "cluster-access", *NODES,
    }  # fmt: skip


def test_files_that_are_mounted_exist() -> None:
    services = yaml.safe_load(FILE.read_text())["services"]
    mounted = [
        volume.split(":")[0]
        for service in services.values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    ]
    assert len(mounted) == 32
    for path in mounted:
        assert (ROOT / path).is_file(), path


def test_what_not_everybody_wants_stands_under_a_profile(services: dict[str, Any]) -> None:
    by_profile = {name: service["profiles"] for name, service in services.items()
                  if service.get("profiles")}  # fmt: skip
    assert by_profile == {
        "portfolio": ["simulators"], "simulate": ["simulators"], "gateway": ["gateway"],
        "durable-secrets": ["durable"], "durable": ["durable"], "ingest-durable": ["durable"],
        "cluster-secrets": ["cluster"], "ingest-cluster": ["cluster"],
        **{node: ["cluster"] for node in NODES},
    }  # fmt: skip


def test_every_image_has_a_version(services: dict[str, Any]) -> None:
    for name, service in services.items():
        image, _, tag = service["image"].partition(":")
        assert image == "gebaeude" or re.match(r"\d+\.\d+\.\d+", tag), name


def test_only_what_is_in_the_profile_needs_it(services: dict[str, Any]) -> None:
    """Whoever does not ask for one of the durable brokers gets the system without it."""
    for only in (
        {"durable-secrets", "durable", "ingest-durable"},
        {"cluster-secrets", *NODES, "ingest-cluster"},
    ):
        for name in set(services) - only:
            assert not only & set(services[name].get("depends_on", {})), name


def test_nodes_of_the_cluster_differ_in_name_port_and_data_alone(services: dict[str, Any]) -> None:
    """Each is the node that cluster.conf names, in the directory of that name."""
    settings = (ROOT / "deploy/rabbitmq/cluster.conf").read_text()
    assert re.findall(r"nodes\.\d = rabbit@(\S+)", settings) == list(NODES)
    (hosts,) = services["cluster-secrets"]["command"]
    assert hosts.split(",") == list(NODES)
    assert {*NODES} <= {*services["certificates"]["command"]}
    alike = [
        {
            **services[node],
            "hostname": services[node]["hostname"] == node,
            "ports": len(services[node]["ports"]),
            "volumes": [
                str(volume).replace(node, "its own") for volume in services[node]["volumes"]
            ],
        }
        for node in NODES
    ]
    assert alike[0] == alike[1] == alike[2]
    assert alike[0]["hostname"]


def test_everything_waits_for_what_it_needs(services: dict[str, Any]) -> None:
    assert services["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"
    for name in ("ingest", "worker", "web", "portfolio"):
        waits = services[name]["depends_on"]["migrate"]["condition"]
        assert waits == "service_completed_successfully"


def test_image_runs_as_an_ordinary_user_with_pinned_libraries() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER")]
    assert users == ["gebaeude"]
    assert any("--require-hashes" in line for line in lines)


def test_image_gets_every_package(tmp_path: Path) -> None:
    """What .dockerignore lets through is enough to build, and the build carries the data files."""
    kept = [
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    ]
    source = tmp_path / "source"
    source.mkdir()
    for name in kept:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source / name)
    site = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index",
         "--no-build-isolation", "--no-compile", "--target", str(site), str(source)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    wanted = {
        path.relative_to(ROOT)
        for package in ("gebaeude", "ingest", "dashboard", "simulators")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    missing = {str(path) for path in wanted if not (site / path).is_file()}
    assert missing == set()


def make_secrets(directory: Path) -> None:
    script, acl = ROOT / "deploy/secrets.sh", ROOT / "gebaeude/broker/base.acl"
    subprocess.run(["sh", script, directory, directory.parent / "access", acl], check=True)
    script, policies = (ROOT / "deploy/rabbitmq" / name for name in ("secrets.sh", "policies.json"))
    for kind, hosts in (("durable", "durable"), ("cluster", ",".join(NODES))):
        place = [directory, directory.parent / kind, policies, hosts, str(os.geteuid())]
        subprocess.run(["sh", script, *place], check=True)


@pytest.fixture
def made_secrets(tmp_path: Path) -> Path:
    make_secrets(tmp_path / "secrets")
    return tmp_path / "secrets"


def test_secrets_are_made_once_and_readable_by_their_owner_alone(made_secrets: Path) -> None:
    access = made_secrets.parent / "access"
    before = {path: path.read_bytes() for path in [*made_secrets.iterdir(), *access.iterdir()]}
    make_secrets(made_secrets)
    assert {path: path.read_bytes() for path in before} == before
    assert all(path.stat().st_mode & 0o777 == 0o400 for path in made_secrets.iterdir())
    assert access.stat().st_mode & 0o7777 == 0o2750
    assert {path.name: path.stat().st_mode & 0o777 for path in access.iterdir()} == {
        "passwords": 0o640, "acl": 0o640,
    }  # fmt: skip
    password = (made_secrets / "database_password").read_text()
    assert password in (made_secrets / "database_url").read_text()


def test_accounts_of_the_broker_made_anew_leave_the_database_alone(made_secrets: Path) -> None:
    kept = ("database_url", "database_password", "ingest_client_id", "durable_url", "cluster_url")
    before = [(made_secrets / name).read_text() for name in kept]
    ingest = (made_secrets / "ingest_url").read_text()
    (made_secrets.parent / "access" / "passwords").unlink()
    make_secrets(made_secrets)
    assert [(made_secrets / name).read_text() for name in kept] == before
    assert (made_secrets / "ingest_url").read_text() != ingest


@pytest.mark.parametrize(("kind", "hosts"), [("durable", ["durable"]), ("cluster", [*NODES])])
def test_account_of_the_durable_brokers_ingest_fits_its_definitions(
    made_secrets: Path, kind: str, hosts: list[str]
) -> None:
    made = json.loads((made_secrets.parent / kind / "definitions.json").read_text())
    (user,) = made["users"]
    broker = address((made_secrets / f"{kind}_url").read_text())
    assert (broker.is_encrypted, broker.username) == (True, user["name"])
    assert broker.places == tuple((host, 8883) for host in hosts)
    hashed = base64.b64decode(user["password_hash"])
    salt, password = hashed[:4], (broker.password or "").encode()
    assert hashlib.sha256(salt + password).digest() == hashed[4:]
    client = (made_secrets / f"{kind}_client_id").read_text()
    (rights,) = made["permissions"]
    for right in ("configure", "write", "read"):
        assert re.search(rights[right], f"mqtt-subscription-{client}qos1"), right
        assert not re.search(rights[right], "mqtt-subscription-somebodyqos1"), right


def test_nodes_of_the_cluster_share_a_word_that_is_made_once(made_secrets: Path) -> None:
    cookie = made_secrets.parent / "cluster/.erlang.cookie"
    word = cookie.read_text()
    assert len(word) == 48
    assert cookie.stat().st_mode & 0o777 == 0o400
    make_secrets(made_secrets)
    assert cookie.read_text() == word
    assert not (made_secrets.parent / "durable/.erlang.cookie").exists()


def test_certificate_is_kept_renewed_for_other_names_and_never_put_over_ones_own(
    tmp_path: Path,
) -> None:
    def made(*names: str) -> tuple[bytes, bytes]:
        subprocess.run(["sh", ROOT / "deploy/certificates.sh", tmp_path, *names], check=True)
        return (tmp_path / "ca.crt").read_bytes(), (tmp_path / "server.crt").read_bytes()

    first = made("broker", "127.0.0.1")
    assert made("broker", "127.0.0.1") == first
    second = made("broker", "127.0.0.1", "broker.example")
    assert second[0] == first[0]
    assert second[1] != first[1]
    (tmp_path / "ca.key").unlink()
    assert made("elsewhere") == second
