"""A database whose recovery was killed stands still for good: it is noticed and started again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest

from huying import embedded
from huying.durable import Keeper, server_of
from huying.processes import children, command
from huying.standstill import LOOKS_EVERY_S, STILL_S, Standstill

T = TypeVar("T")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    with embedded.hold(tmp_path):
        yield tmp_path


def _until(what: Callable[[], T], seconds: float = 60.0) -> T:
    ends = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < ends
        time.sleep(0.01)
    return found


def _part(server: int, name: str) -> list[int]:
    return [each for each in children(server) if name in command(each)]


def _answers(home: Path) -> bool:
    url = embedded.Layout(home).url(embedded.SUPERUSER, "postgres")
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_server_whose_recovery_was_killed_comes_back(home: Path) -> None:
    server = server_of(embedded.Layout(home))
    assert server is not None
    killed = False
    while not killed:  # a recovery may be through before it can be killed
        os.kill(_until(lambda: _part(server, "logical replication launcher"))[0], signal.SIGKILL)
        (recovery, *_others) = _until(lambda: _part(server, "startup"))
        with suppress(ProcessLookupError):
            os.kill(recovery, signal.SIGKILL)
            killed = True
    keeper = Keeper(home, Standstill(still_s=0.5))
    _until(lambda: keeper() or _answers(home))
    _until(lambda: _answers(home))


def test_one_that_works_is_left_alone(home: Path) -> None:
    server = server_of(embedded.Layout(home))
    assert server is not None
    keeper = Keeper(home, Standstill(still_s=0.0))
    _until(lambda: _part(server, "walwriter"))
    assert not any(keeper() for _each in range(20))
    assert _answers(home)
    assert server_of(embedded.Layout(home)) == server


def test_it_must_have_stood_still_for_a_while_and_another_server_begins_anew() -> None:
    now = 0.0
    one = Standstill(clock=lambda: now)
    nobody, somebody = 2**22 + 1, 2**22 + 2  # no process has such a number
    assert not one.lasts(nobody)
    now = STILL_S
    assert not one.lasts(nobody)
    now += LOOKS_EVERY_S
    assert one.lasts(nobody)
    assert not one.lasts(somebody)
