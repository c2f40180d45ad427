"""Keys on the admin site: made and shown once, limited, revoked, by the one who may."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from huying.audit.models import AccessLog
from huying.open311.models import Open311Key
from huying.people.models import Account, Post, Role
from huying.people.second_factor import SET_UP_HERE


def guardian(role: Role) -> Client:
    client = Client()
    account = Account.objects.create(username=f"o3-{role}", name="某某", password="!")
    Post.objects.create(
        account=account, role=role, area_code="440113", district_code="440113",
        starts_on=date(2020, 1, 1),
    )  # fmt: skip
    TOTP.activate(account, generate_totp_secret())
    client.force_login(account, "allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session[SET_UP_HERE] = True
    session.save()
    return client


def test_a_key_is_made_shown_once_limited_and_revoked(db: None) -> None:
    security = guardian(Role.SECURITY_ADMINISTRATOR)
    told = security.post("/admin/huying/open311key/add/", {"name": "随手拍", "per_minute": "30"})
    key = Open311Key.objects.get()
    assert f"<code>{key.hint}" in told.content.decode()
    assert "no-store" in told["Cache-Control"]
    page = security.get("/admin/huying/open311key/").content.decode()
    assert key.hint in page
    assert f"<code>{key.hint}" not in page
    change = f"/admin/huying/open311key/{key.pk}/change/"
    assert security.post(change, {"name": "随手拍", "per_minute": "5"}).status_code == 302
    chosen: dict[str, Any] = {"action": "revoke", "_selected_action": [key.pk]}
    security.post("/admin/huying/open311key/", chosen)
    key.refresh_from_db()
    assert key.per_minute == 5
    assert key.revoked_at is not None
    actions = set(AccessLog.objects.values_list("action", flat=True))
    assert {"issue_open311_key", "admin_change", "revoke_open311_key"} <= actions


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_no_other_guardian_makes_one(role: Role, db: None) -> None:
    client = guardian(role)
    for url in ("/admin/huying/open311key/", "/admin/huying/open311key/add/"):
        assert client.get(url).status_code == 403
