"""Jobs whose worker died, and jobs that fail: done again, put aside, told; the others go on."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from huying import jobs, recurring
from huying.installation import config

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_site(person: Any, signed_in: Any) -> Any:
    """The admin site in the browser of an administrator."""
    return signed_in(person("gao", "administrator"), second=True)


def put(task: str = "tell", *, queue: str = "notices", lock: str | None = None, **row: Any) -> int:
    """A job's row as it is; returns its id."""
    worker = row.pop("worker_silent_s", None)
    failed_s = row.pop("failed_s", None)
    with connection.cursor() as cursor:
        if worker is not None:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - make_interval(secs => %s)) RETURNING id",
                [worker],
            )
            row["worker_id"] = cursor.fetchone()[0]
        row = {"queue_name": queue, "task_name": task, "queueing_lock": lock, **row}
        names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        cursor.execute(
            f"INSERT INTO procrastinate_jobs ({names}) VALUES ({marks}) RETURNING id",
            list(row.values()),
        )
        job = int(cursor.fetchone()[0])
        if failed_s is not None:
            cursor.execute(
                "INSERT INTO procrastinate_events (job_id, type, at)"
                " VALUES (%s, 'failed', now() - make_interval(secs => %s))",
                [job, failed_s],
            )
    return job


def state(job: int) -> tuple[str, int]:
    row = ProcrastinateJob.objects.get(pk=job)
    return row.status, row.attempts


def test_what_a_dead_worker_had_in_hand_is_done_again() -> None:
    alive = put(status="doing", worker_silent_s=config.worker_silent_seconds - 10)
    dead = put(status="doing", worker_silent_s=config.worker_silent_seconds + 10)
    gone = put(status="doing")  # its worker has taken leave in the midst of it
    assert jobs.again() == (2, 0)
    assert state(alive) == ("doing", 0)
    assert state(dead) == state(gone) == ("todo", 1)


def in_hand(job: int, worker: int) -> tuple[Any, Any]:
    """What a worker says of itself and of a job around which it asks."""
    return SimpleNamespace(job=SimpleNamespace(id=job)), SimpleNamespace(worker_id=worker)


def test_a_job_that_its_worker_could_not_say_is_done_is_done_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr(jobs, "monotonic", lambda: now)
    monkeypatch.setattr(jobs, "_only_what_works", lambda: None)  # the test's own is one
    rescuer = jobs.Rescuer(hands := jobs.Hands())
    job = put(status="doing", worker_silent_s=0)
    worker = ProcrastinateJob.objects.get(pk=job).worker_id
    held = put(status="doing", worker_id=worker)
    others = put(status="doing", worker_silent_s=0)
    assert hands(lambda: "done", *in_hand(job, worker)) == "done"
    hands(lambda: "done", *in_hand(others, worker))
    assert rescuer.look() == (0, 0)  # it may be about to say so
    now += config.worker_silent_seconds
    assert hands(rescuer.look, *in_hand(held, worker)) == (1, 0)
    assert state(job) == ("todo", 1)
    assert state(held) == state(others) == ("doing", 0)
    now += config.worker_silent_seconds
    assert rescuer.look() == (1, 0)  # what was in hand at the last look
    assert state(held) == ("todo", 1)


def test_one_looks_after_both_lanes_of_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(jobs, "monotonic", lambda: now)
    monkeypatch.setattr(jobs, "_only_what_works", lambda: None)
    lanes = jobs.Hands(), jobs.Hands()
    rescuer = jobs.Rescuer(*lanes)
    own = [put(status="doing", worker_silent_s=0) for _lane in lanes]
    for lane, job in zip(lanes, own, strict=True):
        lane(lambda: "done", *in_hand(job, ProcrastinateJob.objects.get(pk=job).worker_id))
    now += config.worker_silent_seconds
    assert rescuer.look() == (2, 0)
    assert {state(job) for job in own} == {("todo", 1)}


def test_a_job_that_failed_has_left_its_hands_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "monotonic", lambda: 5.0)
    hands = jobs.Hands()
    with pytest.raises(ZeroDivisionError):
        hands(lambda: 1 / 0, *in_hand(7, 1))
    assert hands.let_go(0) == [7]
    assert hands.let_go(0) == []


def test_a_job_that_ends_its_workers_is_given_up_in_the_end() -> None:
    poison = put(status="doing", attempts=config.job_tries - 1)
    assert jobs.again() == (0, 1)
    assert state(poison) == ("failed", config.job_tries)
    assert [each.pk for each in jobs.dead()] == [poison]


@pytest.mark.parametrize(("tries", "waits_s"), [(1, 5), (2, 20), (3, 80), (7, 3600)])
def test_what_failed_waits_longer_each_time(tries: int, waits_s: int) -> None:
    early = put(status="failed", attempts=tries, failed_s=waits_s - 2)
    due = put(status="failed", attempts=tries, failed_s=waits_s + 2)
    assert jobs.again() == (1, 0)
    assert state(early) == ("failed", tries)
    assert state(due) == ("todo", tries)


def fails(job: int) -> None:
    """A worker says that it has failed, as `procrastinate` does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [job])


def passes(job: int, seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_events SET at = at - make_interval(secs => %s) WHERE job_id = %s",
            [seconds, job],
        )


def test_what_fails_in_hands_that_were_taken_for_dead_is_tried_again() -> None:
    """Its worker lost the database for so long that it was put back, and then says it failed."""
    silent = config.worker_silent_seconds + 10
    job = put("unless_undone", status="doing", worker_silent_s=silent)
    recurring_ = put("recurring.wake", status="doing", worker_silent_s=silent, lock="wake")
    assert jobs.again() == (2, 0)
    for each in (job, recurring_):
        fails(each)
    assert state(job) == ("failed", 1)
    assert jobs.again() == (0, 0), "not at once"
    newer = put("recurring.wake", lock="wake")
    for each in (job, recurring_):
        passes(each, 6)
    assert jobs.again() == (1, 0)
    assert state(job) == ("todo", 1)
    assert state(recurring_)[0] == "aborted", "the newer one does what it should have done"
    assert state(newer) == ("todo", 0)


@pytest.mark.parametrize("status", ["todo", "doing"])
def test_a_failure_without_a_moment_is_tried_again_as_well(status: str) -> None:
    job = put(status=status)
    fails(job)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_events WHERE job_id = %s", [job])
    assert jobs.again() == (1, 0)
    assert state(job)[0] == "todo"


def test_a_job_that_always_fails_ends_aside_while_others_go_on(admin_site: Any) -> None:
    last = put(status="failed", attempts=config.job_tries, failed_s=10_000)
    other = put(status="failed", attempts=1, failed_s=10)
    assert jobs.again() == (1, 0)
    assert state(last) == ("failed", config.job_tries)
    assert state(other) == ("todo", 1)
    said = admin_site.get(reverse("admin:index")).content.decode()
    assert "1 项后台作业一再失败" in said
    listed = admin_site.get(reverse("admin:procrastinate_procrastinatejob_changelist"))
    assert "tell" in listed.content.decode()


def test_the_administrator_lets_it_be_tried_anew_or_drops_it(admin_site: Any) -> None:
    one = put(status="failed", attempts=config.job_tries)
    two = put(status="failed", attempts=config.job_tries)
    address = reverse("admin:procrastinate_procrastinatejob_changelist")
    admin_site.post(address, {"action": "retry", "_selected_action": [one]})
    admin_site.post(address, {"action": "drop", "_selected_action": [two]})
    assert state(one) == ("todo", 0)
    assert state(two)[0] == "aborted"
    assert not jobs.dead().exists()


def test_periodic_work_is_done_again_unless_it_has_run_since() -> None:
    seal, wake = "recurring.seal", "recurring.wake"
    daily = put(seal, queue="default", lock=seal, status="doing")
    put(wake, queue="default", lock=wake, status="doing")
    newer = put(wake, queue="default", lock=wake, status="todo")
    assert jobs.again() == (1, 0)
    assert state(daily)[0] == "todo"
    assert state(newer) == ("todo", 0)
    assert ProcrastinateJob.objects.filter(task_name=wake, status="aborted").count() == 1


def test_two_of_one_lock_that_died_together_are_done_once() -> None:
    wake = "recurring.wake"
    first = put(wake, queue="default", lock=wake, status="doing")
    second = put(wake, queue="default", lock=wake, status="doing")
    assert jobs.again() == (1, 0)
    assert state(first)[0] == "aborted"
    assert state(second)[0] == "todo"


def test_exports_that_failed_are_their_owners_to_ask_for_again() -> None:
    export = put("write_export", queue="exports", status="failed", attempts=1, failed_s=9999)
    assert jobs.again() == (0, 0)
    assert state(export) == ("failed", 1)
    assert jobs.dead().count() == 1


def test_all_queues_of_tasks_are_known() -> None:
    app.perform_import_paths()
    queues = {task.queue for task in app.tasks.values()}
    assert set(jobs.ONCE) < queues
    names = {name for name in app.tasks if name.startswith(jobs.PERIODIC)}
    assert names == {f"{jobs.PERIODIC}{work.name}" for work in recurring.RECURRING}


def test_the_looks_go_on_whatever_goes_wrong_in_one(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    looked: list[int] = []
    went_on = threading.Event()

    def look(self: jobs.Rescuer) -> tuple[int, int]:
        looked.append(1)
        if len(looked) < 3:
            raise RuntimeError("not of the database")
        went_on.set()
        return 0, 0

    monkeypatch.setattr(jobs.Rescuer, "look", look)
    settings.HUYING = settings.HUYING.model_copy(update={"worker_silent_seconds": 0.03})
    rescuer = jobs.Rescuer()
    rescuer.start()
    try:
        assert went_on.wait(10)
    finally:
        rescuer.stop()
