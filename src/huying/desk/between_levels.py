"""级间流转: what each desk passed up and down in a period, and which of it looks wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from huying.cases.models import Case
from huying.desk.here import at_desk, me
from huying.desk.levels import concerns, doubt_words
from huying.dispatch.between_levels import MOST, Desk, OfCase, Verdict, by_desk, of_period
from huying.dispatch.moves import Doubtful
from huying.people.acting import Actor
from huying.people.models import LEADERS, Role, Unit
from huying.places import naming
from huying.places.models import level_of

PERIODS = (7, 30, 90)
"""Days that the page looks back."""
USUAL = 30


@dataclass(frozen=True, slots=True)
class Figures:
    """A desk's line."""

    desk: Desk
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """A move that looks wrong, with its case and why."""

    case: Case
    doubt: Doubtful
    desk: str
    words: str


@dataclass(frozen=True, slots=True)
class Decided:
    """An arbitration, with its case and the units by name."""

    case: Case
    verdict: Verdict
    unit: str
    tried: list[str]
    desk: str


def may_see(actor: Actor | None) -> bool:
    """Desks and leaders; whoever handles or checks moves nothing between the levels."""
    return actor is not None and (actor.role == Role.DISPATCHER or actor.role in LEADERS)


@require_safe
@at_desk
def page(request: HttpRequest) -> HttpResponseBase:
    """By desk, then the single moves with their reasons, then what arbitration found."""
    actor, now = me(request), timezone.now()
    if not may_see(actor):
        raise PermissionDenied
    asked = request.GET.get("days", "")
    days = next((each for each in PERIODS if str(each) == asked), USUAL)
    found = of_period(Case.objects.visible_to(actor), now - timedelta(days=days), now)
    desks = [each for each in by_desk(found) if each.area_code.startswith(actor.area_code)]
    cases = Case.objects.for_pages().in_bulk(
        [each.case_id for each in found if each.doubts or each.verdicts]
    )
    context = {
        "actor": actor,
        "place": naming.own_name(actor.area_code),
        "days": days,
        "periods": PERIODS,
        "figures": [
            Figures(each, naming.own_name(each.area_code), str(level_of(each.area_code).label))
            for each in desks
        ],
        "wrong": _wrong(found, cases, actor),
        "decided": _decided(found, cases),
        "most": MOST if len(found) == MOST else 0,
    }
    return render(request, "desk/levels.html", context)


def _wrong(found: list[OfCase], cases: dict[object, Case], actor: Actor) -> list[Wrong]:
    """For the two desks of a move, and for those above both: as the page of a case tells it."""
    lines = [
        Wrong(cases[each.case_id], doubt, naming.own_name(doubt.desk), doubt_words(doubt))
        for each in found
        for doubt in each.doubts
        if concerns(doubt, actor)
    ]
    return sorted(lines, key=lambda line: line.doubt.move.at, reverse=True)


def _decided(found: list[OfCase], cases: dict[object, Case]) -> list[Decided]:
    ids = {
        pk
        for each in found
        for verdict in each.verdicts
        for pk in (verdict.unit, *verdict.sent_wrongly)
    }
    names = dict(Unit.objects.filter(pk__in=ids).values_list("pk", "name"))
    lines = [
        Decided(
            cases[each.case_id],
            verdict,
            names.get(verdict.unit, ""),
            [names.get(pk, "") for pk in verdict.sent_wrongly],
            naming.own_name(verdict.desk) if verdict.desk else "",
        )
        for each in found
        for verdict in each.verdicts
    ]
    return sorted(lines, key=lambda line: line.verdict.at, reverse=True)


def doubted(actor: Actor, days: int = USUAL) -> int | None:
    """How many moves of the actor's own desk look wrong; None for whoever sees no such page."""
    if not may_see(actor) or not actor.area_code:
        return None
    now = timezone.now()
    found = of_period(Case.objects.visible_to(actor), now - timedelta(days=days), now)
    return sum(doubt.desk == actor.area_code for each in found for doubt in each.doubts)
