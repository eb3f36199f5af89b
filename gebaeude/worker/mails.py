"""Sending what waits in the outbox.

A mail is locked while it is on its way, so that no second sender takes it, and marked in the same
transaction. A crash between the server's yes and the mark sends it again: its Message-ID stays
the same, by which mail programs know it as one.
"""

from __future__ import annotations

import smtplib
import ssl
import threading
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from gebaeude.config import Settings
from gebaeude.maintenance import outbox, wording
from gebaeude.store import dispatch
from gebaeude.store import mail as store
from gebaeude.store.database import Connection
from gebaeude.store.mail import Mail
from gebaeude.text import _
from gebaeude.worker import metrics

PATIENCE_S = 15.0  # for every answer of the mail server
ERROR_LIMIT = 500  # characters of an error that are kept

_sending = threading.Lock()  # one session with the server for each worker


def send_waiting(
    connection: Connection, settings: Settings, now: datetime, stop: threading.Event
) -> None:
    """Sends every mail that is due, one transaction each. Needs a connection in autocommit."""
    if not settings.smtp_url or not _sending.acquire(blocking=False):
        return
    try:
        with _Server(settings.smtp_url) as server:
            while not stop.is_set() and _send_next(connection, server, settings, now):
                pass
    finally:
        _sending.release()


def compose(mail: Mail, settings: Settings) -> EmailMessage:
    """The mail as it leaves, with the link to its ticket. ValueError for an impossible address."""
    sender = parseaddr(settings.mail_from)[1]
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at.astimezone(UTC))
    unique = f"gebaeude-{mail.id}.{int(mail.created_at.timestamp())}"
    message["Message-ID"] = f"<{unique}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = settings.language
    body = mail.body
    if mail.ticket is not None:
        link = f"{settings.public_url}/auftraege/{mail.ticket}"
        body += "\n" + _("Zum Auftrag: {link}").format(link=link) + "\n"
    message.set_content(body)
    return message


def _send_next(connection: Connection, server: _Server, settings: Settings, now: datetime) -> bool:
    """Sends one mail; false where none is left, or the server cannot be reached."""
    with connection.transaction():
        mail = store.next_due(connection, now)
        if mail is None:
            return False
        try:
            server.send(compose(mail, settings))
        except _Unreachable as error:
            metrics.MAILS.labels("unreachable").inc()
            again = now + outbox.pause(mail.attempts)
            store.failed(connection, mail, str(error), again)
            store.postpone(connection, str(error), now, again)
            return False
        except (smtplib.SMTPException, OSError, ValueError) as error:
            metrics.MAILS.labels("refused").inc()
            _refused(connection, mail, _readable(error), now)
        else:
            metrics.MAILS.labels("sent").inc()
            store.sent(connection, mail, now)
            _note(connection, mail, wording.mail_sent(mail.recipient), now)
        return True


def _refused(connection: Connection, mail: Mail, error: str, now: datetime) -> None:
    again = outbox.next_attempt(mail.created_at, mail.attempts, now)
    store.failed(connection, mail, error, again)
    if again is None:
        _note(connection, mail, wording.mail_given_up(mail.recipient, error), now)


def _note(connection: Connection, mail: Mail, text: str, now: datetime) -> None:
    if mail.ticket_id is not None:
        actor = _(wording.ACTORS["mail"])
        dispatch.add_event(connection, mail.ticket_id, now, actor, "mail", comment=text)


class _Unreachable(Exception):
    """There is no session with the mail server to be had."""


class _Server:
    """A session with the mail server, begun when the first mail needs it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: smtplib.SMTP | None = None

    def __enter__(self) -> _Server:
        return self

    def __exit__(self, *_error: object) -> None:
        self._leave()

    def send(self, message: EmailMessage) -> None:
        """Raises _Unreachable, or what smtplib and the sockets raise where this mail is refused."""
        if self._session is None:
            try:
                self._session = _connect(self._url)
            except OSError as error:  # which smtplib's errors are as well
                raise _Unreachable(_readable(error)) from None
        try:
            self._session.send_message(message)
        except (smtplib.SMTPException, OSError):
            # The next mail begins anew: nobody knows what state this left the session in.
            self._leave()
            raise

    def _leave(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            try:
                session.quit()
            except OSError:
                session.close()


def _connect(url: str) -> smtplib.SMTP:
    """A session as the address wants it: plain, TLS from the start, or STARTTLS, with sign-in."""
    parts, context = urlsplit(url), ssl.create_default_context()
    host = parts.hostname or ""
    session: smtplib.SMTP
    if parts.scheme == "smtps":
        session = smtplib.SMTP_SSL(host, parts.port or 465, timeout=PATIENCE_S, context=context)
    else:
        session = smtplib.SMTP(host, parts.port or 25, timeout=PATIENCE_S)
    try:
        if parts.scheme == "smtp+starttls":
            session.starttls(context=context)
        if parts.username:
            session.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        session.close()
        raise
    return session


def _readable(error: Exception) -> str:
    """What the server said, for a person; smtplib wraps it in dictionaries and tuples."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        text = f"{code} {said.decode(errors='replace')}"
    elif isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        said = answer if isinstance(answer, bytes) else str(answer).encode()
        text = f"{error.smtp_code} {said.decode(errors='replace')}"
    else:
        text = str(error) or type(error).__name__
    return " ".join(text.split())[:ERROR_LIMIT]


def _domain(address: str) -> str:
    return address.rpartition("@")[2] or "localhost"
