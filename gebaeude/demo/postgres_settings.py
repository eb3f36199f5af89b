"""How the demo's PostgreSQL is set: for one machine that does everything else as well."""

from __future__ import annotations

import os

from gebaeude.demo import ports

GIGABYTE = 2**30  # bytes

SETTINGS: dict[str, str] = {
    "listen_addresses": ports.LOOPBACK,
    # A socket file would need a directory both accounts can reach, and a short path.
    "unix_socket_directories": "",
    "shared_preload_libraries": "timescaledb",
    "timescaledb.telemetry_level": "off",
    # Jobs are our own worker's; a scheduler in every database would hold on to templates.
    "timescaledb.max_background_workers": "0",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # Nothing replicates from a private cluster.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_compression": "on",
    # Compiling costs more than it saves in queries that take milliseconds.
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
THROWAWAY: dict[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
}


def text(port: int, *, durable: bool) -> str:
    """Return the content of postgresql.conf."""
    chosen = SETTINGS | {"port": str(port), "shared_buffers": _shared_buffers()}
    if not durable:
        chosen |= THROWAWAY
    lines = ["# Written anew at every start.", *(f"{k} = '{v}'" for k, v in chosen.items())]
    return "\n".join(lines) + "\n"


def _shared_buffers() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{min(GIGABYTE, max(GIGABYTE // 8, memory // 8)) // 2**20}MB"
