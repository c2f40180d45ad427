"""A line in the log of what is done together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from huying.audit.chain import plain
from huying.joint.models import JointStep
from huying.people.acting import Actor


def note(row: Any, verb: str, *, by: Actor, now: datetime, **data: Any) -> None:
    """Adds a line to the log. Inside the step's transaction; ``data`` holds no words."""
    JointStep.objects.create(
        district_code=row.district_code,
        area_code=row.area_code,
        subject=row._meta.db_table,
        subject_id=row.pk,
        verb=verb,
        at=now,
        actor_kind=str(by.kind),
        actor_id=by.actor_id,
        post_id=by.post_id,
        data=plain(data),
    )
