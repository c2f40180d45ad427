"""Passkeys without a browser: who may have them, and what they change."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from huying.people import accounts, passkeys, second_factor
from huying.people.acting import SYSTEM
from huying.people.adapters import SecondFactorAdapter

pytestmark = pytest.mark.django_db

PASSWORD = "three-kites-over-shiqi"


def passkey(account: Any, name: str = "phone") -> Authenticator:
    """The row alone; what is in it is not looked at."""
    return Authenticator.objects.create(
        user=account, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": {}}
    )


@pytest.mark.parametrize(
    ("host", "secure", "works"),
    [
        ("huying.example.org", True, True),
        ("huying.example.org", False, False),
        ("huying.example.org:8443", True, True),
        ("localhost:8000", False, True),
        ("localhost", False, True),
        ("desk.localhost:8000", False, True),
        ("127.0.0.1:8000", False, False),
        ("10.1.2.3", True, False),
        ("[::1]:8000", True, False),
    ],
)
def test_where_they_are_possible(settings: Any, host: str, secure: bool, works: bool) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    request = RequestFactory().get("/", headers={"host": host}, secure=secure)
    assert passkeys.possible(request) is works


def test_one_more_way_in_takes_none_away(person: Any) -> None:
    account = person("zhang", "checker")
    passkey(account)
    client = Client()
    sent = client.post("/accounts/login/", {"login": "zhang", "password": PASSWORD})
    assert sent.headers["Location"] == "/"
    assert client.get("/me").status_code == 200


def test_a_guardians_password_demands_it(person: Any) -> None:
    account = person("guard", "auditor")
    passkey(account)
    client = Client()
    sent = client.post("/accounts/login/", {"login": "guard", "password": PASSWORD})
    assert sent.headers["Location"] == reverse("mfa_authenticate")
    assert client.get("/me").status_code == 302


def test_who_becomes_a_guardian_in_a_session_is_asked_for_it(
    person: Any, post_of: Any, signed_in: Any
) -> None:
    account = person("zhang", "checker")
    passkey(account)
    client = signed_in(account)
    assert client.get("/me").status_code == 200
    post_of(account, "auditor", "440113")
    away = client.get("/me").headers["Location"]
    assert away.startswith(reverse("mfa_reauthenticate_webauthn"))


def test_a_guardian_keeps_one_of_app_and_passkeys(person: Any, signed_in: Any) -> None:
    account = person("guard", "auditor")
    client = signed_in(account, second=True)
    adapter = SecondFactorAdapter()
    app = Authenticator.objects.get(user=account, type="totp")
    assert not adapter.can_delete_authenticator(app)
    first, second = passkey(account), passkey(account, "tablet")
    assert adapter.can_delete_authenticator(app)
    app.delete()
    first_url = reverse("mfa_remove_webauthn", args=[first.pk])
    second_url = reverse("mfa_remove_webauthn", args=[second.pk])
    fresh = {"method": "mfa", "at": timezone.now().timestamp(), "reauthenticated": True}
    session = client.session
    session["account_authentication_methods"] = [fresh]
    session["account_authentication_methods_user"] = str(account.pk)
    session.save()
    client.post(first_url)
    client.post(second_url)
    assert list(passkeys.of(account)) == [second]


def test_a_password_alone_adds_none_where_the_app_is_demanded(person: Any, signed_in: Any) -> None:
    """A session from before the app was set up must not grow a way round it."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    account = person("zhang", "checker")
    client = signed_in(account)
    TOTP.activate(account, generate_totp_secret())
    away = client.get(reverse("mfa_add_webauthn"))
    assert away.headers["Location"].startswith(reverse("mfa_reauthenticate"))
    posted = client.post(reverse("mfa_add_webauthn"), {"name": "x", "credential": "{}"})
    assert posted.headers["Location"].startswith(reverse("mfa_reauthenticate"))
    assert not passkeys.of(account)


def test_nobody_touches_the_passkeys_of_another(person: Any, signed_in: Any) -> None:
    theirs = passkey(person("li", "checker"))
    client = signed_in(person("zhang", "checker"))
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        url = reverse(name, args=[theirs.pk])
        assert client.get(url).status_code in (302, 404)
        assert client.post(url, {"name": "x"}).status_code in (302, 404)
        assert Client().post(url).status_code == 302
    theirs.refresh_from_db()
    assert theirs.data["name"] == "phone"


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", '{"response": {}}', "x"])
def test_junk_signs_nobody_in(person: Any, credential: str) -> None:
    passkey(person("zhang", "checker"))
    client = Client()
    options = client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
    assert options.json()["request_options"]["publicKey"]["userVerification"] == "required"
    sent = client.post(reverse("mfa_login_webauthn"), {"credential": credential})
    assert sent.headers["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in client.session


def test_lost_ones_are_taken_away_with_the_rest(person: Any) -> None:
    account = person("zhang", "checker")
    passkey(account)
    assert second_factor.is_set_up(account)
    accounts.drop_second_factor(account, by=SYSTEM, now=timezone.now())
    assert not passkeys.of(account)


def test_nobody_signs_up_with_one() -> None:
    from django.urls import NoReverseMatch

    with pytest.raises(NoReverseMatch):
        reverse("mfa_signup_webauthn")
