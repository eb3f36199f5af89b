"""Known weaknesses of the libraries that requirements-dev.txt pins, the runtime's among them.

    python deploy/audit.py              fails too where a library could not be looked up
    python deploy/audit.py --reachable  says how many could not, fails for a known weakness alone

Runs with nothing but the standard library, beside the tool it calls (`make audit` installs both).
Mirrors of the index often serve libraries without the advisories about them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PINS = Path(__file__).resolve().parents[1] / "requirements-dev.txt"


def main(arguments: list[str]) -> int:
    """The exit code: 0 where nothing is known against any library that was to be looked up."""
    found, said = looked_up()
    known = [one for one in found if one.get("vulns")]
    missing = [one for one in found if "skip_reason" in one]
    for one in known:
        names = ", ".join(weakness["id"] for weakness in one["vulns"])
        print(f"audit: {one['name']} {one['version']}: {names}")
    if not found:
        print(f"audit: the advisory service does not answer: {said}")
    elif missing:
        print(f"audit: {len(missing)} of {len(found)} libraries could not be looked up")
    is_complete = bool(found) and not missing
    if known:
        return 1
    return 0 if is_complete or "--reachable" in arguments else 1


def looked_up() -> tuple[list[dict[str, Any]], str]:
    """What pip-audit says of each library; empty where it could not ask, and its last words."""
    with TemporaryDirectory() as directory:
        report = Path(directory) / "report.json"
        done = subprocess.run(
            [
                Path(sys.executable).with_name("pip-audit"), "--require-hashes", "--disable-pip",
                "--progress-spinner", "off", "--format", "json", "--output", report,
                "--requirement", PINS,
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return (json.loads(report.read_text())["dependencies"] if report.exists() else []), said


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
