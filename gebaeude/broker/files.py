"""The broker's two files, `passwords` and `acl`, in one directory: read, and replaced whole."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

BASE = Path(__file__).with_name("base.acl")
MARK = "# --- gateways"  # how the line begins below which gateways stand

_RIGHTS = "topic readwrite "
_WRITE = "topic write "
_PATTERN = "pattern readwrite "


@dataclass(frozen=True)
class Acl:
    """The ACL file: its head as it stands there, and what each gateway may beyond its name."""

    head: str  # with the mark's line
    prefixes: dict[str, tuple[str, ...]]  # gateway → prefixes without their `/#`

    @property
    def patterns(self) -> list[str]:
        """The areas every account has, with %u for its name."""
        lines = self.head.splitlines()
        return [line.removeprefix(_PATTERN) for line in lines if line.startswith(_PATTERN)]

    @property
    def accounts(self) -> set[str]:
        """Accounts of the head; no gateway may have such a name."""
        return {line[5:] for line in self.head.splitlines() if line.startswith("user ")}

    @property
    def own_topics(self) -> list[str]:
        """Topics on which accounts of the head send something by which they steer each other."""
        lines = self.head.splitlines()
        written = [line.removeprefix(_WRITE) for line in lines if line.startswith(_WRITE)]
        return [topic for topic in written if not {"+", "#"} & {*topic.split("/")}]

    def areas(self, name: str, prefixes: Sequence[str] | None = None) -> list[str]:
        """The topic filters that a gateway has, or would have with these prefixes."""
        own = self.prefixes.get(name, ()) if prefixes is None else prefixes
        return [one.replace("%u", name) for one in self.patterns] + [f"{one}/#" for one in own]

    def __str__(self) -> str:
        blocks = [self.head]
        for name, prefixes in sorted(self.prefixes.items()):
            blocks.append("\n".join([f"user {name}", *(f"{_RIGHTS}{one}/#" for one in prefixes)]))
        return "\n\n".join(blocks) + "\n"


def read_acl(directory: Path) -> Acl:
    """The ACL file, or the shipped one where there is none yet. Raises OSError."""
    file = directory / "acl"
    text = (file if file.exists() else BASE).read_text(encoding="utf-8")
    lines = text.rstrip().splitlines()
    marked = [number for number, line in enumerate(lines) if line.startswith(MARK)]
    if not marked:
        lines.append(_mark())
        marked = [len(lines) - 1]
    end = marked[-1] + 1
    return Acl("\n".join(lines[:end]), _gateways(lines[end:]))


def read_passwords(directory: Path) -> dict[str, str]:
    """Account → its hashed password. Raises OSError."""
    file = directory / "passwords"
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


def write_acl(directory: Path, acl: Acl) -> None:
    _replace(directory / "acl", str(acl))


def write_passwords(directory: Path, passwords: dict[str, str]) -> None:
    _replace(
        directory / "passwords", "".join(f"{name}:{word}\n" for name, word in passwords.items())
    )


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """One at a time: two who add at once must not overwrite each other."""
    with _opened(directory) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _gateways(lines: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("user "):
            current = found.setdefault(line[5:].strip(), [])
        elif line.startswith(_RIGHTS) and found:
            current.append(line.removeprefix(_RIGHTS).removesuffix("/#"))
    return {name: tuple(prefixes) for name, prefixes in found.items()}


def _mark() -> str:
    return BASE.read_text(encoding="utf-8").rstrip().splitlines()[-1]


def _replace(file: Path, text: str) -> None:
    """The broker finds the old file or the new one, never a half, after a power cut too."""
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        _like(file if file.exists() else file.parent, handle)
        out.write(text)
        out.flush()
        os.fsync(handle)
    new.rename(file)
    with _opened(file.parent) as parent:
        os.fsync(parent)


def _like(example: Path, handle: int) -> None:
    """The broker runs under an account of its own and must be able to read the new file."""
    is_file, known = example.is_file(), example.stat()
    os.fchmod(handle, known.st_mode & 0o777 if is_file else 0o640)
    with suppress(PermissionError):
        os.fchown(handle, known.st_uid if os.geteuid() == 0 else -1, known.st_gid)


@contextmanager
def _opened(directory: Path) -> Iterator[int]:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield handle
    finally:
        os.close(handle)
