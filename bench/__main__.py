"""`python -m bench [GROUP]`: measures what the goals are stated in.

One JSON object a line on standard output, nothing else there: name, value, unit, context. A group
is the beginning of a name: `ingest`, `ingest.packed`, `page`, `people`, `latency`, `demo`,
`worker`, `peers`.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import (
    demo,
    findings,
    ingest,
    ingest_leak,
    ingest_memory,
    ingest_scale,
    latency,
    pages,
    people,
)
from bench.peers import faults, race
from bench.servers import Result, Servers, servers

# Names of the measurements begin with the first word of their group's.
GROUPS: dict[str, Callable[[Servers], Iterator[Result]]] = {
    "ingest.single": ingest.single,
    "ingest.packed": ingest.packed,
    "ingest.memory": ingest_memory.memory,
    "ingest.flat": ingest_scale.flat,
    "ingest.processes": ingest_scale.processes,
    "ingest.leak": ingest_leak.leak,
    "latency.publish_to_api": latency.publish_to_api,
    "latency.limit_to_ticket": findings.latency,
    "worker": lambda on: findings.rounds(on.database()),
    "people.load": people.load_of_people,
    "page": lambda on: pages.pages(on.database()),
    "demo.start": lambda on: demo.start(),
    "demo.history": lambda on: demo.history(),
    "peers.rates": race.rates,
    "peers.database_away": faults.database_away,
    "peers.killed": faults.killed,
    "peers.bad_messages": faults.bad_messages,
}


def main(only: str = "") -> int:
    """Runs the groups whose names begin with `only`; 1 if one failed, 2 where there is none."""
    chosen = {name: group for name, group in GROUPS.items() if name.startswith(only)}
    if not chosen:
        print(f"no group {only}; there are: {', '.join(GROUPS)}", file=sys.stderr)
        return 2
    # Or whoever ends us would leave processes and a full directory behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with servers() as on:
        done = [_run(name, group, on) for name, group in chosen.items()]
    return 0 if all(done) else 1


def _run(name: str, group: Callable[[Servers], Iterator[Result]], on: Servers) -> bool:
    """Whether the group came to its end; the others are measured all the same."""
    began = time.monotonic()
    try:
        for result in group(on):
            report(*result)
    except Exception:
        traceback.print_exc()
        return False
    finally:
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
        on.clear()
    return True


def report(name: str, value: float, unit: str, context: dict[str, object]) -> None:
    """One line; the context also says what else kept the machine busy."""
    machine = {"cores": os.cpu_count(), "cpu": _cpu(), "load": round(os.getloadavg()[0], 1)}
    line = {"name": name, "value": value, "unit": unit, "context": context | machine}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
