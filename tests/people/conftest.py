"""Accounts with posts, and browsers signed in as them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

if TYPE_CHECKING:
    from huying.people.acting import Actor
    from huying.people.models import Account, Post, Unit

TOWN = "440113120"
VILLAGE = "440113120213"
GRID = "440113120213001"
PASSWORD = "three-kites-over-shiqi"


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def today(now: datetime) -> date:
    return now.date()


@pytest.fixture
def security() -> Actor:
    """A security administrator who is nobody's account."""
    from huying.people.acting import Actor, ActorKind
    from huying.people.models import Role

    return Actor(ActorKind.ACCOUNT, role=Role.SECURITY_ADMINISTRATOR, area_code="440113")


@pytest.fixture
def desk(db: None) -> Unit:
    from huying.people.models import Unit

    return Unit.objects.create(
        code=f"{TOWN}-desk",
        name="石碁镇城市运行综合指挥中心",
        kind="desk",
        level="town",
        area_code=TOWN,
        district_code="440113",
    )


@pytest.fixture
def team(db: None) -> Unit:
    from huying.people.models import Unit

    return Unit.objects.create(
        code=f"{TOWN}-team-1",
        name="石碁镇联合执法队（企业商铺类）",
        kind="team",
        level="town",
        area_code=TOWN,
        district_code="440113",
    )


@pytest.fixture
def grid(db: None) -> str:
    from django.utils import timezone

    from huying.places.models import Grid

    Grid.objects.create(
        code=GRID, community_id=VILLAGE, name="第1网格", outline={}, changed_at=timezone.now()
    )
    return GRID


@pytest.fixture
def person(db: None) -> Callable[..., Account]:
    """Makes an account with the known password, holding posts in these roles since long ago."""
    from huying.people.models import Account, Post

    def make(username: str, *roles: str, area: str = "440113") -> Account:
        account = Account(username=username, name=f"{username} 某")
        account.set_password(PASSWORD)
        account.save()
        for role in roles:
            Post.objects.create(
                account=account,
                role=role,
                area_code=area,
                district_code=area[:6],
                starts_on=date(2020, 1, 1),
            )
        return account

    return make


@pytest.fixture
def post_of(db: None) -> Callable[..., Post]:
    """Gives an account one more post, by the database alone."""
    from huying.people.models import Post

    def make(account: Account, role: str, area: str, **more: Any) -> Post:
        fields = {"starts_on": date(2020, 1, 1), "district_code": area[:6]} | more
        return Post.objects.create(account=account, role=role, area_code=area, **fields)

    return make


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    """A browser in which the account has signed in; ``second=True`` with the second factor."""

    def sign_in(account: Account, *, second: bool = False) -> Client:
        from allauth.mfa.models import Authenticator
        from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

        from huying.people.second_factor import SET_UP_HERE

        client = Client()
        client.force_login(account, "allauth.account.auth_backends.AuthenticationBackend")
        if second:
            if not Authenticator.objects.filter(user_id=account.pk).exists():
                TOTP.activate(account, generate_totp_secret())
            session = client.session
            session[SET_UP_HERE] = True
            session.save()
        return client

    return sign_in
