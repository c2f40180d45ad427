"""A joint meeting is called, attended, minuted once; what it resolved is followed to its end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.joint import meetings, resolving
from huying.joint.meetings import Came
from huying.joint.models import JointFollowUp, JointMeeting, JointMinutes, JointResolution
from huying.notices.models import Notice
from tests.desk.world import COMMUNITY, ELSEWHERE, TOWN
from tests.joint.stories import tomorrow
from tests.neighbours.stories import at_once

if TYPE_CHECKING:
    from datetime import datetime

    from tests.joint.stories import Village

AFTER = tomorrow(17)
"""When the meeting of tomorrow afternoon is over."""


def called(village: Village, begins: datetime | None = None, **more: Any) -> JointMeeting:
    told = {
        "title": "第四季度联席会议",
        "begins_at": begins or tomorrow(15),
        "spot": "三楼会议室",
        "chair": "党总支书记",
        "agenda": ["停车整治", " ", "送餐"],
        "organisations": [village.school.pk],
    } | more
    return meetings.call(COMMUNITY, meetings.Told(**told), by=village.desk, now=village.now)


def came(village: Village, meeting: JointMeeting, at: datetime = AFTER) -> None:
    said = {each.pk: Came("came", "副校长") for each in meeting.invitations.all()}
    meetings.attend(meeting.pk, said, by=village.desk, now=at)


def resolved(village: Village, meeting: JointMeeting, **more: Any) -> JointResolution:
    told = {
        "words": "划出消防通道",
        "due_on": timezone.localdate(meeting.begins_at) + timedelta(days=10),
        "unit": village.world.units["lead"].pk,
    } | more
    return resolving.resolve(meeting.pk, resolving.Told(**told), by=village.desk, now=AFTER)


def confirmed(village: Village, meeting: JointMeeting, at: datetime = AFTER) -> JointMeeting:
    came(village, meeting, at)
    meetings.write(meeting.pk, "一、划线。\n二、送餐。", by=village.desk, now=at)
    return meetings.confirm(meeting.pk, by=village.desk, now=at)


def told_of(village: Village, name: str) -> list[str]:
    rows = Notice.objects.filter(account=village.world.accounts[name]).order_by("created_at")
    return list(rows.values_list("kind", flat=True))


def test_a_meeting_from_the_call_to_the_confirmed_minutes(village: Village) -> None:
    secretary = village.lends_itself()
    meeting = called(village)
    assert meeting.agenda == ["停车整治", "送餐"]
    assert told_of(village, "school_secretary") == ["joint_meeting"]
    assert JointMeeting.objects.visible_to(secretary).get() == meeting
    resolution = resolved(village, meeting)
    done = confirmed(village, meeting)
    assert (done.state, done.draft) == ("confirmed", "")
    assert JointMinutes.objects.get().words == "一、划线。\n二、送餐。"
    assert told_of(village, "handler") == ["joint_resolved"]
    assert resolution.answering == "石碁镇城管执法队"


def test_confirmed_minutes_are_not_changed_and_a_correction_stands_after_them(
    village: Village,
) -> None:
    meeting = called(village)
    resolution = resolved(village, meeting)
    with pytest.raises(WrongState):
        meetings.correct(meeting.pk, "更正", by=village.desk, now=AFTER)
    confirmed(village, meeting)
    by = village.desk
    for again in (
        lambda: meetings.write(meeting.pk, "改", by=by, now=AFTER),
        lambda: meetings.attend(meeting.pk, {}, by=by, now=AFTER),
        lambda: meetings.confirm(meeting.pk, by=by, now=AFTER),
        lambda: meetings.call_off(meeting.pk, "改", by=by, now=AFTER),
        lambda: resolved(village, meeting),
        lambda: resolving.take_out(meeting.pk, resolution.pk, by=by, now=AFTER),
    ):
        with pytest.raises(WrongState):
            again()
    meetings.correct(meeting.pk, "“划线”应为“划网格线”。", by=by, now=AFTER)
    assert [each.correction for each in meeting.minutes.all()] == [False, True]


def test_the_database_lets_nobody_change_confirmed_minutes(village: Village) -> None:
    confirmed(village, called(village))
    row = JointMinutes.objects.get()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        JointMinutes.objects.filter(pk=row.pk).update(words="改过")
    twin = JointMinutes(
        district_code=row.district_code, meeting_id=row.meeting_id, words="再来", at=AFTER,
        account_id=row.account_id,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="joint_minutes_once"), transaction.atomic():
        twin.save(force_insert=True)
    # Words can be erased.
    row.delete()


def test_minutes_are_confirmed_only_of_a_meeting_that_was(village: Village) -> None:
    meeting, by = called(village), village.desk
    meetings.write(meeting.pk, "草稿", by=by, now=village.now)
    with pytest.raises(WrongState):
        meetings.confirm(meeting.pk, by=by, now=village.now)
    with pytest.raises(WrongState):
        meetings.confirm(meeting.pk, by=by, now=AFTER)
    with pytest.raises(BadInput):
        came(village, meeting, village.now)
    excused = {each.pk: Came("excused", "", "考试周") for each in meeting.invitations.all()}
    meetings.attend(meeting.pk, excused, by=by, now=village.now)
    came(village, meeting)
    meetings.confirm(meeting.pk, by=by, now=AFTER)


def test_who_is_silent_on_attendance_counts_as_absent(village: Village) -> None:
    other = village.organisation("卫生站")
    meeting = called(village, organisations=[village.school.pk, other.pk])
    row = meeting.invitations.get(organisation=village.school)
    meetings.attend(meeting.pk, {row.pk: Came("came")}, by=village.desk, now=AFTER)
    meetings.write(meeting.pk, "纪要", by=village.desk, now=AFTER)
    meetings.confirm(meeting.pk, by=village.desk, now=AFTER)
    assert meeting.invitations.get(organisation=other).attendance == "absent"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": " "}, "title"),
        ({"begins_at": tomorrow(9, days=400)}, "begins_at"),
        ({"spot": ""}, "spot"),
        ({"chair": ""}, "chair"),
        ({"agenda": [" "]}, "agenda"),
        ({"agenda": ["点"] * 31}, "agenda"),
        ({"agenda": ["长" * 101]}, "agenda"),
        ({"organisations": []}, "organisations"),
    ],
)
def test_what_is_not_right_is_said_at_its_field(
    village: Village, more: dict[str, Any], field: str
) -> None:
    with pytest.raises((BadInput, Missing)) as refused:
        called(village, **more)
    assert refused.value.field == field
    assert not JointMeeting.objects.exists()


def test_a_meeting_is_changed_and_called_off_until_it_was(village: Village) -> None:
    village.lends_itself()
    meeting, by, now = called(village), village.desk, village.now
    told = meetings.Told("专题会", tomorrow(16), "祠堂", "书记", ["停车"], [village.school.pk])
    changed = meetings.change(meeting.pk, told, by=by, now=now, version=1)
    assert changed.title == "专题会"
    with pytest.raises(StalePage):
        meetings.change(meeting.pk, told, by=by, now=now, version=1)
    with pytest.raises(Missing):
        meetings.call_off(meeting.pk, "", by=by, now=now)
    off = meetings.call_off(meeting.pk, "台风", by=by, now=now)
    assert off.state == "cancelled"
    kinds = told_of(village, "school_secretary")
    assert kinds == ["joint_meeting", "joint_meeting", "joint_meeting_off"]


def test_a_town_meets_with_the_organisations_of_its_communities(village: Village) -> None:
    town = village.world.actor("dispatcher")
    told = meetings.Told(
        "镇联席会议", tomorrow(15), "镇政府", "镇党委副书记", ["停车"], [village.school.pk]
    )
    with pytest.raises(NotAllowed):
        meetings.call(TOWN, told, by=village.desk, now=village.now)
    meeting = meetings.call(TOWN, told, by=town, now=village.now)
    # The community whose school is invited sees it and is told, and does not keep it.
    assert JointMeeting.objects.visible_to(village.desk).get() == meeting
    assert told_of(village, "village_dispatcher") == ["joint_meeting"]
    with pytest.raises(NotAllowed):
        meetings.write(meeting.pk, "纪要", by=village.desk, now=village.now)
    far = village.world.actor("far_dispatcher")
    assert not JointMeeting.objects.visible_to(far).exists()
    with pytest.raises(BadInput):
        meetings.call(ELSEWHERE, told, by=far, now=village.now)


def test_a_resolution_is_told_of_settled_and_heard_at_the_next_meeting(village: Village) -> None:
    first = called(village)
    resolution = resolved(village, first)
    handler, by = village.world.actor("handler"), village.desk
    with pytest.raises(WrongState):
        resolving.tell(resolution.pk, "早了", by=handler, now=AFTER)
    confirmed(village, first)
    resolving.tell(resolution.pk, "材料已到", by=handler, now=AFTER)
    assert "joint_said" in told_of(village, "village_dispatcher")
    later = AFTER + timedelta(days=30)
    second = called(village, begins=later)
    assert list(resolving.earlier(second)) == [resolution]
    resolving.follow(second.pk, resolution.pk, "月底完工", by=by, now=later)
    resolving.follow(second.pk, resolution.pk, "已完工", by=by, now=later)
    assert JointFollowUp.objects.get().words == "已完工"
    with pytest.raises(Missing):
        resolving.settle(resolution.pk, True, "", by=by, now=later)
    with pytest.raises(NotAllowed):
        resolving.settle(resolution.pk, True, "好了", by=handler, now=later)
    done = resolving.settle(resolution.pk, True, "已划线立牌", by=by, now=later)
    assert done.state == "done"
    # It was heard at this meeting, so its minutes say so; the next begins without it.
    assert list(resolving.earlier(second)) == [resolution]
    third = called(village, begins=later + timedelta(days=30))
    assert not resolving.earlier(third)
    with pytest.raises(WrongState):
        resolving.tell(resolution.pk, "晚了", by=handler, now=later)


def test_a_dropped_resolution_says_why(village: Village) -> None:
    meeting = called(village)
    resolution = resolved(village, meeting, unit=None, organisation=village.school.pk)
    confirmed(village, meeting)
    dropped = resolving.settle(resolution.pk, False, "由市政统一实施", by=village.desk, now=AFTER)
    assert (dropped.state, dropped.outcome) == ("dropped", "由市政统一实施")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"words": ""}, "words"),
        ({"due_on": None}, "due_on"),
        ({"due_on": timezone.localdate() - timedelta(days=30)}, "due_on"),
        ({"unit": None}, "answering"),
        ({"unit": 999_999}, "answering"),
    ],
)
def test_a_resolution_is_told_right(village: Village, more: dict[str, Any], field: str) -> None:
    meeting = called(village)
    with pytest.raises((BadInput, Missing)) as refused:
        resolved(village, meeting, **more)
    assert refused.value.field == field


def test_only_one_answers_for_a_resolution(village: Village) -> None:
    meeting = called(village)
    with pytest.raises(BadInput):
        resolved(village, meeting, organisation=village.school.pk)
    found = resolved(village, meeting)
    found.organisation = village.school
    with pytest.raises(IntegrityError, match="one_answers_for_it"), transaction.atomic():
        found.save()


def test_who_answers_and_the_desk_are_reminded_before_and_after(village: Village) -> None:
    meeting = called(village)
    resolution = resolved(village, meeting)
    due = tomorrow(9, days=11)
    assert resolving.remind(now=due) == 0  # nothing is told of what is not confirmed
    confirmed(village, meeting)
    assert resolving.remind(now=due - timedelta(days=4)) == 0
    assert resolving.remind(now=due - timedelta(days=3)) == 1
    assert resolving.remind(now=due) == 0
    for days, told in ((1, 1), (2, 0), (7, 0), (8, 1), (15, 1)):
        assert resolving.remind(now=due + timedelta(days=days)) == told, days
    assert told_of(village, "handler").count("joint_overdue") == 3
    assert told_of(village, "village_dispatcher").count("joint_due") == 1
    resolving.settle(resolution.pk, True, "好了", by=village.desk, now=due)
    assert resolving.remind(now=due + timedelta(days=30)) == 0


def test_who_sees_a_meeting_and_its_resolutions(village: Village) -> None:
    meeting = called(village)
    resolution = resolved(village, meeting)
    world = village.world
    for name in ("far_dispatcher", "member", "worker", "handler", "checker", "auditor"):
        if name in world.posts:
            assert not JointMeeting.objects.visible_to(world.actor(name)).exists(), name
    for name in ("dispatcher", "leader", "village_dispatcher"):
        assert JointMeeting.objects.visible_to(world.actor(name)).exists(), name
    seen = JointResolution.objects.visible_to
    assert seen(world.actor("handler")).get() == resolution
    assert not seen(world.actor("far_handler")).exists()
    assert not seen(world.actor("member")).exists()
    with pytest.raises(NotFound):
        meetings.write(meeting.pk, "纪要", by=world.actor("far_dispatcher"), now=AFTER)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_does(village: Village) -> None:
    meeting = called(village)
    came(village, meeting)
    meetings.write(meeting.pk, "纪要", by=village.desk, now=AFTER)
    by = village.desk
    results = at_once([lambda: meetings.confirm(meeting.pk, by=by, now=AFTER)] * 2)
    assert sorted(type(each).__name__ for each in results) == ["JointMeeting", "WrongState"]
    assert JointMinutes.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_resolutions_at_once_have_two_numbers(village: Village) -> None:
    meeting = called(village)
    results = at_once([lambda: resolved(village, meeting)] * 2)
    assert sorted(each.number for each in results) == [1, 2]
