"""What an outside party sees behind its link: the question, and a place for words and photos.

Whoever has no link that works learns nothing: not whether there ever was one, nor why it has ended.
"""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from huying import limiting
from huying.cases.attaching import MOST_AT_ONCE, file_of
from huying.cases.models import Attachment
from huying.errors import HuyingError, NotFound, TooMany
from huying.people.acting import OUTSIDE
from huying.people.adapters import counted_address
from huying.places import naming
from huying.public.photos import sent
from huying.response.asking import find, note_look, outside_answer, question_of
from huying.response.models import OutsideAsk
from huying.unkept import unkept

LOOKS = 60
"""Requests from one address a minute, over all web processes."""


def ask_behind(request: HttpRequest, token: str) -> OutsideAsk | None:
    """The question behind a link that still works. Counts the request, whatever comes of it."""
    bucket = limiting.bucket_of(counted_address(request))
    limiting.of("limits-outside").take(bucket, 1, LOOKS)
    return find(token, timezone.now())


def _quiet(response: HttpResponseBase) -> HttpResponseBase:
    """Nothing of the address goes on to other sites or into an index.

    Not `no-referrer`: under it a browser sends the form with the origin `null`, which is refused.
    """
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _ended(request: HttpRequest, status: int = 404) -> HttpResponseBase:
    return _quiet(render(request, "public/ended.html", {"busy": status == 429}, status=status))


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, token: str) -> HttpResponseBase:
    """The question, and what was chosen to be shown with it; takes the one answer."""
    try:
        found = ask_behind(request, token)
    except TooMany:
        return _ended(request, 429)
    if found is None:
        return _ended(request)
    context: dict[str, Any] = {
        "token": token,
        "question": question_of(found),
        "unit": found.unit.name if found.unit else naming.own_name(found.case.holder_code),
        "expires_at": found.expires_at,
        "item": _item(found) if found.show_item else "",
        "place": _place(found) if found.show_place else "",
        "photos": range(len(found.photos)),
        "text": request.POST.get("text", ""),
        "most": MOST_AT_ONCE,
    }
    if request.method != "POST":
        if request.method == "GET":
            note_look(found, timezone.now())
        return _quiet(render(request, "public/ask.html", context))
    try:
        _answer(request, found)
    except NotFound:
        return _ended(request)
    except HuyingError as error:
        context["bad"] = str(error)
        return _quiet(render(request, "public/ask.html", context, status=error.status))
    return _quiet(redirect("outside_thanks"))


def _item(found: OutsideAsk) -> str:
    return found.case.item_version.name if found.case.item_version is not None else ""


def _place(found: OutsideAsk) -> str:
    return f"{naming.names(found.case.area_code)} {found.case.address}".strip()


def _answer(request: HttpRequest, found: OutsideAsk) -> None:
    with sent(request, OUTSIDE) as photos:
        outside_answer(
            found.case_id,
            by=OUTSIDE,
            now=timezone.now(),
            ask=found.pk,
            text=request.POST.get("text", ""),
            photos=photos.stage("photos", Attachment.Kind.OTHER),
        )


def _lets_files_in(request: HttpRequest, token: str) -> bool:
    """Whether files that come with a form are kept: for a link that still works."""
    return find(token, timezone.now()) is not None


ask.lets_files_in = _lets_files_in  # type: ignore[attr-defined]


@unkept
@require_safe
def photo(request: HttpRequest, token: str, place: int) -> HttpResponseBase:
    """One of the photos that were chosen to be shown."""
    try:
        found = ask_behind(request, token)
    except TooMany:
        return _ended(request, 429)
    if found is None or not 0 <= place < len(found.photos):
        return _ended(request)
    kept = Attachment.objects.filter(pk=found.photos[place], case=found.case_id).first()
    if kept is None or not (path := file_of(kept.pk)).is_file():
        return _ended(request)
    return _quiet(FileResponse(path.open("rb"), content_type="image/jpeg"))


@unkept
@require_safe
def thanks(request: HttpRequest) -> HttpResponseBase:
    """The answer has been taken."""
    response: HttpResponse = render(request, "public/thanks.html")
    return _quiet(response)
