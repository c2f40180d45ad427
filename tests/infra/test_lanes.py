"""What somebody waits for is done beside what can wait, and before it."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import sleep
from typing import Any

import pytest
from procrastinate import App, signals
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.testing import InMemoryConnector

from huying import jobs
from huying.cli import worker
from huying.cli.worker import FIRST_WAIT_S, LONGEST_WAIT_S, Waits, work, work_until_told
from huying.telemetry import present
from tests.people.test_jobs import in_hand


def test_nothing_that_somebody_waits_for_gives_way() -> None:
    app.perform_import_paths()
    waits = {task.name for task in app.tasks.values() if task.queue in jobs.CAN_WAIT}
    assert waits >= {"look_for_duplicates", "write_export", "import_cases", "recurring.make_base"}
    assert not waits & {"tell", "unless_undone", "send_outgoing"}
    assert not waits & {f"recurring.{name}" for name in ("wake", "climb", "tell_of_calls")}


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no niceness of their own")
def test_what_can_wait_is_done_by_threads_that_give_way_and_of_the_same_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "_only_what_works", lambda: None)
    own = niceness()
    present.begin(present.Work("b" * 32))
    with jobs.threads_that_give_way(1) as threads:
        hands = jobs.Hands(threads=threads)
        done = hands(lambda: (niceness(), present.work()), *in_hand(7, 3))
        assert done == (max(own, jobs.GIVES_WAY), present.Work("b" * 32))
        with pytest.raises(ZeroDivisionError):
            hands(lambda: 1 / 0, *in_hand(8, 3))
    assert niceness() == own
    assert (hands.worker, hands.let_go(0)) == (3, [7, 8])


def run(working: App, *, wait: bool) -> None:
    """Works in the two lanes; with ``wait`` until it is told to stop."""
    lane: dict[str, Any] = {
        "concurrency": 2, "wait": wait, "install_signal_handlers": False, "listen_notify": False,
    }  # fmt: skip
    asyncio.run(
        work(working, lane | {"queues": ["notices"]}, lane | {"queues": list(jobs.CAN_WAIT)})
    )


def test_a_notice_goes_out_while_all_that_can_wait_is_busy() -> None:
    """Four long tables must not hold an emergency up."""
    working, told = App(connector=InMemoryConnector()), threading.Event()

    @working.task(queue=jobs.ONCE[0])
    def write_table() -> None:
        assert told.wait(20)

    @working.task(queue="notices")
    def tell_people() -> None:
        told.set()

    with working.open():
        for _each in range(4):
            write_table.defer()
        tell_people.defer()
    run(working, wait=False)
    assert told.is_set()


def test_who_is_told_to_stop_finishes_what_either_lane_is_doing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The lane that has nothing to do ends at once, and must not take the other along."""
    stopping: list[Callable[[], None]] = []

    @contextmanager
    def on_stop(stop: Callable[[], None]) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        stopping.append(partial(loop.call_soon_threadsafe, stop))
        yield

    monkeypatch.setattr(signals, "on_stop", on_stop)
    connector = InMemoryConnector()
    working = App(connector=connector)

    @working.task(queue=jobs.ONCE[0])
    def write_table() -> None:
        stopping[0]()
        sleep(0.3)  # while the other ends

    with working.open():
        number = write_table.defer()
    run(working, wait=True)
    assert connector.jobs[number]["status"] == "succeeded"


def test_a_worker_that_loses_the_database_begins_anew_until_it_is_told_to_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Refused, broken off without a word, and then there again."""
    ends: list[bool | Exception] = [ConnectorException("gone"), False, True]
    slept: list[float] = []

    async def work(*_lanes: object) -> bool:
        end = ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end

    monkeypatch.setattr(worker, "work", work)
    monkeypatch.setattr(worker, "sleep", slept.append)
    work_until_told(app)
    assert not ends
    assert slept == [FIRST_WAIT_S, 2 * FIRST_WAIT_S]


def test_another_mistake_ends_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(*_lanes: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "work", work)
    with pytest.raises(ZeroDivisionError):
        work_until_told(app)


def test_each_try_waits_longer_until_one_has_gone_well_for_a_while() -> None:
    now = [0.0]
    waits = Waits(lambda: now[0])
    told = []
    for _each in range(7):
        told.append(waits.next())
        now[0] += told[-1] + 0.1
    assert told == [0.25, 0.5, 1, 2, 4, 4, 4]
    now[0] += LONGEST_WAIT_S + 1
    assert waits.next() == FIRST_WAIT_S
