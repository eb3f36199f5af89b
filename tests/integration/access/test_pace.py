"""Who asks too often waits, and nobody else; browsers keep nothing that is somebody's."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gebaeude.access.person import Person
from gebaeude.access.roles import Right, Role
from gebaeude.signin.pace import ALLOWANCES, Pace

API = "/api/v1"
READINGS = f"{API}/points/schule/waerme/readings"


def person(account: int) -> Person:
    return Person(account, "p@example.org", "P", ())


def test_a_bucket_empties_and_fills_for_each_by_themselves() -> None:
    clock = [100.0]
    pace = Pace(steady=lambda: clock[0])
    told = ALLOWANCES["readings"]
    assert [pace.wait(person(1), READINGS) for _n in range(int(told.burst))] == [0.0] * 300
    assert pace.wait(person(1), READINGS) == pytest.approx(1 / told.per_s)
    assert pace.wait(person(2), READINGS) == 0.0
    assert pace.wait(person(1), f"{API}/buildings") == 0.0
    clock[0] += 1
    assert [pace.wait(person(1), READINGS) > 0 for _n in range(11)] == [False] * 10 + [True]


@pytest.mark.parametrize(
    ("method", "path", "at_once"),
    [("POST", "/benutzer", 100), ("POST", "/konto/schluessel", 100),
     ("POST", "/benutzer/gast", 100), ("POST", "/benutzer/7", 100),
     ("POST", f"{API}/tickets/A-2026-0001/comment", 600),
     ("POST", f"{API}/inbox/senml/7/claim", 600), ("GET", "/benutzer", 2000),
     ("GET", f"{API}/tickets/A-2026-0001", 2000), ("POST", "/konto/sitzungen", 2000)],
)  # fmt: skip
def test_what_concerns_others_has_its_limit(method: str, path: str, at_once: int) -> None:
    pace = Pace(steady=lambda: 100.0)
    allowed = [pace.wait(person(1), path, method) == 0 for _n in range(2000)]
    assert allowed == [True] * at_once + [False] * (2000 - at_once)
    assert pace.wait(person(2), path, method) == 0


def test_an_account_in_the_wrong_hands_sends_no_thousand_mails(world: Any) -> None:
    boss = world.person("mailer", "administrator", kalletal=Role.ADMINISTRATOR)
    form = {"email": "x", "rolle": "reader", "kommune": "kalletal"}
    statuses = []
    while len(statuses) < 200 and statuses[-1:] != [429]:
        answer = world.client.post("/benutzer", data=form, headers=boss.headers)
        statuses.append(answer.status_code)
    assert len(statuses) == 101
    assert set(statuses[:-1]) == {403}  # without the token of the form, which does not help
    assert int(answer.headers["retry-after"]) in range(1, 31)
    assert answer.text == "Zu viele Anfragen in kurzer Zeit; gleich geht es weiter."
    assert world.client.get("/benutzer", headers=boss.headers).status_code == 200


def test_a_program_run_wild_waits_and_leaves_one_trace(world: Any) -> None:
    wild = world.token(world.account(kalletal=Role.READER), Right.SEE_QUALITY)
    calm = world.token(world.account(kalletal=Role.READER), Right.SEE_QUALITY)
    before = world.one("SELECT coalesce(max(id), 0) FROM audit")
    statuses = []
    while len(statuses) < 2_000 and statuses[-1:] != [429]:
        answer = world.program.get(f"{API}/metrics", headers=wild)
        statuses.append(answer.status_code)
    assert set(statuses[:-1]) == {200}
    assert statuses[-1] == 429
    assert int(answer.headers["retry-after"]) == 1
    assert answer.headers["content-type"] == "application/problem+json"
    assert world.program.get(f"{API}/metrics", headers=calm).status_code == 200
    found = world.ask("SELECT action, after FROM audit WHERE id > %s AND after ? 'status'", before)
    assert [(action, said["status"], said["what"]) for action, said in found] == [
        ("request.refused", 429, "GET /metrics")
    ]


def refused(world: Any, action: str) -> float:
    boss = world.person("boss", "administrator", kalletal=Role.ADMINISTRATOR)
    text = world.client.get(f"{API}/metrics", headers=boss.headers).text
    [value] = re.findall(rf'gebaeude_web_refused_total{{action="{action}"}} (\S+)', text)
    return float(value)


def test_each_refusal_is_counted_for_the_alarms(world: Any) -> None:
    """The audit notes a flood once a minute; whoever watches is to see how large it is at once."""
    guest = world.person("guest", "reader", kalletal=Role.READER)
    kinds = ("access.refused", "sign_in.failed", "sign_in.refused", "token.refused")
    before = {kind: refused(world, kind) for kind in kinds}
    for _time in range(7):
        assert world.client.get("/benutzer", headers=guest.headers).status_code == 403
    told = {"email": "nobody@nordlippe.example", "password": "falsch"}
    for _time in range(7):  # from the sixth on one has to wait
        assert world.program.post("/anmelden", data=told).status_code in (401, 429)
    stranger = {"Authorization": "Bearer geb_none"}
    for _time in range(3):
        assert world.program.get(f"{API}/buildings", headers=stranger).status_code == 401
    more = {kind: refused(world, kind) - before[kind] for kind in kinds}
    assert more["access.refused"] == 7
    assert more["token.refused"] == 3
    assert more["sign_in.failed"] + more["sign_in.refused"] == 7
    assert more["sign_in.failed"] >= 5


def test_an_unknown_method_is_refused_and_leaves_a_trace(world: Any) -> None:
    boss = world.person("boss", "administrator", kalletal=Role.ADMINISTRATOR)
    before = world.one("SELECT coalesce(max(id), 0) FROM audit")
    assert world.client.put(f"{API}/buildings", headers=boss.headers).status_code == 405
    found = world.ask("SELECT action, after FROM audit WHERE id > %s AND after ? 'status'", before)
    assert [(action, said["status"]) for action, said in found] == [("request.refused", 405)]


@pytest.mark.parametrize("path", ["/", f"{API}/buildings", "/konto", f"{API}/nosuch"])
def test_no_browser_keeps_what_is_somebodys(world: Any, path: str) -> None:
    boss = world.person("boss", "administrator", kalletal=Role.ADMINISTRATOR)
    assert world.client.get(path, headers=boss.headers).headers["cache-control"] == "no-store"
    kept = world.client.get("/assets/favicon.svg", headers=boss.headers)
    assert kept.headers.get("cache-control") != "no-store"
