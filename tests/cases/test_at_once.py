"""Two at once: real threads, real connections, real commits."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from huying.audit.sm3 import sm3
from huying.audit.verifying import verify
from huying.cases.idempotency import forget_old, once
from huying.cases.models import Case, CaseEvent, Channel, IdempotencyKey
from huying.cases.reporting import Key, Place, Report, Reported, report_many
from huying.errors import BadInput, HuyingError, KeyReused, StalePage, WrongState
from huying.intake.reporting import take, take_many
from huying.response.unanswered import climb_all
from huying.supervision.climbing import wake
from tests.cases.town import GRID_1, NOW, Town, integration, key, told

pytestmark = pytest.mark.slow


@pytest.fixture
def committed_town(transactional_db: None) -> Town:
    """A town whose people and cases other connections see."""
    return Town()


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """Does each in a thread of its own, all started together; results, or what was raised."""
    start = threading.Barrier(len(tasks))
    found: list[Any] = [None] * len(tasks)

    def run(place: int, task: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            found[place] = task()
        except Exception as error:  # it is looked at by the test
            found[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, task)) for place, task in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return found


def kinds(found: Sequence[Any]) -> list[str]:
    return sorted(type(each).__name__ for each in found)


def test_of_two_dispatchers_one_accepts(committed_town: Town) -> None:
    town = committed_town
    actors = (town.dispatcher, town.second_dispatcher)
    for expect in (True, False):
        case = town.bring_to("reported")
        seq = case.last_seq if expect else None
        found = at_once(
            *(
                lambda by=by: town.do("accept", case, by=by, expect_seq=seq)  # noqa: B023
                for by in actors
            )
        )
        assert kinds(found) == ["Case", (StalePage if expect else WrongState).__name__]
        assert town.verbs(case).count("accept") == 1
        if expect:
            (stale,) = (each for each in found if isinstance(each, StalePage))
            assert stale.extra["since"][0]["verb"] == "accept"
    assert verify().ok


def test_twenty_comments_at_once_make_one_unbroken_chain(committed_town: Town) -> None:
    town = committed_town
    case = town.bring_to("reported")
    found = at_once(*(lambda n=n: town.do("comment", case, text=f"{n}") for n in range(20)))
    assert kinds(found) == ["Case"] * 20
    events = town.events(case)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert verify(number=case.number).ok


def test_twenty_reports_at_once_have_twenty_numbers(committed_town: Town) -> None:
    town = committed_town
    found = at_once(*(lambda n=n: take(told(f"{n}"), by=integration(), now=NOW) for n in range(20)))
    assert kinds(found) == ["Case"] * 20
    numbers = {case.number for case in found}
    assert len(numbers) == 20
    assert town.report(area=GRID_1, now=NOW).number > max(numbers)
    assert verify().ok


def test_the_same_key_at_once_makes_one_case_and_one_answer(committed_town: Town) -> None:
    found = at_once(
        *(lambda: take_many([(told(), key("a"))], by=integration(), now=NOW)[0] for _ in range(4))
    )
    assert all(isinstance(each, Reported) for each in found), found
    assert len({each.id for each in found}) == 1
    assert len({(each.number, each.received_at) for each in found}) == 1
    assert sorted(each.replayed for each in found) == [False, True, True, True]
    assert Case.objects.count() == CaseEvent.objects.count() == 1


def test_the_same_key_with_two_bodies_at_once(committed_town: Town) -> None:
    found = at_once(
        lambda: take(told("一"), by=integration(), now=NOW, key=key("a", "one")),
        lambda: take(told("二"), by=integration(), now=NOW, key=key("a", "two")),
    )
    assert kinds(found) == ["Case", "KeyReused"]
    assert Case.objects.count() == 1


def test_batches_with_common_keys_in_opposite_orders_do_not_lock_each_other(
    committed_town: Town,
) -> None:
    names = [f"k{n:02d}" for n in range(30)]

    def send(order: list[str]) -> list[Any]:
        return take_many(
            [(told(name), key(name, name)) for name in order], by=integration(), now=NOW
        )

    found = at_once(
        lambda: send(names), lambda: send(names[::-1]), lambda: send(names[15:] + names[:15])
    )
    for answers in found:
        assert all(isinstance(each, Reported) for each in answers), answers
    assert Case.objects.count() == 30
    assert IdempotencyKey.objects.count() == 30


def test_a_verb_under_a_key_is_done_once(committed_town: Town) -> None:
    """`once`, the form that every door but the report uses."""
    town = committed_town
    case = town.bring_to("reported")
    done: list[int] = []

    def accept() -> Any:
        with once("integration:7", "accept", "a", sm3(b"body"), NOW) as slot:
            if slot.replayed:
                return slot.answer
            after = town.do("accept", case)
            done.append(after.last_seq)
            slot.answer, slot.case_id = {"seq": after.last_seq}, after.pk
            return slot.answer

    found = at_once(accept, accept, accept)
    assert found == [{"seq": done[0]}] * 3
    assert len(done) == 1
    with pytest.raises(KeyReused), once("integration:7", "accept", "a", sm3(b"other"), NOW):
        pass
    # A failed write leaves its key free.
    with (
        pytest.raises(WrongState),
        once("integration:7", "accept", "b", sm3(b"body"), NOW),
    ):
        town.do("accept", case)
    with once("integration:7", "accept", "b", sm3(b"body"), NOW) as slot:
        assert not slot.replayed
    assert forget_old(now=NOW + timedelta(days=90)) == 0
    assert forget_old(now=NOW + timedelta(days=90, seconds=1)) == 2


def test_what_the_database_refuses_at_the_commit_keeps_out_nobody_else(
    committed_town: Town,
) -> None:
    """References are looked at late: here to a version of an item that is not there."""

    def plain(**more: Any) -> Report:
        return Report(channel=Channel.API, text="路灯不亮", place=Place(GRID_1), **more)

    answers = report_many(
        [
            (plain(), Key("c", "a", bytes(32))),
            (plain(item_code="0101", item_version_id=10**9), Key("c", "b", bytes(32))),
            (plain(), None),
        ],
        by=integration(),
        now=NOW,
    )
    assert [type(each) for each in answers] == [Reported, BadInput, Reported]
    assert Case.objects.count() == 2
    assert IdempotencyKey.objects.count() == 1
    (alone,) = report_many([(plain(item_version_id=10**9), None)], by=integration(), now=NOW)
    assert isinstance(alone, BadInput)


def test_two_wakers_share_the_work(committed_town: Town) -> None:
    town = committed_town
    cases = [town.report() for _ in range(12)]
    late = NOW + timedelta(days=9)
    found = at_once(*(lambda: wake(now=late, limit=12) for _ in range(3)))
    assert sum(found) == 12, found
    assert wake(now=late) == 0
    assert CaseEvent.objects.filter(verb="overdue").count() == len(cases)
    assert verify().ok


def test_a_case_that_somebody_is_at_is_left_for_the_next_time(committed_town: Town) -> None:
    town = committed_town
    busy, free = town.report(), town.report()
    late = NOW + timedelta(days=9)
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=busy.pk)
        assert at_once(lambda: wake(now=late)) == [1]
    assert town.verbs(free)[-1] == "supervise"
    assert wake(now=late) == 1


def test_two_cases_merged_into_each_other_do_not_both_end(committed_town: Town) -> None:
    town = committed_town
    for _ in range(5):
        one, other = town.bring_to("reported"), town.bring_to("reported")
        found = at_once(
            lambda a=one, b=other: town.do("merge", a, into=b.pk),  # type: ignore[misc]
            lambda a=one, b=other: town.do("merge", b, into=a.pk),  # type: ignore[misc]
        )
        assert all(isinstance(each, Case | BadInput) for each in found), found
        states = set(Case.objects.filter(pk__in=[one.pk, other.pk]).values_list("state", flat=True))
        assert "reported" in states


def test_one_photo_goes_into_one_case(committed_town: Town) -> None:
    town = committed_town
    photo = town.photo()
    cases = [town.bring_to("handling") for _ in range(2)]
    found = at_once(
        *(lambda c=case: town.do("attach", c, by="handler", photos=[photo.pk]) for case in cases)
    )
    assert kinds(found) == ["BadInput", "Case"]
    photo.refresh_from_db()
    assert photo.case_id in {case.pk for case in cases}


def test_an_error_in_a_thread_is_no_answer(committed_town: Town) -> None:
    """What the helper above promises: it hides nothing."""
    (found,) = at_once(lambda: committed_town.do("accept", Case(id=uuid.uuid4()), item="0101"))
    assert isinstance(found, HuyingError)


def test_a_call_climbs_once_for_two_workers(committed_town: Town) -> None:
    town = committed_town
    case = town.do("blow", town.bring_to("handling"))
    late = town.now + timedelta(hours=1)
    found = at_once(*(lambda: climb_all(now=late) for _each in range(2)))
    assert sorted([*found, climb_all(now=late)]) == [0, 0, 1]
    assert town.verbs(case).count("climb") == 1
