"""The pages of 交接班: writing a note, taking one over, reading earlier ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.cases.models import Case
from huying.cases.states import State
from huying.catalogue.versions import snapshot
from huying.desk import handing
from huying.desk.handing import Matter, Words
from huying.desk.here import at_desk, me, way_back
from huying.desk.models import Handover, HandoverText, MatterSort
from huying.desk.resent import once_for_form
from huying.errors import HuyingError, Missing, WrongState
from huying.people.acting import Actor
from huying.places import naming
from huying.response.whistles import Whistle

EARLIER = 20
ANYONE = "anyone"
"""Chosen in place of a person."""
EXCERPT = 60


def _draft(actor: Actor) -> str:
    return f"{actor.area_code}.handover"


def _desk_post(request: HttpRequest) -> Actor:
    actor = me(request)
    if not handing.has_desk(actor):
        raise PermissionDenied(_("Only the posts of a desk hand over its shift."))
    return actor


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form(draft=_draft)
def page(request: HttpRequest) -> HttpResponseBase:
    """GET: what is open, to be handed over, and the earlier notes. POST: writes the note."""
    actor, now = _desk_post(request), timezone.now()
    matters = handing.open_matters(actor, now)
    if request.method != "POST":
        return _page(request, actor, now, matters)
    words = Words(
        ticked=[each.key for each in matters if f"on-{each.key}" in request.POST],
        remarks={each.key: request.POST.get(f"remark-{each.key}", "") for each in matters},
        free=request.POST.get("words", ""),
    )
    to = request.POST.get("to", "")
    anyone = to == ANYONE
    seen = set(request.POST.getlist("matter"))
    fresh = {each.key for each in matters} - seen
    if fresh:
        bad = WrongState(_("More has come up since you opened the page; it is marked below."))
        return _page(request, actor, now, matters, words=words, fresh=fresh, bad=bad)
    try:
        chosen = int(to) if to.isascii() and to.isdecimal() and len(to) < 19 else None
        if chosen is None and not anyone:
            raise Missing(_("Please choose who takes over."), field="to")
        note = handing.write(actor, now, to=chosen, matters=matters, words=words)
    except HuyingError as error:
        return _page(request, actor, now, matters, words=words, bad=error)
    messages.success(
        request,
        _("The note is written; %(who)s has been told.") % {"who": note.to}
        if note.to
        else _("The note is written; it waits for whoever comes next."),
        extra_tags=f"draft:{draft_key(actor)}",
    )
    return redirect("handover")


def draft_key(actor: Actor) -> str:
    """Under which name a browser keeps what was typed."""
    return f"{actor.account_id}.{_draft(actor)}"


def _page(
    request: HttpRequest,
    actor: Actor,
    now: datetime,
    matters: Sequence[Matter],
    *,
    words: Words | None = None,
    fresh: set[str] | None = None,
    bad: HuyingError | None = None,
) -> HttpResponse:
    waiting = handing.waiting(actor)
    notes = handing.notes_of(actor)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 9:
        notes = notes.filter(serial__lt=int(before))
    earlier = list(notes[: EARLIER + 1])
    mine = waiting if waiting and waiting.written_by_id == actor.account_id else None
    if words is None:
        words = _as_before(mine, matters)
    colleagues = handing.colleagues(actor, now)
    chosen = request.POST.get("to", "")
    if not chosen and (mine.to_id is None if mine else not colleagues):
        chosen = ANYONE
    lines: list[dict[str, Any]] = [
        {
            "matter": each,
            "key": each.key,
            "ticked": each.key in words.ticked or each.key in (fresh or ()),
            "remark": words.remarks.get(each.key, ""),
            "fresh": each.key in (fresh or ()),
            "bad": str(bad) if bad is not None and bad.field == f"remark-{each.key}" else "",
        }
        for each in matters
    ]
    context = {
        "actor": actor,
        "now": now,
        "place": naming.own_name(actor.area_code),
        "groups": [
            (sort, list(group))
            for sort, group in groupby(lines, key=lambda line: line["matter"].sort)
        ],
        "many": len(matters) >= handing.MOST,
        "ends": handing.next_shift_end(now),
        "waiting": _lined(waiting, actor) if waiting else None,
        "refusal": handing.why_not_write(waiting, actor),
        "mine": mine,
        "colleagues": [
            (each, chosen == str(each.pk) if chosen else mine is not None and mine.to_id == each.pk)
            for each in colleagues
        ],
        "anyone": chosen == ANYONE,
        "words": words.free,
        "bad": bad,
        "longest_remark": handing.LONGEST_REMARK,
        "longest_words": handing.LONGEST_WORDS,
        "draft": draft_key(actor),
        "earlier": [_lined(each, actor) for each in earlier[:EARLIER]],
        "before": earlier[EARLIER - 1].serial if len(earlier) > EARLIER else 0,
    }
    return render(request, "desk/handover/page.html", context, status=bad.status if bad else 200)


def _as_before(note: Handover | None, matters: Sequence[Matter]) -> Words:
    """What a note to be written begins with: everything ticked, or one's own earlier words."""
    if note is None:
        return Words(ticked=[each.key for each in matters])
    remarks: dict[str, str] = {}
    left_out = set()
    for row in note.matters.prefetch_related("texts"):
        key = f"c{row.case_id}" if row.case_id else f"w{row.whistle_id}"
        remarks[key] = next(
            (text.body for text in row.texts.all() if text.kind == HandoverText.Kind.REMARK), ""
        )
        if not row.ticked:
            left_out.add(key)
    free = note.texts.filter(kind=HandoverText.Kind.FREE).first()
    return Words(
        ticked=[each.key for each in matters if each.key not in left_out],
        remarks=remarks,
        free=free.body if free else "",
    )


def banner(actor: Actor) -> dict[str, Any] | None:
    """The note that waits, as the queue says it; None where there is none."""
    note = handing.waiting(actor)
    return _lined(note, actor) if note is not None else None


def _lined(note: Handover, actor: Actor) -> dict[str, Any]:
    """A note on one line: who to whom, how much, the beginning of its words."""
    free = note.texts.filter(kind=HandoverText.Kind.FREE).first()
    said = " ".join(free.body.split()) if free else ""
    return {
        "note": note,
        "taking": getattr(note, "taking", None),
        "count": note.matters.filter(ticked=True).count(),
        "said": said[:EXCERPT] + ("…" if len(said) > EXCERPT else ""),
        "may_take": not handing.why_not_take(note, actor),
        "for_me": note.to_id == actor.account_id,
    }


def note_or_404(request: HttpRequest, pk: UUID) -> Handover:
    """A note of the actor's own desk; that of another looks like none."""
    note = handing.notes_of(_desk_post(request)).filter(pk=pk).first()
    if note is None:
        raise Http404
    return note


@require_safe
@at_desk
def read(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A note as it was written, as a sheet that prints on A4."""
    note, actor = note_or_404(request, pk), me(request)
    later = Handover.objects.filter(area_code=note.area_code, serial__gt=note.serial)
    taking = getattr(note, "taking", None)
    rows = list(note.matters.prefetch_related("texts"))
    free = note.texts.filter(kind=HandoverText.Kind.FREE).first()
    context = {
        "actor": actor,
        "note": note,
        "now": timezone.now(),
        "printed_by": request.user,
        "desk": naming.own_name(note.area_code),
        "taking": taking,
        "replaced": taking is None and later.exists(),
        "may_take": not handing.why_not_take(note, actor),
        "words": free.body if free else "",
        "groups": [
            (MatterSort(sort).label, list(group))
            for sort, group in groupby(
                _told([each for each in rows if each.ticked], actor), key=lambda each: each["sort"]
            )
        ],
        "reasons": handing.Erasure.choices if any(row.texts.all() for row in rows) or free else (),
        "left_out": _told([each for each in rows if not each.ticked], actor),
    }
    return render(request, "desk/handover/note.html", context)


def _told(rows: Sequence[Any], actor: Actor) -> list[dict[str, Any]]:
    """The matters of a note; a case leads to its page while the post may see it."""
    catalogue = snapshot(timezone.now())
    pks = [each.case_id for each in rows if each.case_id]
    seen = set(Case.objects.visible_to(actor).filter(pk__in=pks).values_list("pk", flat=True))
    whistles: Mapping[UUID, Whistle] = Whistle.objects.visible_to(actor).in_bulk(
        [each.whistle_id for each in rows if each.whistle_id]
    )
    told = []
    for each in rows:
        item, whistle = catalogue.get(each.item_code), whistles.get(each.whistle_id)
        texts = {text.kind: text.body for text in each.texts.all()}
        told.append(
            {
                "sort": each.sort,
                "number": each.number,
                "linked": each.case_id in seen,
                "title": item.name if item else each.item_code,
                "whistle": whistle,
                "state": State(each.state).label if each.state else "",
                "due_at": each.due_at,
                "remark": texts.get(HandoverText.Kind.REMARK, ""),
                "watch": texts.get(HandoverText.Kind.WATCH, ""),
            }
        )
    return told


@require_POST
@at_desk
def take(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """接班: one key on the queue, or the button of the note's page."""
    note, actor = note_or_404(request, pk), me(request)
    try:
        handing.take_over(note, actor, timezone.now())
    except HuyingError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken over from %(who)s.") % {"who": note.written_by})
    return redirect(way_back(request, reverse("handover_note", args=[note.pk])))


@require_POST
@at_desk
def erase(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Erases the words of a note."""
    note, actor = note_or_404(request, pk), me(request)
    try:
        handing.erase_words(note, actor, timezone.now(), why=request.POST.get("why", ""))
    except HuyingError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The words of the note are erased."))
    return redirect("handover_note", pk=note.pk)
