"""Administrators write what an item asks: drafts with a preview, and versions that stay."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.catalogue.snapshots import ItemSnapshot
from huying.catalogue.versions import snapshot
from huying.desk import question_form
from huying.desk.here import at, me
from huying.errors import HuyingError, StalePage
from huying.forms import versions
from huying.forms.definition import Definition, Fault, Kind, faults_of, read
from huying.forms.models import FormVersion
from huying.forms.rendering import on_page
from huying.intake.reporting import owner_of
from huying.people.models import Account

at_questions = at(versions.may_read)
"""Signed in and on a post that may read the questions of items."""


def item_or_404(code: str) -> ItemSnapshot:
    found = snapshot(timezone.now()).get(code)
    if found is None:
        raise Http404
    return found


@require_safe
@at_questions
def listed(request: HttpRequest) -> HttpResponseBase:
    """All items, with what they ask and whether a draft waits."""
    rows = FormVersion.objects.filter(owner__startswith=owner_of("")).order_by("owner", "version")
    latest: dict[str, FormVersion] = {}
    drafts: dict[str, FormVersion] = {}
    for row in rows:
        (drafts if row.version is None else latest)[row.owner] = row
    lines = [
        {
            "item": item,
            "version": latest.get(owner_of(item.code)),
            "asks": _count(latest.get(owner_of(item.code))),
            "draft": drafts.get(owner_of(item.code)),
        }
        for item in snapshot(timezone.now()).active
    ]
    lines.sort(key=lambda line: not (line["version"] or line["draft"]))
    return render(request, "desk/questions/list.html", {"actor": me(request), "lines": lines})


def _count(row: FormVersion | None) -> int:
    """Questions of a version, without its headings."""
    return 0 if row is None else sum(1 for _each in read(row.definition).asks)


@require_http_methods(["GET", "HEAD", "POST"])
@at_questions
def item(request: HttpRequest, code: str) -> HttpResponseBase:
    """GET: the draft of an item's questions as fields. POST: saves it, changes it, publishes it."""
    found, actor, now = item_or_404(code), me(request), timezone.now()
    owner = owner_of(code)
    if request.method != "POST":
        return _page(request, found, None)
    what = request.POST.get("do", "save")
    try:
        if what == "discard":
            versions.discard(owner, by=actor)
            messages.success(request, _("The draft is gone."))
            return redirect("item_questions", code)
        written, at = question_form.changed(question_form.sent(request.POST), what)
        versions.write(owner, written, by=actor, now=now, seen=seen_at(request))
        if what == "publish":
            made = versions.publish(owner, by=actor, now=now)
            said = _("Version %(number)s is in force.") % {"number": made.version}
            messages.success(request, said)
            return redirect("item_questions", code)
    except StalePage as error:
        return _page(request, found, written, bad=str(error), status=error.status)
    except HuyingError as error:
        kept = question_form.sent(request.POST)
        return _page(request, found, kept, bad=str(error), status=error.status)
    if what == "save":
        messages.success(request, _("The draft is saved."))
        return redirect("item_questions", code)
    return redirect(f"{reverse('item_questions', args=[code])}?at={at}#card-{at}")


def seen_at(request: HttpRequest) -> datetime | None:
    """When the draft was last changed, as the page knows it."""
    try:
        return parse_datetime(request.POST.get("seen", ""))
    except ValueError:
        return None


def _page(
    request: HttpRequest,
    found: ItemSnapshot,
    written: dict[str, Any] | None,
    *,
    bad: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, owner = me(request), owner_of(found.code)
    past, draft = versions.history(owner), versions.draft_of(owner)
    if written is None:
        current = draft or (past[0] if past else None)
        written = current.definition if current is not None else versions.EMPTY
    may_change = versions.may_change(actor)
    faults = faults_of(written)
    people = {row.published_by for row in past} | ({draft.changed_by} if draft else set())
    names = Account.objects.filter(pk__in=[pk for pk in people if pk]).values_list("pk", "name")
    at = request.GET.get("at", "")
    context = {
        "actor": actor,
        "item": found,
        "cards": [
            card | {"faults": [each for each in faults if each.place == place]}
            for place, card in enumerate(question_form.cards(written))
        ],
        "kinds": Kind.choices,
        "signs": question_form.SIGNS,
        "may_change": may_change,
        "draft": draft,
        "past": [{"row": row, "asks": _count(row)} for row in past],
        "names": dict(names),
        "bad": bad,
        "at": int(at) if at.isascii() and at.isdecimal() and len(at) < 4 else None,
        **previewed(written, faults),
    }
    return render(request, "desk/questions/item.html", context, status=status)


def previewed(written: dict[str, Any], faults: list[Fault] | None = None) -> dict[str, Any]:
    """The questions as they will look, as far as they can be read; and what is wrong."""
    faults = faults_of(written) if faults is None else faults
    wrong = {each.place for each in faults}
    good = [row for place, row in enumerate(written["questions"]) if place not in wrong]
    # What hangs on a wrong question is left out with it, until nothing is wrong any more.
    while again := {each.place for each in faults_of({"questions": good})}:
        good = [row for place, row in enumerate(good) if place not in again]
    definition = read({"questions": good}) if None not in wrong else Definition()
    return {
        "faults": [(each, (each.place or 0) + 1) for each in faults],
        "questions": on_page(definition) if definition.questions else None,
    }


@require_POST
@at_questions
def preview(request: HttpRequest, code: str) -> HttpResponseBase:
    """While somebody writes: how the questions will look, and what is wrong. Keeps nothing."""
    item_or_404(code)
    context = previewed(question_form.sent(request.POST))
    return render(request, "desk/questions/_preview.html", context)


@require_safe
@at_questions
def version(request: HttpRequest, code: str, number: int) -> HttpResponseBase:
    """A published version, to read."""
    found = item_or_404(code)
    row = FormVersion.objects.filter(owner=owner_of(code), version=number).first()
    if row is None:
        raise Http404
    by = Account.objects.filter(pk=row.published_by).first() if row.published_by else None
    context = {
        "actor": me(request),
        "item": found,
        "row": row,
        "by": by,
        "written": json.dumps(row.definition, ensure_ascii=False, indent=2),
        **previewed(row.definition),
    }
    return render(request, "desk/questions/version.html", context)
