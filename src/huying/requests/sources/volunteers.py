"""What a volunteer or member did: teams and hours, wishes taken on, whistles answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.branches import forgetting as branches
from huying.branches.models import Coming
from huying.neighbours import forgetting
from huying.neighbours.models import CircleAttendance, ClaimRating, Joining, WishClaim
from huying.neighbours.models.circles import JoiningState
from huying.neighbours.models.wishes import ClaimState
from huying.people.acting import SYSTEM
from huying.places import naming
from huying.requests.models import Ground
from huying.requests.sources.accounts import accounts_of
from huying.requests.sources.source import (
    MOST,
    Line,
    Marks,
    Source,
    Told,
    ids,
    never,
    nothing_holds,
    shown,
)
from huying.response.called import GOING_ON


def _joinings(marks: Marks) -> list[tuple[UUID, str]]:
    rows = Joining.objects.filter(account__in=accounts_of(marks)).order_by("asked_at")
    return ids(rows.values_list("pk", "circle__area_code")[:MOST])


def _joining_line(pk: UUID) -> Line | None:
    row = Joining.objects.select_related("circle").filter(pk=pk).first()
    if row is None:
        return None
    belongs = row.state in (JoiningState.ASKED, JoiningState.IN)
    return Line(row.circle.name, naming.names(row.circle.area_code), row.asked_at, belongs)


def _tell_joining(pk: UUID, marks: Marks) -> Told:
    row = Joining.objects.select_related("circle").get(pk=pk)
    told = [
        (_("Team or group"), row.circle.name),
        (_("State"), str(row.get_state_display())),
        (_("Signed up"), shown(row.asked_at)),
    ]
    there = CircleAttendance.objects.filter(activity__circle=row.circle, account=row.account_id)
    told += [
        (_("Activity"), f"{shown(each.activity.begins_at)} {each.activity.title}"
         f" {each.get_state_display()} {each.minutes or ''}".strip())
        for each in there.select_related("activity").order_by("signed_at")
    ]  # fmt: skip
    told += [
        (_("Certificate"), f"{each.number} {each.year}")
        for each in row.circle.certificates.filter(account=row.account_id)
    ]
    return told


def _erase_joining(pk: UUID, marks: Marks, now: datetime) -> None:
    forgetting.forget_joining(pk, by=SYSTEM, now=now)


# --- wishes taken on


def _claims(marks: Marks) -> list[tuple[UUID, str]]:
    rows = WishClaim.objects.filter(account__in=accounts_of(marks)).order_by("claimed_at")
    return ids(rows.values_list("pk", "wish__area_code")[:MOST])


def _claim_line(pk: UUID) -> Line | None:
    row = WishClaim.objects.select_related("wish").filter(pk=pk).first()
    if row is None:
        return None
    place = naming.names(row.wish.area_code)
    return Line(row.wish.title, place, row.claimed_at, _claim_held(pk) is not None)


def _tell_claim(pk: UUID, marks: Marks) -> Told:
    row = WishClaim.objects.select_related("wish").get(pk=pk)
    told = [
        (_("Wish taken on"), row.wish.title),
        (_("Since"), shown(row.claimed_at)),
        (_("State"), str(row.get_state_display())),
        (_("How it goes"), row.progress),
        (_("Result"), row.result),
        (_("Reason"), row.reason),
    ]
    told += [
        (str(each.get_side_display()), f"{each.stars} {each.words}".strip())
        for each in ClaimRating.objects.filter(claim=row)
    ]
    return [each for each in told if each[1]]


def _claim_held(pk: UUID) -> Ground | None:
    runs = [ClaimState.RUNNING, ClaimState.REPORTED]
    return Ground.CASE_OPEN if WishClaim.objects.filter(pk=pk, state__in=runs).exists() else None


def _erase_claim(pk: UUID, marks: Marks, now: datetime) -> None:
    forgetting.forget_claim(pk, by=SYSTEM, now=now)


# --- whistles answered


def _comings(marks: Marks) -> list[tuple[UUID, str]]:
    rows = Coming.objects.filter(account__in=accounts_of(marks)).order_by("said_at")
    return ids(rows.values_list("pk", "call__whistle__area_code")[:MOST])


def _of(pk: UUID) -> Any:
    return Coming.objects.select_related("call__whistle", "call__unit").filter(pk=pk).first()


def _coming_line(pk: UUID) -> Line | None:
    row = _of(pk)
    if row is None:
        return None
    place = naming.names(row.call.whistle.area_code)
    return Line(str(row.call.unit), place, row.said_at, row.call.state in GOING_ON)


def _tell_coming(pk: UUID, marks: Marks) -> Told:
    row = _of(pk)
    told = [
        (_("Called with"), str(row.call.unit)),
        (_("What you said"), str(_("I come") if row.comes else _("I do not come"))),
        (_("Said at"), shown(row.said_at)),
        (_("On the spot"), shown(row.arrived_at)),
        (_("Grid"), row.arrived_grid),
    ]
    return [each for each in told if each[1]]


def _coming_held(pk: UUID) -> Ground | None:
    goes_on = Coming.objects.filter(pk=pk, call__state__in=sorted(GOING_ON)).exists()
    return Ground.CASE_OPEN if goes_on else None


def _erase_coming(pk: UUID, marks: Marks, now: datetime) -> None:
    branches.forget_coming(pk)


SOURCES: Final = (
    Source(
        "joining", gettext_lazy("volunteer team or group"), _joinings, _joining_line,
        _tell_joining, nothing_holds, _erase_joining, never, (),
        tables=("circle_joining", "circle_attendance", "circle_certificate"),
    ),
    Source(
        "claim", gettext_lazy("wish taken on"), _claims, _claim_line, _tell_claim,
        _claim_held, _erase_claim, never, ("words",), tables=("wish_claim",),
    ),
    Source(
        "coming", gettext_lazy("whistle answered"), _comings, _coming_line, _tell_coming,
        _coming_held, _erase_coming, never, (), tables=("coming",),
    ),
)  # fmt: skip
