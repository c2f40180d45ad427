"""Who is assessed appeals once against one counted fact; two others decide, or a third."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.assessment.charges import CHARGES
from huying.assessment.counting import Asked, By, counted
from huying.assessment.following import follow
from huying.assessment.left_out import FAMILIES, LeftOut, family_of
from huying.assessment.rolled import behind, rolled
from huying.assessment.scores import monthly, vetoing
from huying.assessment.scores.kinds import Kind
from huying.assessment.scores.models import ScoreVeto
from huying.assessment.tallies import Tally
from huying.cases.models import Case, CaseEvent
from huying.errors import Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.fairness import appealing, settling
from huying.fairness.models import Appeal
from huying.notices.models import Notice
from huying.notices.telling import tell_later
from huying.people.acting import SYSTEM
from tests.browser.everywhere import with_finding
from tests.desk.scored import with_scores
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


def in_force(world: World) -> ScoreVeto:
    """The unit's month put to zero, by the town's desk and leader."""
    veto = with_scores(world)
    return vetoing.decide(
        veto.pk, agree=True, answer="情况属实", by=world.actor("leader"), now=timezone.now()
    )


def test_a_veto_is_told_appealed_once_and_lifted_by_two(world: World, as_: Any) -> None:
    veto, unit = in_force(world), str(world.units["lead"].pk)
    (job,) = ProcrastinateJob.objects.filter(task_name="tell", args__kind="score_vetoed")
    tell_later(**job.args)
    notice = Notice.objects.get(kind="score_vetoed")
    assert (notice.account, notice.path) == (
        world.accounts["handler"],
        f"/desk/scores/vetoes/{veto.pk}",
    )
    address = f"/desk/appeals/against/veto/{veto.pk}"
    handler = as_("handler")
    assert address in handler.get(notice.path).content.decode(), "the way to appeal"
    assert address not in as_("dispatcher").get(notice.path).content.decode()
    for who in ("worker", "dispatcher", "leader", "far_handler"):
        assert as_(who).get(address).status_code == 404
    bad = handler.post(address, {"words": " "})
    assert bad.status_code == 422
    assert "请说明为什么不应计入" in bad.content.decode()
    with pytest.raises(NotAllowed):
        appealing.file_against(
            veto, words="晚了", by=world.actor("handler"),
            now=timezone.now() + timedelta(days=appealing.days() + 1),
        )  # fmt: skip
    one = handler.post(address, {"words": "照片为当日补拍，附原图。"}).headers["Location"]
    assert handler.post(address, {"words": "再来"}).status_code == 409
    appeal = Appeal.objects.get()
    assert (appeal.kind, appeal.veto, appeal.case) == ("veto", veto, None)

    # Neither who proposed it nor who decided on it; two others do.
    world.colleague()
    for who in ("dispatcher", "leader"):
        with pytest.raises(NotAllowed):
            says(world, appeal, who, True)
    says(world, appeal, "second_dispatcher", True)
    veto.refresh_from_db()
    assert veto.state == ScoreVeto.State.APPROVED, "one alone lifts nothing"
    page = as_("district_dispatcher").get(one).content.decode()
    assert world.units["lead"].name in page
    assert "应当维持" in page
    says(world, appeal, "district_dispatcher", True)
    veto.refresh_from_db()
    assert (veto.state, veto.lifted_by) == (ScoreVeto.State.LIFTED, None)
    assert not LeftOut.objects.exists(), "no fact and no figure has changed"
    month = monthly.month_of(Kind.UNIT, DISTRICT, veto.month, now=timezone.now())
    standing = month.of(unit)
    assert standing is not None
    assert (standing.veto, standing.score.vetoed) == (None, False)
    assert "申诉" in handler.get(notice.path).content.decode()
    with pytest.raises(WrongState):
        says(world, appeal, "second_dispatcher", False)


def test_where_two_differ_over_a_veto_a_third_decides_and_lifted_it_is_over(world: World) -> None:
    veto = in_force(world)
    appeal = appealing.file_against(
        veto, words="请复核", by=world.actor("handler"), now=timezone.now()
    )
    world.colleague()
    says(world, appeal, "second_dispatcher", False)
    says(world, appeal, "district_dispatcher", True)
    assert Appeal.objects.open().count() == 1, "a third has to say"
    # A leader who had no hand in it lifts it meanwhile: then nothing is left to decide.
    vetoing.lift(veto.pk, why="另有证据", by=SYSTEM, now=timezone.now())
    assert not Appeal.objects.open().exists()
    assert Appeal.objects.over().get().is_moot
    with pytest.raises(WrongState):
        says(world, appeal, "district_dispatcher", True)
    for wrong in ({"veto": None}, {"kind": "fact"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Appeal.objects.filter(pk=appeal.pk).update(**wrong)


def test_a_confirmed_finding_is_appealed_against_and_counts_again(world: World, as_: Any) -> None:
    found = with_finding(world)
    address = f"/desk/appeals/against/finding/{found.pk}"
    handler = as_("handler")
    assert handler.get(address).status_code == 404, "nobody is shown what is not decided"
    settling.decide(
        found.pk, True, words="拖到最后挂账", by=world.actor("dispatcher"), now=timezone.now(),
        version=1,
    )  # fmt: skip
    assert LeftOut.objects.held(timezone.now()).count() == 1
    assert "拖到最后挂账" in handler.get(address).content.decode()
    assert as_("far_handler").get(address).status_code == 404
    handler.post(address, {"words": "当日停电，有通知"})
    appeal = Appeal.objects.get()
    with pytest.raises(NotAllowed):
        says(world, appeal, "dispatcher", True)
    says(world, appeal, "leader", True)
    assert says(world, appeal, "district_dispatcher", True).state == Appeal.State.GRANTED
    assert not LeftOut.objects.held(timezone.now()).exists()
    assert "重新计入" in handler.get(f"/desk/appeals/{appeal.pk}").content.decode()
