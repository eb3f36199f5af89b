"""Raw LoRaWAN frames of the vendors' documents, with the results that these state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FRAMES = Path(__file__).parent / "frames"
STATES = {"trigger": 1, "idle": 0, "high": 1, "low": 0}  # a state in words → as sent
EXAMPLE = re.compile(r"^// ([^\n]+)\n(\{.*?^\})", re.DOTALL | re.MULTILINE)


def examples() -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    """(decoder, frame, stated result) of the examples in the vendor's documents."""
    for path in sorted(FRAMES.glob("milesight_*.txt")):
        for found in EXAMPLE.finditer(path.read_text()):
            data = bytes.fromhex("".join(found[1].split()))  # blanks of several kinds
            yield path.stem.replace("_", "-"), data, json.loads(found[2])


def numbers(values: dict[str, Any]) -> dict[str, float]:
    """The numbers and states among stated values; versions, serial numbers and alarms are none."""
    told = {name: STATES.get(str(value), value) for name, value in values.items()}
    return {name: value for name, value in told.items() if isinstance(value, int | float)}
