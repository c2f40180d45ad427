"""Counted from records: suggestions collected and done, wishes, and both ratings of each unit."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Avg, Count, Q

from huying.neighbours.models import ClaimRating, Suggestion, Wish, WishClaim
from huying.neighbours.models.suggestions import SuggestionState
from huying.neighbours.models.wishes import ClaimState, Side, WishState


@dataclass(frozen=True, slots=True)
class Figures:
    """A community's figures. A mean of nothing is None: no data."""

    collected: int
    adopted: int
    done: int
    answered: int
    open: int
    fulfilled: int
    stars: float | None


def of_area(area_code: str) -> Figures:
    """The figures of a community, or of a wider area."""
    counted = Suggestion.objects.filter(area_code__startswith=area_code).aggregate(
        collected=Count("pk"),
        adopted=Count("pk", filter=Q(state=SuggestionState.ADOPTED)),
        done=Count("pk", filter=Q(state=SuggestionState.DONE)),
        answered=Count("pk", filter=Q(state=SuggestionState.ANSWERED)),
    )
    wishes = Wish.objects.filter(area_code__startswith=area_code).aggregate(
        open=Count("pk", filter=Q(state=WishState.OPEN)),
        fulfilled=Count("pk", filter=Q(state=WishState.DONE)),
    )
    stars = ClaimRating.objects.filter(
        side=Side.RESIDENT, claim__wish__area_code__startswith=area_code
    ).aggregate(mean=Avg("stars"))["mean"]
    return Figures(**counted, **wishes, stars=_round(stars))


def by_topic(area_code: str) -> list[tuple[str, int, int]]:
    """Of each topic how many were collected and how many are done, the most first."""
    rows = (
        Suggestion.objects.filter(area_code__startswith=area_code)
        .order_by()
        .values("topic__name")
        .annotate(n=Count("pk"), done=Count("pk", filter=Q(state=SuggestionState.DONE)))
        .order_by("-n", "topic__name")
    )
    return [(row["topic__name"] or "", row["n"], row["done"]) for row in rows]


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What a branch, team or organisation took on, and how both sides found it."""

    name: str
    claims: int
    done: int
    returned: int
    stars: float | None
    support: float | None


def by_unit(area_code: str) -> list[UnitLine]:
    """By unit, the most done first; nobody's name."""
    claims = (
        WishClaim.objects.filter(wish__area_code__startswith=area_code)
        .order_by()
        .values("unit", "unit__name")
        .annotate(
            n=Count("pk"),
            done=Count("pk", filter=Q(state=ClaimState.DONE)),
            returned=Count("pk", filter=Q(state=ClaimState.STALLED)),
        )
    )
    means = {
        (row["claim__unit"], row["side"]): row["mean"]
        for row in ClaimRating.objects.filter(claim__wish__area_code__startswith=area_code)
        .order_by()
        .values("claim__unit", "side")
        .annotate(mean=Avg("stars"))
    }
    lines = [
        UnitLine(
            name=row["unit__name"],
            claims=row["n"],
            done=row["done"],
            returned=row["returned"],
            stars=_round(means.get((row["unit"], Side.RESIDENT))),
            support=_round(means.get((row["unit"], Side.CLAIMANT))),
        )
        for row in claims
    ]
    return sorted(lines, key=lambda line: (-line.done, -line.claims, line.name))


def _round(mean: float | None) -> float | None:
    return None if mean is None else round(float(mean), 1)
