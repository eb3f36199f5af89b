"""The set-up scripts, where they must stop with a word a person can act on."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def shell(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", f'. "{ROOT}/deploy/lib.sh"; {code}'],
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


def test_another_system_is_told_what_is_missing_and_the_way_out(tmp_path: Path) -> None:
    other = tmp_path / "os-release"
    other.write_text("ID=fedora\nVERSION_CODENAME=\n")
    done = shell("ensure_packages no-such-package-1 no-such-package-2", OS_RELEASE=str(other))
    assert done.returncode == 1
    assert "no-such-package-1 no-such-package-2" in done.stderr
    assert "docker compose up" in done.stderr


def test_both_debians_are_known(tmp_path: Path) -> None:
    for name in ("bookworm", "trixie"):
        file = tmp_path / name
        file.write_text(f"ID=debian\nVERSION_CODENAME={name}\n")
        assert shell("require_debian x", OS_RELEASE=str(file)).returncode == 0


def test_present_packages_are_left_alone() -> None:
    done = shell("ensure_packages libc6; echo done")
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_without_root_and_sudo_it_says_so(tmp_path: Path) -> None:
    """An `id` that answers as an ordinary user's would, and no sudo anywhere."""
    fake = tmp_path / "id"
    fake.write_text("#!/bin/sh\necho 1000\n")
    fake.chmod(0o755)
    done = shell("as_root apt-get update", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "root is needed for: apt-get update" in done.stderr


def test_scripts_name_no_host() -> None:
    for path in (ROOT / "deploy").rglob("*.sh"):
        assert not re.findall(r"\b(?:https?|ftp)://", path.read_text()), path
