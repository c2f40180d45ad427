"""Asking for a list as a file, watching it being written, and fetching it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.audit import access
from huying.audit.revealing import OF_CASES, Purpose
from huying.cases.contacts import MAY_REVEAL
from huying.desk import clear_exports, lists_kept
from huying.desk.filters import TAB_WORDS, Filters
from huying.desk.here import at, at_desk, me
from huying.desk.importing import XLSX
from huying.desk.models import Export
from huying.desk.revealing import asked
from huying.desk.saved import said
from huying.desk.writing import KEPT, write_export
from huying.errors import HuyingError
from huying.people.acting import actor_on
from huying.people.models import Post
from huying.people.turns import QUIET, has_room
from huying.places import naming

_UNFINISHED = (Export.State.WAITING, Export.State.RUNNING)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def exports(request: HttpRequest) -> HttpResponseBase:
    """GET: one's own files of the last day. POST: asks for one more."""
    if request.method == "POST":
        return _ask(request)
    actor, now = me(request), timezone.now()
    mine = list(Export.objects.filter(account=actor.account_id).order_by("-asked_at")[:20])
    lines = [
        {
            "export": each,
            "list": TAB_WORDS.get(QueryDict(each.query).get("tab", ""), ""),
            "narrowed": len(QueryDict(each.query)) > 1,
            "percent": 100 * each.done // each.total if each.total else 0,
            "quiet": each.state in _UNFINISHED and now - each.touched_at > QUIET,
            # A list with names that nobody decided on is asked for anew, not tried again.
            "again": each.state == Export.State.FAILED
            or (each.state in _UNFINISHED and now - each.touched_at > QUIET)
            or (
                each.state == Export.State.CANCELLED
                and not (each.with_contacts and each.decided_by_id is None)
            ),
            "until": each.asked_at + KEPT,
        }
        for each in mine
    ]
    busy = any(each.state in _UNFINISHED for each in mine)
    page = "desk/exports/_list.html" if "rows" in request.GET else "desk/exports/list.html"
    context = {"lines": lines, "busy": busy, "actor": actor, "may_reveal": actor.role in MAY_REVEAL}
    return render(request, page, context)


def _ask(request: HttpRequest) -> HttpResponseBase:
    actor, now = me(request), timezone.now()
    filters = Filters.read(QueryDict(request.POST.get("query", "")), actor)
    if filters.phone is not None:
        return _refused(request, _("What was found by a phone number cannot be exported."))
    assert actor.account_id is not None
    assert actor.post_id is not None
    with transaction.atomic():
        if not _has_room(actor.account_id):
            return _refused(request, _full())
        made = Export.objects.create(
            account_id=actor.account_id,
            post_id=actor.post_id,
            query=filters.query(),
            asked_at=now,
            touched_at=now,
        )
        _record("export_cases", made, request)
        _defer(made)
    return redirect("exports")


def _has_room(account_id: int, *, beside: UUID | None = None) -> bool:
    """Whether one more may be written for this person, apart from the one named."""
    busy = Export.objects.filter(state__in=_UNFINISHED)
    return has_room(account_id, busy, beside=beside)


def _full() -> str:
    return _("Three files are being written for you already; please wait for one of them.")


def _refused(request: HttpRequest, words: str) -> HttpResponse:
    return render(request, "desk/exports/refused.html", {"words": words}, status=409)


def _defer(export: Export) -> None:
    write_export.defer(export_id=str(export.pk), language=get_language() or "zh-hans")


def _record(action: str, export: Export, request: HttpRequest) -> None:
    access.record(
        action=action,
        subject_type="export",
        subject_id=export.pk,
        now=timezone.now(),
        by=me(request),
    )


def _own(request: HttpRequest, pk: UUID) -> Export:
    return get_object_or_404(Export, pk=pk, account=me(request).account_id)


@require_safe
@at_desk
def fetch(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The file, to who asked for it and on the post that asked; each fetch is recorded."""
    export = _own(request, pk)
    if export.state != Export.State.READY:
        raise Http404
    if export.post_id != me(request).post_id:
        words = _("This file was asked for on another post; please switch to that post first.")
        return render(request, "desk/exports/refused.html", {"words": words}, status=409)
    if (content := lists_kept.kept(export.pk)) is None:
        raise Http404
    _record("fetch_export", export, request)
    name = f"{_('cases')}-{timezone.localtime(export.asked_at):%Y%m%d-%H%M}.xlsx"
    headers = {"Content-Length": str(export.size)}
    if disposition := content_disposition_header(True, name):
        headers["Content-Disposition"] = disposition
    return StreamingHttpResponse(content, content_type=XLSX, headers=headers)


@require_POST
@at_desk
def change(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """Cancels an export that is not finished, or tries one again that came to nothing."""
    export, now = _own(request, pk), timezone.now()
    mine = Export.objects.filter(pk=export.pk)
    if what == "cancel":
        mine.filter(state__in=(*_UNFINISHED, Export.State.ASKED)).update(
            state=Export.State.CANCELLED
        )
    elif what == "again" and not (export.with_contacts and export.decided_by_id is None):
        stopped = [Export.State.FAILED, Export.State.CANCELLED]
        if now - export.touched_at > QUIET:
            stopped += [*_UNFINISHED]
        with transaction.atomic():
            if not _has_room(export.account_id, beside=export.pk):
                return _refused(request, _full())
            if mine.filter(state__in=stopped).update(
                state=Export.State.WAITING, trouble="", done=0, touched_at=now
            ):
                _defer(export)
    else:
        raise Http404
    return redirect("exports")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def with_contacts(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Asks for a list of one's own once more, with names and phones; somebody else has to agree."""
    export, actor = _own(request, pk), me(request)
    if actor.role not in MAY_REVEAL:
        raise Http404
    context = {
        "actor": actor,
        "export": export,
        "most": clear_exports.most(),
        "count": len(clear_exports.chosen(actor, export.query, timezone.now())[:5000]),
        "read_by_leader": True,
        **asked(request, OF_CASES),
    }
    status = 200
    if request.method == "POST":
        try:
            clear_exports.ask(
                export,
                by=actor,
                purpose=context["chosen"],
                words=context["given_words"],
                now=timezone.now(),
            )
            return redirect("exports")
        except HuyingError as error:
            context["bad"], status = str(error), error.status
    return render(request, "desk/exports/contacts.html", context, status=status)


def _view(export: Export, now: datetime) -> Filters:
    """The view that an export was asked for from, as its post has it."""
    post = Post.objects.select_related("account").get(pk=export.post_id)
    return Filters.read(QueryDict(export.query), actor_on(post, [post]))


@require_http_methods(["GET", "HEAD", "POST"])
@at(clear_exports.may_decide)
def to_decide(request: HttpRequest) -> HttpResponseBase:
    """The lists with names and phones that wait for a leader; POST agrees, or does not."""
    actor = me(request)
    if request.method == "POST":
        try:
            pk = UUID(request.POST.get("export", ""))
            agree = request.POST.get("answer") == "agree"
            made = clear_exports.decide(pk, by=actor, agree=agree, now=timezone.now())
        except ValueError:
            raise Http404 from None
        except HuyingError as error:
            return _refused(request, str(error))
        if agree:
            _defer(made)
        return redirect("exports_asked")
    purposes = dict(Purpose.choices)
    waiting, now = list(clear_exports.to_decide(actor)[:50]), timezone.now()
    words = clear_exports.words_of_asking(waiting)
    lines = [
        {
            "export": each,
            "list": said(_view(each, now), now),
            "count": len(each.frozen or []),
            "purpose": purposes.get(each.purpose, ""),
            "words": words.get(each.pk, ""),
            "place": naming.names(each.post.area_code),
        }
        for each in waiting
    ]
    context = {"actor": actor, "lines": lines, "most": clear_exports.most()}
    return render(request, "desk/exports/asked.html", context)
