"""A disk whose power can be cut: what was not flushed is gone, as with a real one.

kill -9 cannot show whether a server has flushed what it acknowledged, since the kernel still
writes for the dead. Here ext4 is told to stop at once (EXT4_IOC_SHUTDOWN), and forgets what it
had only in memory. Only root may mount.
"""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

SIZE = "8G"  # of a file with holes
_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
_WITHOUT_THE_JOURNAL = struct.pack("I", 2)


class Disk:
    """An ext4 in the file `image`, mounted at `place` while in use. Raises OSError."""

    def __init__(self, image: Path, place: Path) -> None:
        self.image = image
        self.place = place

    def __enter__(self) -> Self:
        _run("truncate", "-s", SIZE, str(self.image))
        _run("mkfs.ext4", "-q", "-F", str(self.image))
        self.place.mkdir(parents=True, exist_ok=True)
        self.mount()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.unmount()
        self.image.unlink()

    def mount(self) -> None:
        _run("mount", "-o", "loop", str(self.image), str(self.place))

    def unmount(self) -> None:
        _run("umount", "--lazy", str(self.place))

    def cut(self) -> None:
        """Nothing is written any more, and what was not flushed never will be."""
        handle = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, _WITHOUT_THE_JOURNAL)
        finally:
            os.close(handle)

    def restore(self) -> None:
        """Power is back: mounted anew, with what had reached the disk. Nobody may use it now."""
        _run("umount", str(self.place))
        self.mount()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{command[0]}: {done.stderr.strip()}")
