"""Small jobs of a kind are done together: each of them once, and none is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from huying import jobs
from huying.dispatch.jobs import look_for_duplicates
from huying.dispatch.models import LikelyDuplicate
from tests.cases.town import Town
from tests.people.test_jobs import put, state

KIND = "tests.small"
LAMP = "和兴路18号门口的路灯不亮"


def waiting(number: int, **row: Any) -> int:
    return put(KIND, queue=jobs.LATER, args=f'{{"number": {number}}}', **row)


@pytest.mark.django_db
def test_what_waits_of_the_kind_is_done_and_gone() -> None:
    waiting(1)
    waiting(2)
    other = put("tell")
    done: list[int] = []
    assert jobs.along(KIND, lambda job: done.append(job["number"])) == 2
    assert sorted(done) == [1, 2]
    assert not ProcrastinateJob.objects.filter(task_name=KIND).exists()
    assert state(other) == ("todo", 0)
    assert jobs.along(KIND, done.append) == 0


@pytest.mark.django_db
def test_what_is_being_done_has_failed_or_waits_for_its_time_is_left() -> None:
    doing = waiting(1, status="doing", worker_silent_s=0)
    failed = waiting(2, status="failed", failed_s=1)
    later = waiting(3, scheduled_at="2999-01-01T00:00:00Z")
    assert jobs.along(KIND, pytest.fail) == 0
    assert [state(each)[0] for each in (doing, failed, later)] == ["doing", "failed", "todo"]


@pytest.mark.django_db
def test_a_flood_is_not_one_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "ALONG", 2)
    for number in range(3):
        waiting(number)
    assert [jobs.along(KIND, lambda _job: None) for _each in range(3)] == [2, 1, 0]


@pytest.mark.django_db
def test_where_one_fails_nothing_is_done_by_halves_and_each_waits_for_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fine, broken = waiting(1), waiting(2)

    def do(job: dict[str, Any]) -> None:
        put("tests.trace")
        if job["number"] == 2:
            raise ZeroDivisionError

    assert jobs.along(KIND, do) == 0
    assert state(fine) == state(broken) == ("todo", 0)
    assert not ProcrastinateJob.objects.filter(task_name="tests.trace").exists()
    assert KIND in caplog.text


@pytest.mark.django_db(transaction=True)
def test_two_that_take_at_once_share_them() -> None:
    one, two = waiting(1), waiting(2)
    another = connections.create_connection("default")
    another.set_autocommit(False)
    try:
        with another.cursor() as cursor:
            # Another place of the worker has the first one in its hands, and has not said so yet.
            cursor.execute("SELECT FROM procrastinate_jobs WHERE id = %s FOR UPDATE", [one])
            done: list[int] = []
            assert jobs.along(KIND, lambda job: done.append(job["number"])) == 1
    finally:
        another.rollback()
        another.close()
    assert done == [2]
    assert state(one) == ("todo", 0)
    assert not ProcrastinateJob.objects.filter(pk=two).exists()


@pytest.mark.django_db(transaction=True)
def test_the_worker_looks_for_the_doubles_of_each_report(town: Town) -> None:
    cases = [town.report(LAMP) for _each in range(4)]
    for case in cases:
        look_for_duplicates.defer(case_id=str(case.pk))
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        working.run_worker(
            wait=False, queues=[jobs.LATER], install_signal_handlers=False, listen_notify=False
        )
    of_cases = ProcrastinateJob.objects.filter(task_name="look_for_duplicates")
    assert not of_cases.exclude(status="succeeded").exists()
    assert of_cases.count() < len(cases), "they were done together"
    found = LikelyDuplicate.objects.values_list("case_id", "other_id")
    order = [case.pk for case in cases]
    assert {(order.index(case), order.index(other)) for case, other in found} == {
        (later, earlier) for later in range(4) for earlier in range(later)
    }
