"""What was answered of an entry: kept with what tells of a person sealed, said in words, shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import orjson

from huying.audit import revealing
from huying.audit.crypto import decrypt_text, encrypt_text
from huying.audit.revealing import OF_RECORDS, Purpose, Subject
from huying.cases.answers import kept_apart
from huying.errors import NotAllowed, NotFound
from huying.forms.answering import Answer
from huying.forms.definition import Definition, Kind, read
from huying.forms.saying import Said, said
from huying.forms.versions import Form
from huying.people.acting import Actor
from huying.registry.sight import may_write
from huying.surveys.models import SurveyAnswers, SurveyEntry


def new_answers(
    pk: UUID,
    entry: SurveyEntry,
    form: Form,
    answers: Mapping[str, Answer],
    before: Mapping[str, Answer],
) -> SurveyAnswers:
    """An unsaved row for answers that were checked; ``before`` stays sealed where it stays."""
    plain, masks, secret = kept_apart(form.definition, answers, before)
    clear = orjson.dumps(secret).decode()
    return SurveyAnswers(
        id=pk,
        entry=entry,
        form_id=form.id,
        seq=entry.last_seq,
        body=orjson.dumps(plain).decode(),
        masked=orjson.dumps(masks).decode(),
        sealed=encrypt_text(clear, context=_context(pk)) if secret else None,
    )


def _context(pk: UUID) -> str:
    return f"survey_answers.sealed.{pk}"


def latest(entry: SurveyEntry) -> SurveyAnswers:
    """The answers that count."""
    found = entry.answers.select_related("form").order_by("seq").last()
    assert found is not None
    return found


def latest_of(entries: Iterable[SurveyEntry]) -> dict[UUID, SurveyAnswers]:
    """`latest` of many, by entry; two queries."""
    rows = SurveyAnswers.objects.filter(entry__in=[each.pk for each in entries])
    return {row.entry_id: row for row in rows.select_related("form").order_by("seq")}


def opened(row: SurveyAnswers) -> dict[str, Answer]:
    """The sealed answers in clear. For the verbs alone, and for `reveal`."""
    if row.sealed is None:
        return {}
    found: dict[str, Answer] = orjson.loads(decrypt_text(row.sealed, context=_context(row.pk)))
    return found


def staying(row: SurveyAnswers) -> dict[str, Answer]:
    """What stays where it is left empty: what nobody is shown to copy it, and photos."""
    definition = definition_of(row)
    photos = [each.id for each in definition.asks if each.kind == Kind.PHOTO]
    return opened(row) | {name: row.plain[name] for name in photos if name in row.plain}


def definition_of(row: SurveyAnswers) -> Definition:
    return read(row.form.definition)


def said_of(row: SurveyAnswers) -> list[Said]:
    """The answers in words, masked where they tell of a person."""
    return said(definition_of(row), row.shown)


def may_reveal(entry: SurveyEntry, by: Actor) -> bool:
    """Those who keep the entry."""
    return may_write(by, entry.area_code)


def reveal(
    entry: SurveyEntry, *, by: Actor, purpose: Purpose | str, words: str = "", now: datetime
) -> list[Said]:
    """The masked answers in clear, for a purpose. Every look is recorded first.

    Raises:
        NotFound: the entry is not the actor's to see, or nothing of it is masked.
        NotAllowed: the actor has no need of it.
        Missing, TooMany: as `audit.revealing.reveal`.
    """
    if not SurveyEntry.objects.visible_to(by).filter(pk=entry.pk).exists():
        raise NotFound
    if not may_reveal(entry, by):
        raise NotAllowed
    row = latest(entry)
    if row.sealed is None:
        raise NotFound
    return revealing.reveal(
        Subject("survey_entry", entry.pk, area_code=entry.area_code),
        opening=lambda: said(definition_of(row), opened(row)),
        fields=sorted(row.sealed_names),
        purpose=purpose,
        among=OF_RECORDS,
        words=words,
        by=by,
        now=now,
        action="reveal_entry",
    )


def changed(before: SurveyAnswers | None, after: SurveyAnswers) -> list[tuple[str, str, str]]:
    """What became another answer: the question, how it was shown before, and after."""
    now = {each.id: each for each in said_of(after)}
    was: dict[str, Said] = {each.id: each for each in said_of(before)} if before else {}
    found = []
    for name in [*was, *(each for each in now if each not in was)]:
        old, new = was.get(name), now.get(name)
        each = new or old
        # Two photos instead of two others say the same in words.
        if each is not None and (old is None or old != new):
            found.append((each.label, old.words if old else "", new.words if new else ""))
    return found
