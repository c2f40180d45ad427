"""Whom a wish, a claim, a suggestion or a sign-up concerns, and the words they are told in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from huying.neighbours.models import Circle, Joining, Suggestion, Wish, WishClaim
from huying.notices.kinds import Group, Kind, kind
from huying.notices.telling import Whom
from huying.notices.telling import tell as into_inboxes
from huying.places import naming

MINE = "/desk/neighbours/mine"

CLAIMED = kind(
    "neighbours_claimed",
    _("Claimed"),
    _("{unit} claimed something from the list of {place}."),
    group=Group.DESK,
)
RESULT = kind(
    "neighbours_result",
    _("Result of a claim"),
    _("{unit} says that something claimed in {place} is done. Please look at it."),
    group=Group.DESK,
)
APPROVED = kind(
    "neighbours_approved",
    _("Approved"),
    _("{place} has approved the result of your claim. Thank you."),
    group=Group.TASKS,
)
MORE = kind(
    "neighbours_more",
    _("Please add to the result"),
    _("{place} asks you to add to the result of your claim."),
    group=Group.TASKS,
)
URGED = kind(
    "neighbours_urged",
    _("How is your claim getting on?"),
    _("Nothing was heard of your claim in {place}. Without a word it returns on {day}."),
    group=Group.TASKS,
)
STALLED = kind(
    "neighbours_stalled",
    _("Claim returned to the list"),
    _("Nothing was heard of your claim in {place} for {days} days; others may claim it now."),
    group=Group.TASKS,
)
STALLED_HERE = kind(
    "neighbours_stalled_here",
    _("Claim returned to the list"),
    _("Nothing was heard of a claim of {unit} in {place} for {days} days; others may have it."),
    group=Group.DESK,
)
ENDED = kind(
    "neighbours_ended",
    _("Taken off the list"),
    _("{place} has taken off what you had claimed. You need not go on."),
    group=Group.TASKS,
)
SUGGESTED = kind(
    "neighbours_suggested",
    _("New suggestion"),
    _("Somebody made a suggestion for {place}. Please look at it."),
    group=Group.DESK,
)
ASKED = kind(
    "neighbours_asked",
    _("Somebody signs up"),
    _("Somebody wants to join {circle}. Please accept them or not."),
    group=Group.DESK,
)
ACCEPTED = kind(
    "neighbours_accepted",
    _("You belong to it now"),
    _("{circle} has accepted you."),
    group=Group.OTHER,
)
CALLED = kind(
    "neighbours_called",
    _("A whistle can call you now"),
    _("You have a post in {circle}: when it is called you are told, and check in there."),
    group=Group.OTHER,
)
CANCELLED = kind(
    "neighbours_cancelled",
    _("Activity called off"),
    _("An activity of {circle} on {day} was called off."),
    group=Group.OTHER,
)


def put(what: Kind, whom: Whom, row: Any, now: datetime, path: str, key: str, **data: Any) -> int:
    with override("zh-hans"):
        said = {name: str(value) for name, value in data.items()}
    return into_inboxes(
        what,
        whom,
        key=f"{what.name}:{row.pk}:{key}",
        district_code=row.district_code,
        now=now,
        path=path,
        data=said,
    )


def tell_claimant(what: Kind, claim: WishClaim, now: datetime, key: str = "", **data: Any) -> int:
    """Whoever claimed, and of a unit everybody who works in it."""
    whom = Whom(accounts=(claim.account_id,), units=(claim.unit_id,) if claim.for_unit else ())
    place = naming.own_name(claim.wish.area_code)
    path = f"{MINE}/{claim.wish_id}"
    return put(what, whom, claim, now, path, key, place=place, **data)


def tell_desk_of_claim(
    what: Kind, claim: WishClaim, now: datetime, key: str = "", **data: Any
) -> int:
    wish: Wish = claim.wish
    return put(
        what,
        Whom(desks=(wish.area_code,)),
        claim,
        now,
        f"/desk/neighbours/wishes/{wish.pk}",
        key,
        place=naming.own_name(wish.area_code),
        unit=claim.unit.name,
        **data,
    )


def tell_desk_of_suggestion(found: Suggestion, now: datetime) -> int:
    return put(
        SUGGESTED,
        Whom(desks=(found.area_code,)),
        found,
        now,
        f"/desk/neighbours/suggestions/{found.pk}",
        "",
        place=naming.own_name(found.area_code),
    )


def tell_leads(joining: Joining, now: datetime) -> int:
    """Those who lead it, and the desk."""
    circle: Circle = joining.circle
    leads = circle.joinings.filter(leads=True).values_list("account", flat=True)
    return put(
        ASKED,
        Whom(accounts=tuple(leads), desks=(circle.area_code,), but=(joining.account_id,)),
        joining,
        now,
        f"/desk/neighbours/circles/{circle.pk}",
        "",
        circle=circle.name,
    )


def tell_joined(joining: Joining, now: datetime) -> int:
    circle: Circle = joining.circle
    whom = Whom(accounts=(joining.account_id,))
    path = f"/desk/neighbours/circles/{circle.pk}"
    return put(ACCEPTED, whom, joining, now, path, "", circle=circle.name)


def tell_called(joining: Joining, now: datetime) -> int:
    circle: Circle = joining.circle
    whom = Whom(accounts=(joining.account_id,))
    return put(CALLED, whom, joining, now, "/desk/mine", "", circle=circle.name)
