"""The clocks of a case through the loop."""

from dataclasses import replace

from clock_moments import CALENDAR, shanghai, told

from huying.clock.lights import Light
from huying.clock.limits import Clock, Limit, Pause
from huying.clock.stages import CaseTimes, Stage, StageLimits, deadlines

LIMITS = StageLimits.from_catalogue(
    accept_limit_min=30,
    sign_limit_min=60,
    handle_limit=4,
    handle_clock="natural_hour",
    check_limit=1,
    check_clock="work_day",
    total_limit_hours=24,
)
REPORTED = CaseTimes(received_at=shanghai("2019-07-11 10:00"))
DISPATCHED = replace(
    REPORTED,
    accepted_at=shanghai("2019-07-11 10:05"),
    dispatched_at=shanghai("2019-07-11 10:10"),
)
HANDLED = replace(
    DISPATCHED,
    signed_at=shanghai("2019-07-11 10:20"),
    handled_at=shanghai("2019-07-11 12:10"),
)


def test_a_fresh_report_waits_for_acceptance_and_has_its_total() -> None:
    found = deadlines(LIMITS, REPORTED, CALENDAR)
    assert [stage for stage, _ in found] == [Stage.ACCEPT, Stage.TOTAL]
    assert found.accept is not None
    assert found.total is not None
    assert told(found.accept.at) == "2019-07-11 10:30"
    assert told(found.total.at) == "2019-07-12 10:00"
    assert found.current("reported") is found.accept
    assert found.next_due == found.accept.at


def test_signing_and_handling_both_count_from_the_dispatch() -> None:
    found = deadlines(LIMITS, DISPATCHED, CALENDAR)
    assert found.sign is not None
    assert found.handle is not None
    assert told(found.sign.at) == "2019-07-11 11:10"
    assert told(found.handle.at) == "2019-07-11 14:10"
    signed_late = replace(DISPATCHED, signed_at=shanghai("2019-07-11 13:00"))
    late = deadlines(LIMITS, signed_late, CALENDAR)
    assert late.handle == found.handle
    assert late.light(Stage.SIGN, shanghai("2019-07-11 13:30")) is Light.RED


def test_the_present_clock_follows_the_state() -> None:
    found = deadlines(LIMITS, HANDLED, CALENDAR)
    assert [found.stage(state) for state in ("reported", "dispatched", "handling", "handled")] == [
        Stage.ACCEPT,
        Stage.SIGN,
        Stage.HANDLE,
        Stage.CHECK,
    ]
    assert found.stage("accepted") is Stage.TOTAL
    assert found.stage("checked") is Stage.TOTAL
    assert found.current("closed") is None
    without_sign = deadlines(replace(LIMITS, sign=None), DISPATCHED, CALENDAR)
    assert without_sign.current("dispatched") is without_sign.total
    without_total = deadlines(replace(LIMITS, total=None), DISPATCHED, CALENDAR)
    assert without_total.current("accepted") is None


def test_checking_counts_from_the_report_that_it_is_done() -> None:
    found = deadlines(LIMITS, HANDLED, CALENDAR)
    assert found.check is not None
    assert told(found.check.at) == "2019-07-12 12:00"  # 14:00-17:30 and 8:30-12:00
    assert {stage for stage, _ in found.running} == {Stage.CHECK, Stage.TOTAL}


def test_rework_goes_on_with_the_old_limit_and_the_wait_for_the_check_is_not_counted() -> None:
    sent_back = replace(
        HANDLED,
        handled_at=None,
        failed_checks=(Pause(shanghai("2019-07-11 12:10"), shanghai("2019-07-11 15:10")),),
    )
    found = deadlines(LIMITS, sent_back, CALENDAR)
    assert found.handle is not None
    assert told(found.handle.at) == "2019-07-11 17:10"  # 14:10 and the three hours of the check
    assert found.check is None
    assert found.total is not None
    assert told(found.total.at) == "2019-07-12 10:00"  # the whole case gets nothing for rework


def test_a_new_round_of_checking_has_its_own_limit() -> None:
    again = replace(
        HANDLED,
        handled_at=shanghai("2019-07-11 16:00"),
        failed_checks=(Pause(shanghai("2019-07-11 12:10"), shanghai("2019-07-11 15:10")),),
    )
    found = deadlines(LIMITS, again, CALENDAR)
    assert found.check is not None
    assert told(found.check.at) == "2019-07-12 16:00"


def test_a_return_and_new_dispatch_start_the_units_clocks_anew() -> None:
    returned = replace(DISPATCHED, dispatched_at=None)
    assert deadlines(LIMITS, returned, CALENDAR).handle is None
    again = replace(DISPATCHED, dispatched_at=shanghai("2019-07-11 16:00"))
    found = deadlines(LIMITS, again, CALENDAR)
    assert found.handle is not None
    assert found.total is not None
    assert told(found.handle.at) == "2019-07-11 20:00"
    assert told(found.total.at) == "2019-07-12 10:00"


def test_a_suspension_stops_every_running_clock() -> None:
    held = replace(
        DISPATCHED, pauses=(Pause(shanghai("2019-07-11 10:30"), shanghai("2019-07-13 10:30")),)
    )
    found = deadlines(LIMITS, held, CALENDAR)
    assert [(stage.value, told(due.at)) for stage, due in found.running] == [
        ("sign", "2019-07-13 11:10"),
        ("handle", "2019-07-13 14:10"),
        ("total", "2019-07-14 10:00"),
    ]
    now = shanghai("2019-07-12 09:00")
    assert {found.light(stage, now) for stage, _ in found.running} == {Light.GREY}


def test_open_suspensions_leave_no_next_deadline() -> None:
    held = replace(DISPATCHED, pauses=(Pause(shanghai("2019-07-11 10:30")),))
    found = deadlines(LIMITS, held, CALENDAR)
    assert found.next_due is None
    assert found.next_change(shanghai("2019-07-12 09:00")) is None


def test_an_extension_of_handling_extends_the_whole_too() -> None:
    extended = replace(DISPATCHED, handle_extensions=(Limit(24, Clock.NATURAL_HOUR),))
    found = deadlines(LIMITS, extended, CALENDAR)
    assert found.handle is not None
    assert found.total is not None
    assert told(found.handle.at) == "2019-07-12 14:10"
    assert told(found.total.at) == "2019-07-13 10:00"


def test_a_reopened_case_has_a_new_total() -> None:
    reopened = replace(REPORTED, reopened_at=shanghai("2019-07-20 09:00"))
    found = deadlines(LIMITS, reopened, CALENDAR)
    assert found.total is not None
    assert told(found.total.at) == "2019-07-21 09:00"


def test_the_end_of_the_case_ends_every_clock() -> None:
    withdrawn = replace(DISPATCHED, closed_at=shanghai("2019-07-11 10:40"))
    found = deadlines(LIMITS, withdrawn, CALENDAR)
    assert found.running == ()
    assert found.next_due is None
    assert found.light(Stage.HANDLE, shanghai("2019-08-01 10:00")) is Light.GREEN


def test_the_next_change_of_a_light() -> None:
    found = deadlines(LIMITS, REPORTED, CALENDAR)
    at = [told(found.next_change(shanghai(f"2019-07-11 {t}"))) for t in ("10:00", "10:23", "11:00")]
    assert at == ["2019-07-11 10:22", "2019-07-11 10:30", "2019-07-12 04:00"]
