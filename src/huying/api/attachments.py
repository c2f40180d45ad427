"""Photos: uploaded first, taken up by a report or verb, shown to who may see the case."""

from __future__ import annotations

import uuid
from typing import Final

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import File, Form, Router, UploadedFile
from pydantic import BaseModel

from huying.api.doors import actor_of, reads, writes
from huying.api.keyed import digest_of, do_once, key_of, respond
from huying.api.schemas import AttachmentOut, PhotoKind
from huying.api.tokens import Scope
from huying.audit.sm3 import hasher
from huying.cases.attaching import LARGEST_BYTES, file_of, stage
from huying.cases.models import Attachment, Case
from huying.cases.reporting import may_report
from huying.errors import NotFound, TooLarge
from huying.people.acting import Actor

router = Router(tags=["attachments 照片"])

VERB: Final = "upload"


@router.post(
    "",
    response={201: AttachmentOut},
    auth=writes(Scope.ATTACH),
    summary="上传照片 Upload a photo",
    operation_id="upload",
)
def upload(request: HttpRequest, kind: Form[PhotoKind], file: File[UploadedFile]) -> HttpResponse:
    """JPEG, PNG or WebP, 15 MB at most. Re-encoded without its EXIF.

    The id goes into a report's or verb's `photos`; a photo that none takes up is gone after a day.
    """
    if file.size is not None and file.size > LARGEST_BYTES:
        raise TooLarge(field="file")
    actor, now = actor_of(request), timezone.now()
    may_report(actor)
    hashed = hasher()
    for chunk in file.chunks():
        hashed.update(chunk)
    file.seek(0)

    def do() -> tuple[int, BaseModel, uuid.UUID | None]:
        made = stage(file, kind=kind, by=actor, now=now)
        return 201, AttachmentOut.model_validate(made), None

    digest = digest_of(kind.encode(), hashed.digest())
    return respond(do_once(actor, VERB, key_of(request), digest, now, AttachmentOut, do))


@router.get(
    "/{attachment_id}",
    response={200: None},
    auth=reads(Scope.READ),
    summary="照片 A photo",
    operation_id="get_attachment",
)
def get_attachment(request: HttpRequest, attachment_id: str) -> HttpResponseBase:
    """JPEG, at most 2048 pixels wide or high."""
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
    try:
        file = file_of(found.pk, thumb=thumb).open("rb")
    except FileNotFoundError as error:
        raise NotFound() from error
    response = FileResponse(file, content_type="image/jpeg")
    # Who may see it can change, and so can who sits at this computer.
    response["Cache-Control"] = "private, no-store"
    return response
