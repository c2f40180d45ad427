"""Erasing words, contacts, answers and photos: row and salt go, the log stays whole and says so."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.cases.answers import CaseAnswers
from huying.cases.attaching import files_of
from huying.cases.models import Attachment, CaseContact, CaseText
from huying.cases.verbs import Act, verb
from huying.errors import BadInput


@verb("erased")
def erase(
    act: Act,
    *,
    texts: Sequence[uuid.UUID] = (),
    contacts: Sequence[uuid.UUID] = (),
    answers: Sequence[uuid.UUID] = (),
    photos: Sequence[uuid.UUID] = (),
) -> None:
    """Deletes rows of words, contacts, answers or photos with their files, and records which.

    Without its salt, the digest that the event keeps tells nothing about what was erased.

    Raises:
        BadInput: a row is not there or is another case's.
    """
    wanted = len(set(texts)) + len(set(contacts)) + len(set(answers)) + len(set(photos))
    if not wanted:
        raise BadInput(_("There is nothing to erase."), field="texts")
    gone, _by_model = CaseText.objects.filter(case=act.case, pk__in=texts).delete()
    gone_contacts, _by_model = CaseContact.objects.filter(case=act.case, pk__in=contacts).delete()
    gone_answers, _by_model = CaseAnswers.objects.filter(case=act.case, pk__in=answers).delete()
    shots = Attachment.objects.filter(case=act.case, pk__in=photos)
    files = [path for pk, kind in shots.values_list("pk", "kind") for path in files_of(pk, kind)]
    gone_photos, _by_model = shots.delete()
    if gone + gone_contacts + gone_answers + gone_photos != wanted:
        raise BadInput(_("There is nothing to erase."), field="texts")
    act.data["erased"] = sorted(str(pk) for pk in (*texts, *contacts, *answers, *photos))
    # A file that is left lying names nothing and is nobody's; one that is missing has a row.
    transaction.on_commit(lambda: _unlink(files))


def _unlink(files: Sequence[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)
