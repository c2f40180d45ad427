"""The access log: who saw what and why, and nothing of what was seen."""

from __future__ import annotations

import uuid

from huying.audit import access
from huying.audit.models import AccessLog
from huying.audit.sm3 import sm3
from huying.people.acting import Actor, ActorKind
from huying.people.models import Role

from .conftest import NOW


def test_a_reveal_is_recorded_without_what_was_revealed(db):
    case = uuid.uuid4()
    access.record(
        action="reveal_contact",
        subject_type="case",
        subject_id=case,
        now=NOW,
        by=Actor(ActorKind.ACCOUNT, account_id=17, post_id=3, role=Role.DISPATCHER),
        purpose="ask_details",
        purpose_text="问张三门牌",
        fields=("phone", "name"),
    )
    row = AccessLog.objects.get()
    assert (row.subject_id, row.account_id, row.at) == (str(case), 17, NOW)
    assert (row.post_id, row.role) == (3, "dispatcher")
    assert row.fields == ["name", "phone"]
    assert bytes(row.purpose_digest) == sm3("问张三门牌".encode())
    assert "张三" not in str(row.__dict__)
