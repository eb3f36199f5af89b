"""The bill of materials has every library that is pinned."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PINS = (ROOT / "requirements.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    def made() -> bytes:
        command = [sys.executable, ROOT / "deploy" / "sbom.py"]
        return subprocess.run(command, check=True, capture_output=True).stdout

    first = made()
    assert first == made()
    found: dict[str, Any] = json.loads(first)
    return found


def test_every_pinned_library_is_in_it_with_its_checksums(bill: dict[str, Any]) -> None:
    pinned = dict(re.findall(r"(?m)^([\w.-]+)(?:\[.*\])?==([^\s;]+)", PINS))
    libraries = [one for one in bill["components"] if one["type"] == "library"]
    assert {one["name"]: one["version"] for one in libraries} == pinned
    checksums = [one["content"] for library in libraries for one in library["hashes"]]
    assert sorted(checksums) == sorted(re.findall(r"sha256:([0-9a-f]{64})", PINS))
    assert len({one["purl"] for one in libraries}) == len(libraries) > 40


def test_licences_are_named(bill: dict[str, Any]) -> None:
    unnamed = [one["name"] for one in bill["components"] if not one.get("licenses")]
    assert len(unnamed) < 0.1 * len(bill["components"]), unnamed


def test_it_is_of_the_format_it_says(bill: dict[str, Any]) -> None:
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["serialNumber"])
    assert bill["metadata"]["component"]["name"] == "gebaeude"
