"""督办阶梯: a case that waits is told of ever louder, each rung once, and made up for if missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.audit.verifying import verify
from huying.cases.models import Case
from huying.cases.recomputing import follow_calendar
from huying.cases.turns import held
from huying.clock.models import LadderSetting
from huying.clock.reading import forget_calendars
from huying.errors import WrongState
from huying.notices.models import Notice
from huying.notices.telling import tell_later
from huying.supervision.climbing import look, wake_all
from huying.supervision.models import Supervision
from tests.cases.town import DISTRICT, GUIDE, OPINION, at

if TYPE_CHECKING:
    from tests.cases.town import Town

MINUTE = timedelta(minutes=1)
LADDER = ["remind", "overdue", "tell_leader", "supervise"]


def on_friday(town: Town) -> Case:
    """Sixteen hours of the continuous clock, from Friday at five."""
    case = town.bring_to("accepted", item=GUIDE)
    case = town.do("dispatch", case, now=at("2019-07-12 17:00"))
    return town.do("sign_for", case, now=at("2019-07-12 17:05"))


def rungs(town: Town, case: Case) -> list[str]:
    return [verb for verb in town.verbs(case) if verb in LADDER]


def told(kind: str) -> set[str]:
    """Who is told of one kind, when the worker has done its jobs."""
    for job in ProcrastinateJob.objects.filter(task_name="tell"):
        tell_later(**job.args)
    names = Notice.objects.filter(kind=kind).values_list("account__username", flat=True)
    return {name.removeprefix("town-") for name in names}


def test_each_rung_at_its_moment_and_once(town: Town) -> None:
    case = on_friday(town)
    now = at("2019-07-12 18:00")
    found: list[str] = []
    while now < at("2019-07-15 08:00"):
        seen = Case.objects.get(pk=case.pk).last_seq
        wake_all(now=now)
        found += [event.verb for event in town.events(case) if event.seq > seen]
        now += 30 * MINUTE
    assert found == LADDER
    turns = {e.verb: datetime.fromisoformat(e.data["turn"]) for e in town.events(case)
             if e.verb in LADDER}  # fmt: skip
    assert turns == {
        "remind": at("2019-07-13 05:00"),
        "overdue": at("2019-07-13 09:00"),
        "tell_leader": at("2019-07-13 09:00"),
        "supervise": at("2019-07-14 01:00"),
    }
    case.refresh_from_db()
    assert (case.rung, case.supervised, case.wake_at) == (4, True, None)
    assert verify(number=case.number).ok


def test_a_deadline_itself_is_in_time(town: Town) -> None:
    case = on_friday(town)
    assert case.due_at is not None
    wake_all(now=case.due_at)
    assert rungs(town, case) == ["remind"]
    wake_all(now=case.due_at + timedelta(seconds=1))
    assert rungs(town, case) == ["remind", "overdue", "tell_leader"]


def test_what_was_missed_is_made_up_for_each_rung_with_its_own_moment(town: Town) -> None:
    case = on_friday(town)
    late = at("2019-07-20 10:00")
    assert wake_all(now=late) == 1
    events = [event for event in town.events(case) if event.verb in LADDER]
    assert [event.verb for event in events] == LADDER
    assert {event.at for event in events} == {late}
    assert [event.data["percent"] for event in events] == [75, 100, 100, 200]
    assert events[-1].data["turn"].startswith("2019-07-13T17:00")
    assert wake_all(now=late + timedelta(days=9)) == 0


def test_whatever_is_done_meanwhile_nothing_is_told_twice_or_hidden(town: Town) -> None:
    case = on_friday(town)
    assert case.due_at is not None
    town.do("comment", case, now=case.due_at + MINUTE)  # before the worker looks
    wake_all(now=case.due_at + 2 * MINUTE)
    town.do("comment", case, now=case.due_at + 3 * MINUTE)
    assert wake_all(now=case.due_at + 4 * MINUTE) == 0
    assert rungs(town, case) == LADDER[:3]
    # The next step has a ladder of its own.
    case = town.do("handle", case, now=case.due_at + 5 * MINUTE)
    assert (case.rung, case.wake_at) == (0, case.yellow_at)


def test_a_failed_check_goes_on_with_the_ladder_where_handling_left_it(town: Town) -> None:
    case = on_friday(town)
    assert case.yellow_at is not None
    wake_all(now=case.yellow_at + MINUTE)
    case = town.do("handle", case, now=case.yellow_at + 2 * MINUTE)
    case = town.do("check_fail", case, now=case.handled_at + 60 * MINUTE)
    assert case.rung == 1
    assert case.due_at is not None
    wake_all(now=case.due_at + MINUTE)
    assert rungs(town, case) == ["remind", "overdue", "tell_leader"]


def test_unassigned_and_unsigned_cases_climb_too(town: Town) -> None:
    waiting = {state: town.bring_to(state) for state in ("reported", "accepted", "dispatched")}
    wake_all(now=at("2019-09-01 10:00"))
    assert {state: rungs(town, case) for state, case in waiting.items()} == dict.fromkeys(
        waiting, LADDER
    )


def test_each_rung_tells_those_whom_it_concerns(town: Town) -> None:
    town_case = on_friday(town)
    wake_all(now=at("2019-07-14 02:00"))
    unit, desk = {"handler", "colleague"}, {"dispatcher", "second_dispatcher"}
    assert told("remind") == unit
    assert told("overdue") == unit | desk
    assert told("tell_leader") == {"town_leader"}
    assert told("supervise") == unit | desk | {"town_leader"}
    notice = Notice.objects.filter(kind="remind", case_id=town_case.pk).first()
    assert notice is not None
    assert "07-13 09:00" in notice.body
    assert "safety" in notice.body
    # The jobs done again tell nobody again.
    before = Notice.objects.count()
    told("remind")
    assert Notice.objects.count() == before


def test_a_level_without_a_leader_tells_the_one_above(town: Town) -> None:
    post = town.posts["town_leader"]
    post.ends_on = post.starts_on
    post.save()
    case = on_friday(town)
    wake_all(now=at("2019-07-14 02:00"))
    assert told("tell_leader") == {"district_leader"}
    assert Supervision.objects.get(case=case).leader == town.accounts["district_leader"]


def test_more_time_brings_the_reminder_of_the_new_deadline(town: Town) -> None:
    case = on_friday(town)
    assert case.yellow_at is not None
    wake_all(now=case.yellow_at + MINUTE)
    asked = town.do("request_extension", case, now=case.yellow_at + 2 * MINUTE,
                    amount=16, clock="natural_hour")  # fmt: skip
    case = town.do("grant_extension", asked, now=case.yellow_at + 3 * MINUTE)
    assert (case.rung, case.wake_at) == (0, at("2019-07-13 17:00"))
    wake_all(now=at("2019-07-13 17:01"))
    assert rungs(town, case) == ["remind", "remind"]


def test_a_suspended_case_climbs_nothing(town: Town) -> None:
    case = on_friday(town)
    town.do("suspend", case, now=at("2019-07-12 20:00"), until=at("2019-07-20 20:00"))
    assert wake_all(now=at("2019-07-19 10:00")) == 0
    wake_all(now=at("2019-07-20 20:01"))
    case.refresh_from_db()
    assert rungs(town, case) == []
    assert case.wake_at == at("2019-07-21 05:00")


def test_a_rung_has_its_turn(town: Town) -> None:
    case = on_friday(town)
    assert case.due_at is not None
    for verb in LADDER:
        with town.refused(WrongState):
            town.do(verb, case, by="system", now=at("2019-07-12 18:00"))
    with town.refused(WrongState):
        town.do("overdue", case, now=case.due_at + MINUTE)  # the reminder comes first


def test_one_case_that_cannot_be_climbed_keeps_no_other_from_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = town.report(), town.report()

    def stumbles(pk: Any, *, now: datetime) -> Case:
        if pk == broken.pk:
            raise RuntimeError("broken")
        return look(pk, now=now)

    monkeypatch.setattr("huying.supervision.climbing.look", stumbles)
    assert wake_all(now=at("2019-09-01 10:00")) == 1
    assert rungs(town, sound) == LADDER
    assert rungs(town, broken) == []


# --- what a district sets


def test_a_district_sets_its_own_percentages(town: Town) -> None:
    case = on_friday(town)
    assert follow_calendar(now=town.now) == 0
    LadderSetting.objects.create(district_code=DISTRICT, remind=50, leader=150, supervise=400)
    forget_calendars()
    follow_calendar(now=town.now)
    case.refresh_from_db()
    assert case.wake_at == at("2019-07-13 01:00")
    assert town.verbs(case)[-1] == "sign_for"  # no deadline has moved
    wake_all(now=at("2019-07-14 02:00"))
    assert rungs(town, case) == ["remind", "overdue", "tell_leader"]
    fresh = town.report(item=OPINION)
    assert fresh.wake_at == fresh.received_at + timedelta(hours=1)
    forget_calendars()


def test_the_database_refuses_rungs_out_of_order(town: Town) -> None:
    for wrong in ({"remind": 0}, {"leader": 90}, {"supervise": 120, "leader": 150}):
        with pytest.raises(IntegrityError), transaction.atomic():
            LadderSetting.objects.create(district_code=DISTRICT, **wrong)


def test_the_look_finds_the_due_by_its_index(town: Town) -> None:
    """However many open cases there are, the look reads those whose turn has come."""
    on_friday(town)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    due = Case.objects.due_to_wake(at("2019-09-01 10:00")).only("pk")
    plan = held(due.exclude(pk__in=[]), 50)
    assert "case_to_wake" in plan.explain()
