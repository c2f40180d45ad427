"""The admin site: each guardian sees and does what is theirs, nobody else comes in."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from huying.admin import site  # with whatever is registered there
from huying.audit.models import AccessLog
from huying.people.admin_site import GuardedAdmin
from huying.people.models import Account, Post, Role, Unit

pytestmark = pytest.mark.django_db

TOWN = "440113120"
ADMIN, SECURITY, AUDITOR = Role.ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR

PAGES: dict[str, set[Role]] = {
    "/admin/": {ADMIN, SECURITY, AUDITOR},
    "/admin/huying/unit/": {ADMIN, SECURITY, AUDITOR},
    "/admin/huying/unit/add/": {ADMIN},
    "/admin/huying/division/": {ADMIN, SECURITY, AUDITOR},
    "/admin/huying/division/440113/change/": {ADMIN, SECURITY, AUDITOR},
    "/admin/huying/division/add/": set(),
    "/admin/huying/item/": {ADMIN, AUDITOR},
    "/admin/huying/category/": {ADMIN, AUDITOR},
    "/admin/huying/carekind/": {ADMIN, AUDITOR},
    "/admin/huying/carekind/add/": {ADMIN},
    "/admin/huying/carelevel/": {ADMIN, AUDITOR},
    "/admin/huying/carelevel/add/": {ADMIN},
    "/admin/huying/calendarday/": {ADMIN, AUDITOR},
    "/admin/huying/calendarday/add/": {ADMIN},
    "/admin/huying/calendaryear/": {ADMIN, AUDITOR},
    "/admin/huying/workinghours/": {ADMIN, AUDITOR},
    "/admin/huying/account/": {SECURITY, AUDITOR},
    "/admin/huying/account/add/": {SECURITY},
    "/admin/huying/post/": {SECURITY, AUDITOR},
    "/admin/huying/post/add/": {SECURITY},
    "/admin/huying/integration/": {SECURITY},
    "/admin/huying/integration/add/": {SECURITY},
    "/admin/huying/token/": {SECURITY},
    "/admin/huying/token/add/": {SECURITY},
    "/admin/huying/wallscreen/": {SECURITY},
    "/admin/huying/wallscreen/add/": {SECURITY},
    "/admin/huying/noticetemplate/": {ADMIN, AUDITOR},
    "/admin/huying/noticetemplate/add/": {ADMIN},
    "/admin/huying/subscription/": {ADMIN, AUDITOR},
    "/admin/huying/subscription/add/": {ADMIN},
    "/admin/huying/outgoing/": {ADMIN, AUDITOR},
    "/admin/huying/outgoing/add/": set(),
    "/admin/huying/outgoing/drop/": {ADMIN},
    "/admin/huying/accesslog/": {AUDITOR},
    "/admin/huying/accesslog/add/": set(),
    "/admin/huying/seal/": {AUDITOR},
    **{
        f"/admin/huying/{name}/": {ADMIN, SECURITY, AUDITOR}
        for name in ("alarmlimit", "skill", "whistlelimit")
    },
    **{
        f"/admin/huying/{name}/add/": {ADMIN}
        for name in ("alarmlimit", "duplicatelimits", "laddersetting", "skill", "whistlelimit")
    },
    **{f"/admin/huying/{name}/add/": {ADMIN} for name in ("calendaryear", "item", "workinghours")},
    "/admin/huying/duplicatelimits/": {ADMIN, AUDITOR},
    "/admin/huying/laddersetting/": {ADMIN, AUDITOR},
    **{
        f"/admin/huying/{name}/{page}": {SECURITY}
        for name in ("open311key", "source")
        for page in ("", "add/")
    },
    "/admin/procrastinate/procrastinatejob/": {ADMIN, AUDITOR},
    "/admin/events/": {AUDITOR},
    "/admin/volunteers/": {SECURITY, AUDITOR},
    "/admin/axes/accesslog/": {SECURITY, AUDITOR},
    "/admin/axes/accessattempt/": {SECURITY, AUDITOR},
    "/admin/axes/accessfailurelog/": {SECURITY, AUDITOR},
    "/admin/axes/accessfailurelog/add/": set(),
}


@pytest.fixture
def as_role(person: Any, signed_in: Any) -> Any:
    def sign_in(role: str) -> Client:
        return signed_in(person(f"as-{role}", role), second=True)

    return sign_in


def named(page: str) -> set[str]:
    """The address of each registered model's page of this kind."""
    return {
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")
        for model in site._registry
    }


def test_every_page_of_the_site_has_its_row() -> None:
    assert len(site._registry) > 25
    own = {reverse(f"admin:{page.name}") for page in site.pages}
    assert own | named("changelist") <= set(PAGES)


@pytest.mark.parametrize("role", [ADMIN, SECURITY, AUDITOR])
def test_who_may_not_open_a_page_sends_nothing_to_it(as_role: Any, role: Role) -> None:
    """Adding is refused where no row says otherwise, looking at something is not changing it."""
    client = as_role(role)
    may = {path: set[Role]() for path in named("add")} | PAGES
    may |= {path: {ADMIN} for path in PAGES if path.endswith("/change/")}
    refused = {path for path in sorted(may) if client.post(path).status_code == 403}
    assert refused == {path for path, roles in may.items() if role not in roles}


@pytest.mark.parametrize("role", [ADMIN, SECURITY, AUDITOR])
def test_each_sees_what_is_theirs(as_role: Any, role: Role) -> None:
    client = as_role(role)
    found = {path: client.get(path).status_code for path in PAGES}
    assert found == {path: 200 if role in may else 403 for path, may in PAGES.items()}


@pytest.mark.parametrize("role", [role for role in Role if role not in (ADMIN, SECURITY, AUDITOR)])
def test_nobody_else_comes_in(person: Any, post_of: Any, signed_in: Any, role: Role) -> None:
    account = person("one")
    unit = Unit.objects.create(
        code="u", name="u", kind="department", level="town", area_code=TOWN, district_code="440113"
    )
    post_of(account, role, TOWN, unit=unit)
    client = signed_in(account, second=True)
    assert {client.get(path, follow=True).status_code for path in PAGES} == {403}


def test_a_guardian_on_another_post_stays_out(person: Any, post_of: Any, signed_in: Any) -> None:
    account = person("both", "auditor")
    checker = post_of(account, "checker", TOWN)
    client = signed_in(account, second=True)
    client.post("/me/post", {"post": checker.pk})
    assert client.get("/admin/", follow=True).status_code == 403


def test_strangers_are_sent_to_the_one_sign_in(client: Client) -> None:
    chain = client.get("/admin/huying/unit/", follow=True).redirect_chain
    assert chain[-1][0].startswith("/accounts/login/?next=/admin/")


def test_every_model_here_asks_the_post_and_none_is_of_others_making() -> None:
    own = {type(each).__module__.split(".")[0] for each in site._registry.values()}
    assert own == {"huying"}
    names = {model._meta.model_name for model in site._registry}
    assert not names & {"case", "casetext", "casecontact", "caseevent", "group", "permission"}
    by_subject = [each for each in site._registry.values() if isinstance(each, GuardedAdmin)]
    assert len(by_subject) >= 12


@pytest.mark.parametrize("role", [ADMIN, SECURITY, AUDITOR])
def test_pages_are_chinese_and_hold_nothing_inline(as_role: Any, role: Role) -> None:
    client = as_role(role)
    for path, may in PAGES.items():
        if role not in may:
            continue
        page = client.get(path).content.decode()
        assert "呼应 · 系统管理" in page
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page), path
        assert "<style" not in page
        for script in re.findall(r"<script[^>]*>", page):
            assert "src=" in script or "application/json" in script, (path, script)


def test_the_administrator_sets_up_a_unit(as_role: Any) -> None:
    client = as_role(ADMIN)
    typed = {
        "code": f"{TOWN}-desk",
        "name": "石碁镇指挥中心",
        "kind": "desk",
        "area_code": TOWN,
        "active": "on",
    }
    assert (
        client.post("/admin/huying/unit/add/", typed | {"area_code": "440199"}).status_code == 200
    )
    assert client.post("/admin/huying/unit/add/", typed).status_code == 302
    unit = Unit.objects.get()
    assert (unit.level, unit.district_code) == ("town", "440113")
    assert AccessLog.objects.get(action="admin_add").subject_id == str(unit.pk)
    # The area's second desk is refused with words, not with an error.
    second = client.post("/admin/huying/unit/add/", typed | {"code": "another"})
    assert second.status_code == 200
    assert Unit.objects.count() == 1


def test_the_security_administrator_makes_invites_and_grants(as_role: Any, desk: Unit) -> None:
    client = as_role(SECURITY)
    typed = {"username": "Zhang", "name": "张三", "email": ""}
    assert client.post("/admin/huying/account/add/", typed).status_code == 302
    account = Account.objects.get(username="zhang")
    assert not account.has_usable_password()

    page = client.post(
        "/admin/huying/account/", {"action": "invite", "_selected_action": [account.pk]}
    )
    link = re.search(
        r"<code>http://testserver(/accounts/invitation/[^<]+)</code>", page.content.decode()
    )
    assert "no-store" in page.headers["Cache-Control"]
    assert Client().get(link[1]).status_code == 200

    post = {
        "account": account.pk,
        "role": "dispatcher",
        "area_code": TOWN,
        "unit": "",
        "duty": "lead",
        "title": "",
        "starts_on": "2026-01-01",
        "ends_on": "",
    }
    refused = client.post("/admin/huying/post/add/", post | {"area_code": "440113999"})
    assert "没有使用该代码的行政区划或有效网格" in refused.content.decode()
    assert client.post("/admin/huying/post/add/", post).status_code == 302
    granted = Post.objects.get(account=account)
    assert (granted.unit, granted.starts_on) == (desk, date(2026, 1, 1))

    change = reverse("admin:huying_post_change", args=[granted.pk])
    assert client.post(change, {"ends_on": "2026-06-30", "role": "auditor"}).status_code == 302
    granted.refresh_from_db()
    assert (granted.ends_on, granted.role) == (date(2026, 6, 30), "dispatcher")
    actions = set(AccessLog.objects.values_list("action", flat=True))
    assert {"invite", "grant_post", "end_post"} <= actions


def test_the_security_administrator_cannot_raise_themselves(as_role: Any) -> None:
    client = as_role(SECURITY)
    own = Account.objects.get()
    post = {
        "account": own.pk,
        "role": "checker",
        "area_code": TOWN,
        "duty": "lead",
        "starts_on": "2026-01-01",
    }
    assert "不能为本人授予岗位" in client.post("/admin/huying/post/add/", post).content.decode()
    client.post("/admin/huying/account/", {"action": "block", "_selected_action": [own.pk]})
    own.refresh_from_db()
    assert own.is_active


@pytest.mark.parametrize("whose", ["own", "other"])
@pytest.mark.parametrize("typed", ["2027-12-31", ""], ids=["later", "until further notice"])
def test_a_post_is_ended_sooner_and_never_later(
    as_role: Any, person: Any, whose: str, typed: str
) -> None:
    client = as_role(SECURITY)
    own = Account.objects.get()
    holder = own if whose == "own" else person("zhang")
    fields = {"account": holder, "district_code": "440113", "starts_on": date(2020, 1, 1)}
    post = Post.objects.create(role="checker", area_code=TOWN, ends_on=date(2026, 6, 30), **fields)
    change = reverse("admin:huying_post_change", args=[post.pk])
    refused = client.post(change, {"ends_on": typed})
    assert refused.status_code == 200
    assert "岗位期限不能延长" in refused.content.decode()
    post.refresh_from_db()
    assert post.ends_on == date(2026, 6, 30)
    assert client.post(change, {"ends_on": "2026-06-01"}).status_code == 302
    post.refresh_from_db()
    assert post.ends_on == date(2026, 6, 1)


@pytest.mark.parametrize("action", ["invite", "reset_password", "block", "drop_second_factor"])
def test_the_auditor_only_looks(as_role: Any, person: Any, action: str) -> None:
    account = person("zhang", "checker")
    before = account.password
    client = as_role(AUDITOR)
    client.post("/admin/huying/account/", {"action": action, "_selected_action": [account.pk]})
    change = reverse("admin:huying_account_change", args=[account.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"name": "x"}).status_code == 403
    account.refresh_from_db()
    assert (account.password, account.is_active, account.name) == (before, True, "zhang 某")


def test_nobody_deletes_accounts_posts_or_units(as_role: Any, person: Any, desk: Unit) -> None:
    account = person("zhang", "checker")
    for role in (ADMIN, SECURITY, AUDITOR):
        client = as_role(role)
        for path in (
            reverse("admin:huying_account_delete", args=[account.pk]),
            reverse("admin:huying_unit_delete", args=[desk.pk]),
            reverse("admin:huying_post_delete", args=[account.posts.get().pk]),
        ):
            assert client.post(path, {"post": "yes"}).status_code == 403


def test_a_token_is_shown_once(as_role: Any) -> None:
    from huying.api.models import Token

    client = as_role(SECURITY)
    made = client.post(
        "/admin/huying/integration/add/",
        {"name": "热线", "role": "dispatcher", "area_code": "440113", "active": "on"},
    )
    assert made.status_code == 302
    from huying.api.models import Integration

    system = Integration.objects.get()
    page = client.post(
        "/admin/huying/token/add/",
        {"integration": system.pk, "scopes": ["read", "report"], "days": "30"},
    )
    assert re.search(r"<code>hy_[\w-]{43}</code>", page.content.decode())
    token = Token.objects.get()
    client.post("/admin/huying/token/", {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_system_made_by_one_person_is_recorded_and_the_auditor_is_told(as_role: Any) -> None:
    client = as_role(SECURITY)
    typed = {"name": "热线", "role": "dispatcher", "area_code": "440113", "active": "on"}
    client.post("/admin/huying/integration/add/", typed)
    (system,) = AccessLog.objects.filter(subject_type="integration")
    own = Account.objects.get()
    assert (system.action, system.account_id, system.purpose) == (
        "admin_add", own.pk, "dispatcher@440113",
    )  # fmt: skip
    token = {"integration": system.subject_id, "scopes": ["read", "verbs"], "days": "30"}
    client.post("/admin/huying/token/add/", token)
    (issued,) = AccessLog.objects.filter(subject_type="token")
    assert (issued.action, issued.account_id, issued.purpose, issued.fields) == (
        "issue_token", own.pk, "dispatcher@440113", ["read", "verbs"],
    )  # fmt: skip
    told = f"{own.name}向“热线”签发了令牌"
    page = as_role(AUDITOR).get("/admin/").content.decode()
    assert told in page
    assert "派遣员" in page
    for other in (client, as_role(ADMIN)):
        assert told not in other.get("/admin/").content.decode()


def test_the_secret_of_a_wall_screen_is_shown_once(as_role: Any) -> None:
    from huying.wall.models import WallScreen

    client, told = as_role(SECURITY), {"name": "大厅", "area_code": "440113", "days": "30"}
    wrong = client.post("/admin/huying/wallscreen/add/", told | {"area_code": "1"})
    assert "大厅" in wrong.content.decode()
    assert not WallScreen.objects.exists()
    page = client.post("/admin/huying/wallscreen/add/", told)
    assert re.search(r"/wall/enter#hyw_[\w-]{43}<", page.content.decode())
    screen = WallScreen.objects.get()
    client.post("/admin/huying/wallscreen/", {"action": "revoke", "_selected_action": [screen.pk]})
    screen.refresh_from_db()
    assert screen.revoked_at is not None
    record = AccessLog.objects.filter(subject_type="wallscreen").values_list("action", flat=True)
    assert set(record) == {"make_wall_screen", "revoke_wall_screen"}
