"""Photos and documents: sent up one by one, and served to those who may see their case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huying.cases import documents
from huying.cases.attaching import file_of
from huying.cases.models import Attachment, Case
from huying.desk.acting import stage_upload
from huying.desk.here import at_desk, me
from huying.errors import HuyingError
from huying.places.measure import metres_between


def before_after(photos: Sequence[Attachment]) -> tuple[Attachment | None, Attachment | None]:
    """The first photo from before, and the last from after."""
    kinds = Attachment.Kind
    before = (photo for photo in photos if photo.kind == kinds.PHOTO_BEFORE)
    after = (photo for photo in reversed(photos) if photo.kind == kinds.PHOTO_AFTER)
    return next(before, None), next(after, None)


FAR_M: Final = 300
"""So far from its case, and farther than the phone's own doubt, a photo is marked."""


def away(photo: Attachment, case: Case) -> int | None:
    """Metres between where a photo was taken and its case; None where one of them is not known."""
    if photo.lon is None or photo.lat is None or case.lon is None or case.lat is None:
        return None
    return round(metres_between(photo.lon, photo.lat, case.lon, case.lat))


def is_far(photo: Attachment, case: Case) -> bool:
    """Whether somebody should ask why it was taken elsewhere."""
    metres = away(photo, case)
    return metres is not None and metres > FAR_M + (photo.accuracy_m or 0)


def taken_words(photo: Attachment, case: Case) -> str:
    """When and where it was taken, as the phone said; empty when it did not."""
    said = []
    if photo.taken_at is not None:
        moment = f"{timezone.localtime(photo.taken_at):%Y-%m-%d %H:%M}"
        said.append(_("taken %(moment)s") % {"moment": moment})
    metres = away(photo, case)
    if metres is not None:
        said.append(_("%(metres)s m from the case") % {"metres": metres})
        if photo.accuracy_m is not None:
            said.append(_("good to ±%(metres)s m") % {"metres": round(photo.accuracy_m)})
    elif photo.lon is not None:
        said.append(f"{photo.lon:.5f}, {photo.lat:.5f}")
    return " · ".join(said)


@require_POST
@at_desk
def upload(request: HttpRequest) -> HttpResponseBase:
    """Keeps one photo or document until a verb takes it up; answers with its id."""
    sent = request.FILES.get("photo")
    if sent is None:
        return JsonResponse({"detail": _("Please add a photo.")}, status=422)
    try:
        kept = stage_upload(sent, kind=request.POST.get("kind", ""), by=me(request))
    except HuyingError as error:
        return JsonResponse({"detail": str(error), "code": error.code}, status=error.status)
    return JsonResponse({"id": str(kept.pk)}, status=201)


@require_safe
@at_desk
def serve(request: HttpRequest, pk: UUID, thumb: bool = False) -> HttpResponseBase:
    """An attachment of a case that the actor may see, or one that the actor has just sent up."""
    actor = me(request)
    photo = Attachment.objects.filter(pk=pk).first()
    if photo is None:
        raise Http404
    if photo.case_id is None:
        own = photo.uploader_kind == str(actor.kind) and photo.uploader_id == actor.account_id
        if not own:
            raise Http404
    elif not Case.objects.visible_to(actor).filter(pk=photo.case_id).exists():
        raise Http404
    if photo.kind == Attachment.Kind.DOCUMENT and not thumb:
        return _document(photo)
    path = file_of(photo.pk, thumb=thumb)
    if not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg")


def _document(found: Attachment) -> HttpResponseBase:
    try:
        return documents.download(found)
    except FileNotFoundError:
        raise Http404 from None
