"""Erasing words, contacts and answers: row and salt go, the event log stays whole and says so."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from huying.cases.answers import CaseAnswers
from huying.cases.models import CaseContact, CaseText
from huying.cases.verbs import Act, verb
from huying.errors import BadInput


@verb("erased")
def erase(
    act: Act,
    *,
    texts: Sequence[uuid.UUID] = (),
    contacts: Sequence[uuid.UUID] = (),
    answers: Sequence[uuid.UUID] = (),
) -> None:
    """Deletes rows of words, contacts or answers, and records which.

    Without its salt, the digest that the event keeps tells nothing about what was erased.

    Raises:
        BadInput: a row is not there or is another case's.
    """
    wanted = len(set(texts)) + len(set(contacts)) + len(set(answers))
    if not wanted:
        raise BadInput(_("There is nothing to erase."), field="texts")
    gone, _by_model = CaseText.objects.filter(case=act.case, pk__in=texts).delete()
    gone_contacts, _by_model = CaseContact.objects.filter(case=act.case, pk__in=contacts).delete()
    gone_answers, _by_model = CaseAnswers.objects.filter(case=act.case, pk__in=answers).delete()
    if gone + gone_contacts + gone_answers != wanted:
        raise BadInput(_("There is nothing to erase."), field="texts")
    act.data["erased"] = sorted(str(pk) for pk in (*texts, *contacts, *answers))
