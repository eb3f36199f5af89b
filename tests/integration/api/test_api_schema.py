"""The OpenAPI description is complete, and the API does what it says (schemathesis)."""

from __future__ import annotations

from typing import Any, cast

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig

from gebaeude.api.app import create_api
from gebaeude.config import Settings
from gebaeude.store.database import Pool

API = "/api/v1"


@pytest.fixture(scope="session")
def description(stocked: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = stocked.get(f"{API}/openapi.json").raise_for_status().json()
    return found


def operations(description: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_is_described(description: dict[str, Any]) -> None:
    found = operations(description)
    assert len(found) >= 20
    for name, operation in found:
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name
        answers = operation["responses"]
        good = answers["200"]["content"]
        assert all("schema" in content for content in good.values()), name
        for status, answer in answers.items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], name
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), (name, parameter["name"])
    assert len({operation["operationId"] for _name, operation in found}) == len(found)


def test_every_parameter_has_its_limits(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        for parameter in operation.get("parameters", ()):
            schema = parameter["schema"]
            if "$ref" in schema:
                schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            where = (name, parameter["name"])
            if "enum" in schema or schema["type"] == "boolean":
                continue
            if schema["type"] == "integer":
                assert {"minimum", "maximum"} <= set(schema), where
            else:
                assert {"maxLength", "pattern", "format"} & set(schema), where


def test_every_field_of_an_answer_is_typed_and_every_problem_is_one(
    description: dict[str, Any],
) -> None:
    models = description["components"]["schemas"]
    assert "Problem" in models
    assert "HTTPValidationError" not in models
    for name, model in models.items():
        for field, schema in model.get("properties", {}).items():
            assert {"type", "$ref", "anyOf", "enum"} & set(schema), (name, field)


def test_nothing_is_loaded_from_elsewhere(stocked: httpx.Client) -> None:
    for page in ("docs", "redoc"):
        assert stocked.get(f"{API}/{page}").status_code == 404


# Besides what it may always be, an answer to a request that fits the description may be 400: what
# the description cannot say, such as a range that begins after its end.
ACCEPTED = ["2xx", "400", "404", "409"]
CHECKS = {"checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}}}

# The description needs no database; only what is asked by it does.
schema = schemathesis.openapi.from_dict(
    create_api(cast(Pool, None), Settings()).openapi(),
    config=SchemathesisConfig.from_dict(CHECKS),
)


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_asked_the_answer_is_as_described(case: Case, fuzzed: httpx.Client) -> None:
    headers = {"Authorization": fuzzed.headers["Authorization"]}
    case.call_and_validate(base_url=f"{fuzzed.base_url}{API}", headers=headers, timeout=20)
