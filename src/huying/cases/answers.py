"""Answers to the questions of a case's item: kept beside the case, said in words, and masked.

What tells of a person is kept encrypted, shown masked, and shown in clear only for a purpose and
after that was recorded. A row says which version of the form was answered; it is never changed:
answers given later are a row of their own, and the latest counts. The event holds digests only.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import orjson
from django.db import models
from django.utils.translation import gettext as _

from huying.audit import revealing
from huying.audit.chain import SALT_SIZE, answers_digest
from huying.audit.crypto import decrypt_text, encrypt_text
from huying.audit.identifiers import new_id
from huying.audit.numbers import hide
from huying.audit.revealing import OF_CASES, Purpose, require_purpose
from huying.cases.contacts import require_need, subject_of
from huying.cases.models import Case
from huying.errors import NotFound
from huying.forms.answering import Answer, Trouble, WrongAnswers, check
from huying.forms.definition import Definition, Kind, read
from huying.forms.models import FormVersion
from huying.forms.saying import Said, apart, masked, said
from huying.forms.versions import Form, in_force
from huying.people.acting import Actor


class CaseAnswers(models.Model):
    """What was answered to one version of an item's questions. Erasable, as words are."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="answers")
    district_code = models.CharField(max_length=6)
    form = models.ForeignKey(FormVersion, models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField(help_text="of the event it came with")
    body = models.TextField(help_text="answers that tell of no person, as JSON by question")
    masked = models.TextField(help_text="the other answers as they may be shown, as JSON")
    sealed = models.BinaryField(null=True, help_text="the other answers, encrypted")
    salt = models.BinaryField(max_length=16)
    digest = models.BinaryField(max_length=32)
    resealed = models.BinaryField(
        null=True, help_text="the proof that the digest's content was sealed anew and is the same"
    )

    class Meta:
        db_table = "case_answers"
        ordering = ["case_id", "seq", "id"]
        constraints = [
            models.UniqueConstraint(name="case_answers_once", fields=["case", "seq"]),
        ]

    @property
    def shown(self) -> dict[str, Any]:
        """The answers as whoever sees the case may see them."""
        known: dict[str, Any] = orjson.loads(self.body) | orjson.loads(self.masked)
        return known

    @property
    def sealed_names(self) -> tuple[str, ...]:
        """Which questions have answers that are kept encrypted."""
        return tuple(orjson.loads(self.masked))

    @property
    def hidden(self) -> bool:
        """Whether some of it is masked."""
        return self.sealed is not None


def new_answers(
    case_id: uuid.UUID,
    district_code: str,
    form: Form,
    answers: Mapping[str, Answer],
    *,
    seq: int,
    sealed_before: Mapping[str, Answer] | None = None,
) -> CaseAnswers:
    """An unsaved row for answers that were checked against the form.

    ``sealed_before`` stays sealed where it stays the answer, also where the form asks in the open.
    """
    plain, masks, secret = kept_apart(form.definition, answers, sealed_before)
    pk, salt = new_id(), os.urandom(SALT_SIZE)
    body = orjson.dumps(plain).decode()
    mask = orjson.dumps(masks).decode()
    sealed = (
        encrypt_text(orjson.dumps(secret).decode(), context=f"case_answers.sealed.{pk}")
        if secret
        else None
    )
    return CaseAnswers(
        id=pk,
        case_id=case_id,
        district_code=district_code,
        form_id=form.id,
        seq=seq,
        body=body,
        masked=mask,
        sealed=sealed,
        salt=salt,
        digest=answers_digest(salt, str(form.id).encode(), body.encode(), mask.encode(), sealed),
    )


def kept_apart(
    definition: Definition,
    answers: Mapping[str, Answer],
    sealed_before: Mapping[str, Answer] | None = None,
) -> tuple[dict[str, Answer], dict[str, str], dict[str, str]]:
    """The answers that may be read, and those that are sealed: as they are shown, and in clear.

    Words with the number of a phone or of an identity card in them are sealed too.
    """
    plain, secret = apart(definition, answers)
    known = definition.by_id
    typed = {
        name: hide(words)
        for name, words in plain.items()
        if isinstance(words, str) and hide(words).found
    }
    before = sealed_before or {}
    stays = [name for name in plain if name in before and str(plain[name]) == str(before[name])]
    secret |= {name: str(plain.pop(name)) for name in {*typed, *stays}}
    masks = {
        name: typed[name].words if name in typed else masked(known[name], text)
        for name, text in secret.items()
    }
    return plain, masks, secret


def owner_of(item_code: str) -> str:
    """Under which name an item's questions are kept."""
    return f"item:{item_code}"


def asks_of(case: Case) -> Form | None:
    """What the case's item asks now; None where it is not decided, or asks nothing."""
    return in_force(owner_of(case.item_code)) if case.item_code else None


def answered(
    form: Form, given: Mapping[str, Any], kept: Mapping[str, Answer] | None = None
) -> tuple[dict[str, Answer], tuple[uuid.UUID, ...]]:
    """The answers as they are kept, and the photos among them.

    ``kept`` are answers from before that stay where they are asked for and nothing is given.

    Raises:
        WrongAnswers: one will not do, is missing, or belongs to no question.
    """
    found = check(form.definition, given, kept)
    if troubles := dict.fromkeys(found.unknown, Trouble("no_question")) | found.troubles:
        raise WrongAnswers(troubles)
    known = form.definition.by_id
    shots = [
        uuid.UUID(each)
        for name, ids in found.answers.items()
        if known[name].kind == Kind.PHOTO
        for each in cast("list[str]", ids)
    ]
    return found.answers, tuple(dict.fromkeys(shots))


def softened(definition: Definition, kept: Collection[str]) -> Definition:
    """The form for who answers it anew: what is kept anyhow need not be typed again."""
    if not kept:
        return definition
    return Definition(
        tuple(
            replace(
                each, required=False, kept=True, help=_("Answered before; left empty it stays.")
            )
            if each.id in kept
            else each
            for each in definition.questions
        )
    )


def carried(row: CaseAnswers | None) -> dict[str, Answer]:
    """Sealed answers that go on into the next row. For the verb alone: nobody is shown them."""
    if row is None or row.sealed is None:
        return {}
    found: dict[str, Answer] = orjson.loads(
        decrypt_text(row.sealed, context=f"case_answers.sealed.{row.pk}")
    )
    return found


def prefilled(row: CaseAnswers | None) -> dict[str, Any]:
    """What a form begins with when it is answered anew: all that tells of no person."""
    return {} if row is None else orjson.loads(row.body)


def unshown(row: CaseAnswers | None) -> dict[str, Answer]:
    """All answers, for who is shown none of them: a resident. What is left empty stays."""
    return prefilled(row) | carried(row)


def rows_of(case: Case) -> list[CaseAnswers]:
    """All answers of a case in their order; the last ones count."""
    return list(CaseAnswers.objects.filter(case=case).select_related("form").order_by("seq"))


def answers_of(case: Case) -> CaseAnswers | None:
    """The answers that count; None where nobody was asked."""
    return CaseAnswers.objects.filter(case=case).select_related("form").order_by("seq").last()


def said_of(row: CaseAnswers | None) -> list[Said]:
    """The answers in words, masked where they tell of a person."""
    return [] if row is None else said(read(row.form.definition), row.shown)


def said_of_many(cases: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Said]]:
    """`said_of` for many cases at once; those without answers are left out."""
    definitions: dict[int, Definition] = {}
    found: dict[uuid.UUID, list[Said]] = {}
    rows = CaseAnswers.objects.filter(case__in=list(cases)).order_by("case_id", "seq")
    latest = {row.case_id: row for row in rows}
    for row in FormVersion.objects.filter(pk__in={each.form_id for each in latest.values()}):
        definitions[row.pk] = read(row.definition)
    for case_id, answers in latest.items():
        found[case_id] = said(definitions[answers.form_id], answers.shown)
    return found


def reveal_answers(
    case: Case, *, by: Actor, purpose: Purpose | str, words: str = "", now: datetime
) -> list[Said]:
    """The masked answers in clear, for a purpose. Every reveal is logged first.

    Raises:
        NotFound: the case is not the actor's to see, or nothing of its answers is masked.
        NotAllowed: the actor's role has no need of it.
        Missing: no purpose from the list was given, or not the words that it needs.
        TooMany: see `audit.revealing.reveal`.
    """
    require_need(case, by)
    require_purpose(purpose, words, OF_CASES)
    row = answers_of(case)
    if row is None or row.sealed is None:
        raise NotFound()
    return revealing.reveal(
        subject_of(case),
        opening=lambda: _clear(row),
        fields=sorted(orjson.loads(row.masked)),
        purpose=purpose,
        among=OF_CASES,
        words=words,
        by=by,
        now=now,
        action="reveal_answers",
    )


def _clear(row: CaseAnswers) -> list[Said]:
    assert row.sealed is not None
    clear = orjson.loads(decrypt_text(row.sealed, context=f"case_answers.sealed.{row.pk}"))
    return said(read(row.form.definition), clear)
