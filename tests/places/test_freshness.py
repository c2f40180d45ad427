"""Each process's copy: looked at once a second, loaded when a version was raised."""

import threading

import pytest

from huying.places import freshness
from huying.places.freshness import Fresh, raise_versions, versions

pytestmark = pytest.mark.django_db


class Clock:
    def __init__(self):
        self.time = 100.0

    def __call__(self):
        return self.time


class Source:
    """Counts its loadings."""

    def __init__(self):
        self.loads = 0

    def __call__(self, using):
        self.loads += 1
        return self.loads


@pytest.fixture
def other_process(monkeypatch):
    """Raises versions as another process would: without a note in this one."""

    def raise_there():
        monkeypatch.setattr(freshness, "_note_own_change", lambda: None)
        raise_versions(["440113"])

    return raise_there


def test_a_change_elsewhere_is_seen_within_a_second(other_process):
    clock, source = Clock(), Source()
    fresh = Fresh(source, clock=clock)
    assert fresh.get() == 1
    other_process()
    clock.time += 0.9
    assert fresh.get() == 1
    clock.time += 0.2
    assert fresh.get() == 2


def test_without_a_change_nothing_is_loaded_and_little_is_asked(django_assert_num_queries):
    clock, source = Clock(), Source()
    fresh = Fresh(source, clock=clock)
    fresh.get()
    with django_assert_num_queries(0):
        for _ in range(100):
            fresh.get()
    clock.time += 5
    with django_assert_num_queries(1):
        for _ in range(100):
            fresh.get()
    assert source.loads == 1


def test_a_change_of_ones_own_is_seen_at_once():
    source = Source()
    fresh = Fresh(source, clock=Clock())
    fresh.get()
    raise_versions(["440113"])
    assert fresh.get() == 2


def test_refresh_does_not_wait(other_process):
    source = Source()
    fresh = Fresh(source, clock=Clock())
    fresh.get()
    other_process()
    assert fresh.refresh() == 2


def test_a_version_is_not_used_twice():
    from django.db import transaction

    with transaction.atomic():
        raise_versions(["440113"])
        seen = versions()
        transaction.set_rollback(True)
    raise_versions(["440113"])
    assert versions() != seen


def test_who_comes_while_another_loads_takes_what_was_there(other_process):
    clock = Clock()
    loading, go_on = threading.Event(), threading.Event()
    loads = []

    def slow(using):
        loads.append(using)
        if len(loads) == 2:
            loading.set()
            assert go_on.wait(10)
        return len(loads)

    held = [(("440113", 1),)]
    fresh = Fresh(slow, clock=clock)
    original, freshness.versions = freshness.versions, lambda using="default": held[0]
    try:
        assert fresh.get() == 1
        held[0] = (("440113", 2),)
        clock.time += 2
        loader = threading.Thread(target=fresh.get)
        loader.start()
        assert loading.wait(10)
        assert fresh.get() == 1
        go_on.set()
        loader.join(10)
        assert fresh.get() == 2
    finally:
        freshness.versions = original
