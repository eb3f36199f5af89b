"""docs/formats.md lists every format and every decoder, and its example works."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from ingest.decoders import DECODERS
from ingest.formats import FORMATS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")


def test_the_tables_list_all_in_the_order_they_are_tried() -> None:
    listed = re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)
    assert listed == [*FORMATS, *DECODERS]


def test_each_formats_topics_are_told() -> None:
    for name, kind in FORMATS.items():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.MULTILINE)
        assert name == "plain" or kind.topics[0] in row


TRIED = """
from gebaeude.model import Message, Sample
from gebaeude.store.attachments import Attach, Claim
from gebaeude.store.claimcheck import check_claim
from ingest.formats import FORMATS, format_of

message = Message(b"acme/0815", b'{"at": 1795347000, "t": 21.5, "ok": true}', 0)
kind = format_of(message.topic)
(sample,) = FORMATS[kind].decode(message)
assert (kind, sample) == ("acme", Sample("0815", "t", 1_795_347_000_000_000, 21.5)), sample
check_claim(Claim(kind, "0815", "rathaus", "Acme", "jemand", (Attach("t", "keller"),)))
"""


def test_a_new_format_is_one_file_and_one_line(tmp_path: Path) -> None:
    """As the page says it, in a copy of the program."""
    file, line = re.findall(r"^   ```python\n(.*?)\n   ```$", PAGE, re.DOTALL | re.MULTILINE)
    for package in ("gebaeude", "ingest"):
        unneeded = shutil.ignore_patterns("__pycache__", "static")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=unneeded)
    text = re.sub("^   ", "", file, flags=re.MULTILINE)
    (tmp_path / "ingest" / "formats" / "acme.py").write_text(text + "\n", encoding="utf-8")
    table = tmp_path / "gebaeude" / "portfolio" / "vocabulary.py"
    before, first, after = table.read_text(encoding="utf-8").partition('    "shelly1": ')
    table.write_text(f"{before} {line}\n{first}{after}", encoding="utf-8")
    run = [sys.executable, "-c", TRIED]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
