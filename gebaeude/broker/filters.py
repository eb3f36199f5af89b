"""Topic filters, as far as areas of gateways need them."""

from __future__ import annotations

import re
from itertools import zip_longest

# Whole levels, the first of them a word; no blank, since a line of the ACL ends at one's own risk.
_PREFIX = re.compile(r"[^\s+#$%/]+(/([^\s+#$%/]+|\+))*")


def is_prefix(text: str) -> bool:
    """Whether this may stand before `/#`: levels of a topic, `+` allowed except as the first."""
    return len(text) <= 200 and _PREFIX.fullmatch(text) is not None


def overlap(one: str, other: str) -> bool:
    """Whether there is a topic that both filters match."""
    for left, right in zip_longest(one.split("/"), other.split("/")):
        if "#" in (left, right):
            return True
        if left != right and (None in (left, right) or "+" not in (left, right)):
            return False
    return True
