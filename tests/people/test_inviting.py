"""Invitations: once, for seven days, the newest alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huying.errors import BadInput, NotAllowed
from huying.people import accounts, inviting
from huying.people.acting import SYSTEM, Actor, ActorKind
from huying.people.models import Account, Role

pytestmark = pytest.mark.django_db

NEW = "nine-lanterns-at-dusk"


@pytest.fixture
def account(now: datetime) -> Account:
    return accounts.create_account("zhang", "张三", by=SYSTEM, now=now)


def test_a_new_account_cannot_sign_in(account: Account) -> None:
    assert not account.has_usable_password()


def test_an_invitation_sets_the_first_password_once(account: Account, now: datetime) -> None:
    token = inviting.invite(account, by=SYSTEM, now=now)
    inviting.accept(token, NEW, now=now)
    account.refresh_from_db()
    assert account.check_password(NEW)
    with pytest.raises(inviting.BadInvitation):
        inviting.accept(token, "another-password-9", now=now)
    account.refresh_from_db()
    assert account.check_password(NEW)


def test_it_lasts_seven_days(account: Account, now: datetime) -> None:
    token = inviting.invite(account, by=SYSTEM, now=now)
    assert inviting.invited(token, now + timedelta(days=7)) == account
    with pytest.raises(inviting.BadInvitation):
        inviting.invited(token, now + timedelta(days=7, seconds=1))


def test_a_newer_one_ends_the_older(account: Account, now: datetime) -> None:
    older = inviting.invite(account, by=SYSTEM, now=now)
    newer = inviting.invite(account, by=SYSTEM, now=now)
    with pytest.raises(inviting.BadInvitation):
        inviting.invited(older, now)
    assert inviting.invited(newer, now) == account


def test_a_forged_or_changed_one_is_none(account: Account, now: datetime) -> None:
    token = inviting.invite(account, by=SYSTEM, now=now)
    for wrong in ("", "x", token[:-1], token[1:], token.swapcase()):
        with pytest.raises(inviting.BadInvitation):
            inviting.invited(wrong, now)


def test_who_has_a_password_or_is_blocked_is_not_invited(
    account: Account, person: Any, now: datetime
) -> None:
    with pytest.raises(BadInput, match="已设置密码"):
        inviting.invite(person("one"), by=SYSTEM, now=now)
    token = inviting.invite(account, by=SYSTEM, now=now)
    accounts.set_active(account, active=False, by=SYSTEM, now=now)
    with pytest.raises(inviting.BadInvitation):
        inviting.invited(token, now)


def test_only_the_security_administrator_invites(account: Account, now: datetime) -> None:
    for role in (Role.ADMINISTRATOR, Role.AUDITOR, Role.DISPATCHER):
        with pytest.raises(NotAllowed):
            inviting.invite(account, by=Actor(ActorKind.ACCOUNT, role=role), now=now)


def test_the_page_refuses_weak_passwords_and_takes_a_good_one(account: Account) -> None:
    now = timezone.now()
    url = reverse("accept_invitation", args=[inviting.invite(account, by=SYSTEM, now=now)])
    client = Client()
    assert "zhang" in client.get(url).content.decode()
    for weak in ("short-1", "1234567890", "password123", "zhang-zhang"):
        response = client.post(url, {"password1": weak, "password2": weak})
        assert response.status_code == 200
        account.refresh_from_db()
        assert not account.has_usable_password()
    assert client.post(url, {"password1": NEW, "password2": NEW + "x"}).status_code == 200
    response = client.post(url, {"password1": NEW, "password2": NEW})
    assert response.headers["Location"] == reverse("account_login")
    account.refresh_from_db()
    assert account.check_password(NEW)
    assert client.get(url).status_code == 404


def test_resetting_takes_the_password_away_and_invites_anew(
    account: Account, now: datetime
) -> None:
    accounts_link = inviting.invite(account, by=SYSTEM, now=now)
    inviting.accept(accounts_link, NEW, now=now)
    token = inviting.reset(account, by=SYSTEM, now=now)
    account.refresh_from_db()
    assert not account.has_usable_password()
    assert inviting.invited(token, now) == account
    inviting.accept(token, NEW + "er", now=now)
    account.refresh_from_db()
    assert account.check_password(NEW + "er")


def test_user_names_are_unique_whatever_their_case(account: Account, now: datetime) -> None:
    with pytest.raises(BadInput, match="已被使用"):
        accounts.create_account(" Zhang ", "另一个", by=SYSTEM, now=now)
    assert accounts.find("ZHANG") == account
