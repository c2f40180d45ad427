"""New keys while the product runs: written and read meanwhile, broken off and gone on with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from huying import personal
from huying.audit import crypto, resealing
from huying.audit.crypto import DefaultProvider, KeyPurpose
from huying.audit.verifying import verify
from huying.cases.contacts import Contact, reveal
from huying.cases.finding import phone_marks, reported_from
from huying.cases.models import Case, CaseContact, CaseText
from huying.errors import WrongState
from tests.cases.town import Town

pytestmark = pytest.mark.slow

PHONE = "13926187753"


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DefaultProvider:
    """Keys of this test's own, since it takes some away."""
    made = DefaultProvider(tmp_path / "keys")
    monkeypatch.setattr(crypto, "provider", lambda: made)
    return made


def reported(town: Town) -> Case:
    return town.town_case(text=f"请回电{PHONE}", contact_name="欧阳询之", contact_phone=PHONE)


class BrokenOff(Exception):
    pass


def broken_off(rows: int) -> None:
    raise BrokenOff


def beside(stop: threading.Event, work: Callable[[], Any], failed: list[Exception]) -> Any:
    """Does this over and over in a thread of its own, with its own connection."""

    def loop() -> None:
        try:
            while not stop.is_set():
                work()
        except Exception as error:  # the test looks at it
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=loop)
    thread.start()
    return thread


def test_keys_change_while_people_report_and_read(
    keys: DefaultProvider, transactional_db: None
) -> None:
    town, held = Town(), personal.tables()
    dispatcher = town.dispatcher
    first = reported(town)
    for _ in range(6):
        reported(town)
    old = {purpose: keys.key_ids(purpose) for purpose in resealing.ROTATED}
    with pytest.raises(WrongState):
        resealing.run(KeyPurpose.DATA, held, now=timezone.now)

    def read() -> None:
        shown = reveal(first, by=dispatcher, purpose="meet", now=town.now)
        assert shown == [Contact("欧阳询之", PHONE)]
        marks = phone_marks(PHONE, by=dispatcher)
        assert first in reported_from(Case.objects.all(), marks)

    stop, failed = threading.Event(), []  # type: threading.Event, list[Exception]
    threads = [beside(stop, read, failed), beside(stop, lambda: reported(town), failed)]
    try:
        for purpose in resealing.ROTATED:
            key = resealing.begin(purpose, timezone.now())
            # Killed after its first batch; then it goes on, and makes no other key.
            with pytest.raises(BrokenOff):
                resealing.run(purpose, held, now=timezone.now, batch=2, advance=broken_off)
            assert resealing.begin(purpose, timezone.now()) == key
            done = resealing.run(purpose, held, now=timezone.now, batch=2)
            assert done.changed > 0
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=60)
    assert not failed
    for purpose in resealing.ROTATED:
        # What was being written in that moment under the older key, another pass finds.
        resealing.again(purpose, timezone.now())
        resealing.run(purpose, held, now=timezone.now)
        assert resealing.count_older(purpose, held) == {}
        with pytest.raises(WrongState, match="ten minutes"):
            resealing.remove_older(purpose, held, timezone.now())
        later = timezone.now() + timedelta(minutes=11)
        assert resealing.remove_older(purpose, held, later) == old[purpose]
        assert len(keys.key_ids(purpose)) == 1
    read()
    assert CaseContact.objects.filter(resealed__isnull=True).count() < CaseContact.objects.count()
    assert CaseText.objects.exclude(hidden_enc=None).count() == Case.objects.count()
    found = verify()
    assert found.ok, found.breaks

    # What somebody changed is not signed over: neither by the next new key, nor in the proof.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE case_contact c SET name_enc = o.name_enc FROM case_contact o"
            " WHERE c.case_id = %s AND o.id = (SELECT max(id::text)::uuid FROM case_contact)",
            [first.pk],
        )
    assert [each.kind for each in verify().breaks] == ["text"]
    resealing.begin(KeyPurpose.DATA, timezone.now())
    contact = CaseContact.objects.get(case=first)
    result = resealing.run(KeyPurpose.DATA, held, now=timezone.now)
    # The others are sealed anew, and the one is named, by table and id alone.
    assert (result.damaged, result.named) == (1, [f"case_contact {contact.pk}"])
    assert result.changed > 1
    assert resealing.count_older(KeyPurpose.DATA, held) == {"case_contact": 1}
    later = timezone.now() + timedelta(hours=1)
    with pytest.raises(WrongState, match="case_contact 1"):
        resealing.remove_older(KeyPurpose.DATA, held, later)


def test_a_key_made_during_the_count_is_no_reason_to_remove_the_one_in_use(
    keys: DefaultProvider, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    purpose = KeyPurpose.DATA
    older, in_use = keys.add_key(purpose), keys.add_key(purpose)

    def count(*_: Any) -> dict[str, int]:
        keys.add_key(purpose)
        return {}

    monkeypatch.setattr(resealing, "count_older", count)
    assert resealing.remove_older(purpose, [], timezone.now()) == [older]
    assert in_use in keys.key_ids(purpose)


def test_keys_are_made_and_removed_by_one_process_at_a_time(
    keys: DefaultProvider, db: None
) -> None:
    with pytest.raises(WrongState, match="no data key yet"):
        resealing.again(KeyPurpose.DATA, timezone.now())
    taken, stop, failed = threading.Event(), threading.Event(), []  # type: Any, Any, list[Exception]

    def hold() -> None:
        with resealing._alone():
            taken.set()
            stop.wait(30)

    thread = beside(stop, hold, failed)
    try:
        assert taken.wait(30)
        with pytest.raises(WrongState, match="another process"):
            resealing.begin(KeyPurpose.DATA, timezone.now())
        with pytest.raises(WrongState, match="another process"):
            resealing.remove_older(KeyPurpose.DATA, [], timezone.now())
        assert keys.key_ids(KeyPurpose.DATA) == []
    finally:
        stop.set()
        thread.join(timeout=30)
    assert not failed
