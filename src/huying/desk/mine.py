"""The page of a member or volunteer: the branch, the calls, the households, and what else there is.

Other parts of the product put their own section here by a line in `PARTS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huying.branches import coming
from huying.branches.models import Branch, Coming, Consent, HouseholdLink, PartyMember
from huying.care.models import CarePerson
from huying.desk.branch_members import with_heads
from huying.desk.here import at, me
from huying.desk.joint import for_home as joint_for_home
from huying.desk.neighbours_mine import for_home
from huying.desk.whistles import words_of
from huying.errors import HuyingError, NotFound
from huying.people.acting import Actor
from huying.people.models import Role, Unit


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the page.

    Attributes:
        template: what draws it; it is included with what ``shows`` gives.
        shows: what it needs, for the member who looks.
    """

    template: str
    shows: Callable[[Actor], dict[str, Any]]


def is_member(actor: Actor) -> bool:
    return actor.role == Role.MEMBER


def _calls(actor: Actor) -> dict[str, Any]:
    """The whistles that call the member's branch or team, with what they said themselves."""
    calls = list(coming.calling(actor))
    mine = Coming.objects.filter(call__in=calls, account=actor.account_id)
    said = {row.call_id: row for row in mine}
    counts = coming.counted(calls, timezone.localdate())
    return {
        "calls": [
            {
                "call": call,
                "whistle": call.whistle,
                "words": words_of(call.whistle),
                "address": _address(call),
                "mine": said.get(call.pk),
                "counted": counts.get(call.pk),
            }
            for call in calls
        ]
    }


def _address(call: Any) -> str:
    """Where to come to: told to who is called, while they are."""
    case = call.whistle.case
    address: str = case.address if case is not None else call.whistle.address
    return address


def _branch(actor: Actor) -> dict[str, Any]:
    """The own branch's public facts; of a team its name."""
    found = Branch.objects.visible_to(actor).living().select_related("unit").first()
    return {
        "branch": found,
        "unit": Unit.objects.filter(pk=actor.unit_id or 0).first(),
        "places": found.places.living().select_related("grid", "building") if found else [],
    }


def _households(actor: Actor) -> dict[str, Any]:
    """The households that are linked to the member."""
    links = (
        HouseholdLink.objects.visible_to(actor)
        .select_related("household__dwelling__address")
        .order_by("household__dwelling__address__full_name", "household__number")
    )
    return {
        "links": with_heads(list(links)),
        "known": PartyMember.objects.visible_to(actor).living().exists(),
        "consents": Consent.choices,
    }


def _visits(actor: Actor) -> dict[str, Any]:
    """Whom the member visits, who is due first."""
    today = timezone.localdate()
    rows = CarePerson.objects.visible_to(actor).standing()
    due = list(rows.due(today).for_pages()[:MOST_VISITS])
    return {
        "due": [(care, care.is_minor(today), care.standing_on(today)) for care in due],
        "n": rows.due(today).count(),
        "later": rows.filter(due_on__gt=today).count(),
    }


MOST_VISITS: Final = 5
PARTS: Final[tuple[Part, ...]] = (
    Part("desk/mine/_calls.html", _calls),
    Part("desk/mine/_visits.html", _visits),
    Part("desk/mine/_households.html", _households),
    Part("desk/mine/_neighbours.html", for_home),
    Part("desk/mine/_joint.html", joint_for_home),
    Part("desk/mine/_branch.html", _branch),
)
"""The sections of the page, in their order."""


@require_safe
@at(is_member)
def mine(request: HttpRequest) -> HttpResponseBase:
    """All that a member or volunteer has to do with, on one page."""
    actor = me(request)
    context = {
        "actor": actor,
        "parts": [(part.template, part.shows(actor)) for part in PARTS],
    }
    return render(request, "desk/mine/page.html", context)


@require_POST
@at(is_member)
def answer(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """The member says that they come, or not; or checks in on the spot."""
    actor, now = me(request), timezone.now()
    if step not in ("come", "stay", "check_in"):
        raise Http404
    try:
        if step == "check_in":
            lon, lat = _degrees(request, "lon"), _degrees(request, "lat")
            coming.check_in(pk, lon, lat, by=actor, now=now)
            messages.success(request, _("You have checked in. Thank you for coming."))
        else:
            coming.say(pk, step == "come", by=actor, now=now)
            said = _("Noted: you come.") if step == "come" else _("Noted: you cannot come.")
            messages.success(request, said)
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        messages.error(request, str(error))
    return redirect("mine")


def _degrees(request: HttpRequest, name: str) -> float | None:
    try:
        return float(request.POST.get(name, ""))
    except ValueError:
        return None
