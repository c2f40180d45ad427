"""Photos and documents: uploaded first, taken up by a report or verb, for who may see the case."""

from __future__ import annotations

import uuid
from typing import Annotated, Final

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import File, Form, Router, UploadedFile
from pydantic import BaseModel, Field

from huying.api.doors import actor_of, reads, writes
from huying.api.keyed import digest_of, do_once, key_of, respond
from huying.api.schemas import AttachmentKind, AttachmentOut, TimeIn
from huying.api.tokens import Scope
from huying.audit.sm3 import hasher
from huying.cases import documents
from huying.cases.attaching import LARGEST_BYTES, Taken, file_of, stage
from huying.cases.models import Attachment, Case
from huying.cases.reporting import may_report
from huying.errors import NotFound, TooLarge
from huying.people.acting import Actor

router = Router(tags=["attachments 照片和文件"])

VERB: Final = "upload"

Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Metres = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


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
    file: File[UploadedFile],
    taken_at: Form[TimeIn | None] = None,
    lon: Form[Longitude | None] = None,
    lat: Form[Latitude | None] = None,
    accuracy_m: Form[Metres | None] = None,
) -> HttpResponse:
    """JPEG, PNG or WebP, 15 MB at most, re-encoded without its EXIF. With `kind` document a PDF,
    20 MB at most, without a password; scripts, actions, embedded files and what it tells about
    its makers are taken out.

    When and where a photo was taken (`taken_at`, `lon`, `lat`, `accuracy_m`) the phone may say.

    The id goes into a report's or verb's `photos`; what none takes up is gone after a day.
    """
    largest = documents.LARGEST_BYTES if kind == "document" else LARGEST_BYTES
    if file.size is not None and file.size > largest:
        raise TooLarge(field="file")
    actor, now = actor_of(request), timezone.now()
    may_report(actor)
    hashed = hasher()
    for chunk in file.chunks():
        hashed.update(chunk)
    file.seek(0)

    def do() -> tuple[int, BaseModel, uuid.UUID | None]:
        if kind == "document":
            made = documents.stage(file, name=file.name or "", by=actor, now=now)
        else:
            taken = Taken(taken_at, lon, lat, accuracy_m)
            made = stage(file, kind=kind, by=actor, now=now, taken=taken)
        return 201, AttachmentOut.model_validate(made), None

    digest = digest_of(kind.encode(), hashed.digest())
    return respond(do_once(actor, VERB, key_of(request), digest, now, AttachmentOut, do))


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
