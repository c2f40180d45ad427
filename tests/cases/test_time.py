"""延期, 挂账, 超期, and a calendar that is edited: a case's deadlines as its story goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from huying.audit.verifying import verify
from huying.cases.deadlines import dues_of
from huying.cases.describing import explain
from huying.cases.models import Case, Extension, Suspension
from huying.cases.recomputing import follow_calendar
from huying.catalogue import versions
from huying.clock.lights import Light, light
from huying.clock.models import CalendarDay
from huying.clock.reading import forget_calendars
from huying.errors import NotAllowed, WrongState
from huying.people.acting import SYSTEM
from huying.supervision.climbing import wake
from tests.cases.town import DISTRICT, FACTORY, GUIDE, OPINION, Town, at

HOUR = timedelta(hours=1)


def lamp(case: Case, now: datetime) -> Light | None:
    """The light of the step that the case waits for."""
    current = dues_of(case).current
    return None if current is None else light(current, now)


def dispatched_at_ten(town: Town, item: str = OPINION) -> Case:
    """A case that the unit signed for on Thursday, dispatched at 10:00."""
    case = town.bring_to("accepted", item=item)
    case = town.do("dispatch", case, now=at("2019-07-11 10:00"))
    return town.do("sign_for", case, now=at("2019-07-11 10:05"))


# --- limits


def test_each_step_has_its_limit_from_the_item(town: Town) -> None:
    case = dispatched_at_ten(town)
    assert case.sign_due == at("2019-07-11 12:00")  # 120 minutes
    assert case.handle_due == at("2019-07-16 10:00")  # 3 work days over a weekend
    assert case.due_at == case.handle_due
    assert case.yellow_at is not None
    assert case.yellow_at < case.due_at
    assert case.wake_at == case.yellow_at  # whoever owes the step is reminded
    case = town.do("handle", case, now=at("2019-07-12 09:00"))
    assert case.due_at == case.check_due == at("2019-07-15 09:00")  # 1 work day


def test_a_case_says_why_it_is_due(town: Town) -> None:
    from django.utils.translation import override

    with override("zh-hans"):
        said = "".join(explain(dispatched_at_ten(town)))
    assert "工作日" in said
    assert "周末" in said or "休息日" in said


def test_changing_the_item_after_dispatch_changes_the_limits(town: Town) -> None:
    case = dispatched_at_ten(town)
    case = town.do("change_item", case, item=FACTORY)
    assert case.handle_due == at("2019-07-18 10:00")  # 5 work days, on the time already run
    case = town.do("change_item", case, item=FACTORY, emergency=True)
    assert case.handle_due == at("2019-07-11 14:00")


def test_a_case_keeps_the_version_it_was_accepted_under(town: Town) -> None:
    case = town.bring_to("accepted", now_item(town))
    versions.change(
        OPINION, by=SYSTEM, valid_from=town.now, now=town.now, handle_limit=9, name="社情民意（新）"
    )
    case = town.do("dispatch", case, now=at("2019-07-11 11:00"))
    assert case.item_version is not None
    assert (case.item_version.version, case.handle_due) == (1, at("2019-07-16 11:00"))
    later = town.do("dispatch", town.bring_to("accepted"), now=at("2019-07-11 11:30"))
    assert later.item_version is not None
    assert (later.item_version.version, later.handle_due) == (2, at("2019-07-24 11:30"))


def now_item(town: Town) -> Case:
    return town.do("escalate", town.report(item=OPINION), by="village_dispatcher")


# --- 延期 extension


def test_more_time_is_granted_to_handling_and_to_the_whole(town: Town) -> None:
    case = dispatched_at_ten(town, GUIDE)
    handle_due, total_due = case.handle_due, case.total_due
    assert handle_due == at("2019-07-12 02:00")  # 16 hours
    assert total_due is not None
    case = town.do("request_extension", case, amount=6, clock="natural_hour")
    assert (case.extension_asked, case.handle_due) == (True, handle_due)  # asked is not granted
    with town.refused(WrongState):
        town.do("request_extension", case)
    case = town.do("grant_extension", case)
    assert (case.extension_asked, case.extensions) == (False, 1)
    assert case.handle_due == handle_due + 6 * HOUR
    assert case.total_due == total_due + 6 * HOUR
    assert town.last(case).data["amount"] == 6


def test_refused_is_as_if_not_asked(town: Town) -> None:
    case = dispatched_at_ten(town)
    before = case.handle_due
    case = town.do("refuse_extension", town.do("request_extension", case))
    assert (case.handle_due, case.extensions, case.extension_asked) == (before, 0, False)
    assert Extension.objects.get(case=case).granted is False


def test_more_time_twice_at_most(town: Town) -> None:
    case = dispatched_at_ten(town)
    for _ in range(2):
        case = town.do("grant_extension", town.do("request_extension", case))
    assert case.handle_due == at("2019-07-18 10:00")
    with town.refused(WrongState):
        town.do("request_extension", case)


def test_more_time_only_before_the_deadline(town: Town) -> None:
    case = dispatched_at_ten(town)
    assert case.handle_due is not None
    with town.refused(WrongState):
        town.do("request_extension", case, now=case.handle_due)
    last = case.handle_due - timedelta(seconds=1)
    assert town.do("request_extension", case, now=last).extension_asked


def test_a_wish_for_more_time_goes_with_the_unit_that_had_it(town: Town) -> None:
    """The next unit may ask for itself."""
    case = town.do("request_extension", dispatched_at_ten(town))
    case = town.do("return", case)
    assert not case.extension_asked
    case = town.do("sign_for", town.do("dispatch", case))
    with town.refused(WrongState):
        town.do("grant_extension", case)
    assert town.do("request_extension", case).extension_asked


def test_a_wish_that_was_open_at_the_close_does_not_stay(town: Town) -> None:
    case = town.do("request_extension", dispatched_at_ten(town))
    case = town.do("close", town.do("check_pass", town.do("handle", case)))
    case = town.do("sign_for", town.do("dispatch", town.do("reopen", case)))
    assert town.do("request_extension", case).extension_asked


# --- 挂账 suspension


def test_a_suspended_case_has_no_deadline_and_a_grey_light(town: Town) -> None:
    case = dispatched_at_ten(town)
    start, until = at("2019-07-11 15:00"), at("2019-07-15 15:00")
    case = town.do("suspend", case, now=start, until=until)
    assert (case.due_at, case.yellow_at, case.handle_due) == (None, None, None)
    assert (case.suspended_until, case.wake_at) == (until, until)
    assert lamp(case, start + HOUR) is Light.GREY
    for verb in ("handle", "return", "arrive", "request_extension", "suspend"):
        with town.refused(WrongState):
            town.do(verb, case)


def test_resuming_moves_the_deadline_by_exactly_the_time_lost(town: Town) -> None:
    case = dispatched_at_ten(town, GUIDE)
    assert case.handle_due is not None
    due, total = case.handle_due, case.total_due
    assert total is not None
    case = town.do("suspend", case, now=at("2019-07-11 15:00"), until=at("2019-07-20 15:00"))
    case = town.do("resume", case, now=at("2019-07-13 16:30"))
    lost = timedelta(days=2, hours=1, minutes=30)
    assert case.handle_due == due + lost
    assert case.total_due == total + lost
    assert (case.suspended_until, case.wake_at) == (None, case.yellow_at)
    assert lamp(case, at("2019-07-13 16:31")) is Light.GREEN


def test_on_a_work_clock_only_working_time_is_lost(town: Town) -> None:
    case = dispatched_at_ten(town)
    case = town.do("suspend", case, now=at("2019-07-12 17:00"), until=at("2019-07-20 15:00"))
    case = town.do("resume", case, now=at("2019-07-15 09:00"))  # half an hour on Friday and Monday
    assert case.handle_due == at("2019-07-16 11:00")


def test_it_resumes_by_itself_at_the_set_end_however_late_the_system_comes(town: Town) -> None:
    case = dispatched_at_ten(town, GUIDE)
    assert case.handle_due is not None
    due = case.handle_due
    start, until = at("2019-07-11 15:00"), at("2019-07-12 15:00")
    town.do("suspend", case, now=start, until=until)
    assert wake(now=until - timedelta(minutes=1)) == 0
    assert wake(now=until + 5 * HOUR) == 1
    case.refresh_from_db()
    event = town.last(case)
    assert (event.verb, event.actor_kind, event.at) == ("resume", "system", until + 5 * HOUR)
    assert case.suspended_until is None
    assert case.handle_due == due + timedelta(days=1)
    assert Suspension.objects.get(case=case).ended_at == until


def test_a_desk_that_resumes_after_the_end_gives_no_more_time_away(town: Town) -> None:
    case = dispatched_at_ten(town, GUIDE)
    assert case.handle_due is not None
    due, until = case.handle_due, at("2019-07-12 15:00")
    case = town.do("suspend", case, now=at("2019-07-11 15:00"), until=until)
    case = town.do("resume", case, now=until + 5 * HOUR)
    assert case.handle_due == due + timedelta(days=1)


def test_a_case_is_suspended_again_after_it_was_resumed(town: Town) -> None:
    case = dispatched_at_ten(town)
    for _ in range(2):
        case = town.do("resume", town.do("suspend", case))
    assert Suspension.objects.filter(case=case).count() == 2
    with town.refused(WrongState):
        town.do("resume", case)


# --- 超期 overdue


def test_every_waiting_step_is_looked_after(town: Town) -> None:
    cases = [town.bring_to(state) for state in ("reported", "accepted", "dispatched", "checked")]
    assert all(case.due_at is not None for case in cases)
    assert wake(now=at("2019-09-01 10:00")) == len(cases)
    assert {town.last(case).verb for case in cases} == {"supervise"}
    assert {town.last(case).data["deadline"] for case in cases} == {
        "reported",
        "accepted",
        "dispatched",
        "checked",
    }


def test_imported_history_raises_no_alarm(town: Town) -> None:
    case = town.report(alarms=False)
    assert (case.alarms, case.wake_at) == (False, None)
    case = town.bring_to("handling", town.do("pin", case))
    assert case.due_at is not None
    assert wake(now=at("2019-09-01 10:00")) == 0


def test_only_so_many_at_a_time(town: Town) -> None:
    for _ in range(3):
        town.report()
    late = at("2019-09-01 10:00")
    assert [wake(now=late, limit=2), wake(now=late, limit=2), wake(now=late, limit=2)] == [2, 1, 0]


def test_nobody_but_the_system_notes_that_it_is_late(town: Town) -> None:
    case = dispatched_at_ten(town)
    for verb in ("overdue", "recompute"):
        with town.refused(NotAllowed):
            town.do(verb, case, by="district_dispatcher")


# --- an edited calendar


@pytest.fixture
def fresh_calendar() -> Iterator[None]:
    """The process keeps calendars; a test that edits one leaves none behind."""
    forget_calendars()
    yield
    forget_calendars()


@pytest.mark.usefixtures("fresh_calendar")
def test_a_new_holiday_moves_work_days_and_tells_so(town: Town) -> None:
    works, hours = dispatched_at_ten(town), dispatched_at_ten(town, GUIDE)
    assert works.handle_due == at("2019-07-16 10:00")
    seen = (works.last_seq, hours.last_seq)
    assert follow_calendar(now=town.now) == 0
    CalendarDay.objects.create(
        district_code=DISTRICT, day=date(2019, 7, 15), kind="holiday", name="台风停工"
    )
    assert follow_calendar(now=town.now) == 1
    works.refresh_from_db()
    hours.refresh_from_db()
    assert works.handle_due == works.due_at == at("2019-07-17 10:00")
    assert works.wake_at == works.yellow_at
    event = town.last(works)
    assert (event.verb, event.actor_kind) == ("recompute", "system")
    assert event.data["due_before"].startswith("2019-07-16T02:00")
    assert (works.last_seq, hours.last_seq) == (seen[0] + 1, seen[1])
    assert follow_calendar(now=town.now) == 0  # it says so once
    assert verify(number=works.number).ok


@pytest.mark.usefixtures("fresh_calendar")
def test_a_closed_case_does_not_move(town: Town) -> None:
    case = town.bring_to("closed")
    due = case.handle_due
    follow_calendar(now=town.now)
    CalendarDay.objects.create(district_code=DISTRICT, day=date(2019, 7, 15), kind="holiday")
    assert follow_calendar(now=town.now) == 0
    case.refresh_from_db()
    assert case.handle_due == due


def test_a_return_and_a_new_dispatch_start_the_units_clocks_anew(town: Town) -> None:
    case = town.do("return", dispatched_at_ten(town), now=at("2019-07-11 16:00"))
    assert (case.sign_due, case.handle_due) == (None, None)
    assert case.due_at == at("2019-07-11 18:00")  # the desk's own step, as for accepting
    case = town.do("dispatch", case, now=at("2019-07-12 10:00"))
    assert case.handle_due == at("2019-07-17 10:00")


def test_the_time_of_a_failed_check_is_not_the_units(town: Town) -> None:
    case = dispatched_at_ten(town, GUIDE)
    due = case.handle_due
    assert due is not None
    case = town.do("handle", case, now=at("2019-07-11 12:00"))
    case = town.do("check_fail", case, now=at("2019-07-11 15:00"))
    assert case.handle_due == due + 3 * HOUR
    assert case.due_at == case.handle_due
