"""What the forms offer to choose from: people, units, desks, places, other cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import Q

from huying.cases.models import Case
from huying.catalogue.suggesting import Suggestion as ItemSuggestion
from huying.dispatch import duplicates
from huying.dispatch.models import Order
from huying.dispatch.suggesting import Roster, Suggestion
from huying.intake.reporting import suggestions
from huying.people.acting import Actor
from huying.people.models import LOOKERS, Post, Unit, UnitKind
from huying.places import naming
from huying.places.outlines import Centre as Centre
from huying.places.outlines import box_of as box_of
from huying.places.outlines import centre_of as centre_of

Choices = list[tuple[str, Any]]


def lookers(case: Case, day: date) -> Choices:
    """People of the place who may look at it: its grid worker first, then checkers."""
    code = case.area_code
    prefixes = [code[:length] for length in (6, 9, 12, 15) if length <= len(code)]
    posts = (
        Post.objects.filter(
            role__in=LOOKERS, area_code__in=prefixes, starts_on__lte=day, account__is_active=True
        )
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))
        .exclude(account=case.handler_id)
        .select_related("account")
        .order_by("-area_code", "role")[:50]
    )
    return [
        (
            str(post.account_id),
            f"{post.account.name}（{post.get_role_display()}，{naming.own_name(post.area_code)}）",
        )
        for post in posts
    ]


def units_to_send_to(case: Case, suggestion: Suggestion, roster: Roster) -> Sequence[Unit]:
    """Every unit that the desk may send the case to, the suggested ones first."""
    ranked = [each.unit for each in suggestion.all]
    known = {unit.pk for unit in ranked}
    return [*ranked, *(unit for unit in roster.units_for(case) if unit.pk not in known)]


def units_of_district(case: Case) -> Choices:
    """Departments and teams of the case's place and above it, by area; never the one in charge."""
    code = case.area_code
    prefixes = [code[:length] for length in (6, 9, 12) if length <= len(code)]
    units = (
        Unit.objects.filter(active=True, district_code=case.district_code)
        .filter(kind__in=[UnitKind.DEPARTMENT, UnitKind.TEAM], area_code__in=prefixes)
        .order_by("-area_code", "kind", "code")
    )
    if case.lead_unit_id is not None:
        units = units.exclude(pk=case.lead_unit_id)
    return grouped([(unit.area_code, str(unit.pk), unit.name) for unit in units])


def returns_of(case: Case) -> list[tuple[str, str]]:
    """Who gave the case back and whom each named instead, the first one first."""
    orders = Order.objects.filter(case=case, returned_at__isnull=False).order_by("returned_at")
    return [
        (order.unit.name, order.return_to.name)
        for order in orders.select_related("unit", "return_to")
        if order.return_to is not None
    ]


def desks_below(case: Case) -> Choices:
    """Desks that the case may be sent down to: on the way to its place, as far as that is known."""
    desks = Unit.objects.filter(
        kind=UnitKind.DESK, active=True, area_code__startswith=case.holder_code
    ).exclude(area_code=case.holder_code)
    code = case.area_code
    fitting = [
        desk
        for desk in desks.order_by("area_code")
        if code.startswith(desk.area_code) or desk.area_code.startswith(code)
    ]
    return [(desk.area_code, desk.name) for desk in fitting]


def areas_of(area_code: str) -> Choices:
    """For the queue's filter: the areas one level below a post's, or below its town."""
    below = {6: 9, 9: 12}.get(len(area_code))
    return [] if below is None else list(naming.within(area_code, below))


@dataclass(frozen=True, slots=True)
class Same:
    """An open case that may be the same matter, with what speaks for it in words."""

    case: Case
    reason: str


def likely_duplicates(
    case: Case, actor: Actor, limits: duplicates.Limits | None = None, text: str | None = None
) -> Sequence[Same]:
    """Open cases that may be the same matter, as far as the actor may see them.

    The district's ``limits`` and the ``text`` of the report are read unless they are given.
    """
    return [
        Same(other, duplicates.reason_words(each))
        for other, each in duplicates.likely_of(case, limits, by=actor, text=text)
    ]


def grouped(rows: Sequence[tuple[str, str, str]]) -> Choices:
    """Choices under the names of their areas."""
    return [
        (naming.own_name(area), [(value, label) for _area, value, label in group])
        for area, group in groupby(rows, key=lambda row: row[0])
    ]


def why_item(case: Case, now: datetime) -> ItemSuggestion | None:
    """What speaks now for the item that was suggested; None where it would be another today."""
    if not case.suggested_item:
        return None
    said = duplicates.descriptions([case.pk]).get(case.pk, "")
    return next((x for x in suggestions(said, now) if x.item_code == case.suggested_item), None)
