"""Photos and documents: uploaded first, taken up by a report or verb, for who may see the case."""

from __future__ import annotations

import os
import uuid
from contextlib import ExitStack
from datetime import datetime
from typing import IO, Annotated, Final, cast

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import File, Form, Query, Router, UploadedFile
from pydantic import BaseModel, Field

from huying.api.doors import actor_of, caller_of, reads, writes
from huying.api.keyed import Done, digest_of, do_once, done_before, key_of, respond
from huying.api.schemas import AttachmentKind, AttachmentOut, TimeIn
from huying.api.tokens import Scope
from huying.audit.sm3 import hasher
from huying.cases import arriving, documents
from huying.cases.attaching import LARGEST_BYTES, Taken, file_of, stage
from huying.cases.models import Attachment, Case
from huying.cases.reporting import may_report
from huying.errors import Missing, NotFound, TooLarge
from huying.people.acting import Actor

router = Router(tags=["attachments 照片和文件"])

VERB: Final = "upload"
OF_PIECES: Final = "upload_of_pieces"
"""The pieces are gone once they were taken: a request that names their size is known by itself."""

Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Metres = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


LARGEST_PIECE: Final = 1024 * 1024


class PiecesOut(BaseModel):
    """How much of an upload has arrived, and the attachment once it was made of it."""

    received: int
    attachment: AttachmentOut | None = None


@router.post(
    "",
    response={201: AttachmentOut},
    auth=writes(Scope.ATTACH),
    summary="上传照片或文件 Upload a photo or document",
    operation_id="upload",
)
def upload(
    request: HttpRequest,
    kind: Form[AttachmentKind],
    file: File[UploadedFile | None] = None,
    size: Form[Annotated[int, Field(ge=1)] | None] = None,
    taken_at: Form[TimeIn | None] = None,
    lon: Form[Longitude | None] = None,
    lat: Form[Latitude | None] = None,
    accuracy_m: Form[Metres | None] = None,
) -> HttpResponse:
    """JPEG, PNG or WebP, 15 MB at most, kept without its EXIF. With `kind` document a PDF,
    20 MB at most, without a password; scripts, actions, embedded files and what it tells about
    its makers are taken out.

    In place of `file` may stand its `size` in bytes, when it came in pieces under this key before.
    When and where a photo was taken (`taken_at`, `lon`, `lat`, `accuracy_m`) the phone may say.

    The id goes into a report's or verb's `photos`; what none takes up is gone after a day.
    """
    actor, now, key = actor_of(request), timezone.now(), key_of(request)
    may_report(actor)
    taken = Taken(taken_at, lon, lat, accuracy_m)
    if file is not None:
        return respond(_taken(file, kind, file.name or "", taken, actor, key, now))
    if size is None:
        raise Missing(field="file")
    with ExitStack() as pieces:

        def put_together() -> tuple[int, BaseModel, uuid.UUID | None]:
            sent = pieces.enter_context(arriving.whole(caller_of(actor), key, size))
            done = _taken(sent, kind, "", taken, actor, key, now)
            return done.status, done.body, None

        digest = digest_of(kind.encode(), str(size).encode())
        # The pieces go when the answer is kept, not before.
        return respond(do_once(actor, OF_PIECES, key, digest, now, AttachmentOut, put_together))


def _taken(
    sent: IO[bytes],
    kind: AttachmentKind,
    name: str,
    taken: Taken,
    actor: Actor,
    key: str,
    now: datetime,
) -> Done:
    """Keeps what was sent, once, however it came."""
    largest = documents.LARGEST_BYTES if kind == "document" else LARGEST_BYTES
    if sent.seek(0, os.SEEK_END) > largest:
        raise TooLarge(field="file")
    sent.seek(0)
    hashed = hasher()
    while chunk := sent.read(64 * 1024):
        hashed.update(chunk)
    sent.seek(0)

    def do() -> tuple[int, BaseModel, uuid.UUID | None]:
        if kind == "document":
            made = documents.stage(sent, name=name, by=actor, now=now)
        else:
            made = stage(sent, kind=kind, by=actor, now=now, taken=taken)
        return 201, AttachmentOut.model_validate(made), None

    digest = digest_of(kind.encode(), hashed.digest())
    return do_once(actor, VERB, key, digest, now, AttachmentOut, do)


@router.post(
    "/pieces",
    response={200: PiecesOut},
    auth=writes(Scope.ATTACH),
    summary="上传一段 Upload a piece",
    operation_id="upload_piece",
)
def upload_piece(request: HttpRequest, offset: Query[Annotated[int, Field(ge=0)]]) -> PiecesOut:
    """The next bytes of an upload, as the body, 1 MB at most: `offset` is how many came before.

    They stay under the key until `upload` is told the whole `size` in place of a file, or nothing
    more has come for a day. A piece that is cut off counts as far as it came.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_PIECE:
        raise TooLarge(field="offset")
    actor = actor_of(request)
    may_report(actor)
    here = arriving.append(caller_of(actor), key_of(request), offset, request)
    return PiecesOut(received=here)


@router.get(
    "/pieces",
    response={200: PiecesOut},
    auth=reads(Scope.ATTACH),
    summary="已收到多少 How much has arrived",
    operation_id="get_pieces",
)
def get_pieces(request: HttpRequest) -> PiecesOut:
    """Of the upload with this `Idempotency-Key`: where to go on after the line was cut."""
    actor = actor_of(request)
    may_report(actor)
    key = key_of(request)
    done = done_before(actor, VERB, key, AttachmentOut)
    if done is not None:
        return PiecesOut(received=0, attachment=cast(AttachmentOut, done.body))
    return PiecesOut(received=arriving.received(caller_of(actor), key))


@router.get(
    "/{attachment_id}",
    response={200: None},
    auth=reads(Scope.READ),
    summary="照片或文件 A photo or document",
    operation_id="get_attachment",
)
def get_attachment(request: HttpRequest, attachment_id: str) -> HttpResponseBase:
    """A photo: JPEG, at most 2048 pixels wide or high. A document: PDF, as a file to save."""
    return _file(actor_of(request), attachment_id, thumb=False)


@router.get(
    "/{attachment_id}/thumb",
    response={200: None},
    auth=reads(Scope.READ),
    summary="缩略图 Its thumbnail",
    operation_id="get_thumb",
)
def get_thumb(request: HttpRequest, attachment_id: str) -> HttpResponseBase:
    """JPEG, at most 320 pixels wide or high."""
    return _file(actor_of(request), attachment_id, thumb=True)


def shown_to(actor: Actor, attachment_id: str) -> Attachment:
    """The photo, if the actor may see its case; while it has none, if the actor uploaded it.

    Raises:
        NotFound: there is none, or it is not theirs to see.
    """
    try:
        found = Attachment.objects.filter(pk=uuid.UUID(attachment_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound()
    if found.case_id is None:
        theirs = (found.uploader_kind, found.uploader_id) == (str(actor.kind), actor.actor_id)
    else:
        theirs = Case.objects.visible_to(actor).filter(pk=found.case_id).exists()
    if not theirs:
        raise NotFound()
    return found


def _file(actor: Actor, attachment_id: str, *, thumb: bool) -> HttpResponseBase:
    found = shown_to(actor, attachment_id)
    if found.kind == Attachment.Kind.DOCUMENT:
        return _document(found, thumb=thumb)
    try:
        file = file_of(found.pk, thumb=thumb).open("rb")
    except FileNotFoundError as error:
        raise NotFound() from error
    response = FileResponse(file, content_type="image/jpeg")
    # Who may see it can change, and so can who sits at this computer.
    response["Cache-Control"] = "private, no-store"
    return response


def _document(found: Attachment, *, thumb: bool) -> HttpResponseBase:
    if thumb:
        raise NotFound()
    try:
        return documents.download(found)
    except FileNotFoundError as error:
        raise NotFound() from error
