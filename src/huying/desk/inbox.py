"""The inbox: what one was told, what came while a page is open, and the ways from there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Case, Count, Q, When
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huying.desk import changes
from huying.desk.here import at, is_told, me, way_back
from huying.dispatch.standing import NONE, Standing, standing
from huying.notices.kinds import KINDS, Group, of_group
from huying.notices.models import Notice
from huying.notices.sight import cases_seen
from huying.people.models import Post
from huying.postgres.prepared import rows_of

ON_A_PAGE = 50
COUNTED = 100
"""The bell counts no further: beyond that the number says nothing more."""

SHOWN_FOR = timedelta(minutes=15)
"""How long an alarm that nobody has opened is shown over each page that is opened."""

ICONS = {
    Group.TASKS: "checkbox",
    Group.DESK: "inbox",
    Group.WHISTLE: "speakerphone",
    Group.SUPERVISION: "gavel",
    Group.EMERGENCY: "urgent",
    Group.OTHER: "bell",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as its reader may see it.

    Attributes:
        post: the reader's post on which the case can be opened; None: on the present one.
        hidden: the case is out of sight, so that nothing but the kind is told.
    """

    notice: Notice
    group: Group
    standing: Standing
    place: str
    post: Post | None
    hidden: bool

    @property
    def icon(self) -> str:
        return "urgent" if self.notice.alarm else ICONS[self.group]

    @property
    def body(self) -> str:
        return "" if self.hidden else self.notice.body

    @property
    def leads(self) -> bool:
        """Whether there is somewhere to go."""
        return not self.hidden and bool(self.notice.path or self.notice.case_id)


def mine(request: HttpRequest) -> Any:
    """The notices of who asks."""
    return Notice.objects.filter(account=me(request).account_id)


def lines(request: HttpRequest, notices: Iterable[Notice], now: datetime) -> list[Line]:
    """The notices with what their reader may see of their cases, on the present post first."""
    found = list(notices)
    here = me(request).post_id
    posts: list[Post] = getattr(request, "posts", [])
    ordered = sorted(posts, key=lambda post: post.pk != here)
    ids = {each.case_id for each in found if each.case_id is not None}
    seen = cases_seen(request.user, ordered, ids)  # type: ignore[arg-type]
    made = []
    for each in found:
        case, post = seen.get(each.case_id, (None, None))
        kind = KINDS.get(each.kind)
        made.append(
            Line(
                notice=each,
                group=kind.group if kind else Group.OTHER,
                standing=standing(case, now) if case is not None else NONE,
                place=case.area_code if case is not None else "",
                post=post if post is not None and post.pk != here else None,
                hidden=each.case_id is not None and case is None,
            )
        )
    return made


UNREAD: Final = (
    "SELECT alarm, told_at FROM notice"
    " WHERE account_id = %(account)s AND read_at IS NULL LIMIT %(most)s"
)
"""On every page there is a bell."""


def unread(account_id: int | None) -> list[tuple[bool, datetime]]:
    """Whether each is an alarm and when it was told: as many as the bell counts."""
    return rows_of(UNREAD, {"account": account_id, "most": COUNTED})


@require_safe
@at(is_told)
def inbox(request: HttpRequest) -> HttpResponseBase:
    """What one was told, the unread first."""
    now = timezone.now()
    group = _group(request.GET)
    chosen = mine(request)
    if group is not None:
        chosen = chosen.filter(_of(group))
    asked = request.GET.get("page", "")
    page = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 4 else 0
    # Read ones by when they were told, not by when they were read.
    was_read = Case(When(read_at=None, then=0), default=1)
    ordered = chosen.order_by(was_read, "-id")
    start = page * ON_A_PAGE
    found = list(ordered[start : start + ON_A_PAGE + 1])
    counts = _counts(request)
    context = {
        "lines": lines(request, found[:ON_A_PAGE], now),
        "group": group,
        "groups": [
            (each, counts.get(each, 0)) for each in Group if each in counts or each is group
        ],
        "unread": sum(counts.values()),
        "more": page + 1 if len(found) > ON_A_PAGE else 0,
        "page": page,
        "newest": max((str(each.pk) for each in found), default=""),
        "query": f"group={group}&" if group else "",
        "now": now,
    }
    return render(request, "desk/inbox.html", context)


def _group(sent: QueryDict) -> Group | None:
    asked = sent.get("group", "")
    return Group(asked) if asked in set(Group) else None


def _of(group: Group) -> Q:
    known = Q(kind__in=of_group(group))
    return known | ~Q(kind__in=list(KINDS)) if group is Group.OTHER else known


def _counts(request: HttpRequest) -> dict[Group, int]:
    """How many of each group are unread; groups of which there are any at all."""
    found: dict[Group, int] = {}
    rows = mine(request).values("kind").order_by("kind")
    for row in rows.annotate(new=Count("id", filter=Q(read_at=None))):
        kind = KINDS.get(row["kind"])
        group = kind.group if kind else Group.OTHER
        found[group] = found.get(group, 0) + row["new"]
    return found


@require_safe
@at(is_told)
def notice(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Leads to what a notice is about; it counts as read from then on."""
    found = get_object_or_404(mine(request), pk=pk)
    now = timezone.now()
    _read(mine(request).filter(pk=pk), now)
    (line,) = lines(request, [found], now)
    if not line.leads:
        messages.info(request, _("You may no longer see the case that this was about."))
    elif line.post is not None:
        messages.info(request, _("This case belongs to another of your posts: switch to it first."))
    elif found.path:
        return redirect(found.path)
    else:
        return redirect("case", found.case_number)
    return redirect("inbox")


def _read(notices: Any, now: datetime) -> int:
    return int(notices.filter(read_at=None).update(read_at=now))


@require_POST
@at(is_told)
def read(request: HttpRequest) -> HttpResponseBase:
    """Marks as read: the one that is named, or all that the page listed and older ones."""
    chosen = mine(request)
    sent = request.POST.get("notice", "")
    try:
        if sent:
            chosen = chosen.filter(pk=UUID(sent))
        elif group := _group(request.POST):
            chosen = chosen.filter(_of(group))
        # What came after the page was made was not seen by who pressed the button.
        if upto := request.POST.get("upto", ""):
            chosen = chosen.filter(pk__lte=UUID(upto))
    except ValueError:
        return HttpResponse(status=400)
    _read(chosen, timezone.now())
    if "X-Background" in request.headers:
        return HttpResponse(status=204)
    return redirect(way_back(request, reverse("inbox")))


@require_safe
@at(is_told)
def news(request: HttpRequest) -> HttpResponseBase:
    """What came since the page last asked (``known``): nothing, told from memory, or how many are
    unread and the alarms among them."""
    told = changes.told(me(request).account_id)
    if told == request.GET.get("known", ""):
        return HttpResponse(status=204)
    now = timezone.now()
    recent = mine(request).filter(read_at=None, told_at__gt=now - SHOWN_FOR)
    fresh = recent.filter(told_at__gt=now - changes.KEPT)
    alarms = lines(request, recent.filter(alarm=True).order_by("-id")[:3], now)
    body = {
        "told": told,
        "unread": len(unread(me(request).account_id)),
        "fresh": [str(pk) for pk in fresh.values_list("pk", flat=True)[:COUNTED]],
        "alarms": [
            {
                "id": str(each.notice.pk),
                "title": each.notice.title,
                "body": each.body,
                "href": reverse("notice", args=[each.notice.pk]),
            }
            for each in alarms
        ],
    }
    return JsonResponse(body)
