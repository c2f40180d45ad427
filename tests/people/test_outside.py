"""Signing in through an outside provider: only who is linked, with a token that is right."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from axes.models import AccessLog as SignIn
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from joserfc.jwk import RSAKey

from huying.audit.models import AccessLog
from huying.cli import account as command
from huying.errors import BadInput, NotAllowed
from huying.people import accounts
from huying.people.acting import SYSTEM, Actor, ActorKind
from huying.people.models import Account, Role
from tests.people.provider import CLIENT, SECRET, Provider

pytestmark = pytest.mark.django_db

PASSWORD = "three-kites-over-shiqi"
START = "/accounts/outside/"


def follow(url: str) -> str:
    """Where the provider sends the browser on to."""
    answer = requests.get(url, allow_redirects=False, timeout=5)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    found = Provider()
    settings.HUYING = settings.HUYING.model_copy(
        update={
            "oidc_issuer": found.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SECRET,
            "oidc_name": "区统一认证",
        }
    )
    settings.HUYING.__dict__.pop("oidc_secret", None)
    yield found
    found.close()


def come(client: Client, onward: str = "") -> Any:
    """From the link on the sign-in page through the provider and back."""
    away = client.get(START, {"next": onward} if onward else {})
    back = follow(away.headers["Location"])
    return client.get(back.removeprefix("http://testserver"))


def said(client: Client) -> str:
    return client.get("/accounts/login/").content.decode()


def linked(person: Any, *roles: str) -> Account:
    account = person("zhang", *roles)
    accounts.link(account, "u-1001", by=SYSTEM, now=timezone.now())
    return account


def test_who_is_linked_comes_in(person: Any, provider: Provider) -> None:
    account = linked(person, "checker")
    client = Client()
    assert "用 区统一认证 登录" in said(client)
    answer = come(client, "/me")
    assert answer.headers["Location"] == "/me"
    assert client.get("/me").wsgi_request.user == account
    assert SignIn.objects.filter(username="zhang").exists()
    # PKCE, state and nonce went along; the challenge is not the verifier.
    assert provider.asked.count("token") == 1


def test_it_leads_nowhere_else(person: Any, provider: Provider) -> None:
    linked(person, "checker")
    assert come(Client(), "https://example.org/").headers["Location"] == "/"


@pytest.mark.parametrize("subject", ["u-9999", "U-1001", "zhang"])
def test_nobody_else_comes_in_and_no_account_is_made(
    person: Any, provider: Provider, subject: str
) -> None:
    linked(person, "checker")
    provider.subject = subject
    provider.extra = {"preferred_username": "zhang", "email": "zhang@example.org"}
    client = Client()
    assert come(client).headers["Location"] == "/accounts/login/"
    page = said(client)
    assert subject in page
    assert "没有账号与" in page
    assert "_auth_user_id" not in client.session
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": []},
        {"aud": None},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"iss": "https://elsewhere.example.org"},
        {"iss": None},
        {"exp": 1_600_000_000},
        {"exp": None},
        {"sub": None},
        {"iat": 4_000_000_000},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_refused(
    person: Any, provider: Provider, wrong: dict[str, Any]
) -> None:
    linked(person, "checker")
    provider.wrong = wrong
    client = Client()
    assert come(client).headers["Location"] == "/accounts/login/"
    assert "未通过校验" in said(client)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("how", ["another key", "none", "hmac of the public key", "our secret"])
def test_a_token_with_a_wrong_signature_is_refused(
    person: Any, provider: Provider, how: str
) -> None:
    linked(person, "checker")
    if how == "another key":
        provider.signer = RSAKey.generate_key(2048, {"kid": "one"})
    elif how == "none":
        provider.algorithm = "none"
    elif how == "our secret":
        provider.algorithm, provider.signer = "HS256", SECRET.encode()
    else:
        provider.algorithm, provider.signer = "HS256", provider.key.as_pem(private=False)
    client = Client()
    assert come(client).headers["Location"] == "/accounts/login/"
    assert "未通过校验" in said(client)
    assert "_auth_user_id" not in client.session


def test_without_a_token_of_identity_nobody_comes_in(person: Any, provider: Provider) -> None:
    linked(person, "checker")
    provider.without_token = True
    client = Client()
    come(client)
    assert "未通过校验" in said(client)


def test_a_code_for_another_browser_is_refused(person: Any, provider: Provider) -> None:
    """Somebody else's answer, slipped to a browser that asked for none, or for another."""
    linked(person, "checker")
    mine, theirs = Client(), Client()
    back = follow(theirs.get(START).headers["Location"]).removeprefix("http://testserver")
    mine.get(START)
    for client in (mine, Client()):
        client.get(back)
        assert "_auth_user_id" not in client.session
    theirs.get(back)
    assert "_auth_user_id" in theirs.session
    theirs.post("/accounts/logout/")
    theirs.get(back)  # and it works once
    assert "_auth_user_id" not in theirs.session


def test_who_says_no_at_the_provider_is_back_at_the_start(person: Any, provider: Provider) -> None:
    client = Client()
    client.get(START)
    back = reverse("outside_callback")
    for query in ("?error=access_denied&state=x", "", "?code=x", "?code=x&state=y"):
        assert client.get(back + query).headers["Location"] == "/accounts/login/"


def test_a_blocked_account_stays_out(person: Any, provider: Provider) -> None:
    account = linked(person, "checker")
    account.is_active = False
    account.save()
    client = Client()
    assert come(client).headers["Location"] == "/accounts/inactive/"
    assert "_auth_user_id" not in client.session


def test_a_locked_account_stays_out(person: Any, provider: Provider) -> None:
    linked(person, "checker")
    for _n in range(5):
        Client().post("/accounts/login/", {"login": "zhang", "password": "wrong"})
    client = Client()
    assert come(client).status_code in (403, 429)
    assert "_auth_user_id" not in client.session


def test_an_ended_post_gives_nothing(person: Any, provider: Provider) -> None:
    account = linked(person, "checker")
    account.posts.update(ends_on="2020-02-01")
    client = Client()
    come(client)
    assert client.get("/desk/").status_code == 403
    assert client.get("/me").wsgi_request.actor is None


def test_a_guardian_still_shows_the_second_factor(person: Any, provider: Provider) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    account = linked(person, "auditor")
    client = Client()
    come(client)
    assert client.get("/admin/").headers["Location"] == reverse("mfa_activate_totp")
    TOTP.activate(account, generate_totp_secret())
    again = Client()
    assert come(again).headers["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in again.session


def test_another_claim_can_link_from_the_token_or_the_users_page(
    person: Any, provider: Provider, settings: Any
) -> None:
    account = person("zhang", "checker")
    accounts.link(account, "440113-007", by=SYSTEM, now=timezone.now())
    settings.HUYING = settings.HUYING.model_copy(update={"oidc_claim": "staff_no"})
    provider.extra = {"staff_no": "440113-007"}
    assert come(Client()).headers["Location"] == "/"
    provider.extra, provider.userinfo = {}, {"staff_no": "440113-007"}
    assert come(Client()).headers["Location"] == "/"
    provider.userinfo = {"staff_no": "440113-007", "sub": "somebody else"}
    assert come(Client()).headers["Location"] == "/accounts/login/"
    provider.userinfo = {"staff_no": ["440113-007"]}
    assert come(Client()).headers["Location"] == "/accounts/login/"


def test_signing_out_asks_about_the_provider(person: Any, provider: Provider) -> None:
    linked(person, "checker")
    client = Client()
    come(client)
    client.get("/me")
    left = client.post("/accounts/logout/")
    assert left.headers["Location"] == reverse("outside_signed_out")
    assert "_auth_user_id" not in client.session
    assert "同时退出 区统一认证" in client.get(reverse("outside_signed_out")).content.decode()
    away = client.get(reverse("outside_sign_out")).headers["Location"]
    assert away.startswith(f"{provider.issuer}/logout?id_token_hint=ey")
    assert follow(away) == "http://testserver/accounts/login/"
    # Once; and who came by password is asked nothing.
    assert client.get(reverse("outside_sign_out")).headers["Location"] == "/accounts/login/"
    client.post("/accounts/login/", {"login": "zhang", "password": PASSWORD})
    assert client.post("/accounts/logout/").headers["Location"] == "/accounts/login/"


def test_a_provider_that_is_away_or_another_is_told_kindly(
    person: Any, provider: Provider, settings: Any
) -> None:
    provider.metadata = {"issuer": "https://elsewhere.example.org"}
    client = Client()
    assert client.get(START).headers["Location"] == "/accounts/login/"
    assert "暂时无法连接" in said(client)
    provider.metadata = {}
    assert client.get(START).headers["Location"].startswith(provider.issuer)
    away = settings.HUYING.model_copy(update={"oidc_issuer": "http://127.0.0.1:9/realm"})
    settings.HUYING = away
    assert client.get(START).headers["Location"] == "/accounts/login/"
    assert "暂时无法连接" in said(client)


def test_without_the_setting_there_is_no_such_door(person: Any) -> None:
    client = Client()
    assert "/accounts/outside/" not in said(client)
    assert client.get(START).status_code == 404
    assert client.get(reverse("outside_callback")).status_code == 404
    assert client.get(reverse("outside_sign_out")).status_code == 302


def test_only_the_security_administrator_links_and_once(person: Any) -> None:
    zhang, li = person("zhang"), person("li")
    now = timezone.now()
    for role in (Role.ADMINISTRATOR, Role.AUDITOR, Role.DISPATCHER):
        with pytest.raises(NotAllowed):
            accounts.link(zhang, "x", by=Actor(ActorKind.ACCOUNT, role=role), now=now)
    accounts.link(zhang, " u-1 ", by=SYSTEM, now=now)
    with pytest.raises(BadInput):
        accounts.link(li, "u-1", by=SYSTEM, now=now)
    with pytest.raises(BadInput):
        accounts.link(li, "x" * 192, by=SYSTEM, now=now)
    zhang.refresh_from_db()
    assert zhang.outside_id == "u-1"


def test_the_command_links_and_unlinks(person: Any) -> None:
    account = person("zhang")
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    command.run(parser.parse_args(["link", "zhang", "u-1"]))
    account.refresh_from_db()
    assert account.outside_id == "u-1"
    command.run(parser.parse_args(["unlink", "zhang"]))
    account.refresh_from_db()
    assert account.outside_id is None
    noted = AccessLog.objects.filter(subject_type="account").order_by("pk")
    assert list(noted.values_list("action", flat=True)) == ["link_account", "unlink_account"]


def test_the_admin_links_and_keeps_identities_apart(person: Any, signed_in: Any) -> None:
    zhang, li = person("zhang"), person("li")
    client = signed_in(person("security", "security_administrator"), second=True)

    def save(account: Account, identity: str) -> Any:
        data = {"name": account.name, "email": "", "outside_id": identity}
        posts = {f"posts-{each}_FORMS": "0" for each in ("TOTAL", "INITIAL")}
        return client.post(f"/admin/huying/account/{account.pk}/change/", data | posts)

    assert save(zhang, "u-1").status_code == 302
    assert save(li, "u-1").status_code == 200
    assert save(li, "").status_code == 302
    assert save(zhang, "").status_code == 302
    assert Account.objects.filter(outside_id=None).count() == 3
    noted = AccessLog.objects.filter(action="admin_change", subject_id=str(zhang.pk)).first()
    assert noted is not None
    assert "outside_id" in noted.fields
