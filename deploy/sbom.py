"""The bill of materials: every library that runs here, in CycloneDX's JSON.

    python deploy/sbom.py > gebaeude.cdx.json

Names, versions and checksums are those of requirements.txt, so it is always the one of this
version; licences are read from what is installed beside the Python that runs this (`make sbom`).
Two runs of one version are the same byte by byte.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

ROOT = Path(__file__).resolve().parents[1]
PINNED = re.compile(
    r"(?m)^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)((?:.*\\\n)(?: {4}--hash=.*\n)+)"
)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
# What is shipped in this source and not by a library.
SHIPPED: tuple[dict[str, Any], ...] = (
    {
        "type": "file", "name": "Inter", "licenses": [{"license": {"id": "OFL-1.1"}}],
        "description": "dashboard/assets/fonts: typeface",
    },
    {
        "type": "data", "name": "SecLists 10-million-password-list",
        "licenses": [{"license": {"id": "MIT"}}],
        "description": "gebaeude/access/common-passwords.txt.gz: the commonest passwords",
    },
)  # fmt: skip


def main() -> int:
    json.dump(bill(), sys.stdout, indent=2, ensure_ascii=False)
    print()
    return 0


def bill() -> dict[str, Any]:
    """The whole document."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    libraries = [_library(*found) for found in PINNED.findall(text)]
    project = metadata("gebaeude")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, text)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "name": "gebaeude", "version": project["Version"],
                "licenses": _licences(project),
            }
        },
        "components": [*libraries, *SHIPPED],
    }  # fmt: skip


def _library(name: str, version: str, rest: str) -> dict[str, Any]:
    address = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
    found = {
        "type": "library", "bom-ref": address, "name": name, "version": version, "purl": address,
        "hashes": [{"alg": "SHA-256", "content": one} for one in HASH.findall(rest)],
    }  # fmt: skip
    try:
        licences = _licences(metadata(name))
    except PackageNotFoundError:  # of another kind of machine
        licences = []
    return found | ({"licenses": licences} if licences else {})


def _licences(told: PackageMetadata) -> list[dict[str, Any]]:
    """As an expression where the library has one, else in the words it has."""
    if expression := told.get("License-Expression"):
        return [{"expression": expression}]
    classed = [
        one.rpartition(" :: ")[2]
        for one in told.get_all("Classifier") or ()
        if one.startswith("License :: ") and not one.endswith("OSI Approved")
    ]
    words = classed or [(told.get("License") or "").strip().split("\n")[0][:100]]
    return [{"license": {"name": one}} for one in words if one]


if __name__ == "__main__":
    sys.exit(main())
