"""All settings, in one typed class: environment `GEBAEUDE_…`, or `GEBAEUDE_…_FILE` for secrets."""

from __future__ import annotations

import os
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gebaeude.errors import SettingsError
from gebaeude.mqtt import address

PREFIX = "GEBAEUDE_"
PLACES = frozenset({"{building}", "{device}", "{field}"})  # of plain_topics
Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    """What can be set from outside. Each field's docstring is its line in docs/settings.md."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, use_attribute_docstrings=True
    )

    database_url: str = ""
    """PostgreSQL with TimescaleDB: postgresql://user:password@host:port/name. Empty: `gebaeude
    demo` runs its own."""

    web_database_url: str = ""
    """The same database as the dashboard and the API connect to it: with a role of their own, which
    `gebaeude migrate` makes, and which sees only what whoever asks may see. Without it they do not
    start; `gebaeude demo` has its own."""

    mqtt_url: str = ""
    """MQTT broker: mqtt://user:password@host:port, or mqtts:// for TLS. Of a cluster all nodes, as
    …@host:port,host:port,host:port: the next is tried at each attempt to connect. Empty: `gebaeude
    demo` runs its own."""

    mqtt_client_id: str = Field("gebaeude-ingest", min_length=1)
    """Client id of ingest; the broker keeps the session of this name while ingest is away."""

    ingest_name: str = Field("", pattern=r"^[a-z0-9-]{0,32}$")
    """Name of this ingest where several share the messages; it ends the client id. Empty: it is
    alone."""

    mqtt_ca_file: Path | None = None
    """Certificate authority of the broker (PEM), where it is not one the system trusts."""

    broker_dir: Path | None = None
    """Directory with the broker's files `passwords` and `acl`, which `gebaeude gateway`
    maintains."""

    broker_pid_file: Path | None = None
    """The broker's pid file: `gebaeude gateway` then makes it read its files again. Without one you
    are told what to do."""

    web_host: str = "127.0.0.1"
    """Address the dashboard and the API listen on. Other machines are let in only where public_url
    is https, or this machine itself: passwords go over no open line."""

    web_port: Port = 8050
    """Port the dashboard and the API listen on."""

    public_url: str = "http://127.0.0.1:8050"
    """Address under which people reach the dashboard; used in mails. With https, cookies are bound
    to it and browsers come by https alone."""

    accessibility_contact: str = ""
    """Whom people tell of barriers, as the accessibility statement names them: an address, a
    telephone number or both. Empty: whoever looks after the system."""

    privacy_controller: str = ""
    """Who is responsible for people's data, as the page about it names them: the municipality with
    its address. Empty: each municipality for its own."""

    privacy_contact: str = ""
    """Whom people ask about their data there: the data protection officer, with an address or a
    telephone number. Empty: that of one's municipality."""

    trusted_proxies: str = ""
    """Addresses of our own reverse proxies, separated by blanks: what they say in X-Forwarded-For
    is believed, and stands in sessions and in the audit. Empty: nobody's is."""

    second_factor: Literal["managers", "everybody", "nobody"] = "managers"
    """Who needs a second factor to sign in: managers are administrators and facility managers."""

    second_factor_key: str = ""
    """Key with which the secrets of second factors are encrypted in the database, as `gebaeude
    account new-key` makes it; of several, separated by blanks, the first encrypts and all decrypt.
    The dashboard does not start without it; `gebaeude demo` makes its own."""

    oidc_issuer: str = ""
    """The municipality's identity provider (OpenID Connect), exactly as it calls itself:
    https://anmelden.example.de/realms/stadt. Empty: people sign in with passwords alone."""

    oidc_client_id: str = ""
    """As what we are registered with the identity provider."""

    oidc_client_secret: str = ""
    """The secret that the identity provider has given us."""

    oidc_name: str = Field("", max_length=80)
    """What the button says that leads to the identity provider, such as: Anmelden mit dem Konto der
    Stadt. Empty: a general text."""

    oidc_second_factor: Literal["ours", "provider"] = "ours"
    """Who asks for a second factor where one is needed and somebody comes from the identity
    provider: provider only where it asks everybody for one."""

    oidc_verified_claim: str = Field("email_verified", min_length=1)
    """The claim by which the identity provider says that an e-mail address is somebody's own."""

    oidc_domains: str = ""
    """Domains of the e-mail addresses that the identity provider may speak for, separated by
    blanks. Empty: any, so that it can let people in to every account."""

    smtp_url: str = ""
    """Mail server: smtp://user:password@host:port, smtps:// for TLS from the start,
    smtp+starttls:// for STARTTLS. Empty: mails wait in the outbox."""

    mail_from: str = "gebaeude@localhost"
    """Sender of mails."""

    metrics_host: str = "127.0.0.1"
    """Address on which ingest and worker offer Prometheus metrics."""

    metrics_port: Port = 0
    """Port on which ingest and worker offer Prometheus metrics; 0: none. The web process has them
    at /api/v1/metrics."""

    ingest_batch: int = Field(2000, ge=1, le=20_000)
    """Messages ingest writes in one transaction at most; below the broker's
    max_inflight_messages."""

    ingest_max_age_ms: int = Field(200, ge=1, le=60_000)
    """Milliseconds a message waits for its batch at most."""

    message_limit: int = Field(262_144, ge=1024)
    """Bytes of payload beyond which a message goes to quarantine unread."""

    message_values: int = Field(5000, ge=100)
    """Values in one message beyond which it goes to quarantine whole."""

    clock_ahead_s: int = Field(900, ge=0)
    """Seconds a device's clock may be ahead before its values go to quarantine."""

    quarantine_max_days: int = Field(365, ge=1)
    """Days a message stays in quarantine after it last came; then it is dropped, and counted."""

    quarantine_max_mb: int = Field(2000, ge=1)
    """Megabytes (10^6 bytes) quarantine may fill; beyond, the oldest messages are dropped, and
    counted."""

    retention_access_days: int = Field(90, ge=1)
    """Days a session, link or token is kept after it has ended; a browser is known as long."""

    retention_mail_days: int = Field(90, ge=7)
    """Days a mail is kept after it has left or was given up."""

    retention_people_years: int = Field(3, ge=1)
    """Years after which names are removed from closed tickets, the history of devices and the
    audit."""

    plain_topics: str = "plain/{building}/{device}/{field} plain/{building}/{device}"
    """Topics of the plain format, separated by blanks. {building}, {device} and {field} each stand
    for one level; {device} must be there, and without {field} the payload is an object."""

    profiles_dir: Path | None = None
    """Directory with device profiles of your own, one .yaml file each; one with the name of a
    shipped profile replaces it."""

    state_dir: Path | None = None
    """Where `gebaeude demo` keeps its data. Default: /var/lib/gebaeude as root, else the user's
    state directory."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """What is logged."""

    language: Literal["de", "en"] = "de"
    """Language of the interface."""

    @property
    def ingest_client_id(self) -> str:
        """Client id of this ingest."""
        return "-".join(filter(None, (self.mqtt_client_id, self.ingest_name)))

    @field_validator("database_url", "web_database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        return _with_scheme(value, ("postgresql", "postgres"))

    @field_validator("mqtt_url")
    @classmethod
    def _mqtt(cls, value: str) -> str:
        if value:
            try:
                address(value)
            except ValueError:
                wanted = "mqtt://… oder mqtts://… mit einem Rechner, mehrere mit Komma getrennt"
                raise ValueError(f"erwartet wird {wanted}") from None
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: str) -> str:
        return _with_scheme(value, ("smtp", "smtps", "smtp+starttls"))

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, value: str) -> str:
        parts = urlsplit(_with_scheme(value, ("https", "http")))
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise ValueError("erwartet wird https://…")
        if parts.query or parts.fragment or parts.username:
            raise ValueError("erwartet wird eine Adresse ohne Fragezeichen, Raute und Benutzer")
        return value

    @field_validator("plain_topics")
    @classmethod
    def _plain(cls, value: str) -> str:
        for topic in value.split():
            places = [level for level in topic.split("/") if {*level} & {*"{}+#"}]
            is_doubled = len(places) > len({*places})
            if "{device}" not in places or is_doubled or not PLACES.issuperset(places):
                raise ValueError(f"{topic}: erwartet wird ein Muster wie {{building}}/{{device}}")
        return value

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str) -> str:
        return _with_scheme(value, ("http", "https")).rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether this name or address is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _with_scheme(value: str, schemes: tuple[str, ...]) -> str:
    """The address, if empty or of one of the schemes with a host and a sensible port."""
    if not value:
        return value
    parts = urlsplit(value)
    if parts.scheme not in schemes or not parts.hostname:
        wanted = " oder ".join(f"{scheme}://…" for scheme in schemes)
        raise ValueError(f"erwartet wird {wanted}")
    parts.port  # noqa: B018  raises ValueError when it is not a port
    return value


def load() -> Settings:
    """Settings from the environment; SettingsError with one line that names what is wrong."""
    try:
        return Settings(**_secrets_from_files())
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0] if first["loc"] else "").upper()
        text = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"Einstellung {name}: {text}") from None


settings = cache(load)


def require(value: str, name: str) -> str:
    """The setting's value, or SettingsError where it is empty."""
    if not value:
        raise SettingsError(f"Einstellung {PREFIX}{name.upper()} fehlt.")
    return value


def _secrets_from_files() -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in Settings.model_fields:
        path = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
        if path is None:
            continue
        try:
            values[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"Einstellung {PREFIX}{name.upper()}_FILE: {path} ist nicht lesbar ({error})."
            ) from None
    return values
