"""Versions of a form: drafted with faults, published without, and then left as they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from huying.errors import BadInput, NotAllowed, NotFound, StalePage
from huying.forms import versions
from huying.forms.models import FormVersion
from huying.people.acting import SYSTEM, Actor, ActorKind
from huying.people.models import Role

pytestmark = pytest.mark.django_db

OWNER = "item:0203"
ONE = {"questions": [{"id": "fuel", "kind": "text", "label": "油品"}]}
TWO = {"questions": [*ONE["questions"], {"id": "litres", "kind": "number", "label": "升数"}]}
BAD = {"questions": [{"id": "fuel", "kind": "text", "label": ""}]}
LIN, WU = (
    Actor(kind=ActorKind.ACCOUNT, account_id=number, role=Role.ADMINISTRATOR) for number in (7, 8)
)


def test_a_published_version_stays_and_the_next_one_gets_the_next_number() -> None:
    now = timezone.now()
    assert versions.in_force(OWNER) is None
    versions.write(OWNER, BAD, by=LIN, now=now)
    with pytest.raises(BadInput):
        versions.publish(OWNER, by=LIN, now=now)
    versions.write(OWNER, ONE, by=LIN, now=now)
    first = versions.publish(OWNER, by=LIN, now=now)
    assert (first.version, [each.id for each in first.definition.questions]) == (1, ["fuel"])
    with pytest.raises(NotFound):
        versions.publish(OWNER, by=LIN, now=now)

    versions.write(OWNER, TWO, by=WU, now=now)
    assert versions.in_force(OWNER) == first, "a draft asks nobody anything"
    assert versions.publish(OWNER, by=WU, now=now + timedelta(hours=1)).version == 2
    assert versions.all_in_force("item:")[OWNER].version == 2
    assert [(row.version, row.published_by) for row in versions.history(OWNER)] == [(2, 8), (1, 7)]
    assert FormVersion.objects.get(pk=first.id).definition == ONE
    versions.write(OWNER, TWO, by=WU, now=now)
    with pytest.raises(BadInput):
        versions.publish(OWNER, by=WU, now=now)
    versions.discard(OWNER, by=WU)
    versions.write(OWNER, versions.EMPTY, by=WU, now=now)
    versions.publish(OWNER, by=WU, now=now)
    assert versions.in_force(OWNER) is None, "a version without questions asks nothing any more"


def test_two_who_write_the_same_draft_are_told() -> None:
    now = timezone.now()
    row = versions.write(OWNER, ONE, by=LIN, now=now)
    seen = row.changed_at
    versions.write(OWNER, TWO, by=LIN, now=now + timedelta(minutes=1), seen=seen)
    with pytest.raises(StalePage):
        versions.write(OWNER, ONE, by=WU, now=now + timedelta(minutes=2), seen=seen)


def test_only_administrators_write_questions() -> None:
    now = timezone.now()
    dispatcher = Actor(kind=ActorKind.ACCOUNT, account_id=1, role=Role.DISPATCHER)
    auditor = Actor(kind=ActorKind.ACCOUNT, account_id=2, role=Role.AUDITOR)
    for by in (dispatcher, auditor):
        with pytest.raises(NotAllowed):
            versions.write(OWNER, ONE, by=by, now=now)
    assert versions.may_read(auditor)
    assert not versions.may_read(dispatcher)
    versions.write(OWNER, ONE, by=SYSTEM, now=now)
    with pytest.raises(NotAllowed):
        versions.publish(OWNER, by=auditor, now=now)
