"""A desk puts people on the care list; they are visited, or missed; an emergency becomes a case."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.audit.models import AccessLog
from huying.care import climbing, figures, following, listing, planning, revealing, visiting
from huying.care.due import Outcome, Way, Why
from huying.care.listing import Told
from huying.care.models import CareLevel, CarePerson, CareStep, CareVisit
from huying.cases.models import CaseText
from huying.errors import (
    BadInput,
    KeyReused,
    Missing,
    NotAllowed,
    NotFound,
    StalePage,
    WrongState,
)
from huying.intake import visit_alarms
from huying.people.acting import actor_for
from huying.people.models import Account, Post, Role, Unit, UnitKind
from huying.registry import doubles, recording
from huying.registry.models import Person
from huying.registry.recording import PersonTold
from tests.care.listed import ALONE, again, days, listed, told_of, visited
from tests.cases.town import DAY, GRID_1, GRID_2, SPOTS, XIAOLONG
from tests.registry.living import person, village

if TYPE_CHECKING:
    from tests.cases.town import Town

LON, LAT = SPOTS[GRID_1]


def member_of(town: Town, area: str = XIAOLONG, name: str = "member") -> Any:
    """A member of the party branch of a community."""
    branch = Unit.objects.create(
        code=f"branch-{name}", name="小龙村党支部", kind=UnitKind.BRANCH,
        level="community", area_code=area, district_code=area[:6],
    )  # fmt: skip
    account = Account.objects.create(username=f"town-{name}", name=name, password="!")
    post = Post.objects.create(
        account=account, role=Role.MEMBER, area_code=area, district_code=area[:6], unit=branch,
        starts_on=date(2019, 1, 1),
    )  # fmt: skip
    return actor_for(Post.objects.select_related("account").get(pk=post.pk), DAY)


def notices(kind: str) -> list[dict[str, Any]]:
    """What the worker will tell, by kind, in the order in which it was deferred."""
    jobs = ProcrastinateJob.objects.filter(task_name="tell").order_by("id")
    return [job.args for job in jobs if job.args["kind"] == kind]


def test_the_desk_of_the_place_puts_somebody_on_the_list_once(town: Town) -> None:
    there = village(town)
    for who in (town.worker, town.community_leader, town.handler):
        with pytest.raises((NotAllowed, NotFound)):
            listing.put_on(there.grown.pk, ALONE, by=who, now=town.now)
    with pytest.raises(NotFound):
        listing.put_on(there.grown.pk, ALONE, by=town.other_town_dispatcher, now=town.now)
    care = listed(town, there=there)
    assert (care.area_code, care.due_on, care.why) == (GRID_1, DAY + days(7), Why.FIRST)
    assert (care.contact_masked, care.phone_masked) == ("李**", "139****2222")
    with pytest.raises(BadInput, check=lambda error: error.field == "person"):
        listed(town, there=there)
    copied = {
        name: getattr(care, name)
        for name in ("district_code", "area_code", "person_id", "kinds", "level_id", "consent")
    }
    copied |= {name: getattr(care, name) for name in ("since", "made_at", "made_by_id", "due_on")}
    with pytest.raises(IntegrityError, match="care_person_once"), transaction.atomic():
        CarePerson.objects.create(**copied, why="first")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (replace(ALONE, kinds=[]), "kinds"),
        (replace(ALONE, kinds=["no_such"]), "kinds"),
        (replace(ALONE, kinds=["child"]), "kinds"),
        (replace(ALONE, level=8), "level"),
        (replace(ALONE, consent=""), "consent"),
        (replace(ALONE, every_days=0), "every_days"),
        (replace(ALONE, look_at=["walls"]), "look_at"),
        (replace(ALONE, health="长" * 301), "health"),
        (replace(ALONE, phone="12"), "phone"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(town: Town, told: Told, field: str) -> None:
    with pytest.raises((BadInput, Missing), check=lambda error: error.field == field):
        listed(town, told)
    assert not CarePerson.objects.exists()


def test_for_a_minor_the_guardian_agrees(town: Town) -> None:
    child = village(town).child
    told = Told(["child"], 1, "spoken", look_at=["school"])
    with pytest.raises(BadInput, check=lambda error: error.field == "consent"):
        listing.put_on(child.pk, told, by=town.village_dispatcher, now=town.now)
    told = replace(told, consent="guardian")
    care = listing.put_on(child.pk, told, by=town.village_dispatcher, now=town.now)
    assert care.is_minor(DAY)


def test_who_sees_whom(town: Town) -> None:
    member, other = member_of(town), member_of(town, name="other_member")
    care = listed(town, member=member.account_id)

    def seen(*names: str) -> set[int]:
        return {CarePerson.objects.visible_to(town.actor(name)).count() for name in names}

    assert seen("worker", "head", "village_dispatcher", "dispatcher", "community_leader") == {1}
    assert seen("next_worker", "far_worker", "other_town_dispatcher", "handler", "checker") == {0}
    assert seen("administrator", "auditor") == {0}
    assert CarePerson.objects.visible_to(member).get() == care
    assert not CarePerson.objects.visible_to(other).exists()
    listing.end(care.pk, "moved", by=town.village_dispatcher, now=town.now)
    assert not CarePerson.objects.visible_to(member).exists()


def test_a_visit_is_written_down_once_and_moves_the_next_one(town: Town) -> None:
    care = listed(town)
    told = told_of(care, words="一切都好，在喝茶", lon=LON, lat=LAT, accuracy_m=20)
    first = visiting.record(told, by=town.worker, now=town.now + days(2))
    same = visiting.record(told, by=town.worker, now=town.now + days(3))
    assert (first.pk, first.day, first.counts) == (same.pk, DAY + days(2), True)
    assert (first.planned_on, first.distance_m) == (DAY + days(7), 0)
    assert "喝茶".encode() not in bytes(first.words_enc or b"")
    care = again(care)
    assert (care.due_on, care.last_on, care.why) == (DAY + days(9), DAY + days(2), Why.EVERY)
    assert CareVisit.objects.count() == 1
    with pytest.raises(KeyReused):
        visiting.record(told, by=town.head, now=town.now + days(3))
    with pytest.raises(NotFound):
        visited(care, town.next_worker, town.now)
    with pytest.raises(NotAllowed):
        visited(care, town.community_leader, town.now)


def test_what_waited_on_a_phone_counts_for_its_own_day(town: Town) -> None:
    care, now = listed(town), town.now
    visited(care, town.worker, now + days(6), at=now + days(6))
    visited(care, town.worker, now + days(8), at=now + days(3))
    assert care.due_on == DAY + days(13)
    visited(care, town.worker, now + days(9), at=now + days(99))
    assert care.last_on == DAY + days(9)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"way": "wave"}, "way"),
        ({"outcome": ""}, "outcome"),
        ({"outcome": "needs"}, "needs"),
        ({"outcome": "needs", "needs": ["gold"]}, "needs"),
        ({"outcome": "not_met", "way": "elsewhere"}, "way"),
        ({"words": "长" * 501}, "words"),
        ({"lon": LON + 0.01, "lat": LAT, "accuracy_m": 30}, "position"),
    ],
)
def test_a_visit_that_cannot_be_is_refused_at_its_field(
    town: Town, more: dict[str, Any], field: str
) -> None:
    care = listed(town)
    told = replace(told_of(care), **more)
    with pytest.raises((BadInput, Missing), check=lambda error: error.field == field):
        visiting.record(told, by=town.worker, now=town.now)


def test_no_photo_is_kept_of_a_minor(town: Town) -> None:
    told = Told(["child"], 1, "guardian")
    care = listing.put_on(village(town).child.pk, told, by=town.village_dispatcher, now=town.now)
    shot = town.photo(by=town.worker)
    with pytest.raises(BadInput, check=lambda error: error.field == "photo"):
        visited(care, town.worker, town.now, photos=[shot])
    assert visited(care, town.worker, town.now).files.count() == 0


def test_at_the_door_one_is_near_the_dwelling_and_elsewhere_one_says_so(town: Town) -> None:
    care = listed(town)
    away = {"lon": LON + 0.01, "lat": LAT, "accuracy_m": 30}
    assert visited(care, town.worker, town.now, way=Way.ELSEWHERE, **away).counts
    assert visited(care, town.worker, town.now + days(1), way=Way.DOOR).distance_m is None
    alarm = visited(care, town.worker, town.now + days(2), Outcome.ALARM, **away)
    assert (alarm.distance_m or 0) > 900


def test_not_met_twice_is_told_to_the_head_and_the_desk_at_once(town: Town) -> None:
    care, now = listed(town), town.now
    visited(care, town.worker, now + days(7), Outcome.NOT_MET)
    assert (care.due_on, care.why, care.misses) == (DAY + days(7), Why.AGAIN, 1)
    assert not notices("care_raised")
    visited(care, town.worker, now + days(8), Outcome.NOT_MET)
    assert care.why == Why.RAISED
    (job,) = notices("care_raised")
    assert job["whom"] == {"accounts": [town.head.account_id], "desks": [XIAOLONG]}
    assert "张" not in str(job)
    visited(care, town.worker, now + days(9), Outcome.NOT_MET)
    assert len(notices("care_raised")) == 1


def test_a_missed_visit_climbs_from_the_worker_to_the_town_once_each(town: Town) -> None:
    member = member_of(town)
    care = listed(town, member=member.account_id)
    due = town.now + days(7)
    assert climbing.climb_all(now=due - days(1)) == 0
    assert climbing.climb_all(now=due.replace(hour=7)) == 0
    assert climbing.climb_all(now=due) == 1
    assert climbing.climb_all(now=due + timedelta(hours=1)) == 0
    told = notices("care_due")
    assert [(job["whom"]["accounts"], job["path"]) for job in told] == [
        ([town.worker.account_id], "/field/care"),
        ([member.account_id], "/desk/care/mine"),
    ]
    climbing.climb_all(now=due + days(1))
    (missed,) = notices("care_missed")
    assert missed["whom"]["accounts"] == sorted([town.worker.account_id, town.head.account_id])
    climbing.climb_all(now=due + days(2))
    climbing.climb_all(now=due + days(4))
    assert [job["whom"]["desks"] for job in notices("care_missed_here")] == [
        [XIAOLONG], [XIAOLONG], [XIAOLONG[:9]],
    ]  # fmt: skip
    assert climbing.climb_all(now=due + days(30)) == 0
    visited(care, town.worker, due + days(31))
    assert (care.rung, care.climb_on) == (0, DAY + days(45))
    steps = CareStep.objects.filter(care=care).values_list("verb", flat=True)
    assert list(steps) == ["put_on", *["climb"] * 4, "visit"]


def test_what_runs_missed_is_made_up_for_by_the_highest_rung(town: Town) -> None:
    listed(town)
    climbing.climb_all(now=town.now + days(20))
    assert not notices("care_due")
    assert len(notices("care_missed")) == 1
    assert {job["whom"]["desks"][0] for job in notices("care_missed_here")} == {
        XIAOLONG, XIAOLONG[:9],
    }  # fmt: skip
    assert CarePerson.objects.get().rung == 4


def test_a_grid_that_nobody_walks_is_its_desks(town: Town) -> None:
    Post.objects.filter(role=Role.GRID_WORKER, area_code=GRID_1).update(ends_on=date(2019, 1, 2))
    listed(town)
    climbing.climb_all(now=town.now + days(7))
    (job,) = notices("care_missed_here")
    assert job["whom"]["desks"] == [XIAOLONG]


def test_levels_change_with_reason_and_intervals_follow(town: Town) -> None:
    care = listed(town, replace(ALONE, level=3))
    visited(care, town.worker, town.now)
    assert care.due_on == DAY + days(30)
    by, later = town.village_dispatcher, town.now + days(20)
    listing.correct(care.pk, replace(ALONE, level=1), by=by, now=later, version=1)
    care = again(care)
    assert (care.due_on, care.why, care.contact_masked) == (DAY + days(20), Why.CHANGED, "李**")
    with pytest.raises(StalePage):
        listing.correct(care.pk, ALONE, by=by, now=later, version=1)
    with pytest.raises(NotAllowed):
        listing.correct(care.pk, ALONE, by=town.worker, now=later)
    quiet = replace(ALONE, level=1, every_days=60, contact="", phone=None)
    listing.correct(care.pk, quiet, by=by, now=later)
    care = again(care)
    assert (care.due_on, care.contact_masked, care.phone_masked) == (
        DAY + days(60), "", "139****2222",
    )  # fmt: skip


def test_an_administrators_days_move_all_of_a_level(town: Town) -> None:
    care = listed(town)
    visited(care, town.worker, town.now)
    level = CareLevel.objects.get(number=2)
    CareLevel.objects.filter(number=2).update(days=14)
    level.refresh_from_db()
    assert listing.follow_level(level, 7, now=town.now + days(1)) == 1
    assert again(care).due_on == DAY + days(14)
    CareLevel.objects.filter(number=2).update(days=3)
    level.refresh_from_db()
    listing.follow_level(level, 14, now=town.now + days(10))
    assert again(care).due_on == DAY + days(10)


def test_visits_are_handed_over_to_who_may_have_them(town: Town) -> None:
    member, far = member_of(town), member_of(town, "440113102003", "far_member")
    care, by = listed(town), town.village_dispatcher

    def hand(**to: Any) -> CarePerson:
        given = {"worker": None, "member": None} | to
        return listing.hand_over(care.pk, by=by, now=town.now, **given)

    for wrong in ({"worker": town.handler.account_id}, {"worker": member.account_id},
                  {"member": far.account_id}, {"member": town.worker.account_id}):  # fmt: skip
        with pytest.raises(BadInput, check=lambda error, wrong=wrong: error.field in wrong):
            hand(**wrong)
    hand(worker=town.next_worker.account_id, member=member.account_id)
    assert len(notices("care_handed")) == 2
    hand(worker=town.next_worker.account_id, member=member.account_id)
    assert len(notices("care_handed")) == 2
    assert CarePerson.objects.visible_to(town.next_worker).get() == care
    visited(care, town.next_worker, town.now)
    visited(care, member, town.now + days(1))
    climbing.climb_all(now=town.now + days(8))
    assert notices("care_due")[0]["whom"]["accounts"] == [town.next_worker.account_id]
    # Whose post has ended is not told any more: it is the grid's own again.
    Post.objects.filter(account=town.next_worker.account_id).update(ends_on=DAY)
    climbing.climb_all(now=town.now + days(9))
    assert town.worker.account_id in notices("care_missed")[-1]["whom"]["accounts"]
    hand()
    assert not CarePerson.objects.visible_to(town.next_worker).exists()
    with pytest.raises(NotFound):
        visited(care, member, town.now + days(2))


def test_who_ended_is_visited_no_more_and_may_come_back(town: Town) -> None:
    there = village(town)
    care, by = listed(town, there=there), town.village_dispatcher
    with pytest.raises(Missing):
        listing.end(care.pk, "tired", by=by, now=town.now)
    listing.end(care.pk, "better", by=by, now=town.now)
    with pytest.raises(WrongState):
        visited(care, town.worker, town.now)
    with pytest.raises(WrongState):
        listing.end(care.pk, "moved", by=by, now=town.now)
    assert climbing.climb_all(now=town.now + days(30)) == 0
    assert listed(town, there=there).pk != care.pk


def test_the_list_follows_the_register(town: Town) -> None:
    there = village(town)
    care = listed(town, there=there)
    by, now = town.village_dispatcher, town.now
    other = recording.add(recording.DwellingTold(there.other_house), by=by, now=now)
    assert following.follow(now=now) == 0
    recording.correct(there.grown.pk, PersonTold(dwelling=other), by=by, now=now)
    assert following.follow(now=now) == 1
    assert again(care).area_code == GRID_2
    twin = person(town, other, id_number="", birth_year=1980, sex="male")
    doubles.merge("person", twin.pk, there.grown.pk, by=by, now=now)
    following.follow(now=now)
    assert again(care).person == twin
    second = listed(town, there=replace(there, grown=person(town, other, "李四", id_number="")))
    doubles.merge("person", twin.pk, second.person_id, by=by, now=now)
    following.follow(now=now)
    assert again(second).end_reason == "twice"


def test_whose_record_ended_is_the_desks_to_decide_on(town: Town) -> None:
    there = village(town)
    care = listed(town, there=there)
    recording.end(there.grown, by=town.village_dispatcher, now=town.now)
    assert following.follow(now=town.now) == 1
    assert following.follow(now=town.now) == 0
    (job,) = notices("care_gone")
    assert job["whom"] == {"desks": [XIAOLONG]}
    assert again(care).ended_on is None
    listing.end(care.pk, "moved", by=town.village_dispatcher, now=town.now)


def test_sealed_values_are_shown_for_a_purpose_and_of_members_less(town: Town) -> None:
    member = member_of(town)
    told = replace(ALONE, health="高血压，每天服药")
    care = again(listed(town, told, member=member.account_id))
    visited(care, town.worker, town.now, words="药快吃完了")

    def look(by: Any, purpose: str = "visit") -> dict[str, str]:
        return revealing.reveal(care, by=by, purpose=purpose, now=town.now)

    shown = look(town.worker)
    assert (shown["name"], shown["contact"], shown["health"]) == (
        "张三丰", "李大明", "高血压，每天服药",
    )  # fmt: skip
    assert shown["words"].endswith("药快吃完了")
    assert look(member) == {"name": "张三丰", "phone": "13800138000"}
    entry = AccessLog.objects.filter(action="reveal_care").order_by("at").first()
    assert entry is not None
    assert (entry.subject_type, entry.purpose) == ("care_person", "visit")
    with pytest.raises(Missing):
        look(town.worker, "")
    with pytest.raises(NotAllowed):
        look(town.community_leader)
    with pytest.raises(NotFound):
        look(town.next_worker)


def test_an_emergency_becomes_one_case_that_names_nobody(town: Town) -> None:
    care = listed(town)
    told = told_of(care, Outcome.ALARM, words="张三丰摔倒在浴室，电话13800138000")
    with pytest.raises(Missing, check=lambda error: error.field == "sort"):
        visit_alarms.record(told, by=town.worker, now=town.now)
    for _again in range(2):
        made = visit_alarms.record(told, sort="collapsed", by=town.worker, now=town.now)
    case = made.case
    assert case is not None
    assert (case.item_code, case.area_code, case.emergency_words) == ("0106", GRID_1, "晕倒")
    assert case.address == "东街12号3栋502房"
    text = CaseText.objects.get(case=case).body
    assert "晕倒" in text
    assert "摔倒在浴室" in text
    assert "张三丰" not in text
    assert "13800138000" not in text
    assert case.found_on_visit.care_id == care.pk
    assert CareVisit.objects.count() == 1
    assert again(care).due_on == DAY + days(1)


def test_a_quiet_visit_makes_no_case(town: Town) -> None:
    care = listed(town)
    made = visit_alarms.record(told_of(care), by=town.worker, now=town.now)
    assert made.case is None


def test_the_weeks_plan_has_each_workers_days_and_the_late_today(town: Town) -> None:
    care = listed(town, replace(ALONE, level=1))
    monday = planning.first_day(DAY)
    visited(care, town.worker, town.now)
    (week,) = planning.week_of(town.village_dispatcher, monday, town.now)
    assert (week.name, [len(each) for each in week.days]) == ("worker", [0, 0, 0, 0, 0, 0, 1])
    (later,) = planning.week_of(town.village_dispatcher, monday + days(7), town.now + days(9))
    assert [len(each) for each in later.days] == [0, 0, 0, 0, 0, 1, 0]


def test_figures_tell_due_done_and_missed_by_grid(town: Town) -> None:
    care, now = listed(town), town.now
    visited(care, town.worker, now + days(7))
    visited(care, town.worker, now + days(16))
    visited(care, town.worker, now + days(20), Outcome.NOT_MET)
    later = now + days(25)
    sums = figures.by_area(town.dispatcher, DAY, DAY + days(30), later, 15)
    one = sums[GRID_1]
    assert (one.due, one.done, one.late, one.open, one.missed) == (3, 1, 1, 1, 2)
    assert (one.not_met, one.people, one.ratio) == (1, 1, 33)
    assert figures.whole({}).ratio is None
    assert figures.by_kind(town.dispatcher) == [("独居老人", 1)]
    assert not figures.by_area(town.other_town_dispatcher, DAY, DAY + days(30), later, 15)


def test_a_months_visits_to_a_community_are_written_quickly(
    town: Town, django_assert_max_num_queries: Any
) -> None:
    flat = village(town).flat
    people = [
        person(town, flat, f"赵{n}", id_number="", phone="", birth_year=1940, sex="male")
        for n in range(30)
    ]
    by, now = town.village_dispatcher, town.now
    with django_assert_max_num_queries(20):
        cares = listing.put_on_many([(each.pk, ALONE) for each in people], by=by, now=now)
    with django_assert_max_num_queries(20):
        visiting.record_many([told_of(each) for each in cares], by=town.worker, now=now)
    assert CareVisit.objects.count() == 30
    assert set(CarePerson.objects.values_list("due_on", flat=True)) == {DAY + days(7)}


@pytest.mark.django_db(transaction=True)
def test_one_visit_sent_twice_at_a_time_is_written_down_once() -> None:
    from tests.cases.town import Town

    town = Town()
    care, came = listed(town), list[str]()
    told, both, worker = told_of(care), threading.Barrier(2), town.worker

    def send() -> None:
        try:
            both.wait()
            came.append(str(visiting.record(told, by=worker, now=town.now).pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _each in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert came == [str(told.visit)] * 2
    assert CareVisit.objects.count() == 1
    assert CareStep.objects.filter(verb="visit").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_desks_put_one_person_on_the_list_once() -> None:
    from tests.cases.town import Town

    town = Town()
    there, came = village(town), list[str]()
    both = threading.Barrier(2)

    def put() -> None:
        try:
            both.wait()
            listing.put_on(there.grown.pk, ALONE, by=town.village_dispatcher, now=town.now)
            came.append("made")
        except BadInput:
            came.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=put) for _each in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(came) == ["made", "refused"]
    assert CarePerson.objects.count() == 1
    assert Person.objects.filter(cared_for__isnull=False).count() == 1
