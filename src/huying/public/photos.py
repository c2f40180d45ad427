"""Photos of people without an account: late onto the disk, and none left that nothing took up."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from huying.cases.attaching import MOST_AT_ONCE, let_go, stage
from huying.cases.models import Attachment
from huying.errors import TooMany
from huying.people.acting import RESIDENT, Actor
from huying.public import guarding


class Photos:
    """The photos that came with one form."""

    def __init__(self, request: HttpRequest, by: Actor) -> None:
        self._request, self._by = request, by
        self._made: list[uuid.UUID] = []

    def stage(
        self, name: str, kind: Attachment.Kind | str, *, room: int = MOST_AT_ONCE
    ) -> list[uuid.UUID]:
        """Those of a field, without their EXIF; the first ``room`` of them.

        Raises:
            TooMany: more than nine.
            BadInput: one is no picture.
        """
        uploads = self._request.FILES.getlist(name)
        if len(uploads) > MOST_AT_ONCE:
            raise TooMany(_("Nine photos at once at most."))
        made: list[uuid.UUID] = []
        for upload in uploads[: max(0, room)]:
            if upload.file is not None:
                found = stage(upload.file, kind=kind, by=self._by, now=timezone.now())
                self._made.append(found.pk)
                made.append(found.pk)
        return made

    def keep(self, wanted: Sequence[uuid.UUID]) -> bool:
        """Leaves these for the next sending of a form that was refused; False if they may not be.

        Nobody's work stands behind them, so that there is an end to what one address may leave.
        """
        fresh = [each for each in self._made if each in wanted]
        try:
            if fresh:
                guarding.count_kept(self._request, len(fresh))
        except TooMany:
            return False
        self._made = [each for each in self._made if each not in fresh]
        return True

    def let_go(self) -> None:
        """Deletes those that nothing took up and that are not kept."""
        if self._made:
            let_go(self._made, by=self._by)


@contextmanager
def sent(request: HttpRequest, by: Actor = RESIDENT) -> Iterator[Photos]:
    """The photos of a form; what was not taken up or kept by the end of it is gone again."""
    photos = Photos(request, by)
    try:
        yield photos
    finally:
        photos.let_go()
