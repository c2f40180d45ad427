"""The jump dialog: from anywhere to a case, a page, a saved view, or a step of the case shown.

What is typed comes by POST and goes no further: it gets into no address and no log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy
from django.views.decorators.http import require_POST

from huying.cases import finding
from huying.cases.finding import Looking
from huying.cases.models import Case
from huying.cases.states import END_STATES
from huying.desk import menu, queue, saved
from huying.desk.buttons import buttons
from huying.desk.filters import TAB_WORDS, Filters, tabs_of
from huying.desk.here import at_desk, case_seen, me
from huying.desk.queue import Row
from huying.desk.searching import is_number
from huying.errors import BadInput, NotAllowed, Words
from huying.people.acting import Actor

MOST = 8
LEAST = 2
"""A single character is in every other case: it leads to pages and steps only."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A page, a view or a step to go to."""

    label: Words
    icon: str
    href: str
    key: str = ""
    step: bool = False

    def fits(self, terms: Iterable[Looking]) -> bool:
        """Whether all that was typed is in its name, in either language, or in its initials."""
        with override("en"):
            english = str(self.label)
        names = {str(self.label), english}
        return all(any(each.named(name) for name in names) for each in terms)


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases that were found, with what was typed, or why nothing was looked for."""

    rows: Sequence[Row] = ()
    words: str = ""
    refusal: str = ""


@require_POST
@at_desk
def jump(request: HttpRequest) -> HttpResponseBase:
    """Where one may go from here, by what was typed; without words everything but cases."""
    actor, now = me(request), timezone.now()
    words = Filters.read(request.POST, actor).words
    terms = finding.looking(words, now)
    groups: list[tuple[Words, Sequence[Goal]]] = [
        (_("Steps of this case"), _steps(request.POST.get("case", ""), actor)),
        (_("Saved views"), _views(actor)),
        (pgettext_lazy("jump", "Pages"), _pages(request, actor)),
    ]
    fitting = [
        (title, some)
        for title, goals in groups
        if (some := [goal for goal in goals if goal.fits(terms)])
    ]
    found = _cases(request.POST.get("q", "").strip(), words, terms, actor, now)
    count = len(found.rows) + sum(len(goals) for _title, goals in fitting)
    context = {
        "groups": fitting,
        "found": found,
        "count": count,
        "all_in": _widest(actor) if len(found.rows) == MOST else "",
    }
    return render(request, "desk/_jump.html", context)


def _widest(actor: Actor) -> str:
    """The list that has most of what the actor sees."""
    return next(tab for tab in ("area", "unit") if tab in tabs_of(actor))


def _pages(request: HttpRequest, actor: Actor) -> list[Goal]:
    queues = [
        Goal(TAB_WORDS[tab], "list-check", f"{reverse('desk')}?tab={tab}") for tab in tabs_of(actor)
    ]
    return [
        *queues,
        Goal(_("Map"), "map-2", reverse("map")),
        Goal(_("My workbench"), "calendar", reverse("today")),
        Goal(_("New case"), "plus", reverse("new_case"), key="n"),
        *(
            Goal(page.label, page.icon, page.href)
            for _title, pages in menu.offered(request, actor)
            for page in pages
        ),
        Goal(_("Notices"), "bell", reverse("inbox")),
        Goal(_("How I am told"), "settings", reverse("my_notices")),
        Goal(_("My account"), "id", reverse("me")),
    ]


def _views(actor: Actor) -> list[Goal]:
    return [
        Goal(each.view.name, "bookmark", f"{reverse('desk')}?{each.query}")
        for each in saved.saved(actor)
    ]


def _steps(number: str, actor: Actor) -> list[Goal]:
    """What may be done now with the case on the page, the next step first."""
    case = case_seen(number, actor)
    if case is None:
        return []
    offered = buttons(actor, case)
    first = [offered.first] if offered.first else []
    return [
        Goal(each.label, each.icon, reverse("act", args=[number, each.verb]), each.key, step=True)
        for each in [*first, *offered.beside, *offered.more]
    ]


def _cases(
    typed: str, words: str, looking: Sequence[Looking], actor: Actor, now: datetime
) -> Cases:
    """The first cases that fit: open ones by time left, then ended ones, the latest first."""
    if len(words) < LEAST:
        return Cases(words=words)
    if finding.is_phone(typed) and not is_number(words, actor):
        try:
            return _by_phone(typed, actor, now)
        except NotAllowed as refusal:
            return Cases(refusal=str(refusal))
        except BadInput:
            pass  # digits of something else
    visible = Case.objects.visible_to(actor).for_pages()
    cases = queue.first(visible.open(), looking, MOST, ended=False)
    # Among years of ended cases only those are looked for that are known at once.
    if len(cases) < MOST and all(each.known is not None for each in looking):
        ended = visible.filter(state__in=sorted(END_STATES))
        cases += queue.first(ended, looking, MOST - len(cases), ended=True)
    return Cases(queue.rows(cases, now, looking=looking), words)


def _by_phone(typed: str, actor: Actor, now: datetime) -> Cases:
    marks = finding.phone_marks(typed, by=actor)
    visible = finding.reported_from(Case.objects.visible_to(actor).for_pages(), marks)
    cases = list(visible.order_by("-received_at", "-id")[:MOST])
    finding.record_phone_search([case.pk for case in cases], by=actor, now=now)
    return Cases(queue.rows(cases, now, by_phone=True))
