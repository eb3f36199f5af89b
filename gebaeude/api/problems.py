"""Errors as application/problem+json (RFC 9457), with a sentence for the person who reads it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from gebaeude.errors import Conflict, GebaeudeError, NotAllowed, NotFound, UsageError
from gebaeude.store.database import LOST
from gebaeude.text import N_, _

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = "5"


class Mistake(BaseModel):
    """One parameter that cannot be used."""

    where: str = Field(description="The parameter or field.", examples=["query.limit"])
    message: str = Field(description="What is wrong with it.", examples=["Höchstens 10000."])


class Problem(BaseModel):
    """What went wrong, and what can be done (RFC 9457)."""

    type: str = Field("about:blank", description="Kind of problem; about:blank: see status.")
    title: str = Field(description="Short name.", examples=["Nicht gefunden"])
    status: int = Field(description="HTTP status.", examples=[404])
    detail: str = Field(
        description="A sentence for people.", examples=["Dieses Gebäude gibt es nicht."]
    )
    instance: str = Field(description="The path asked for.", examples=["/buildings/nosuch"])
    errors: list[Mistake] = Field([], description="Each parameter that cannot be used.")


TITLES: dict[int, str] = {
    400: N_("Anfrage nicht verständlich"),
    401: N_("Nicht angemeldet"),
    403: N_("Nicht erlaubt"),
    404: N_("Nicht gefunden"),
    405: N_("So nicht möglich"),
    409: N_("Im Widerspruch zum jetzigen Stand"),
    411: N_("Länge fehlt"),
    413: N_("Anfrage zu groß"),
    415: N_("Inhalt nicht angenommen"),
    421: N_("Falsche Adresse"),
    422: N_("Angaben nicht brauchbar"),
    429: N_("Zu viele Anfragen"),
    500: N_("Fehler im System"),
    503: N_("Zurzeit nicht erreichbar"),
}
DETAILS: dict[int, str] = {
    400: N_("Die Anfrage ließ sich nicht lesen."),
    401: N_("Bitte anmelden; für Programme mit einem Schlüssel: Authorization: Bearer …"),
    403: N_("Das gehört zu einer Kommune, für die Sie hier nicht handeln dürfen."),
    404: N_("Diese Adresse gibt es nicht."),
    405: N_("Diese Adresse kennt die Methode {method} nicht."),
    422: N_("Mindestens eine Angabe ist nicht brauchbar; welche, steht unter „errors“."),
    500: N_("Da ist uns ein Fehler unterlaufen. Gespeicherte Werte sind davon nicht betroffen."),
    503: N_("Die Datenbank antwortet gerade nicht. Bitte gleich noch einmal versuchen."),
}
NOT_MIGRATED = N_(
    "Das Schema der Datenbank ist nicht auf dem Stand dieser Version: `gebaeude migrate`."
)
# pydantic's kinds of mistakes, in words; {…} are the limits it names.
MISTAKES: dict[str, str] = {
    "missing": N_("Diese Angabe fehlt."),
    "extra_forbidden": N_("Diese Angabe ist nicht bekannt."),
    "int_parsing": N_("Das ist keine ganze Zahl."),
    "int_parsing_size": N_("Diese Zahl ist zu groß."),
    "int_type": N_("Das ist keine ganze Zahl."),
    "int_from_float": N_("Das ist keine ganze Zahl."),
    "bool_parsing": N_("Erlaubt sind true und false."),
    "greater_than_equal": N_("Mindestens {ge}."),
    "less_than_equal": N_("Höchstens {le}."),
    "string_too_short": N_("Zu kurz: mindestens {min_length} Zeichen."),
    "string_too_long": N_("Zu lang: höchstens {max_length} Zeichen."),
    "string_type": N_("Das ist kein Text."),
    "string_unicode": N_("Das ist kein lesbarer Text."),
    "string_pattern_mismatch": N_("Hier sind nicht erlaubte Zeichen darin."),
    "literal_error": N_("Erlaubt ist: {expected}."),
    "enum": N_("Erlaubt ist: {expected}."),
    "json_invalid": N_("Das ist kein gültiges JSON."),
    "model_attributes_type": N_("Erwartet wird ein JSON-Objekt."),
    "date_time": N_("Das ist kein Zeitpunkt wie 2026-11-22T14:00:00Z."),
}


def respond(
    status: int,
    detail: str,
    path: str,
    *,
    errors: Sequence[Mistake] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """A problem as an answer; `more` are further members."""
    title = _(TITLES.get(status, "")) or HTTPStatus(status).phrase
    problem = Problem(
        type="about:blank", title=title, status=status, detail=detail, instance=path,
        errors=list(errors),
    )  # fmt: skip
    content = problem.model_dump() | more
    return JSONResponse(content, status, dict(headers or {}), media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Makes every error of the application a problem."""
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail = _(DETAILS.get(error.status_code, "")).format(method=request.method)
    return respond(
        error.status_code, detail or str(error.detail), request.url.path, headers=error.headers
    )


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [_mistake(one) for one in error.errors()]
    return respond(422, _(DETAILS[422]), request.url.path, errors=errors)


def _mistake(error: Mapping[str, Any]) -> Mistake:
    where = ".".join(str(part) for part in error["loc"])
    words = MISTAKES.get(error["type"], N_("Diese Angabe ist nicht zulässig."))
    return Mistake(where=_shown(where), message=_(words).format(**error.get("ctx", {})))


def _shown(text: str) -> str:
    """Text of the request as it may be sent back: no lone surrogates, not endless."""
    return text.encode("utf-8", "backslashreplace").decode()[:200]


def _not_found(request: Request, error: Exception) -> JSONResponse:
    return respond(404, str(error), request.url.path)


def _not_allowed(request: Request, error: Exception) -> JSONResponse:
    return respond(403, str(error), request.url.path)


def _conflict(request: Request, error: Exception) -> JSONResponse:
    return respond(409, str(error), request.url.path)


def _usage(request: Request, error: Exception) -> JSONResponse:
    return respond(400, str(error), request.url.path)


def _away(request: Request, error: Exception) -> JSONResponse:
    log.warning("the database does not answer: %s", " ".join(str(error).split()))
    headers = {"Retry-After": RETRY_AFTER_S}
    return respond(503, _(DETAILS[503]), request.url.path, headers=headers)


def _not_migrated(request: Request, error: Exception) -> JSONResponse:
    log.warning("the database lacks something of the schema: %s", error)
    return respond(503, _(NOT_MIGRATED), request.url.path)


def _forbidden(request: Request, error: Exception) -> JSONResponse:
    """The database refuses what lies outside of the scope of whoever asks."""
    log.warning("%s %s was refused: %s", request.method, request.url.path, error)
    return respond(403, _(DETAILS[403]), request.url.path)


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return respond(500, _(DETAILS[500]), request.url.path)


HANDLERS: dict[type[Exception], Any] = {
    HTTPException: _http,
    RequestValidationError: _invalid,
    NotFound: _not_found,
    NotAllowed: _not_allowed,
    Conflict: _conflict,
    UsageError: _usage,
    GebaeudeError: _unexpected,
    **dict.fromkeys(LOST, _away),
    psycopg.errors.QueryCanceled: _away,
    psycopg.errors.UndefinedTable: _not_migrated,
    psycopg.errors.UndefinedColumn: _not_migrated,
    psycopg.errors.InvalidSchemaName: _not_migrated,
    psycopg.errors.InsufficientPrivilege: _forbidden,
    Exception: _unexpected,
}
