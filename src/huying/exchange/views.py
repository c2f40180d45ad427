"""The addresses: whatever comes is believed by its signature alone, and answered as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from huying import limiting
from huying.cases.attaching import file_of
from huying.cases.models import Attachment
from huying.errors import BadInput, HuyingError, NotFound, TooLarge
from huying.intake import device_alarms, hotline, hotline_pushing
from huying.intake.models import HotlineOrder, Source
from huying.intake.signing import verified
from huying.people.adapters import counted_address

PER_MINUTE: Final = 1200
"""Messages from one address a minute, over all web processes."""
LARGEST: Final = 24 * 1024 * 1024
"""Of a message with its pictures, in bytes."""

View = Callable[..., HttpResponseBase]


def told(view: View) -> View:
    """Refusals as the interface tells them (RFC 9457), and a limit before anything is read."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **more: Any) -> HttpResponseBase:
        try:
            bucket = limiting.bucket_of(counted_address(request))
            limiting.of("limits-exchange").take(bucket, 1, PER_MINUTE)
            response = view(request, *args, **more)
        except HuyingError as error:
            response = HttpResponse(
                json.dumps(error.problem(), ensure_ascii=False),
                status=error.status,
                content_type="application/problem+json",
            )
        response["Cache-Control"] = "no-store"
        return response

    return answered


def body_of(request: HttpRequest) -> bytes:
    """The whole message.

    Raises:
        TooLarge: it is more than is taken.
    """
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise TooLarge
    return body


def read(body: bytes) -> Any:
    """The message in a body.

    Raises:
        BadInput: it is no JSON.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadInput(_("A message is a JSON object.")) from None


def _asker(request: HttpRequest, source: str) -> Source:
    """Who asks: of a question without a body, the path stands in its place."""
    path = request.get_full_path().encode()
    return verified(source, Source.Kind.HOTLINE, request.headers, path, timezone.now())


@told
@require_POST
def hotline_message(request: HttpRequest, source: str) -> HttpResponse:
    """Takes one message of a hotline."""
    now, body = timezone.now(), body_of(request)
    known = verified(source, Source.Kind.HOTLINE, request.headers, body, now)
    return JsonResponse(hotline.receive(known, read(body), body, now))


def _order(source: Source, number: str) -> HotlineOrder:
    orders = HotlineOrder.objects.select_related("case", "source")
    order = None if "\0" in number else orders.filter(source=source, number=number).first()
    if order is None:
        raise NotFound
    return order


@told
@require_GET
def hotline_order(request: HttpRequest, source: str, number: str) -> HttpResponse:
    """All steps of an order."""
    order = _order(_asker(request, source), number)
    return JsonResponse(hotline_pushing.standing(order))


@told
@require_POST
def hotline_replay(request: HttpRequest, source: str, number: str) -> HttpResponse:
    """Sends all steps of an order again. Signed over the path, as it has no body."""
    order = _order(_asker(request, source), number)
    return JsonResponse({"sent_again": hotline_pushing.replay(order, now=timezone.now())})


@told
@require_GET
def hotline_attachment(request: HttpRequest, source: str, pk: Any) -> HttpResponseBase:
    """A photo of one of the hotline's own orders."""
    found = (
        Attachment.objects.filter(pk=pk, case__hotline_order__source=_asker(request, source))
        .exclude(kind=Attachment.Kind.DOCUMENT)
        .first()
    )
    if found is None or not (path := file_of(found.pk)).is_file():
        raise NotFound
    return FileResponse(path.open("rb"), content_type="image/jpeg")


@told
@require_POST
def device_alarm(request: HttpRequest, source: str) -> HttpResponse:
    """Takes one alarm of a camera or sensor."""
    now, body = timezone.now(), body_of(request)
    known = verified(source, Source.Kind.ALARMS, request.headers, body, now)
    return JsonResponse(device_alarms.receive(known, read(body), body, now))
