"""Facts and sums follow the log, and say the very same as counting the events anew."""

from __future__ import annotations

import argparse
import threading
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from huying.assessment import following
from huying.assessment.beside import lines_beside
from huying.assessment.counting import Asked, By, counted, lines_of, subject, team_numbers
from huying.assessment.following import behind_by, follow, step
from huying.assessment.models import (
    CountedCase,
    OpenCase,
    RolledCursor,
    RolledState,
    RolledTally,
    TallyFact,
)
from huying.assessment.present import standing, states
from huying.assessment.rolled import BESIDE, behind, rolled
from huying.assessment.statements import STATEMENTS, ask
from huying.assessment.tallies import Tally
from huying.cases.models import Case, CaseEvent
from huying.cases.states import State
from huying.cli import rollups as cli
from huying.clock.lights import Light
from huying.clock.models import CalendarDay
from huying.clock.reading import forget_calendars
from huying.places.models import Level
from tests.cases.test_machine import Loop
from tests.cases.town import (
    DAY,
    DISTRICT,
    FACTORY,
    GUIDE,
    OPINION,
    OTHER_TOWN,
    TOWN,
    XIAOLONG,
    Town,
)
from tests.plans import rows_looked_at

SPAN = (date(2019, 1, 1), date(2027, 12, 31))
AREAS = (DISTRICT, TOWN, XIAOLONG)


def by_counting(area: str, at: datetime) -> dict[By, dict[str, Counter[Tally]]]:
    """What `counting.counted` says, by everything, of one walk through the events."""
    found: dict[By, dict[str, Counter[Tally]]] = {by: defaultdict(Counter) for by in By}
    asked = Asked(area, *SPAN, at)
    for _case, line in chain(lines_of(asked), lines_beside(asked)):
        for by in By:
            found[by][subject(line.about, by)][line.tally] += 1
    for name in set(found[By.TEAM]) - team_numbers():
        if name:
            found[By.TEAM][""] += found[By.TEAM].pop(name)
    return {by: dict(each) for by, each in found.items()}


def assert_the_same(now: datetime) -> None:
    for area in AREAS:
        expected = by_counting(area, now)
        for by in By:
            assert rolled(area, *SPAN, by) == expected[by], (area, by)


class Rolled(Loop):
    """The random lives of the loop, followed after some steps or after many."""

    @rule(every=st.booleans())
    def the_follower_looks(self, every: bool) -> None:
        follow() if every else step()

    def teardown(self) -> None:
        try:
            if hasattr(self, "town"):
                self.compare()
        finally:
            super().teardown()

    def compare(self) -> None:
        follow()
        assert_the_same(timezone.now())
        assert behind_by() == timedelta(0)
        # As of a moment, too: after each event that was written.
        moments = sorted(CaseEvent.objects.values_list("written_at", flat=True))
        for moment in moments[:: max(1, len(moments) // 4)]:
            expected = by_counting(TOWN, moment)
            for by in (By.ALL, By.UNIT, By.TEAM):
                assert rolled(TOWN, *SPAN, by, at=moment) == expected[by]
        cases = Case.objects.all()
        held = Counter(case.state for case in cases)
        found = sum(states(DISTRICT, *SPAN, Level.TOWN).values(), Counter())
        assert found == held
        still = {case.pk for case in cases if case.is_open}
        assert set(OpenCase.objects.values_list("pk", flat=True)) == still


def test_whatever_happens_the_sums_say_what_counting_says(db: None) -> None:
    run_state_machine_as_test(
        Rolled,
        settings=settings(
            max_examples=5,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_deadline_counts_once_its_time_has_come_without_an_event(town: Town) -> None:
    town.now = datetime.now(UTC)
    town.bring_to("closed", item=GUIDE)
    late = town.bring_to("handling", item=GUIDE)
    follow()
    early = rolled(TOWN, *SPAN)[""]
    assert early == counted(Asked(TOWN, *SPAN, timezone.now()))[""].counts
    assert Tally.TOTAL_DUE not in early, "nothing was due yet"

    assert late.handle_due is not None
    then = late.handle_due + timedelta(days=30)
    assert behind_by(then) > timedelta(days=20)
    assert follow(now=then) == 0
    counts = rolled(TOWN, *SPAN)[""]
    assert (counts[Tally.TOTAL_DUE], counts[Tally.TOTAL_DONE]) == (2, 1)
    expected = counted(Asked(TOWN, *SPAN, then))[""].counts
    assert rolled(TOWN, *SPAN, at=then) == {"": expected}
    # What has no sums goes by the clock, which has not moved.
    assert counts == Counter({each: n for each, n in expected.items() if each not in BESIDE})
    assert rolled(TOWN, *SPAN, tallies=[Tally.HANDLE_DUE]) == {"": Counter(handle_due=2)}
    assert rolled(OTHER_TOWN, *SPAN) == {}


def test_what_came_back_opens_from_the_facts(town: Town) -> None:
    first, again = (town.bring_to("closed", item=GUIDE) for _ in range(2))
    town.later(days=31)
    follow()
    found = counted(Asked(TOWN, *SPAN, timezone.now()), By.ITEM)[GUIDE]
    assert found.counts[Tally.WATCHED] == 2
    assert rolled(TOWN, *SPAN, By.ITEM)[GUIDE] == found.counts
    opened = behind(TOWN, *SPAN, By.ITEM, GUIDE, Tally.WATCHED)
    assert set(opened) == {first.pk, again.pk} == set(found.cases[Tally.WATCHED])
    assert behind(TOWN, *SPAN, By.TEAM, "", Tally.HANDLE_DUE) != []


def test_a_count_opens_into_its_cases_page_by_page(town: Town) -> None:
    cases = [town.bring_to("closed", item=GUIDE) for _ in range(3)]
    follow()
    unit = str(town.safety.pk)
    found = counted(Asked(TOWN, *SPAN, timezone.now()), By.UNIT)[unit]
    asked = (TOWN, *SPAN, By.UNIT, unit, Tally.HANDLE_IN_TIME)
    pages = [behind(*asked, limit=2), behind(*asked, offset=2, limit=2)]
    assert [len(page) for page in pages] == [2, 1]
    assert sorted(pages[0] + pages[1]) == sorted(found.cases[Tally.HANDLE_IN_TIME])
    assert {case.pk for case in cases} == set(pages[0] + pages[1])
    assert behind(*asked, at=town.now) == [], "nothing of it was written then"


def test_the_lights_are_those_of_the_queue(town: Town) -> None:
    red, paused = town.bring_to("handling", item=GUIDE), town.bring_to("handling")
    town.do("suspend", paused)
    town.report(by=town.worker)
    follow()
    due = red.due_at
    assert due is not None
    found = standing(TOWN, Level.COMMUNITY, now=due + timedelta(seconds=1))
    assert set(found) == {XIAOLONG}
    lights = found[XIAOLONG]
    assert lights.states == {State.HANDLING: 2, State.REPORTED: 1}
    assert lights.total == 3
    assert lights.lights[Light.RED] == Case.objects.open().filter(
        due_at__lt=due + timedelta(seconds=1)
    ).count()  # fmt: skip
    assert lights.lights[Light.GREY] == 1
    for verb in ("handle", "check_pass", "close"):
        red = town.do(verb, red)
    follow()
    assert standing(DISTRICT, Level.TOWN, now=due)[TOWN].total == 2


def test_idle_it_writes_nothing_and_a_new_server_is_looked_through_anew(town: Town) -> None:
    town.bring_to("closed", item=GUIDE)
    assert follow() == 1
    kept = RolledCursor.objects.values().get()
    assert follow() == 0
    assert RolledCursor.objects.values().get() == kept

    facts, sums = (
        list(model.objects.order_by("pk").values()) for model in (TallyFact, RolledTally)
    )
    # As after a restore elsewhere: transactions are numbered from the beginning again.
    case = town.bring_to("accepted", item=GUIDE)
    RolledCursor.objects.update(system="another", xid=2**60)
    assert follow() == 1
    assert RolledCursor.objects.get().xid < 2**60
    assert TallyFact.objects.filter(case_id=case.pk).exists()
    assert list(TallyFact.objects.exclude(case_id=case.pk).order_by("pk").values()) == facts
    TallyFact.objects.all().delete()
    assert command("rebuild")["cases"] == 2
    assert list(TallyFact.objects.exclude(case_id=case.pk).order_by("pk").values()) == facts
    assert RolledTally.objects.count() >= len(sums)


def test_where_nothing_is_new_no_month_of_events_is_looked_through(town: Town) -> None:
    """Each second it is asked: a month of a district's log has millions of events."""
    town.bring_to("closed", item=GUIDE)
    follow()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO case_event (case_id, seq, written_at, at, district_code, verb, actor_kind,"
            " to_state, data, prev, hash, xid)"
            " SELECT e.case_id, 100 + n, e.written_at, e.at, e.district_code, e.verb, e.actor_kind,"
            " e.to_state, e.data, e.prev, e.hash, '3'::xid8"
            " FROM case_event e, generate_series(1, 5000) AS n WHERE e.seq = 1"
        )
        # As if the event of this very transaction were from before the log was followed to.
        cursor.execute("UPDATE rolled_cursor SET xid = xid + 1")
        cursor.execute("ANALYZE case_event")
    now = {"now": timezone.now()}
    assert ask("to_do", now) == [(False,)]
    assert rows_looked_at(STATEMENTS["to_do"], now) < 100


def test_the_check_prints_what_differs_from_the_events(town: Town) -> None:
    case = town.bring_to("handling", item=GUIDE)
    town.report(by=town.worker)
    assert command("behind")["behind_s"] is None
    assert command("follow")["cases"] == 2
    assert command("behind")["behind_s"] == 0
    assert command("check")["differences"] == []
    TallyFact.objects.filter(tallies__contains=["dispatched"]).update(unit_id=None)
    RolledState.objects.filter(state="reported").update(n=7)
    OpenCase.objects.filter(pk=case.pk).update(state="accepted")
    told = command("check")
    assert not told["ok"]
    words = cli.text(told)
    assert f"case {case.pk}: dispatched+dispatched_rightly of event" in words
    assert f"unit {TOWN}  dispatched" in words
    assert f"{case.number}: " in words
    assert f"{XIAOLONG} reported" in words
    assert command("rebuild")["ok"]
    assert command("check")["ok"]


def test_the_check_says_that_the_calendar_was_edited_after_the_counting(town: Town) -> None:
    """The Friday after was a day off after all, entered when the case had long been counted."""
    town.do("handle", town.bring_to("handling", item=OPINION))
    follow()
    CalendarDay.objects.create(
        district_code=DISTRICT, day=DAY + timedelta(days=1), kind="holiday", name="台风停工"
    )
    forget_calendars()
    told = command("check")
    assert told["differences"]
    assert all(each["deadline"] for each in told["differences"] if "case" in each["where"])
    assert cli.EDITED in cli.text(told)
    assert command("rebuild")["ok"]
    assert command("check")["ok"]
    TallyFact.objects.filter(tallies__contains=["dispatched"]).update(unit_id=None)
    assert cli.EDITED not in cli.text(command("check"))


def test_following_ends_where_a_case_has_no_event_to_count(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a benchmark fills in: what waits for the worker must not wait for these."""
    town.report(by=town.worker)
    monkeypatch.setattr("huying.assessment.following.to_count", lambda: 7)
    assert command("follow")["ok"]
    assert command("behind")["behind_s"] == 0


def command(*words: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    cli.arguments(parser)
    result = cli.run(parser.parse_args(words))
    assert cli.text(result)
    return result


def test_a_bulk_larger_than_a_step_is_counted_in_pieces(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "EVENTS", 7)
    for _ in range(4):
        town.bring_to("closed", item=GUIDE)
    assert follow() >= 4
    assert_the_same(timezone.now())


def test_what_commits_late_is_not_passed_over(transactional_db: None) -> None:
    """The first transaction writes its event first and commits last, with a look in between."""
    town = Town()
    slow, quick = (town.report(by=town.worker, item=FACTORY) for _ in range(2))
    follow()
    written, may_commit = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            town.do("accept", slow)
            written.set()
            assert may_commit.wait(30)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        ends = pool.submit(first)
        assert written.wait(30)
        town.do("accept", quick)
        assert follow() == 1
        assert counted_up_to(quick) == 2, "what is committed is not kept waiting"
        assert counted_up_to(slow) == 1
        assert follow() == 0, "nothing is counted twice"
        may_commit.set()
        ends.result(30)
    assert behind_by() > timedelta(0)
    older, newer = (CaseEvent.objects.get(case=case, seq=2) for case in (slow, quick))
    assert older.written_at < newer.written_at
    assert follow() == 1
    assert counted_up_to(slow) == 2
    assert behind_by() == timedelta(0)
    assert_the_same(timezone.now())


def counted_up_to(case: Case) -> int:
    return CountedCase.objects.get(pk=case.pk).seq
