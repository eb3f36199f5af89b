"""The OpenAPI description: what FastAPI knows, with errors as the problems they are."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from gebaeude.api.problems import DETAILS, MEDIA_TYPE, TITLES, Mistake, Problem
from gebaeude.text import _

TAGS = [
    {"name": "Buildings", "description": "Who owns what, and how it stands."},
    {"name": "Points", "description": "What is measured where, and its newest value."},
    {"name": "Readings", "description": "Values over time."},
    {"name": "Devices", "description": "What sends the readings, and what nobody has attached."},
    {"name": "Quarantine", "description": "Messages that could not become readings."},
    {"name": "Maintenance", "description": "Findings and tickets."},
    {"name": "Operation", "description": "Health and metrics."},
]
DESCRIPTION = """\
Readings, buildings, findings and tickets of municipalities that run their buildings together.

Times are RFC 3339; answers are in UTC. Every error is `application/problem+json` with a German
sentence in `detail`. Lists that can be long name their next page in `next` and in a `Link` header.
"""
# Who asks: a program by its token, a person by the session of their browser.
SECURITY: dict[str, dict[str, str]] = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "gebaeude"},
}
_REF = "#/components/schemas/{model}"
# Problems of any operation that asks the database; 404 and 409 where the operation can have them.
ALWAYS = (422, 503)


def install(app: FastAPI) -> None:
    """Makes `app.openapi()` the whole description, built once."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses` for a route that can answer with these problems."""
    return {status: _problem(status) for status in statuses}


def _problem(status: int) -> dict[str, Any]:
    title = _(TITLES[status])
    example = Problem(
        type="about:blank", title=title, status=status,
        detail=_(DETAILS.get(status, "")) or title, instance="/api/v1/…", errors=[],
    )  # fmt: skip
    return {
        "description": title,
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": _REF.format(model="Problem")},
                "example": example.model_dump(),
            }
        },
    }


def _describe(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes,
        tags=TAGS, servers=app.servers,
    )  # fmt: skip
    models = schema.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        models.pop(unused, None)
    for model in (Mistake, Problem):
        described = model.model_json_schema(ref_template=_REF)
        described.pop("$defs", None)
        models[model.__name__] = described
    schema["components"]["securitySchemes"] = SECURITY
    schema["security"] = [{name: []} for name in SECURITY]
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            if path.startswith("/health/"):
                operation["security"] = []
            else:
                operation["responses"] |= {str(one): _problem(one) for one in (401, 403)}
            if "requestBody" in operation:
                operation["responses"]["415"] = _problem(415)
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _without_null(parameter["schema"])
    return schema


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """An optional parameter can be left out; in an address there is no null."""
    kinds = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if len(kinds) != 1:
        return schema
    return {**kinds[0], **{key: value for key, value in schema.items() if key != "anyOf"}}
