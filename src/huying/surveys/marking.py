"""Marks of the names and numbers in sealed answers, by which a person's request finds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from huying.audit.crypto import blind_index, encrypt_text
from huying.audit.numbers import plain
from huying.surveys.answers import opened
from huying.surveys.models import SurveyAnswers, SurveyMark

LONGEST: Final = 40
"""A name or number is no longer; longer answers are words, of which the numbers are marked."""


def values_of(secret: Mapping[str, Any]) -> list[str]:
    """What sealed answers are found by: a short one as it is, and the numbers in each. Pure."""
    values: dict[str, None] = {}
    for answer in secret.values():
        text = str(answer).strip()
        values |= dict.fromkeys([text] if 0 < len(text) <= LONGEST else [])
        values |= dict.fromkeys(plain(text))
    return list(values)


def mark(rows: Iterable[SurveyAnswers]) -> int:
    """Marks these answers; how many marks. They must be stored already, and have none yet."""
    made = []
    for row in rows:
        for value in values_of(opened(row)):
            each = SurveyMark(answers=row, value_index=blind_index(value))
            each.value_enc = encrypt_text(value, context=f"survey_mark.value_enc.{each.pk}")
            made.append(each)
    SurveyMark.objects.bulk_create(made, batch_size=1000)
    return len(made)
