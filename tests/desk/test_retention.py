"""The page of how long things are kept: two administrators, an auditor who watches, a dry run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from huying.cases.models import CaseContact
from huying.people.models import Account, Post, Role
from huying.retention import deciding, running
from huying.retention.models import RetentionChange, RetentionHold, RetentionRun
from tests.desk.world import DISTRICT, World

As = Callable[..., Client]
PAGE = "/desk/retention/"


@pytest.fixture(autouse=True)
def _guardians(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two administrators and an auditor; of their second factor other tests tell."""
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda *_: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda *_: True)
    for name, called, role in (
        ("admin", "管理员甲", Role.ADMINISTRATOR),
        ("other_admin", "管理员乙", Role.ADMINISTRATOR),
        ("auditor", "审计员", Role.AUDITOR),
    ):
        account = Account.objects.create(username=f"t-{name}", name=called)
        world.accounts[name] = account
        world.posts[name] = Post.objects.create(
            account=account,
            role=role,
            area_code=DISTRICT,
            district_code=DISTRICT,
            starts_on=timezone.localdate(),
        )


def test_two_administrators_switch_a_rule_on_and_the_auditor_watches(as_: As) -> None:
    one, other, auditor = as_("admin"), as_("other_admin"), as_("auditor")
    sent = {"do": "change", "rule": "case_words", "days": "500", "on": "1", "seen": "0"}
    assert one.post(PAGE, sent).status_code == 302
    page = one.get(PAGE).content.decode()
    assert "管理员甲" in page
    change = RetentionChange.objects.get()
    decide = {"do": "agree", "id": str(change.pk)}
    assert one.post(PAGE, decide).status_code == 403
    assert auditor.post(PAGE, decide).status_code == 403
    assert 'name="do"' not in auditor.get(PAGE).content.decode()
    assert other.post(PAGE, decide).status_code == 302
    assert deciding.setting("case_words").on
    assert other.post(PAGE, decide).status_code == 409


@pytest.mark.parametrize(("days", "status"), [("ten", 422), ("5", 422), ("1095", 422)])
def test_what_will_not_do_is_said_at_the_rule_and_nothing_is_lost(
    as_: As, days: str, status: int
) -> None:
    sent = {"do": "change", "rule": "case_words", "days": days, "seen": "0"}
    answer = as_("admin").post(PAGE, sent)
    page = answer.content.decode()
    assert answer.status_code == status
    assert f'value="{days}"' in page
    assert page.count('class="field-bad"') == 1


def test_a_dry_run_is_asked_for_watched_and_takes_nothing_away(world: World, as_: As) -> None:
    case = world.closed(contact_name="欧阳询", contact_phone="13926187754")
    admin = as_("admin")
    assert "data-none" not in admin.get(PAGE).content.decode()
    assert admin.post(PAGE, {"do": "dry"}).status_code == 302
    assert admin.post(PAGE, {"do": "dry"}).status_code == 409
    run = RetentionRun.objects.get()
    assert "hx-get" in admin.get(f"{PAGE}?dry=1").content.decode()
    running.do(run, now=timezone.now() + timedelta(days=731))
    told = admin.get(f"{PAGE}?dry=1").content.decode()
    assert "hx-get" not in told
    assert "上报人的姓名和电话" in told
    assert "欧阳" not in told
    assert case.number not in told
    assert CaseContact.objects.filter(case=case).exists()


def test_a_record_is_held_back_and_let_go_again(world: World, as_: As) -> None:
    case, admin = world.closed(), as_("admin")
    sent = {"do": "hold", "subject": "case", "named": case.number, "reason": "litigation",
            "words": "（2026）粤0113民初1号"}  # fmt: skip
    assert admin.post(PAGE, sent).status_code == 302
    assert "粤0113民初1号" in admin.get(PAGE).content.decode()
    assert admin.post(PAGE, sent).status_code == 409
    wrong = admin.post(PAGE, sent | {"named": "12345"})
    assert wrong.status_code == 422
    assert 'value="12345"' in wrong.content.decode()
    lift = {"do": "lift", "id": str(RetentionHold.objects.get().pk)}
    assert as_("auditor").post(PAGE, lift).status_code == 403
    assert admin.post(PAGE, lift).status_code == 302
    assert "粤0113民初1号" not in admin.get(PAGE).content.decode()
