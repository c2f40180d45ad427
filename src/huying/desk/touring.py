"""The tour of the queue: at most six steps, for whoever opens it for the first time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from huying.desk.filters import tabs_of
from huying.errors import Words
from huying.people.acting import Actor
from huying.people.models import ON_FOOT, Account, Role

AGAIN = "tour"
"""In the queue's address: show the tour, seen or not."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step says, and what it points at.

    Attributes:
        at: selectors; the first that fits something in view counts. Where none does, the step is
            left out.
        keys: the keys that do it, each with what it does; a phone shows none.
        only: "desk" or "phone", for what only one of them has.
    """

    at: tuple[str, ...]
    title: Words
    words: Words
    keys: Sequence[tuple[str, Words]] = ()
    only: str = ""


_LISTS: dict[Role, Words] = {
    Role.DISPATCHER: _(
        "“For me to do” is what your post has to act on next. Then comes all that this desk holds, "
        "then all whose place lies in your area, whichever desk holds it."
    ),
    Role.HANDLER: _(
        "“For me to do” is what waits for you. “My unit's” are all cases that your unit leads or "
        "assists with."
    ),
    Role.CHECKER: _(
        "“For me to do” is what waits for a check. “In my area” are all cases whose place lies in "
        "your area."
    ),
    Role.GRID_WORKER: _(
        "“For me to do” is what waits for you. Beside it stand the cases of your area, and what "
        "you reported yourself, until its end."
    ),
}
_LISTS[Role.GRID_HEAD] = _LISTS[Role.GRID_WORKER]
_LEADERS_LIST = _("All open cases whose place lies in your area stand here, whoever has them.")

_ACTS: dict[Role, tuple[Words, Sequence[tuple[str, Words]]]] = {
    Role.DISPATCHER: (
        _(
            "The first button of a case is the next step, and a unit is proposed with its "
            "reasons. Keys do it from the list, too."
        ),
        (
            ("a", pgettext_lazy("key", "accept")),
            ("d", pgettext_lazy("key", "dispatch")),
            ("c", pgettext_lazy("key", "close")),
        ),
    ),
    Role.HANDLER: (
        _(
            "Open the case, sign for it, handle it with the photos that its item asks for. What is "
            "not for your unit goes back, with a reason."
        ),
        (
            ("s", pgettext_lazy("key", "sign for")),
            ("h", pgettext_lazy("key", "handled")),
            ("r", pgettext_lazy("key", "return")),
        ),
    ),
    Role.CHECKER: (
        _(
            "Look at the place, then pass the case or send it back. Nobody checks what they "
            "handled themselves."
        ),
        (("p", pgettext_lazy("key", "check passed")), ("f", pgettext_lazy("key", "sent back"))),
    ),
    Role.GRID_WORKER: (
        _(
            "The first button of a case is what you can do: verify a report at the place, or "
            "settle a minor matter on the spot."
        ),
        (("Enter", _("open the case")),),
    ),
}
_ACTS[Role.GRID_HEAD] = _ACTS[Role.GRID_WORKER]
_LEADERS_ACT = (
    _("Open a case to see who did what, when and why, and why each deadline is when it is."),
    (("Enter", _("open the case")),),
)


def steps(actor: Actor) -> list[Step]:
    """The steps for a post; six at most in any one window."""
    role = actor.role
    lists = _LISTS.get(role, _LEADERS_LIST) if role else _LEADERS_LIST
    act, keys = _ACTS.get(role, _LEADERS_ACT) if role else _LEADERS_ACT
    several = len(tabs_of(actor)) > 1
    return [
        Step((".tabs",), _("Which cases") if several else _("Your cases"), lists),
        Step(
            (".queue tbody .c-time", ".queue .c-time", ".empty"),
            _("The least time left first"),
            _(
                "Red is late, yellow is due soon, grey stands still. The case's page says why it "
                "is due when it is due."
            ),
        ),
        Step((".queue tbody .c-case", ".empty"), _("The next step"), act, keys),
        Step(
            ("[data-search]",),
            _("Find a case"),
            _(
                "By the last digits of its number, a piece of the address, words of the report, "
                "or pinyin initials of a place, an item or a unit."
            ),
            (("/", _("search")),),
        ),
        _fifth(role),
        Step(
            ("[data-keys-sheet]",),
            _("All keys, and this tour again"),
            _("Every key stands on one sheet. The tour can be had again under “My account”."),
            (("?", _("the sheet of keys")),),
            only="desk",
        ),
        Step(
            ('.top-nav [href$="/me"]',),
            _("This tour again"),
            _("Here are your posts, your password, and this tour whenever you want it."),
            only="phone",
        ),
    ]


def _fifth(role: Role | None) -> Step:
    """A new case, for those who report; for others the workbench."""
    at = ('.top-nav [data-key="n"]',)
    keys = (("n", _("New case")),)
    if role in ON_FOOT:
        words = _("A report from your grid needs a position and a photo. What it is, is proposed.")
        return Step(at, _("New case"), words, keys)
    if role in (Role.DISPATCHER, Role.CHECKER):
        words = _("Only the words are needed. What it is and where it goes is proposed.")
        return Step(at, _("New case"), words, keys)
    return Step(
        ('.top-nav [href$="/today/"]',),
        _("My workbench"),
        _("What you did today, what came back, and what the next shift must know."),
    )


def is_due(request: HttpRequest) -> bool:
    """Whether the page shows the tour by itself: never seen, or asked for."""
    account = request.user
    return isinstance(account, Account) and (account.tour_seen_at is None or AGAIN in request.GET)


@require_POST
@login_required
def seen(request: HttpRequest) -> HttpResponse:
    """The tour was looked at to its end, or skipped: it does not come again by itself."""
    account = cast("Account", request.user)
    unseen = Account.objects.filter(pk=account.pk, tour_seen_at=None)
    unseen.update(tour_seen_at=timezone.now())
    return HttpResponse(status=204)
