"""Who is assessed appeals once against one counted fact; two others decide, or a third."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from huying.assessment.charges import CHARGES
from huying.assessment.counting import Asked, By, counted
from huying.assessment.following import follow
from huying.assessment.left_out import FAMILIES, LeftOut, family_of
from huying.assessment.rolled import behind, rolled
from huying.assessment.tallies import Tally
from huying.cases.models import Case, CaseEvent
from huying.errors import Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.fairness import appealing
from huying.fairness.models import Appeal
from tests.desk.world import DISTRICT, TOWN, World


def test_what_leaves_a_numerator_leaves_its_denominator_too() -> None:
    """A rate of one family of tallies can only leave as a whole."""
    assert sum(map(len, FAMILIES)) == len(frozenset().union(*FAMILIES))
    for charge in CHARGES.values():
        assert charge.counts_as in family_of(charge.counts_as)
        assert charge.good is None or charge.good in family_of(charge.counts_as)


def failed(world: World) -> Case:
    return world.do(world.handled(), "check_fail", "checker", reason="现场仍有垃圾")


def rework(world: World, at: Any = None) -> tuple[int, int, int]:
    today = timezone.localdate()
    asked = Asked(TOWN, today - timedelta(days=1), today, at or timezone.now())
    found = counted(asked, By.UNIT)[str(world.units["lead"].pk)]
    left = len(found.left.get(Tally.REWORK, ()))
    return found.counts[Tally.REWORK], found.counts[Tally.CHECKED], left


def filed(world: World, case: Case, by: str = "handler", **more: Any) -> Appeal:
    given = {"words": "当天暴雨，现场又被冲来垃圾。", "now": timezone.now()} | more
    (held,) = [
        each
        for each in appealing.open_to(world.actor("handler"), case, timezone.now())
        if each.charge.code == "rework"
    ]
    return appealing.file(case.pk, "rework", held.line.seq, by=world.actor(by), **given)


def says(world: World, appeal: Appeal, who: str, yes: bool) -> Appeal:
    appeal.refresh_from_db()
    return appealing.decide(
        appeal.pk, yes, words="看过照片", by=world.actor(who), now=timezone.now(),
        version=appeal.version,
    )  # fmt: skip


def test_granted_it_leaves_the_figures_and_stays_in_the_log(world: World) -> None:
    case = failed(world)
    log = list(CaseEvent.objects.filter(case_id=case.pk).values_list("seq", "verb"))
    assert rework(world) == (1, 1, 0)
    with pytest.raises(NotAllowed):
        filed(world, case, by="worker")
    with pytest.raises(NotFound):
        filed(world, case, by="far_handler")
    with pytest.raises(Missing):
        filed(world, case, words=" ")
    with pytest.raises(NotAllowed):
        filed(world, case, now=timezone.now() + timedelta(days=appealing.days() + 1))
    appeal = filed(world, case, photos=[world.photo("handler", "other")])
    with pytest.raises(WrongState):
        filed(world, case)
    assert appeal.photos.get().attachment.held, "evidence is not swept away"

    world.colleague()
    with pytest.raises(NotAllowed):
        says(world, appeal, "handler", True)
    for who in ("checker", "worker", "far_dispatcher"):
        with pytest.raises(NotFound):
            says(world, appeal, who, True)
    says(world, appeal, "dispatcher", True)
    assert rework(world) == (1, 1, 0), "one alone takes nothing out"
    with pytest.raises(NotAllowed):
        says(world, appeal, "dispatcher", True)
    with pytest.raises(StalePage):
        appealing.decide(
            appeal.pk, True, words="同意", by=world.actor("leader"), now=timezone.now(), version=1
        )
    before = timezone.now()
    assert says(world, appeal, "leader", True).state == Appeal.State.GRANTED
    assert rework(world) == (0, 0, 1)
    assert rework(world, before) == (1, 1, 0), "a figure of before stays as it was"
    # The sums by day say the same, by whatever one tells apart, now and of the moment before.
    follow()
    today = timezone.localdate()
    days = today - timedelta(days=1), today
    for by in By:
        for at in (None, before):
            found = counted(Asked(TOWN, *days, at or timezone.now()), by)
            right = {name: each.counts for name, each in found.items() if each.counts}
            assert rolled(TOWN, *days, by, at=at) == right, (by, at)
    unit = str(world.units["lead"].pk)
    assert behind(TOWN, *days, By.UNIT, unit, Tally.REWORK) == []
    assert behind(TOWN, *days, By.UNIT, unit, Tally.REWORK, at=before) == [case.pk]
    assert list(CaseEvent.objects.filter(case_id=case.pk).values_list("seq", "verb")) == log
    with pytest.raises(WrongState):
        says(world, appeal, "second_dispatcher", False)


def test_where_two_differ_a_third_decides_and_the_database_holds_to_it(world: World) -> None:
    world.colleague()
    appeal = filed(world, failed(world))
    says(world, appeal, "dispatcher", True)
    says(world, appeal, "leader", False)
    assert Appeal.objects.get().state == Appeal.State.OPEN
    rows = Appeal.objects.filter(pk=appeal.pk)
    for wrong in (
        {"state": "granted", "decided_at": timezone.now()},
        {"third_by": appeal.filed_by, "third_says": True},
        {"third_by": Appeal.objects.get().first_by, "third_says": True},
        {"first_by": appeal.filed_by},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
    again = Appeal.objects.get()
    again.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.create(
            **{
                field.attname: getattr(again, field.attname)
                for field in Appeal._meta.fields
                if field.name in ("district_code", "area_code", "case", "charge", "seq", "tallies",
                                  "day", "words", "filed_at", "filed_by")
            }
        )  # fmt: skip
    assert says(world, appeal, "second_dispatcher", False).state == Appeal.State.REJECTED
    assert not LeftOut.objects.exists()
    assert rework(world) == (1, 1, 0)


def test_a_desk_does_not_decide_about_itself(world: World) -> None:
    appeal = filed(world, failed(world))
    Appeal.objects.update(against_desk=TOWN)
    appeal.refresh_from_db()
    assert not appealing.may_review(appeal, world.actor("dispatcher"))
    assert DISTRICT != TOWN


def test_filed_decided_and_shown_on_the_pages(world: World, as_: Any) -> None:
    case = failed(world)
    handler, desk, leader = as_("handler"), as_("dispatcher"), as_("leader")
    unit = {"by": "unit", "subject": str(world.units["lead"].pk), "indicator": "rework"}
    assert (
        f"/desk/appeals/new/{case.number}"
        in handler.get("/desk/figures/cases", unit).content.decode()
    )
    form = handler.get(f"/desk/appeals/new/{case.number}").content.decode()
    assert "核查不通过返工" in form
    address, against = f"/desk/appeals/new/{case.number}", form.split('name="against" value="')[1]
    chosen = against.split('"')[0]
    bad = handler.post(address, {"against": chosen, "words": ""})
    assert bad.status_code == 422
    assert "请说明为什么不应计入" in bad.content.decode()
    done = handler.post(address, {"against": chosen, "words": "暴雨又冲来垃圾"})
    one = done.headers["Location"]
    assert "暴雨又冲来垃圾" in desk.get(one).content.decode()
    assert "待您复核" in desk.get("/desk/appeals/").content.decode()
    assert desk.post(one, {"says": "yes", "version": 1, "words": ""}).status_code == 422
    assert desk.post(one, {"says": "yes", "version": 1, "words": "照片属实"}).status_code == 302
    assert "照片属实" not in leader.get(one).content.decode(), "the second speaks for themselves"
    assert leader.post(one, {"says": "yes", "version": 1, "words": "同意"}).status_code == 409
    assert leader.post(one, {"says": "yes", "version": 2, "words": "同意"}).status_code == 302
    assert "成立" in handler.get(one).content.decode()
    assert "申诉成立或认定异常" in handler.get("/desk/figures/cases", unit).content.decode()
    assert handler.post(address, {"against": chosen, "words": "再来"}).status_code == 409
