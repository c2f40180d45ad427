"""Sealed data are shown for a purpose, once that was written down, and not without end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from huying.audit.models import AccessLog, AccessWords
from huying.audit.revealing import (
    OF_RECORDS,
    Subject,
    reveal,
    tidy,
    words_of,
)
from huying.errors import Missing, TooMany
from huying.people.acting import Actor, ActorKind
from huying.people.models import Role

from .conftest import NOW

pytestmark = pytest.mark.django_db
OPENED: list[int] = []


def look(purpose: str = "visit", words: str = "", *, account: int = 17, later: float = 0) -> int:
    OPENED.clear()
    reveal(
        Subject("resident", 5, area_code="440113120213001", occasion="task-9", person=b"mark"),
        opening=lambda: OPENED.append(account),
        fields=["phone"],
        purpose=purpose,
        among=OF_RECORDS,
        words=words,
        by=Actor(ActorKind.ACCOUNT, account_id=account, post_id=3, role=Role.GRID_WORKER),
        now=NOW + timedelta(seconds=later),
    )
    return len(OPENED)


@pytest.mark.parametrize(
    ("purpose", "words", "field"),
    [
        ("", "", "purpose"),
        ("meet", "", "purpose"),
        ("complaint", " ", "words"),
        ("other", "", "words"),
    ],
)
def test_nothing_is_opened_without_a_purpose(purpose: str, words: str, field: str) -> None:
    with pytest.raises(Missing) as refused:
        look(purpose, words)
    assert refused.value.field == field
    assert OPENED == []
    assert not AccessLog.objects.exists()


def test_a_look_is_written_down_and_its_words_are_sealed_for_the_auditor() -> None:
    assert look("other", "张三的儿子问起") == 1
    entry = AccessLog.objects.get()
    assert (entry.action, entry.subject_type, entry.subject_id) == ("reveal", "resident", "5")
    assert (entry.area_code, entry.occasion, bytes(entry.person)) == (
        "440113120213001",
        "task-9",
        b"mark",
    )
    kept = AccessWords.objects.get()
    assert "张三".encode() not in bytes(kept.words_enc)
    assert words_of([entry.pk]) == {entry.pk: "张三的儿子问起"}
    assert tidy(now=NOW + timedelta(days=366)) == 0
    assert tidy(now=NOW + timedelta(days=367)) == 1
    assert AccessLog.objects.count() == 1
    assert words_of([entry.pk]) == {}


def test_one_account_looks_only_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        settings,
        "HUYING",
        settings.HUYING.model_copy(update={"reveals_per_hour": 2, "reveals_per_day": 3}),
    )
    assert look() == look(later=1) == 1
    with pytest.raises(TooMany):
        look(later=2)
    assert OPENED == []
    assert look(account=18, later=2) == 1
    assert look(later=3602) == 1  # the hour is over, and then the day is full
    with pytest.raises(TooMany) as full:
        look(later=7300)
    assert full.value.extra["hours"] == 24
    assert AccessLog.objects.filter(account_id=17).count() == 3
