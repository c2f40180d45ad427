"""A second factor's secret can be read in its own row alone; older ones are bound to theirs."""

from __future__ import annotations

import ast
import base64
from pathlib import Path
from typing import Any

import allauth.mfa
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse

from huying.audit import crypto
from huying.audit.crypto import CryptoError, encrypt_text
from huying.audit.keys import KeyPurpose
from huying.people import bound_factors, sealed_factors
from tests.people.test_second_factor import code, sign_in

SHARED = "mfa_authenticator"


def shared(text: str) -> str:
    """As it was sealed before: in one context for all."""
    return base64.b64encode(encrypt_text(text, context=SHARED)).decode()


def row(account: Any, kind: str = "totp") -> Authenticator:
    return Authenticator.objects.get(user_id=account.pk, type=kind)


def test_a_secret_copied_into_anothers_row_lets_nobody_in(
    person: Any, caplog: pytest.LogCaptureFixture
) -> None:
    secret = generate_totp_secret()
    mine, theirs = person("zhang", "checker"), person("li", "checker")
    TOTP.activate(mine, secret)
    TOTP.activate(theirs, generate_totp_secret())
    stolen = row(theirs)
    stolen.data = row(mine).data
    stolen.save()
    client = sign_in("li")
    answer = client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert answer.status_code == 200
    assert client.get("/me").status_code == 302
    assert "cannot be read" in caplog.text
    assert secret not in caplog.text
    # Its own row still opens it.
    own = sign_in("zhang")
    assert own.post(reverse("mfa_authenticate"), {"code": code(secret)}).status_code == 302


def test_a_secret_of_one_kind_is_none_of_another(person: Any) -> None:
    account = person("zhang", "checker")
    TOTP.activate(account, generate_totp_secret())
    RecoveryCodes.activate(account)
    codes = row(account, "recovery_codes")
    codes.data["seed"] = row(account).data["secret"]
    codes.save()
    with pytest.raises(CryptoError):
        codes.wrap().generate_codes()
    assert codes.wrap().validate_code("12345678") is False


def test_nothing_is_sealed_or_opened_for_nobody() -> None:
    for act in (bound_factors.seal, bound_factors.opened):
        with pytest.raises(CryptoError):
            act("eHl6")


def test_the_library_seals_and_opens_where_the_row_is_named_and_nowhere_else() -> None:
    """A new release of the library that does so elsewhere fails here, before it fails a sign-in."""
    found = set()
    root = Path(allauth.mfa.__file__).parent
    for path in root.rglob("*.py"):
        for owner in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(owner, ast.ClassDef):
                continue
            for method in owner.body:
                if isinstance(method, ast.FunctionDef) and any(
                    isinstance(call, ast.Call)
                    and getattr(call.func, "id", "") in ("encrypt", "decrypt")
                    for call in ast.walk(method)
                ):
                    found.add((owner.name, method.name))
    assert found == {
        ("TOTP", "activate"),
        ("TOTP", "validate_code"),
        ("RecoveryCodes", "activate"),
        ("RecoveryCodes", "_get_migrated_codes"),
        ("RecoveryCodes", "generate_codes"),
    }
    # `_get_migrated_codes` is entered from these alone.
    assert set(bound_factors.SEALING["recovery_codes"]) == {
        "generate_codes", "get_unused_codes", "validate_code",
    }  # fmt: skip


def test_what_all_shared_is_bound_row_by_row_and_a_second_run_finds_nothing(person: Any) -> None:
    secret, third = generate_totp_secret(), person("wang", "checker")
    one, two = person("zhang", "checker"), person("li", "checker")
    Authenticator.objects.create(user=one, type="totp", data={"secret": shared(secret)})
    Authenticator.objects.create(
        user=one, type="recovery_codes",
        data={"migrated_codes": [shared("11112222"), shared("33334444")], "used_mask": 0},
    )  # fmt: skip
    Authenticator.objects.create(
        user=two, type="webauthn", data={"name": "phone", "credential": {"a": 1}}
    )
    TOTP.activate(third, generate_totp_secret())  # bound already, as after a run that was stopped
    damaged = Authenticator.objects.create(
        user=two, type="totp", data={"secret": shared("x")[:-8] + "AAAAAAA="}
    )
    before = {each.pk: each.data for each in Authenticator.objects.all()}
    assert sealed_factors.bind(Authenticator, "default") == 2
    assert sealed_factors.bind(Authenticator, "default") == 0
    assert row(third).data == before[row(third).pk]
    assert row(two, "webauthn").data == {"name": "phone", "credential": {"a": 1}}
    damaged.refresh_from_db()
    assert damaged.data == before[damaged.pk]
    codes = row(one, "recovery_codes")
    assert codes.wrap().generate_codes() == ["11112222", "33334444"]
    client = sign_in("zhang")
    assert client.post(reverse("mfa_authenticate"), {"code": code(secret)}).status_code == 302
    # In the context that all shared nothing can be read any more.
    with pytest.raises(CryptoError):
        crypto.decrypt_text(base64.b64decode(row(one).data["secret"]), context=SHARED)


def test_a_new_key_seals_them_anew_and_they_stay_their_rows(person: Any) -> None:
    account, secret = person("zhang", "checker"), generate_totp_secret()
    TOTP.activate(account, secret)
    RecoveryCodes.activate(account)
    codes = row(account, "recovery_codes").wrap().generate_codes()
    assert sealed_factors.count_older() == 0
    crypto.provider().add_key(KeyPurpose.DATA)
    assert sealed_factors.count_older() == 2
    assert sealed_factors.reseal() == 2
    assert (sealed_factors.count_older(), sealed_factors.reseal()) == (0, 0)
    assert row(account, "recovery_codes").wrap().generate_codes() == codes
    assert row(account).wrap().validate_code(code(secret))
