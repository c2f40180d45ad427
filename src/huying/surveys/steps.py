"""Taking hold of an entry, and writing into its log what was done."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from huying.errors import NotFound, StalePage
from huying.people.acting import Actor
from huying.surveys.models import SurveyEntry, SurveyStep, SurveyText


def locked(pk: UUID, by: Actor, version: int | None = None) -> SurveyEntry:
    """A living entry, held until the transaction ends.

    Raises:
        NotFound: it is not there, has ended, or is out of sight.
        StalePage: it was changed since that version.
    """
    rows = SurveyEntry.objects.visible_to(by).living().select_for_update(of=("self",))
    found: SurveyEntry | None = rows.select_related("survey", "target").filter(pk=pk).first()
    if found is None:
        raise NotFound
    if version is not None and version != found.version:
        raise StalePage(_("Somebody else has changed this entry meanwhile."))
    return found


def note(entry: SurveyEntry, verb: str, *, by: Actor, now: datetime, words: str = "") -> None:
    """Adds a step to the log of an entry whose ``last_seq`` counts it already."""
    SurveyStep.objects.create(
        entry=entry,
        seq=entry.last_seq,
        verb=verb,
        at=now,
        by_account=by.account_id,
        post_id=by.post_id,
    )
    if words:
        SurveyText.objects.create(entry=entry, seq=entry.last_seq, body=words)
