"""Files of what is erased: they go with the commit, and none stays behind for ever.

Whoever erases may be killed between the commit and the removal, and no row names the file then. So
a job goes with the transaction, too, which looks again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import transaction
from procrastinate.contrib.django import app

from huying.cases.attaching import file_of, files_of
from huying.cases.models import Attachment
from huying.jobs import LATER


def remove_with_commit(erased: Iterable[tuple[uuid.UUID, str]]) -> None:
    """Removes the files of attachments whose rows the transaction deletes, by id and kind."""
    gone = list(erased)
    if not gone:
        return
    files = [path for pk, kind in gone for path in files_of(pk, kind)]

    def remove() -> None:
        for path in files:
            path.unlink(missing_ok=True)

    remove_files.defer(attachments=[str(pk) for pk, _kind in gone])
    transaction.on_commit(remove)


@app.task(name="remove_files", queue=LATER)
def remove_files(attachments: list[str]) -> int:
    """Removes what is left of attachments that were erased; how many files. Never one whose row is
    there."""
    ids = [uuid.UUID(each) for each in attachments]
    known = set(Attachment.objects.filter(pk__in=ids).values_list("pk", flat=True))
    count = 0
    for pk in ids:
        if pk in known:
            continue
        photo = file_of(pk)
        for path in (photo, file_of(pk, thumb=True), photo.with_suffix(".pdf")):
            if path.exists():
                path.unlink(missing_ok=True)
                count += 1
    return count
