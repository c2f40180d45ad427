"""The second factor: offered to all, required of guardians, kept as a secret."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.webauthn.internal import auth as webauthn
from axes.models import AccessFailureLog
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache, caches
from django.core.cache.backends import locmem
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from huying.people import accounts, second_factor
from huying.people.acting import SYSTEM
from huying.people.models import GUARDIANS

pytestmark = pytest.mark.django_db

PASSWORD = "three-kites-over-shiqi"


def code(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return f"{hotp_value(secret, counter):06d}"


def sign_in(username: str) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": username, "password": PASSWORD})
    return client


@pytest.mark.parametrize("role", sorted(GUARDIANS))
def test_a_guardian_without_it_reaches_nothing_but_the_page_to_set_it_up(
    person: Any, role: str
) -> None:
    person("guard", role)
    client = sign_in("guard")
    for path in ("/", "/admin/", "/me", "/accounts/invitation/x/", "/api/docs"):
        response = client.get(path)
        if path.startswith("/api/"):
            assert response.status_code == 401
        else:
            assert response.headers["Location"] == reverse("mfa_activate_totp"), path
    assert client.post("/me/post", {"post": "1"}).status_code == 302
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_it_is_required_also_while_another_post_is_chosen(
    person: Any, post_of: Any, signed_in: Any
) -> None:
    account = person("both", "checker")
    post_of(account, "auditor", "440113")
    assert signed_in(account).get("/me").headers["Location"] == reverse("mfa_activate_totp")


def test_set_up_then_asked_for_at_the_next_sign_in(person: Any) -> None:
    account = person("admin", "administrator")
    client = sign_in("admin")
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page)[1]
    assert "data:image/svg+xml" in page
    assert "验证器" in page
    assert client.post(reverse("mfa_activate_totp"), {"code": "000000"}).status_code == 200
    done = client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert done.headers["Location"] == reverse("mfa_view_recovery_codes")
    codes = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert len(re.findall(r"<li><code>\d{8}</code>", codes)) == 10
    assert client.get("/admin/").status_code == 200

    stored = str(Authenticator.objects.filter(user_id=account.pk).values_list("data", flat=True))
    assert secret not in stored

    cache.clear()  # the code was used a moment ago, and would not be taken twice
    again = sign_in("admin")
    assert again.get("/admin/").status_code == 302
    assert again.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert again.post(reverse("mfa_authenticate"), {"code": code(secret)}).status_code == 302
    assert again.get("/admin/").status_code == 200


def in_another_process() -> None:
    """Whatever only this process remembers is gone."""
    del caches["default"]
    locmem._caches.clear()
    locmem._expire_info.clear()


def test_wrong_codes_are_counted_whichever_process_they_come_to(person: Any) -> None:
    secret = generate_totp_secret()
    TOTP.activate(person("zhang", "checker"), secret)
    client = sign_in("zhang")
    for _ in range(10):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
        in_another_process()
    assert client.post(reverse("mfa_authenticate"), {"code": code(secret)}).status_code == 200
    assert client.get("/me").status_code == 302


def test_a_wrong_code_leaves_a_line_and_never_the_code(person: Any, signed_in: Any) -> None:
    """Somebody has the password: whoever looks after accounts must be able to see that."""
    account, secret = person("admin", "administrator"), generate_totp_secret()
    TOTP.activate(account, secret)
    client = sign_in("admin")
    client.post(
        reverse("mfa_authenticate"), {"code": "135790"}, headers={"user-agent": "Browser 7"}
    )
    (line,) = AccessFailureLog.objects.filter(username="admin")
    assert (line.ip_address, line.user_agent, line.locked_out) == ("127.0.0.1", "Browser 7", False)
    assert line.path_info == reverse("mfa_authenticate")
    assert "135790" not in repr(vars(line))
    assert client.post(reverse("mfa_authenticate"), {"code": code(secret)}).status_code == 302
    assert AccessFailureLog.objects.count() == 1
    # In the midst of a session, too.
    client.post(reverse("mfa_reauthenticate"), {"code": "135791"})
    assert set(AccessFailureLog.objects.values_list("path_info", flat=True)) == {
        reverse("mfa_authenticate"),
        reverse("mfa_reauthenticate"),
    }
    guard = signed_in(person("guard", "security_administrator"), second=True)
    page = guard.get(reverse("admin:axes_accessfailurelog_changelist")).content.decode()
    assert reverse("mfa_authenticate") in page


def test_a_recovery_code_signs_in_once(person: Any) -> None:
    account = person("zhang", "checker")
    TOTP.activate(account, generate_totp_secret())
    recovery = RecoveryCodes.activate(account).get_unused_codes()[0]
    client = sign_in("zhang")
    assert client.post(reverse("mfa_authenticate"), {"code": recovery}).status_code == 302
    assert client.get("/me").status_code == 200
    second = sign_in("zhang")
    assert second.post(reverse("mfa_authenticate"), {"code": recovery}).status_code == 200


def test_a_session_from_before_it_was_set_up_must_show_it_too(person: Any) -> None:
    account = person("audit", "auditor")
    client = sign_in("audit")
    secret = generate_totp_secret()
    TOTP.activate(account, secret)  # set up in another browser
    response = client.get("/admin/")
    assert response.headers["Location"].startswith(reverse("mfa_reauthenticate"))
    client.post(response.headers["Location"], {"code": code(secret)})
    assert client.get("/admin/").status_code == 200


def names_under(prefix: str, patterns: Any = None, route: str = "/") -> dict[str, str]:
    """Every named page below a path, as the resolver has them, with an address of it."""
    found: dict[str, str] = {}
    for each in get_resolver().url_patterns if patterns is None else patterns:
        here = f"{route}{each.pattern}"
        if isinstance(each, URLResolver):
            found |= names_under(prefix, each.url_patterns, here)
        elif here.startswith(prefix) and each.name:
            args = ["x" if "str:" in part else 1 for part in re.findall("<[^>]+>", here)]
            found[each.name] = reverse(each.name, args=args)
    return found


def opened(client: Client, page: str, away: str) -> bool:
    """Whether anything but the way to the second factor is answered, asked for or sent to."""
    stops = [
        answer.status_code == 302 and answer.headers["Location"].startswith(away)
        for answer in (client.get(page), client.post(page, {"name": "x", "action": "x"}))
    ]
    assert stops[0] == stops[1], page
    return not stops[0]


PAGES = names_under("/accounts/")
FACTORS = {name: page for name, page in PAGES.items() if name.startswith("mfa_")}


def test_the_pages_of_the_second_factor_are_all_looked_at() -> None:
    assert len(FACTORS) >= 14
    assert set(names_under("/accounts/2fa/")) == set(FACTORS)


@pytest.mark.parametrize("sort", ["app", "passkey"])
@pytest.mark.parametrize("name", sorted({*PAGES} - {"account_login", "account_logout"}))
def test_until_it_is_shown_only_the_pages_that_ask_for_it_are_open(
    person: Any, signed_in: Any, monkeypatch: Any, name: str, sort: str
) -> None:
    monkeypatch.setattr(webauthn, "get_credentials", lambda account: [])  # the row has none in it
    account = person("guard", "auditor")
    client = signed_in(account)
    client.get("/me")
    if sort == "app":
        TOTP.activate(account, generate_totp_secret())
    else:
        Authenticator.objects.create(user=account, type="webauthn", data={"credential": {}})
    RecoveryCodes.activate(account)
    before = list(Authenticator.objects.order_by("pk").values())
    asks = {"mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
    if name == "mfa_reauthenticate" or (name, sort) == ("mfa_reauthenticate_webauthn", "passkey"):
        assert client.get(PAGES[name]).status_code == 200
    elif name not in asks:  # the others send on: there is no passkey, or no sign-in under way
        assert not opened(client, PAGES[name], reverse("mfa_reauthenticate"))
    assert list(Authenticator.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("name", sorted({*PAGES} - {"account_login", "account_logout"}))
def test_until_it_is_set_up_only_the_pages_that_do_so_are_open(
    person: Any, signed_in: Any, name: str
) -> None:
    client = signed_in(person("guard", "auditor"))
    sets_up = {"account_reauthenticate", "mfa_activate_totp", "mfa_add_webauthn"}
    away = reverse("mfa_activate_totp")
    assert opened(client, PAGES[name], away) is (name in sets_up)
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("name", sorted(FACTORS))
def test_a_session_from_before_it_was_set_up_sees_nothing_about_it_whoever_it_is(
    person: Any, signed_in: Any, name: str
) -> None:
    account = person("zhang", "checker")
    client = signed_in(account)
    TOTP.activate(account, generate_totp_secret())
    RecoveryCodes.activate(account)
    asks = {"mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
    if name not in asks:
        assert not opened(client, FACTORS[name], reverse("mfa_reauthenticate"))
    assert client.get("/me").status_code == 200
    assert Authenticator.objects.count() == 2


def test_guardians_cannot_take_it_away_and_others_can(person: Any, signed_in: Any) -> None:
    for name, role, kept in (("admin", "administrator", True), ("zhang", "checker", False)):
        account = person(name, role, area="440113")
        client = signed_in(account, second=True)
        session = client.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": timezone.now().timestamp(), "reauthenticated": True}
        ]
        session["account_authentication_methods_user"] = str(account.pk)
        session.save()
        response = client.post(reverse("mfa_deactivate_totp"))
        there = Authenticator.objects.filter(user_id=account.pk, type="totp").exists()
        assert there is kept, response.content.decode()


def test_it_is_offered_to_everybody(person: Any, signed_in: Any) -> None:
    client = signed_in(person("zhang", "checker"))
    assert reverse("mfa_activate_totp") in client.get(reverse("mfa_index")).content.decode()


def test_a_lost_phone_is_taken_away_and_set_up_anew(person: Any, signed_in: Any) -> None:
    account = person("admin", "administrator")
    client = signed_in(account, second=True)
    assert client.get("/admin/").status_code == 200
    accounts.drop_second_factor(account, by=SYSTEM, now=timezone.now())
    assert client.get("/admin/").headers["Location"] == reverse("mfa_activate_totp")


def test_where_everybody_needs_it_nobody_works_without(
    person: Any, settings: Any, signed_in: Any
) -> None:
    settings.HUYING = settings.HUYING.model_copy(update={"second_factor": "everybody"})
    account = person("zhang", "grid_worker")
    client = sign_in("zhang")
    set_up = reverse("mfa_activate_totp")
    assert client.get("/desk/").headers["Location"] == set_up
    assert client.get("/api/v1/cases").status_code == 401
    # The phone's frame opens without signal, and sends its holder to the sign-in.
    assert client.get("/accounts/login/?next=/field/").headers["Location"] == set_up
    secret = generate_totp_secret()
    TOTP.activate(account, secret)
    again = sign_in("zhang")
    assert again.get("/me").headers["Location"].startswith("/accounts/login/")
    assert not second_factor.is_set_up(person("li", "checker"))


@pytest.mark.parametrize(
    "password",
    ["Huying-2026", "panyu_440113", "p4nyu-hUy1ng", "番禺呼应网格指挥中心密码", "2024-2025-2026"],
)
def test_words_of_this_place_are_no_password(password: str, person: Any) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, person("zhang", "checker"))
    validate_password(f"{password} drei Drachen", person("li", "checker"))


def test_a_code_lets_in_once_whoever_sends_it_and_whichever_process_it_comes_to(
    person: Any,
) -> None:
    """Who has looked over a shoulder, or read it on the way, comes too late."""
    secret = generate_totp_secret()
    TOTP.activate(person("zhang", "checker"), secret)
    now, first, second = code(secret), sign_in("zhang"), sign_in("zhang")
    assert first.post(reverse("mfa_authenticate"), {"code": now}).status_code == 302
    assert first.get("/me").status_code == 200
    in_another_process()
    assert second.post(reverse("mfa_authenticate"), {"code": now}).status_code == 200
    assert second.get("/me").status_code == 302
