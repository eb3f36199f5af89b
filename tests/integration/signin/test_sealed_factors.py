"""Second factors are encrypted in the database, with keys that can be replaced and lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gebaeude import cli
from gebaeude.access.roles import Role
from gebaeude.access.sealed import Sealer, Unreadable, new_key
from gebaeude.config import Settings, settings
from gebaeude.errors import SettingsError
from gebaeude.signin.site import sealer
from gebaeude.store.database import Connection

New = Callable[..., Any]
CODE = "/anmelden/code"
OURS = Settings().second_factor_key


def kept(db: Connection, account: int) -> str:
    found = db.execute("SELECT totp_secret FROM account WHERE id = %s", [account]).fetchone()
    assert found is not None
    return str(found[0])


def enter(one: Any, who: Any, code: str) -> Any:
    one.sign_in(who)
    return one.fill(CODE, {"code": code})


def test_one_from_before_is_encrypted_when_it_is_next_used(
    browser: New, somebody: New, db: Connection
) -> None:
    anna = somebody(True, kalletal=Role.READER)
    assert kept(db, anna.id) == anna.secret
    assert enter(browser(), anna, anna.code()).status_code == 303
    assert anna.secret not in kept(db, anna.id)
    assert Sealer(OURS).open(anna.id, kept(db, anna.id)) == anna.secret
    # A second sign-in uses what is there now.
    assert enter(browser(), anna, anna.code(1)).status_code == 303


def test_a_code_used_again_is_refused_kept_and_told(
    browser: New, somebody: New, db: Connection
) -> None:
    anna = somebody(True, kalletal=Role.READER)
    code = anna.code()
    assert enter(browser(), anna, code).status_code == 303
    assert enter(browser(), anna, code).status_code == 401
    noted = db.execute(
        "SELECT after ->> 'how' FROM audit WHERE subject = %s AND action = 'second_factor.failed'"
        " ORDER BY id", [f"account/{anna.email}"],
    ).fetchall()  # fmt: skip
    assert ("used code",) in noted
    told = db.execute("SELECT body FROM mail WHERE recipient = %s", [anna.email]).fetchall()
    assert ["schon benutzt war" in body for (body,) in told] == [True]


def test_what_is_lost_is_said_and_a_recovery_code_helps(
    browser: New, somebody: New, db: Connection
) -> None:
    anna = somebody(True, kalletal=Role.READER)
    lost = Sealer(new_key()).seal(anna.id, anna.secret)
    db.execute("UPDATE account SET totp_secret = %s WHERE id = %s", [lost, anna.id])
    one = browser()
    refused = enter(one, anna, anna.code())
    assert refused.status_code == 401
    assert "fehlt der Schlüssel" in refused.text
    assert one.fill(CODE, {"code": anna.codes[0]}).status_code == 303


def test_a_key_is_replaced_by_command(
    sign_in_database: str, somebody: New, db: Connection, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    db.execute("UPDATE account SET totp_secret = NULL")
    plain, old, lost = (somebody(True, kalletal=Role.READER) for _n in range(3))
    first, second = new_key(), new_key()
    for who, key in ((old, first), (lost, new_key())):
        sealed = Sealer(key).seal(who.id, who.secret)
        db.execute("UPDATE account SET totp_secret = %s WHERE id = %s", [sealed, who.id])
    monkeypatch.setenv("GEBAEUDE_DATABASE_URL", sign_in_database)
    monkeypatch.setenv("GEBAEUDE_SECOND_FACTOR_KEY", f"{second} {first}")
    settings.cache_clear()
    assert cli.run(["account", "encrypt"]) == 1
    said = capsys.readouterr()
    assert "2 neu abgelegt; 1 nicht lesbar" in said.out
    assert "account reset --second-factor" in said.err
    for who in (plain, old):
        assert Sealer(second).open(who.id, kept(db, who.id)) == who.secret
    db.execute("UPDATE account SET totp_secret = NULL WHERE id = %s", [lost.id])
    assert cli.run(["account", "encrypt"]) == 0
    assert "0 neu abgelegt; 0 nicht lesbar" in capsys.readouterr().out
    settings.cache_clear()


def test_a_secret_is_of_one_account_alone() -> None:
    seals = Sealer(new_key())
    sealed = seals.seal(7, "JBSWY3DPEHPK3PXP")
    assert seals.open(7, sealed) == "JBSWY3DPEHPK3PXP"
    changed = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]
    for account, text in ((8, sealed), (7, changed), (7, "")):
        with pytest.raises(Unreadable):
            seals.open(account, text)


def test_without_a_good_key_nothing_starts() -> None:
    for key in ("", "   ", "x", "bm8=", f"{OURS} x"):
        with pytest.raises(SettingsError, match="GEBAEUDE_SECOND_FACTOR_KEY"):
            sealer(Settings(second_factor_key=key))
