"""Documents: PDF files that go with a case, cleaned before they are kept (`pdf`).

They are staged and taken up as photos are, and never shown by the server: a browser gets them as
a file to save.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from django.http import FileResponse
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.audit.sm3 import sm3
from huying.cases import attaching
from huying.cases.models import Attachment
from huying.cases.pdf import Refusal
from huying.computing import aside
from huying.errors import BadInput, Missing, TooLarge, TooMany, Words
from huying.people.acting import Actor

LARGEST_BYTES: Final = 20 * 1024 * 1024
LONGEST_NAME: Final = 100
WAIT_SECONDS: Final = 60
MEDIA_TYPE: Final = "application/pdf"

# Each takes memory and a processor; more at once would not be ready sooner.
_AT_ONCE: Final = threading.BoundedSemaphore(2)

PATIENCE_SECONDS: Final = 20.0
"""How long a document waits for those before it; a thread should not wait for ever."""

_WHY: Final[dict[int, Words]] = {
    Refusal.NO_PDF: _("This is not a PDF file."),
    Refusal.ENCRYPTED: _("This PDF is protected with a password. Please save it without one."),
    Refusal.BROKEN: _("This PDF is damaged. Please save or print it to PDF anew."),
    Refusal.TOO_LONG: _("This PDF is too long: a document may have 1,000 pages at most."),
}


@contextmanager
def _in_turn() -> Iterator[None]:
    """While no more than a few are cleaned. Raises `TooMany` where that takes too long."""
    if not _AT_ONCE.acquire(timeout=PATIENCE_SECONDS):
        words = _("Too many documents are being read just now; please send it again.")
        raise TooMany(words, retry_after=round(PATIENCE_SECONDS))
    try:
        yield
    finally:
        _AT_ONCE.release()


def file_of(attachment_id: UUID) -> Path:
    """Where a document's file lies, beside the photos."""
    return attaching.files_of(attachment_id, Attachment.Kind.DOCUMENT)[0]


def stage(upload: IO[bytes], *, name: str, by: Actor, now: datetime) -> Attachment:
    """Reads an upload, cleans it, and keeps it for a verb to take up.

    Raises:
        TooLarge: over 20 MB.
        BadInput: no PDF, an encrypted or a damaged one, or one of too many pages.
    """
    upload.seek(0)
    raw = upload.read(LARGEST_BYTES + 1)
    if len(raw) > LARGEST_BYTES:
        raise TooLarge(_("A document may have 20 MB at most."), field="file")
    if not raw:
        raise Missing(_("Please add a document."), field="file")
    body = clean(raw)
    attachment = Attachment(
        id=new_id(),
        district_code=by.area_code[:6],
        kind=Attachment.Kind.DOCUMENT,
        name=plain_name(name),
        size=len(body),
        digest=sm3(body),
        uploaded_at=now,
        uploader_kind=str(by.kind),
        uploader_id=by.actor_id,
    )
    # The file first: a row without its file would be a document that nobody can open.
    with attaching.none_left(attachment.pk, attachment.kind):
        attaching.write({file_of(attachment.pk): body})
        attachment.save(force_insert=True)
    return attachment


@aside
def clean(raw: bytes) -> bytes:
    """The PDF without what could act or tell, made by a process of its own.

    Raises:
        BadInput: it can't be taken; the sentence says why.
        TooMany: too many others are being cleaned.
    """
    if not raw.startswith(b"%PDF-"):
        raise BadInput(_WHY[Refusal.NO_PDF], field="file")
    with _in_turn(), tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as made:
        given.write(raw)
        given.seek(0)
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "huying.cases.pdf"],
                stdin=given, stdout=made, stderr=subprocess.DEVNULL, timeout=WAIT_SECONDS,
                # It needs no secret of the server's, and gets none.
                env={"PATH": os.environ.get("PATH", "")},
            )  # fmt: skip
            code = done.returncode
        except subprocess.TimeoutExpired:
            code = int(Refusal.BROKEN)
        if code:
            raise BadInput(_WHY.get(code, _WHY[Refusal.BROKEN]), field="file")
        made.seek(0)
        return made.read()


def plain_name(name: str) -> str:
    """A file's name as it may be shown and saved: no path, no control or direction characters."""
    last = re.split(r"[\\/]", name)[-1]
    kept = "".join(
        c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C"
    )
    stem = re.sub(r"\.pdf$", "", kept.strip(), flags=re.IGNORECASE).strip(" .")
    return f"{stem[: LONGEST_NAME - 4] or 'document'}.pdf"


def download(document: Attachment) -> FileResponse:
    """The file as something to save: never shown, never run, in this site's name.

    Raises:
        FileNotFoundError: it is not there.
    """
    response = FileResponse(
        file_of(document.pk).open("rb"),
        as_attachment=True,
        filename=document.name,
        content_type=MEDIA_TYPE,
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def apart(attachments: Iterable[Attachment]) -> tuple[list[Attachment], list[Attachment]]:
    """Photos and documents, each in their order."""
    both = list(attachments)
    return (
        [one for one in both if one.kind != Attachment.Kind.DOCUMENT],
        [one for one in both if one.kind == Attachment.Kind.DOCUMENT],
    )
