"""The pages: nothing typed is lost, a taken time is answered with others, minutes are printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.test import Client
from django.utils import timezone

from huying.joint.models import JointMeeting, JointNeed, JointProject, SharedBooking, SharedResource
from tests.joint.stories import tomorrow
from tests.neighbours.stories import suggested

if TYPE_CHECKING:
    from datetime import datetime

    from tests.joint.stories import Village

As = Callable[..., Client]


def typed(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_a_taken_time_is_answered_with_others_that_one_press_takes(
    village: Village, as_: As
) -> None:
    hall = village.hall()
    village.booked(hall, tomorrow(9), tomorrow(11), "village_dispatcher")
    page, client = f"/desk/joint/resources/{hall.pk}", as_("member")
    sent = {"begins_at": typed(tomorrow(10)), "ends_at": typed(tomorrow(12)), "purpose": "读书会"}
    refused = client.post(f"{page}/book", sent)
    assert refused.status_code == 409
    assert "该时间已被预约" in text(refused)
    assert 'value="读书会"' in text(refused)
    offered = re.findall(r'name="instead" value="([^"]+)"', text(refused))
    assert offered[0] == f"{typed(tomorrow(11))}/{typed(tomorrow(13))}"
    taken = client.post(f"{page}/book", sent | {"instead": offered[0]})
    assert taken.status_code == 302
    booked = SharedBooking.objects.get(purpose="读书会")
    assert (booked.begins_at, booked.ends_at) == (tomorrow(11), tomorrow(13))
    assert "待确认" in text(client.get(taken.headers["Location"]))


def test_the_week_shows_what_is_free_and_who_has_it(village: Village, as_: As) -> None:
    hall = village.hall()
    village.booked(hall, tomorrow(9), tomorrow(11))
    page = f"/desk/joint/resources/{hall.pk}?week={tomorrow(9):%Y-%m-%d}"
    shown = text(as_("member").get(page))
    assert "小龙村党支部" in shown
    for piece in ("08:00–09:00", "09:00–11:00", "11:00–22:00"):
        assert piece in shown
    for week in ("nonsense", "0001-01-01", "9999-12-31", "2026-02-30"):
        address = f"/desk/joint/resources/{hall.pk}?week={week}"
        assert as_("member").get(address).status_code == 200
    for begins in ("x", "0001-01-01T00:00", "9999-12-31T23:59", "2026-01-01T08:00+08:00"):
        answer = as_("member").get(f"/desk/joint/resources/{hall.pk}", {"begins": begins})
        assert answer.status_code == 200


def test_a_form_that_is_not_right_comes_back_as_it_was_typed(village: Village, as_: As) -> None:
    client = as_("village_dispatcher")
    sent = {
        "organisation": str(village.school.pk), "kind": "hall", "name": "音乐教室",
        "quantity": "1", "days1": ["1", "2"], "from1": "08:00", "words": "自带乐器",
    }  # fmt: skip
    refused = client.post("/desk/joint/resources/new", sent)
    assert refused.status_code == 422
    assert "请填写起止时间" in text(refused)
    assert "自带乐器" in text(refused)
    made = client.post("/desk/joint/resources/new", sent | {"to1": "18:00"})
    assert made.status_code == 302
    assert SharedResource.objects.get().hours == [{"days": [1, 2], "begins": 480, "ends": 1080}]
    again = client.post("/desk/joint/resources/new", sent | {"to1": "18:00"})
    assert again.status_code == 422
    assert "该单位已有同名资源" in text(again)


def test_a_meeting_is_kept_and_printed_from_its_pages(village: Village, as_: As) -> None:
    client = as_("village_dispatcher")
    sent = {
        "title": "停车专题会", "begins_at": typed(tomorrow(15)), "spot": "祠堂",
        "chair": "党总支书记", "agenda": "错峰停车\n划线", "organisations": [],
    }  # fmt: skip
    refused = client.post("/desk/joint/meetings/new", sent)
    assert refused.status_code == 422
    assert "停车专题会" in text(refused)
    sent["organisations"] = [str(village.school.pk)]
    page = client.post("/desk/joint/meetings/new", sent).headers["Location"]
    meeting = JointMeeting.objects.get()
    JointMeeting.objects.update(begins_at=timezone.now() - timedelta(hours=1))
    row = meeting.invitations.get()
    came = {f"attendance-{row.pk}": "came", f"who-{row.pk}": "副校长", f"words-{row.pk}": ""}
    assert client.post(f"{page}/attend", came).status_code == 302
    wrong = {"words": "划出消防通道", "answering": "", "due_on": ""}
    answer = client.post(f"{page}/resolve", wrong)
    assert answer.status_code == 422
    assert "划出消防通道" in text(answer)
    due = f"{timezone.localdate() + timedelta(days=9)}"
    right = wrong | {"answering": f"o:{village.school.pk}", "due_on": due}
    assert client.post(f"{page}/resolve", right).status_code == 302
    assert client.post(f"{page}/write", {"words": "一、试点。"}).status_code == 302
    stale = client.post(f"{page}/write", {"words": "二、改写。", "version": "1"})
    assert stale.status_code == 409
    assert "二、改写。" in text(stale)
    assert client.post(f"{page}/confirm").status_code == 302
    printed = text(client.get(f"{page}/minutes"))
    for words in ("停车专题会", "副校长", "一、试点。", "划出消防通道", "小龙小学", due):
        assert words in printed
    assert client.post(f"{page}/correct", {"words": "“试点”应为“试行”。"}).status_code == 302
    assert "“试点”应为“试行”。" in text(client.get(f"{page}/minutes"))


def test_a_suggestion_becomes_a_need_and_that_a_project(village: Village, as_: As) -> None:
    hall, client = village.hall(), as_("village_dispatcher")
    idea, _code = suggested("想借会议室开读书会")
    assert f"?suggestion={idea.pk}" in text(client.get(f"/desk/neighbours/suggestions/{idea.pk}"))
    form = text(client.get(f"/desk/joint/needs/new?suggestion={idea.pk}"))
    assert "想借会议室开读书会" in form
    sent = {"kind": "hall", "title": "借会议室", "words": "开读书会", "suggestion": str(idea.pk)}
    page = client.post("/desk/joint/needs/new", sent).headers["Location"]
    need = JointNeed.objects.get()
    assert need.suggestion == idea
    shown = text(client.get(page))
    assert "同类：场地" in shown
    assert "都提到：会议室" in shown
    start = f"/desk/joint/projects/new?need={need.pk}&resource={hall.pk}"
    assert "开读书会" in text(client.get(start))
    told = {
        "title": "校园读书会", "words": "每月一次", "lead": "", "needs": [str(need.pk)],
        "resources": [str(hall.pk)],
    }  # fmt: skip
    refused = client.post("/desk/joint/projects/new", told)
    assert refused.status_code == 422
    assert "校园读书会" in text(refused)
    told["lead"] = f"o:{village.school.pk}"
    made = client.post("/desk/joint/projects/new", told).headers["Location"]
    point = {"milestone-title": "开第一场", "milestone-due_on": ""}
    assert client.post(f"{made}/plan", point).status_code == 422
    point["milestone-due_on"] = f"{timezone.localdate()}"
    assert client.post(f"{made}/plan", point).status_code == 302
    offer = {"offer-capacity": "3", "offer-claim_by": ""}
    assert client.post(f"{made}/offer", offer).status_code == 302
    project = JointProject.objects.get()
    assert project.wish is not None
    assert project.published_at is not None
    member = as_("member")
    assert "校园读书会" in text(member.get("/desk/neighbours/mine"))
    assert member.get(f"/desk/neighbours/mine/{project.wish.pk}").status_code == 200
    assert client.post(f"{made}/done", {"words": "好了"}).status_code == 409
