"""Taking out of an entry what was answered of one person; what tells of others stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
from django.db import transaction

from huying.audit.crypto import encrypt_text
from huying.forms.definition import Kind
from huying.people.acting import Actor
from huying.surveys.answers import definition_of, opened
from huying.surveys.marking import mark
from huying.surveys.models import SurveyAnswers, SurveyEntry
from huying.surveys.steps import note

WORDS: Final = (Kind.TEXT, Kind.LONG_TEXT, Kind.POSITION)
"""Kinds of answers that may tell of somebody, also where nobody marked the question so."""


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


def empty_words(entries: Sequence[UUID], gone: str) -> int:
    """Empties answers in words, and what the entries are called and where they are; how many.

    Numbers, days and choices stay, so that figures stay right.
    """
    for row in SurveyAnswers.objects.filter(entry__in=entries).select_related("form"):
        words = {each.id for each in definition_of(row).asks if each.kind in WORDS}
        left = {name: each for name, each in row.plain.items() if name not in words}
        SurveyAnswers.objects.filter(pk=row.pk).update(body=orjson.dumps(left).decode())
    rows = SurveyEntry.objects.filter(pk__in=entries)
    return rows.update(name=gone, place="", words="", lon=None, lat=None)
