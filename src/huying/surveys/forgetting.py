"""Taking out of an entry what was answered of one person; what tells of others stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import orjson
from django.db import transaction

from huying.audit.crypto import encrypt_text
from huying.people.acting import Actor
from huying.surveys.answers import opened
from huying.surveys.marking import mark
from huying.surveys.models import SurveyAnswers, SurveyEntry
from huying.surveys.steps import note


@transaction.atomic
def forget(pk: UUID, theirs: Callable[[str], bool], *, by: Actor, now: datetime) -> int:
    """Takes the answers that are the person's out of every version of the entry; how many.

    ``theirs`` says of an answer whether it is their name, their number, or words with it in them.
    """
    entry = SurveyEntry.objects.select_for_update(of=("self",)).get(pk=pk)
    gone = 0
    for row in SurveyAnswers.objects.filter(entry=entry).select_for_update(of=("self",)):
        secret = opened(row)
        left = {name: each for name, each in secret.items() if not theirs(str(each))}
        if len(left) == len(secret):
            continue
        gone += len(secret) - len(left)
        masks = orjson.loads(row.masked)
        row.masked = orjson.dumps({name: masks[name] for name in left}).decode()
        clear = orjson.dumps(left).decode()
        row.sealed = (
            encrypt_text(clear, context=f"survey_answers.sealed.{row.pk}") if left else None
        )
        row.save(update_fields=["masked", "sealed"])
        row.marks.all().delete()
        mark([row])
    if gone:
        entry.last_seq += 1
        entry.version += 1
        entry.save(update_fields=["last_seq", "version"])
        note(entry, "forget", by=by, now=now)
    return gone
