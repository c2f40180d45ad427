"""The pages of whistles, as a desk and a called unit go through them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from huying.cases.models import Case
from huying.response import neglected, unanswered
from huying.response.whistles import Call, Veto, Whistle
from tests.desk.world import LAT, LON, World


def test_a_desk_blows_from_the_case_and_the_unit_answers_there(
    world: World, as_: Callable[..., Client]
) -> None:
    case = world.handling()
    desk, unit = as_("dispatcher"), as_("far_handler")
    page = f"/desk/cases/{case.number}"
    assert "吹哨" in desk.get(page).content.decode()
    second = world.units["second"].pk
    shown = desk.get(f"{page}/blow").content.decode()
    assert "石碁镇环卫站" in shown
    assert "外镇城管执法队" not in shown
    assert "石碁镇指挥中心</span>" not in shown
    answer = desk.post(f"{page}/blow", {"sort": "emergency", "units": [second], "text": "到场"})
    assert answer.status_code == 302
    assert unit.get(page).status_code == 404

    world.posts["far_handler"].unit = world.units["second"]
    world.posts["far_handler"].save()
    listed = unit.get("/desk/whistles/").content.decode()
    assert "我单位被吹哨" in listed
    assert "待报到" in listed
    assert unit.get(page).status_code == 200
    assert unit.post(f"{page}/answer").status_code == 302
    assert unit.post(f"{page}/check_in", {"lon": LON, "lat": LAT}).status_code == 302
    whistle = Whistle.objects.get(case=case)
    shown = desk.get(f"/desk/whistles/{whistle.pk}").content.decode()
    assert "已到场" in shown
    assert "解除吹哨" in shown
    assert desk.post(f"{page}/release").status_code == 302
    marks = {"attendance": 5, "cooperation": 4, "outcome": 4}
    assert desk.post(f"{page}/rate", marks).status_code == 302
    assert Call.objects.get().cooperation == 4
    # Released, the unit sees the whistle with its marks, and the case no longer.
    assert unit.get(page).status_code == 404
    assert "5 · 4 · 4" in unit.get(f"/desk/whistles/{whistle.pk}").content.decode()


def test_a_standing_problem_from_the_form_to_the_rating(
    world: World, as_: Callable[..., Client]
) -> None:
    desk, unit = as_("dispatcher"), as_("handler")
    lead = world.units["lead"].pk
    form = {"title": "旧市场消防通道被占", "sort": "joint", "units": [lead]}
    refused = desk.post("/desk/whistles/new", form)
    assert refused.status_code == 422
    assert "旧市场消防通道被占" in refused.content.decode()
    made = desk.post("/desk/whistles/new", form | {"text": "联合清理"})
    assert made.status_code == 302
    page = made.url
    assert not Case.objects.exists()
    # What the unit may not do is not shown, and refused to whoever asks all the same.
    assert unit.get(f"{page}/release").status_code == 403
    assert unit.get(f"{page}/refuse_call").status_code == 200
    refusal = {"reason_code": "not_ours", "reason": "不属本单位职责"}
    assert unit.post(f"{page}/refuse_call", refusal).status_code == 302
    above = as_("district_dispatcher")
    assert "旧市场消防通道被占" in above.get("/desk/whistles/").content.decode()
    decision = {"upheld": "no", "reason": "属三定职责"}
    assert above.post(f"{page}/arbitrate_call", decision).status_code == 302
    assert "refuse_call" not in unit.get(page).content.decode()
    assert unit.post(f"{page}/answer").status_code == 302
    assert desk.post(f"{page}/release").status_code == 302
    marks = {"attendance": 5, "cooperation": 5, "outcome": 5}
    assert desk.post(f"{page}/rate", marks).status_code == 302
    log = desk.get(page, follow=True).content.decode()
    assert "“评价报到单位”已完成。" in log
    for words in ("拒绝报到", "裁定拒报", "属三定职责", "评价报到单位"):
        assert words in log


def test_a_veto_is_proposed_and_approved_on_the_pages(
    world: World, as_: Callable[..., Client]
) -> None:
    before = timezone.now() - timedelta(hours=1)
    case = world.do(
        world.handling(), "blow", "dispatcher", now=before,
        sort="emergency", units=[world.units["lead"].pk], text="到场",
    )  # fmt: skip
    unanswered.climb_all(now=timezone.now())
    call = Call.objects.get()
    page = f"/desk/whistles/{Whistle.objects.get(case=case).pk}"
    desk, above = as_("dispatcher"), as_("district_dispatcher")
    asked = f"?call={call.pk}"
    assert "提请一票否决" in desk.get(page).content.decode()
    assert as_("handler").get(f"{page}/propose_veto{asked}").status_code == 403
    said = {"call": str(call.pk), "evidence": "通话记录\n值班表", "text": "未到"}
    assert desk.post(f"{page}/propose_veto", said).status_code == 302
    assert desk.get(f"{page}/decide_veto{asked}").status_code == 403
    approval = {"call": str(call.pk), "approve": "yes", "text": "同意"}
    assert above.post(f"{page}/decide_veto", approval).status_code == 302
    assert Veto.objects.in_force().get().evidence == ["通话记录", "值班表"]
    assert "申诉" in as_("handler").get(page).content.decode()


def test_what_nobody_sees_to_stands_before_the_district_and_on_the_map(
    world: World, as_: Callable[..., Client]
) -> None:
    before = timezone.now() - timedelta(hours=2)
    case = world.do(
        world.handling(), "blow", "dispatcher", now=before,
        sort="emergency", units=[world.units["lead"].pk], text="到场",
    )  # fmt: skip
    unanswered.climb_all(now=before + timedelta(minutes=31))
    assert neglected.tell_all(now=timezone.now()) == 1
    district = as_("district_dispatcher").get("/desk/whistles/").content.decode()
    assert 'href="?tab=overdue" aria-current="page"' in district
    assert "逾期</span>" in district
    (one,) = as_("dispatcher").get("/desk/map/whistles.json").json()["whistles"]
    assert (one["overdue"], one["called"], one["answered"]) == (True, 1, 0)
    assert one["missing"] == ["石碁镇城管执法队"]
    # Its case names it: with a link for whoever may open it, without one for others.
    link = f'href="{one["url"]}"'
    page = f"/desk/cases/{case.number}"
    assert link in as_("dispatcher").get(page).content.decode()
    seen = as_("checker").get(page).content.decode()
    assert "未到：石碁镇城管执法队" in seen
    assert link not in seen
    assert as_("checker").get("/desk/map/whistles.json").json() == {"whistles": []}
