"""PostgreSQL's programs: where they are, and running them as the account they insist on."""

from __future__ import annotations

import pwd
import subprocess
from pathlib import Path

from gebaeude.errors import ServiceMissing
from gebaeude.text import _


def installation(data: Path | None = None) -> Path:
    """Return the directory of PostgreSQL's programs that fit the cluster and have TimescaleDB.

    Raises ServiceMissing when there is none.
    """
    note = data / "PG_VERSION" if data else None
    wanted = note.read_text().strip() if note and note.exists() else "*"
    found = [
        programs
        for programs in Path("/usr/lib/postgresql").glob(f"{wanted}/bin")
        if (programs / "initdb").exists() and _has_timescale(programs.parent.name)
    ]
    if not found:
        raise ServiceMissing(
            _(
                "PostgreSQL {version} mit TimescaleDB ist nicht installiert. make setup holt es; "
                "GEBAEUDE_DATABASE_URL nennt stattdessen einen Server, der schon läuft."
            ).format(version="" if wanted == "*" else wanted)
        )
    return max(found, key=lambda programs: int(programs.parent.name))


def _has_timescale(version: str) -> bool:
    return Path(f"/usr/share/postgresql/{version}/extension/timescaledb.control").exists()


def run_as(argv: list[str], account: str | None, state: Path) -> None:
    """Run a program to its end, in `state`. Raises ServiceMissing with what it said if it fails."""
    group = None if account is None else pwd.getpwnam(account).pw_gid
    done = subprocess.run(
        argv,
        check=False,
        user=account,
        group=group,
        extra_groups=None if account is None else [],
        cwd=state,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise ServiceMissing(
            _("{program} ist gescheitert: {why}").format(
                program=Path(argv[0]).name, why=" ".join(done.stderr.split())[-500:]
            )
        )
