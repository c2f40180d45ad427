"""Showing the numbers that are masked in a case's words: for a purpose, like a contact."""

from __future__ import annotations

from datetime import datetime

import orjson

from huying.audit import revealing
from huying.audit.crypto import decrypt_text
from huying.audit.numbers import Found, put_back
from huying.audit.revealing import OF_CASES, Purpose, require_purpose
from huying.cases.contacts import require_need, subject_of
from huying.cases.models import Case, CaseText
from huying.cases.sealed_words import context
from huying.errors import NotFound
from huying.people.acting import Actor


def reveal_words(
    case: Case, *, by: Actor, purpose: Purpose | str, words: str = "", now: datetime
) -> list[str]:
    """The case's words that hold numbers, as they were written. Every reveal is logged first.

    Raises:
        NotFound: the case is not the actor's to see, or no number is masked in its words.
        NotAllowed: the actor's role has no need of it.
        Missing, TooMany: see `audit.revealing.reveal`.
    """
    require_need(case, by)
    require_purpose(purpose, words, OF_CASES)
    rows = list(CaseText.objects.filter(case=case, hidden_enc__isnull=False).order_by("seq", "pk"))
    if not rows:
        raise NotFound()
    return revealing.reveal(
        subject_of(case),
        opening=lambda: [_clear(row) for row in rows],
        fields=["words"],
        purpose=purpose,
        among=OF_CASES,
        words=words,
        by=by,
        now=now,
        action="reveal_words",
    )


def _clear(row: CaseText) -> str:
    assert row.hidden_enc is not None
    found = orjson.loads(decrypt_text(row.hidden_enc, context=context(row.pk)))
    return put_back(row.body, [Found(*each) for each in found])
