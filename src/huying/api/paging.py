"""Pages by cursor: each begins after the last row of the one before, whatever came in meanwhile."""

from __future__ import annotations

import base64
import binascii
import struct
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.cases.models import Case
from huying.cases.reading import CaseQuerySet
from huying.errors import BadInput

_FORM: Final = struct.Struct(">?q16s")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place between two rows in the order of (received_at, id)."""

    oldest_first: bool
    received_at: datetime
    case_id: uuid.UUID

    def __str__(self) -> str:
        micros = (self.received_at - _EPOCH) // timedelta(microseconds=1)
        packed = _FORM.pack(self.oldest_first, micros, self.case_id.bytes)
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor that was given out before.

        Raises:
            BadInput: this one never was.
        """
        try:
            packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            oldest_first, micros, case_id = _FORM.unpack(packed)
            received_at = _EPOCH + timedelta(microseconds=micros)
        except (ValueError, binascii.Error, struct.error, OverflowError) as error:
            raise BadInput(_("This cursor is not one of ours."), field="cursor") from error
        return cls(oldest_first, received_at, uuid.UUID(bytes=case_id))


def page(
    cases: CaseQuerySet, *, cursor: str | None, oldest_first: bool, limit: int
) -> tuple[list[Case], str | None]:
    """One page, and the cursor of the next; None when this is the last.

    The cursor carries its own direction. ``received_at`` and the id never change, so a case that
    was there when the first page was read comes exactly once.

    Raises:
        BadInput: the cursor is not one of ours.
    """
    if cursor:
        after = Cursor.read(cursor)
        oldest_first = after.oldest_first
        side = "gt" if oldest_first else "lt"
        # The first condition alone is what the index serves; the second splits a tie.
        cases = cases.filter(**{f"received_at__{side}e": after.received_at}).filter(
            Q(**{f"received_at__{side}": after.received_at}) | Q(**{f"id__{side}": after.case_id})
        )
    order = ("received_at", "id") if oldest_first else ("-received_at", "-id")
    rows = list(cases.order_by(*order)[: limit + 1])
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], str(Cursor(oldest_first, last.received_at, last.pk))
