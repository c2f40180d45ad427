"""Open cases that may be the same matter: near in place and time, and alike in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import cos, hypot, radians
from uuid import UUID

from huying.cases.models import Case, CaseText, TextKind
from huying.dispatch.models import LikelyDuplicate

WITHIN_M = 150.0
WITHIN = timedelta(days=3)
LIKENESS = 0.22
MOST = 5
_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Likely:
    case_id: UUID
    metres: float | None
    likeness: float


def bigrams(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters, punctuation and spaces left out."""
    letters = [letter for letter in text if letter.isalnum()]
    return frozenset(a + b for a, b in pairwise(letters))


def likeness(one: str, other: str) -> float:
    """Dice's coefficient of the two texts' bigrams, 0 (nothing) to 1 (the same)."""
    first, second = bigrams(one), bigrams(other)
    if not first or not second:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))


def metres_between(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Distance on the ground, good to a metre within a town (equirectangular)."""
    x = (other_lon - lon) * cos(radians((lat + other_lat) / 2))
    return hypot(x, other_lat - lat) * _METRES_PER_DEGREE


def choose(
    lon: float | None,
    lat: float | None,
    item_code: str,
    text: str,
    others: Iterable[tuple[UUID, float | None, float | None, str, str]],
) -> list[Likely]:
    """The likely ones among ``others`` (id, lon, lat, item, text), the likeliest first. Pure.

    Two cases without a known distance must be alike in words; near ones may differ more, and
    still more when they are of one item.
    """
    found = []
    for case_id, other_lon, other_lat, other_item, other_text in others:
        metres = None
        if None not in (lon, lat, other_lon, other_lat):
            metres = metres_between(lon, lat, other_lon, other_lat)  # type: ignore[arg-type]
            if metres > WITHIN_M:
                continue
        alike = likeness(text, other_text)
        needed = LIKENESS if metres is not None else 2 * LIKENESS
        if item_code and item_code == other_item:
            needed -= 0.08
        if alike >= needed:
            found.append(Likely(case_id, metres, round(alike, 3)))
    found.sort(key=lambda each: (-each.likeness, str(each.case_id)))
    return found[:MOST]


def nearby_open(case: Case, text: str) -> list[Likely]:
    """Likely duplicates among the open cases of the last days in the same community or area."""
    area = case.area_code[:12]
    others = (
        Case.objects.open()
        .filter(
            area_code__startswith=area,
            received_at__gt=case.received_at - WITHIN,
            received_at__lte=case.received_at,
        )
        .exclude(pk=case.pk)
        .order_by("-received_at")[:500]
    )
    rows = {other.pk: other for other in others}
    texts = dict(
        CaseText.objects.filter(case__in=rows, kind=TextKind.DESCRIPTION).values_list(
            "case_id", "body"
        )
    )
    return choose(
        case.lon,
        case.lat,
        case.item_code or case.suggested_item,
        text,
        (
            (pk, row.lon, row.lat, row.item_code or row.suggested_item, texts.get(pk, ""))
            for pk, row in rows.items()
        ),
    )


def look(case_id: UUID, now: datetime) -> int:
    """The job after a report: finds likely duplicates and keeps them for the desk to decide."""
    case = Case.objects.filter(pk=case_id).first()
    if case is None or not case.is_open:
        return 0
    text = (
        CaseText.objects.filter(case=case, kind=TextKind.DESCRIPTION)
        .values_list("body", flat=True)
        .first()
    )
    found = nearby_open(case, text or "")
    LikelyDuplicate.objects.bulk_create(
        [
            LikelyDuplicate(
                case=case,
                district_code=case.district_code,
                other_id=each.case_id,
                metres=each.metres,
                likeness=each.likeness,
            )
            for each in found
        ],
        ignore_conflicts=True,
    )
    return len(found)
