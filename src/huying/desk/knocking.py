"""The short way for open pages that ask whether anything is new, and mostly nothing is.

Hundreds of desks ask each second. The whole way, through session, account, posts and page, costs
twenty times what the answer does; so the middleware here answers from memory that nothing is new,
and lets everything else go the whole way. Nothing of a case ever comes from here.

Who asks is remembered for `KNOWN_S` from a request that went the whole way: a post that ended
meanwhile, or a session, is told "nothing new" a little longer, and gets no further than that. A
page says on which post it stands, so that a change of the post counts at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from huying.cases.finding import Place
from huying.cases.states import OPEN_STATES
from huying.desk import changes, emergencies, presence
from huying.desk.changes import Change
from huying.desk.filters import Filters
from huying.desk.here import actor_of
from huying.desk.queue import read_cursor
from huying.people.acting import Actor
from huying.people.models import Role
from huying.shelf import Lately

KNOWN_S = 20.0
"""A queue takes a full look more often than this, and is known anew each time."""
MOST_KNOWN = 5000

MOST_DRAWN, MOST_LATE = 1, 2
"""Lists that a process draws anew at the same time: two would take as long as one after the other,
under one lock of the interpreter, and hold up every short answer meanwhile. Where more have
changed, or after an outage all have, the others are told "nothing new" and keep the mark that they
had: they ask again a second later. What is late then is the list, never the word that there is an
emergency. Lists that are late have places of their own."""
LATE_S = 4.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page has that asks for its rows.

    Attributes:
        mark: of its last look.
        shown: the numbers on it.
        last: where its last row stands, if it is full.
    """

    mark: str
    shown: frozenset[str]
    last: Place | None

    def concern(self, change: Change, filters: Filters, actor: Actor) -> bool:
        """Whether the page may look otherwise after a change. When in doubt it may."""
        if change.number in self.shown:
            return True
        area, holder = change.sight.area_code, change.sight.holder_code
        if (change.state in OPEN_STATES) == filters.ended or not area.startswith(filters.area):
            return False
        if filters.tab == "held" or (filters.tab == "mine" and actor.role == Role.DISPATCHER):
            if holder != actor.area_code:
                return False
        elif filters.tab == "area" and not actor.covers(area):
            return False
        if self.last is not None and not filters.ended and _order(change) > _order(self.last):
            return False  # it stands on a later page
        return change.sight.is_open_to(actor)


def _order(at: Change | Place) -> tuple[Any, ...]:
    """The order of a page of open cases: no deadline comes last."""
    pk = at.case if isinstance(at, Change) else at.id
    return (at.due_at is None, at.due_at or at.received_at, at.received_at, pk)


def asked_with(request: HttpRequest) -> Asked:
    """What the page says that it has."""
    shown = request.headers.get("X-Shown", "").split(",")[:100]
    return Asked(
        mark=request.GET.get("since", ""),
        shown=frozenset(shown),
        last=read_cursor(request.headers.get("X-Last", "")),
    )


def say_beside(answer: HttpResponse, actor: Actor, mark: str = "") -> None:
    """What a page hears in the head of each answer: its next mark, and what else is new."""
    if mark:
        answer.headers["X-Mark"] = mark
    answer.headers["X-Told"] = changes.told(actor.account_id)
    answer.headers[emergencies.HEADER] = emergencies.version(emergencies.untaken(actor))


class Drawing:
    """How many lists are being drawn in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0

    def is_full(self, mark: str) -> bool:
        """Whether a list waits, as old as its mark is."""
        return self._number >= self._most(mark)

    @staticmethod
    def _most(mark: str) -> int:
        return MOST_LATE if changes.age_s(mark) > LATE_S else MOST_DRAWN

    @contextmanager
    def place(self, mark: str) -> Iterator[bool]:
        """Whether there is a place to draw the list in; it is held meanwhile."""
        most = self._most(mark)
        with self._lock:
            free = self._number < most
            self._number += free
        try:
            yield free
        finally:
            with self._lock:
                self._number -= free


drawing = Drawing()


class ShortKnock:
    """Answers 204 to pages for which nothing is new; everything else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.known: Lately[str, Actor] = Lately(KNOWN_S, MOST_KNOWN)
        self.nothing_new: dict[str, Callable[[HttpRequest, Actor], HttpResponse | None]] = {
            reverse("desk"): _no_rows,
            reverse("emergencies"): _no_emergency,
            reverse("news"): _no_news,
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        look = _no_step if path.endswith("/pulse") else self.nothing_new.get(path)
        session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "") if look else ""
        if not session or look is None or request.method != "GET":
            return self.get_response(request)
        actor = self.known.of(session)
        if (
            actor is not None
            and request.headers.get("X-Background") == "1"
            and request.headers.get("X-Post") == str(actor.post_id)
            and (answer := look(request, actor)) is not None
        ):
            answer.headers["Cache-Control"] = "private, no-store"
            return answer
        answer = self.get_response(request)
        self._remember(session, request, answer)
        return answer

    def _remember(self, session: str, request: HttpRequest, answer: HttpResponse) -> None:
        actor = actor_of(request)
        if actor is None or not actor.works_cases or answer.status_code not in (200, 204):
            self.known.forget(session)
            return
        self.known.keep(session, actor)


def _no_rows(request: HttpRequest, actor: Actor) -> HttpResponse | None:
    if "rows" not in request.GET:
        return None
    filters, asked = Filters.read(request.GET, actor), asked_with(request)
    changed, mark = changes.since(asked.mark)
    if changed is None or any(asked.concern(each, filters, actor) for each in changed):
        return later(actor) if drawing.is_full(asked.mark) else None
    answer = HttpResponse(status=204)
    say_beside(answer, actor, mark)
    return answer


def later(actor: Actor) -> HttpResponse:
    """The list may have changed, and is drawn when it is asked for again: no new mark."""
    answer = HttpResponse(status=204)
    say_beside(answer, actor)
    return answer


def _no_step(request: HttpRequest, actor: Actor) -> HttpResponse | None:
    """For the page of one case, whose number stands in the address.

    Of a case out of sight nothing is told from here, not even that something happened to it.
    """
    number = request.path_info.split("/")[-2]
    changed, mark = changes.since(request.GET.get("since", ""))
    if changed is None or any(
        each.number == number and each.sight.is_open_to(actor) for each in changed
    ):
        return None
    if not presence.is_quiet(request, number, actor):
        return None
    answer = HttpResponse(status=204, headers={"X-Mark": mark})
    presence.say(answer, number)
    return answer


def _no_emergency(request: HttpRequest, actor: Actor) -> HttpResponse | None:
    seen = emergencies.version(emergencies.untaken(actor))
    if request.headers.get("X-Seen", "") != seen:
        return None
    return HttpResponse(status=204, headers={emergencies.HEADER: seen})


def _no_news(request: HttpRequest, actor: Actor) -> HttpResponse | None:
    told = changes.told(actor.account_id)
    return HttpResponse(status=204) if request.GET.get("known", "") == told else None
