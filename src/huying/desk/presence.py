"""正在处理: who else has a case open just now.

A page that shows a case asks anyway whether anything has happened to it; it says in the same
question which page it is, and which form is open. That is written every few seconds, into an
unlogged table without references, and forgotten as soon. What all the pages said is read once for
everybody in a web process, at most twice a second and only while somebody has a case open: a
queue that looks again asks nothing more than before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from huying.cases import flow
from huying.desk.models import Presence
from huying.people.acting import Actor
from huying.postgres.prepared import rows_of, statement
from huying.postgres.turns import Turns

LOOK_S = 0.5
WRITTEN_EVERY = timedelta(seconds=5)
GONE_AFTER = timedelta(seconds=15)
"""A page that has not been heard of for so long was left, closed or lost its connection."""

KEPT = timedelta(minutes=1)
SHOWN = 3
"""So many are named; of more of them only the number is said."""

HEADER = "X-Here"
PAGES: Final = statement("presence_pages")
SHOWN_ON: Final = statement("presence_shown_on")


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody's page with a case on it. ``doing``: the verb whose form is open; "" is reading."""

    tab: UUID
    number: str
    account_id: int
    name: str
    doing: str
    opened_at: datetime
    age: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Look:
    """All pages that were heard of lately, by their own ids."""

    pages: Mapping[UUID, Present]
    taken: float


_turns = Turns()
_last: Look | None = None


def forget() -> None:
    """Look at the database that is used from now on."""
    global _last
    _last = None


def _look() -> Look:
    global _last
    with _turns.turn():
        if _last is None or monotonic() - _last.taken > LOOK_S:
            taken = monotonic()
            rows = rows_of(PAGES, {"gone_after": GONE_AFTER})
            _last = Look({row[0]: Present(*row) for row in rows}, taken)
        return _last


def others(look: Look, number: str, account_id: int | None) -> list[Present]:
    """Who else has the case open: each person once, writing before reading, by their first page."""
    found: dict[int, Present] = {}
    for page in sorted(look.pages.values(), key=lambda each: (not each.doing, each.opened_at)):
        if page.number == number and page.account_id != account_id:
            found.setdefault(page.account_id, page)
    return list(found.values())


def says(present: Sequence[Present]) -> str:
    """The line over a case; "" when nobody else has it open."""
    if not present:
        return ""
    said = [
        (
            _("%(name)s (opened %(at)s), filling in “%(form)s”")
            if each.doing
            else _("%(name)s (opened %(at)s), reading")
        )
        % {
            "name": each.name,
            "at": f"{timezone.localtime(each.opened_at):%H:%M}",
            "form": flow.ROWS[each.doing].label if each.doing else "",
        }
        for each in present[:SHOWN]
    ]
    if len(present) > SHOWN:
        said.append(_("%(n)s more") % {"n": len(present) - SHOWN})
    return _("At work on this: %(who)s") % {"who": _("; ").join(said)}


def _page(request: HttpRequest) -> tuple[UUID, str] | None:
    """Which page asks, and the form that is open on it; None for one without scripts."""
    try:
        tab = UUID(request.GET.get("tab", ""))
    except ValueError:
        return None
    doing = request.GET.get("doing", "")
    return tab, doing if doing in flow.ROWS else ""


def _is_known(look: Look, page: tuple[UUID, str], number: str) -> bool:
    """Whether it was written lately that this page has the case open, with this form."""
    before = look.pages.get(page[0])
    return (
        before is not None
        and (before.number, before.doing) == (number, page[1])
        and before.age <= WRITTEN_EVERY
    )


def is_quiet(request: HttpRequest, number: str, actor: Actor) -> bool:
    """Whether there is neither anybody to tell this page of, nor anything to write of it."""
    page = _page(request)
    if page is None:
        return True
    look = _look()
    return _is_known(look, page, number) and not others(look, number, actor.account_id)


def note(
    request: HttpRequest, case_id: UUID, number: str, actor: Actor, answer: HttpResponse
) -> None:
    """Notes that this page has the case open, and tells it in the answer's head who else has.

    For a case that the actor may see. Reading changes no case and no history: a GET may do it.
    """
    page = _page(request)
    if page is None:
        return
    look = _look()  # as of half a second ago at most
    if not _is_known(look, page, number):
        _write(page[0], case_id, actor, page[1])
    say(answer, number, says(others(look, number, actor.account_id)))


def say(answer: HttpResponse, number: str, line: str = "") -> None:
    """Tells a page who else has its case open. A head holds no Chinese as it is; with the number a
    late answer is known as another case's."""
    answer.headers[HEADER] = f"{number}:{quote(line)}"


def _write(tab: UUID, case_id: UUID, actor: Actor, doing: str) -> None:
    values = {"tab": tab, "case": case_id, "account": actor.account_id, "doing": doing}
    rows_of(SHOWN_ON, values)


def sweep(*, now: datetime) -> int:
    """Forgets pages that are gone; how many."""
    return Presence.objects.filter(seen_at__lt=now - KEPT).delete()[0]
