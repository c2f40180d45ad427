"""A clock that is an hour off, and is set right: cases go on, and nothing waits for the hour."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from procrastinate import App
from procrastinate.periodic import PeriodicDeferrer
from procrastinate.testing import InMemoryConnector

from huying.audit import verifying
from huying.cases import verbs
from huying.cases.models import CaseEvent
from huying.cases.states import State
from huying.cases.verbs import ClockTimestamp
from huying.desk import changes
from huying.jobs import SET_BACK_S, Timekeeper
from huying.supervision.climbing import wake_all
from tests.cases.town import Town

HOUR = timedelta(hours=1)


@pytest.fixture
def town(db: None) -> Town:
    return Town()


@pytest.mark.parametrize("off", [HOUR, -HOUR])
def test_a_life_through_a_clock_that_is_an_hour_off_and_set_right_keeps_its_order(
    town: Town, off: timedelta
) -> None:
    case = town.bring_to("accepted")
    due = case.due_at
    case = town.do("dispatch", case, now=town.now + off)
    case = town.do("sign_for", case, now=town.now + off)
    case = town.do("handle", case)  # set right
    case = town.do("check_pass", case)
    case = town.do("close", case)
    events = list(CaseEvent.objects.filter(case_id=case.pk).order_by("seq"))
    assert [each.seq for each in events] == list(range(1, case.last_seq + 1))
    # The database says when each was written, whatever the web server's clock said.
    written = [each.written_at for each in events]
    assert written == sorted(written)
    assert case.state == State.CLOSED
    assert due is not None
    assert verifying.verify().as_json()["ok"]


def test_the_databases_own_clock_set_back_breaks_no_chain(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = town.bring_to("dispatched")
    monkeypatch.setattr(ClockTimestamp, "template", "clock_timestamp() - interval '1 hour'")
    monkeypatch.setattr(verbs._held, "_kept", {})  # put together before the clock was set back
    case = town.do("sign_for", case)
    written = CaseEvent.objects.filter(case_id=case.pk).order_by("seq")
    *_before, last, back = written.values_list("written_at", flat=True)
    assert back < last
    assert verifying.verify().as_json()["ok"]
    monkeypatch.undo()
    case = town.do("handle", case)
    assert verifying.verify().as_json()["ok"]


def test_deadlines_follow_the_clock_back_and_are_missed_once(town: Town) -> None:
    case = town.bring_to("handling")
    assert case.due_at is not None
    due = case.due_at

    def overdue() -> int:
        return CaseEvent.objects.filter(case_id=case.pk, verb="overdue").count()

    wake_all(now=due - timedelta(minutes=30) + HOUR)  # an hour fast
    assert overdue() == 1
    wake_all(now=due - timedelta(minutes=30))  # set right
    wake_all(now=due + timedelta(minutes=1))
    assert overdue() == 1
    case.refresh_from_db()
    assert case.due_at == due, "whoever was told too early still has the time that was promised"


def test_a_slow_clock_only_tells_later(town: Town) -> None:
    case = town.bring_to("handling")
    assert case.due_at is not None
    wake_all(now=case.due_at + timedelta(minutes=30) - HOUR)
    late = CaseEvent.objects.filter(case_id=case.pk, verb="overdue")
    assert not late.exists()
    wake_all(now=case.due_at + timedelta(minutes=30))
    assert late.count() == 1


def test_open_pages_are_told_of_what_happens_after_the_clock_was_set_back(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "EVERY_S", 0.0)
    ahead = datetime.now(UTC) + HOUR
    # What this process saw while the database's clock was an hour ahead.
    monkeypatch.setattr(changes, "_last", changes.Look(ahead, (), {}, time.monotonic()))
    case = town.report()
    _found, mark = changes.since(f"{round(ahead.timestamp() * 1e6)}-{changes._me}")
    assert _found is None, "a mark of the future is answered with a full look"
    case = town.do("comment", case)
    told, _next = changes.since(mark)
    assert told is not None
    assert case.number in {each.number for each in told}


def deferrer() -> PeriodicDeferrer:
    """What begins a piece of work each minute, as in the worker."""
    app = App(connector=InMemoryConnector())

    @app.periodic(cron="* * * * *")
    @app.task(name="each_minute")
    def each_minute(timestamp: int) -> None: ...

    return PeriodicDeferrer(app.periodic_registry)


def begun(what: PeriodicDeferrer, at: float) -> int:
    return len(list(what.get_previous_tasks(at=at)))


def test_a_worker_whose_clock_was_set_back_begins_anew_with_its_periodic_work() -> None:
    noon = datetime(2026, 11, 29, 4, 0, 5, tzinfo=UTC).timestamp()
    running = deferrer()
    assert begun(running, noon) == 1
    back = noon - 3600
    assert begun(running, back + 60) == 0, "alone it would wait for the hour to come again"
    clock, left = SimpleNamespace(ahead=0.0), []
    keeper = Timekeeper(lambda: left.append(1), every_s=0.001, clock=lambda: clock.ahead)
    clock.ahead -= 3600
    keeper.run()
    assert left == [1]
    assert begun(deferrer(), back + 60) == 1


@pytest.mark.parametrize("moves", [3600.0, 1.0, 1.0 - SET_BACK_S])
def test_a_clock_that_is_set_forward_or_drawn_to_the_right_time_ends_no_worker(
    moves: float,
) -> None:
    clock = SimpleNamespace(ahead=0.0)
    keeper = Timekeeper(lambda: None, clock=lambda: clock.ahead)
    clock.ahead += moves
    assert not keeper.was_set_back()
