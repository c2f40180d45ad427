"""Who has looked at protected data. One row each; never what was seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from huying.audit.models import AccessLog
from huying.audit.sm3 import sm3


class Doer(Protocol):
    """Who looks: what `people.acting.Actor` says of itself."""

    @property
    def kind(self) -> str: ...
    @property
    def account_id(self) -> int | None: ...
    @property
    def post_id(self) -> int | None: ...
    @property
    def role(self) -> str | None: ...


def record(
    *,
    action: str,
    subject_type: str,
    subject_id: UUID | int | str,
    now: datetime,
    by: Doer,
    purpose: str = "",
    purpose_text: str = "",
    fields: Iterable[str] = (),
    area_code: str = "",
    occasion: str = "",
    person: bytes = b"",
) -> AccessLog:
    """Write that ``fields`` of a subject are being shown, in the caller's transaction.

    Record first and show afterwards: what could not be recorded is not shown. ``purpose`` is a
    code; of ``purpose_text``, which may name people, only the SM3 digest is kept. ``area_code`` is
    where the subject belongs, ``occasion`` the case or task that gave the reason to look, and
    ``person`` a mark by which the same person is known again without being named.
    """
    return AccessLog.objects.create(
        at=now,
        account_id=by.account_id,
        post_id=by.post_id,
        role=str(by.role or by.kind),
        action=action,
        subject_type=subject_type,
        subject_id=str(subject_id),
        purpose=purpose,
        purpose_digest=sm3(purpose_text.encode()) if purpose_text else b"",
        fields=sorted(fields),
        area_code=area_code,
        occasion=occasion,
        person=person,
    )
