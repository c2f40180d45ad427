"""A suggestion is taken back: words, phone and photos go; that something was suggested stays."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as now_
from django.utils.translation import override

from huying.cases.attaching import files_of
from huying.cases.models import Attachment
from huying.errors import NotAllowed, NotFound
from huying.neighbours.models import Suggestion
from huying.neighbours.models.suggestions import SuggestionState
from huying.neighbours.noting import note
from huying.neighbours.sight import may_keep
from huying.people.acting import Actor, ActorKind


@transaction.atomic
def forget(pk: uuid.UUID, *, by: Actor, now: datetime) -> Suggestion:
    """Erases what tells of who suggested it, for whoever has its code, or the desk for them.

    What became of it goes on. Doing it again changes nothing.

    Raises:
        NotFound, NotAllowed: it is not the actor's to see, or to keep.
    """
    resident = by.kind is ActorKind.RESIDENT
    rows = Suggestion.objects.all() if resident else Suggestion.objects.visible_to(by)
    found = rows.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not resident and not may_keep(by, found.area_code):
        raise NotAllowed
    if not found.words:
        return found
    found.words = found.spot = found.phone_masked = ""
    found.phone_enc = found.phone_index = None
    found.said_digest = b""
    if found.state == SuggestionState.NEW:
        found.state, found.decided_at = SuggestionState.ANSWERED, now
        with override("zh-hans"):
            found.answer = now_("Taken back by who suggested it.")
    found.version += 1
    found.save()
    theirs = Attachment.objects.filter(of_neighbours__suggestion=found)
    if found.account_id is None:
        theirs = theirs.filter(uploader_kind=str(ActorKind.RESIDENT))
    files = [path for one, kind in theirs.values_list("pk", "kind") for path in files_of(one, kind)]
    theirs.delete()
    note(found, "forget", by=by, now=now)
    transaction.on_commit(lambda: _unlink(files))
    return found


def _unlink(files: Sequence[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)
