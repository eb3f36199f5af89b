"""docs/formats.md lists every format and every decoder, and its example works."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

from gebaeude.model import Message, Sample
from ingest.decoders import DECODERS
from ingest.formats import FORMATS

PAGE = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")


def test_the_tables_list_all_in_the_order_they_are_tried() -> None:
    listed = re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)
    assert listed == [*FORMATS, *DECODERS]


def test_each_formats_topics_are_told() -> None:
    for name, kind in FORMATS.items():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.MULTILINE)
        assert name == "plain" or kind.topics[0] in row


def test_the_example_of_a_new_format_decodes() -> None:
    (code,) = re.findall(r"   ```python\n(   \"\"\"Acme.*?)\n   ```", PAGE, re.DOTALL)
    acme = ModuleType("acme")
    exec(re.sub(r"^   ", "", code, flags=re.MULTILINE), acme.__dict__)
    message = Message(b"acme/0815", b'{"at": 1795347000, "t": 21.5, "ok": true}', 0)
    assert acme.decode(message) == [Sample("0815", "t", 1_795_347_000_000_000, 21.5)]
    assert acme.TOPICS == ("acme/+",)
