"""How much was refused, for Prometheus: the audit has who and what, an alarm needs how many."""

from __future__ import annotations

from prometheus_client import Counter

# As the audit calls them; each can be seen before the first of it.
ACTIONS = (
    "access.missing", "access.refused", "input.refused", "link.refused", "request.refused",
    "second_factor.failed", "second_factor.refused", "session.refused", "sign_in.failed",
    "sign_in.refused", "token.refused",
)  # fmt: skip
REFUSED = Counter("gebaeude_web_refused", "Requests and sign-ins that were refused.", ["action"])
for _action in ACTIONS:
    REFUSED.labels(_action)


def count(action: str) -> None:
    """One more that was refused."""
    REFUSED.labels(action if action in ACTIONS else "request.refused").inc()
