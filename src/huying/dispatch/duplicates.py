"""Which reports may be one matter, and which matters come again: near in place, time and words.

Two reports are likely one when their items are the same within the district's metres and hours
(50 m and 24 h unless set), or when their words are alike. What is likely is decided by pure
functions; the look-ups bring them few cases, whatever the number of open ones.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huying.cases import finding
from huying.cases.models import Case
from huying.cases.reading import CaseQuerySet, Seeing, who_sees
from huying.cases.states import State
from huying.clock.explaining import lasting_words
from huying.dispatch.models import DuplicateLimits, LikelyDuplicate
from huying.people.acting import SYSTEM, Actor
from huying.places.measure import metres_between, metres_per_degree
from huying.postgres.frozen import frozen, frozen_unseen

ALIKE = 0.22
"""Words that are near enough in one place: paraphrases of one matter rarely share more."""
VERY_ALIKE = 0.44
"""Words that speak for one matter where the place does not."""
FAR = 3
"""How many times the metres a position may be off when the words name the same door."""
MOST = 5
NO_CASE = UUID(int=0)
"""No case has this id."""
LOOKED_AT = 200
"""Reports without a position that are compared by their words, the newest first."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How near is near: in metres, in time, and for how long after a close."""

    within_m: float = 50.0
    within: timedelta = timedelta(hours=24)
    repeats_within: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Told:
    """A report, as far as it is compared. ``case_id`` is None while somebody still types it."""

    lon: float | None
    lat: float | None
    area_code: str
    item: str
    text: str
    at: datetime
    case_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Likely:
    """A case that may be the same matter, and what speaks for it.

    Attributes:
        later: how much later it was reported than the other; negative when earlier.
        metres: None where one of the two places is not known exactly.
    """

    case_id: UUID
    metres: float | None
    likeness: float
    same_item: bool
    later: timedelta


def bigrams(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters, punctuation and spaces left out."""
    letters = [letter for letter in text if letter.isalnum()]
    return frozenset(a + b for a, b in pairwise(letters))


def likeness(one: str, other: str) -> float:
    """Dice's coefficient of the two texts' bigrams, 0 (nothing) to 1 (the same)."""
    return _dice(bigrams(one), bigrams(other))


def _dice(first: frozenset[str], second: frozenset[str]) -> float:
    if not first or not second:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))


_DOOR = re.compile(
    r"([\u4e00-\u9fff]{1,3}(?:大道|路|街|巷|里|坊))?(\d+)(号|栋|座|幢|单元|巷)(?:楼|院|铺)?"
    r"(?:的?(?:门口|门前|旁边|附近|对面|楼下|旁|前))?"
)
_COURTESY = re.compile(
    "|".join(
        (
            "您好|你好|领导|我要(?:投诉|反映|举报)|本人|(?:居民|住户|村民|市民|群众)?(?:来电|反映|投诉)(?:一下)?",
            "[请望恳]?(?:希望|请求|尽快|及时|马上|相关|有关|部门|派人|安排|来人)+(?:前来|过来)?"
            "(?:处理|解决|整改|查处|维修|修复|清理|看看)(?:一下)?",
            "麻烦(?:来|过来|你们)?(?:看看|处理|解决)?(?:一下)?|谢谢|多谢|已经?(?:反映|投诉)过了",
        )
    )
)
"""What people say around the matter, whatever it is."""


def matter_words(text: str) -> str:
    """A report without its address and its courtesies, which say nothing of what the matter is."""
    return _COURTESY.sub("", _DOOR.sub("", text))


@lru_cache(maxsize=4096)
def _matter(text: str) -> frozenset[str]:
    """The bigrams of a report's matter; a report is compared with several others in a row."""
    return bigrams(matter_words(text))


class Door(StrEnum):
    """How the addresses that two texts name stand to each other."""

    UNKNOWN = "unknown"
    OTHER = "other"
    ALIKE = "alike"
    SAME = "same"


Address = tuple[str, str, str]


def doors_of(text: str) -> set[Address]:
    """The addresses that a text names, as (road, number, kind): 和兴路 18 号, 3 栋 of no road."""
    return set(_DOOR.findall(text))


def door(one: str, other: str) -> Door:
    """Whether two texts name the same address; alike when a road is named by one of them only."""
    return door_among(doors_of(one), doors_of(other))


def door_among(ones: Iterable[Address], others: Collection[Address]) -> Door:
    """The same of the addresses that two texts name."""
    pairs = [(a, b) for a in ones for b in others if a[2] == b[2]]
    if not pairs:
        return Door.UNKNOWN
    if any(a == b and a[0] for a, b in pairs):
        return Door.SAME
    return Door.ALIKE if any(a[1] == b[1] for a, b in pairs) else Door.OTHER


def compare(told: Told, other: Told, limits: Limits) -> Likely | None:
    """What speaks for the other being the same matter; None when it is not likely."""
    assert other.case_id is not None
    later = other.at - told.at
    if abs(later) > limits.within:
        return None
    metres = None
    if told.lon is not None and told.lat is not None and other.lon is not None:
        assert other.lat is not None
        metres = metres_between(told.lon, told.lat, other.lon, other.lat)
    same_item = bool(told.item) and told.item == other.item
    alike = _dice(_matter(told.text), _matter(other.text))
    found = Likely(other.case_id, metres, round(alike, 3), same_item, later)
    if metres is not None and metres <= limits.within_m:
        # Two items that are known and differ mean two matters, unless the words say it is one.
        apart = bool(told.item and other.item and not same_item)
        return found if same_item or alike >= (VERY_ALIKE if apart else ALIKE) else None
    if metres is not None and metres > FAR * limits.within_m:
        return None
    address = door(told.text, other.text)
    if address is Door.OTHER or (metres is not None and address is Door.UNKNOWN):
        return None
    if address is Door.SAME and same_item:
        return found
    needed = (VERY_ALIKE if address is Door.UNKNOWN else ALIKE) - (0.08 if same_item else 0)
    return found if alike >= needed else None


def choose(told: Told, others: Iterable[Told], limits: Limits) -> list[Likely]:
    """The likely ones among the others, the likeliest first."""
    found = [each for other in others if (each := compare(told, other, limits)) is not None]
    found.sort(key=lambda each: (not each.same_item, -each.likeness, each.metres or 0.0))
    return found


def reason_words(likely: Likely) -> str:
    """What speaks for it, e.g. 同一事项，相距 23 米，1 小时前."""
    parts = []
    if likely.same_item:
        parts.append(_("same item"))
    if likely.likeness >= ALIKE:
        parts.append(_("words alike (%(percent)d %%)") % {"percent": round(likely.likeness * 100)})
    if likely.metres is not None:
        parts.append(_("%(metres)d m apart") % {"metres": round(likely.metres)})
    else:
        parts.append(_("in the same place as far as it is known"))
    time = {"time": lasting_words(abs(likely.later))}
    parts.append(
        (_("%(time)s before") if likely.later <= timedelta(0) else _("%(time)s after")) % time
    )
    return pgettext("between reasons", ", ").join(parts)


# --- looking up


def limits_of(district_code: str) -> Limits:
    """The district's limits, as set on the admin site, or the usual ones."""
    rows = _limits(district=district_code)
    if not rows:
        return Limits()
    (row,) = rows
    return Limits(
        within_m=row.within_m,
        within=timedelta(hours=row.within_hours),
        repeats_within=timedelta(days=row.repeat_days),
    )


@frozen
def _limits(district: Any) -> QuerySet[DuplicateLimits]:
    return DuplicateLimits.objects.filter(pk=district)


COMPARED = (
    "number", "lon", "lat", "area_code", "item_code", "suggested_item", "received_at",
)  # fmt: skip
"""What is read of a case to compare it, and to name it."""


def told_of(case: Case, text: str) -> Told:
    """A case as it is compared: with the item chosen, or else the one that the words propose."""
    return Told(
        lon=case.lon,
        lat=case.lat,
        area_code=case.area_code,
        item=case.item_code or case.suggested_item,
        text=text,
        at=case.received_at,
        case_id=case.pk,
    )


def likely(
    told: Told, limits: Limits | None = None, *, by: Actor = SYSTEM
) -> list[tuple[Case, Likely]]:
    """Open cases that may be the same matter and that the asker may see, the likeliest first."""
    limits = limits or limits_of(told.area_code[:6])
    rows = {row.pk: row for row in candidates(told, limits)}
    texts = descriptions(rows)
    found = choose(told, [told_of(row, texts.get(row.pk, "")) for row in rows.values()], limits)
    ids = [each.case_id for each in found]
    named = _named(Seeing.of(by), cases=ids, **who_sees(by)) if ids else []
    seen = {case.pk: case for case in named}
    return [(seen[each.case_id], each) for each in found if each.case_id in seen][:MOST]


def likely_of(
    case: Case,
    limits: Limits | None = None,
    *,
    by: Actor = SYSTEM,
    text: str | None = None,
) -> list[tuple[Case, Likely]]:
    """The same for a case in being, whose report says ``text``."""
    if text is None:
        text = descriptions([case.pk]).get(case.pk, "")
    return likely(told_of(case, text), limits, by=by)


def candidates(told: Told, limits: Limits) -> list[Case]:
    """Open cases around the place and the time: by position where there is one, else by area."""
    when = {
        "district": told.area_code[:6],
        "since": told.at - limits.within,
        "until": told.at + limits.within,
        "itself": told.case_id or NO_CASE,
    }
    community = told.area_code[:12]
    if told.lon is None or told.lat is None:
        return _of_community(True, community=community, **when)
    near = _near(**around(told.lon, told.lat, FAR * limits.within_m), **when)
    return [*near, *_of_community(False, community=community, **when)]


def _at_that_time(district: Any, since: Any, until: Any, itself: Any) -> CaseQuerySet:
    cases = Case.objects.open().only(*COMPARED).exclude(pk=itself)
    return cases.filter(district_code=district, received_at__range=(since, until))


@frozen_unseen
def _near(west: Any, east: Any, south: Any, north: Any, **when: Any) -> QuerySet[Case]:
    box = Q(lon__range=(west, east), lat__range=(south, north))
    return _at_that_time(**when).filter(box)[:LOOKED_AT]


@frozen_unseen
def _of_community(placed_too: bool, community: Any, **when: Any) -> QuerySet[Case]:
    cases = _at_that_time(**when).filter(area_code__within=community)
    if not placed_too:
        cases = cases.filter(lon__isnull=True)
    return cases.order_by("-received_at")[:LOOKED_AT]


@frozen_unseen
def _named(seeing: Seeing, cases: Any, **who: Any) -> QuerySet[Case]:
    return Case.objects.seen(seeing, **who).filter(pk__any_of=cases).for_pages().order_by()


def around(lon: float, lat: float, metres: float) -> dict[str, float]:
    """A box around a position, by its edges."""
    east, north = metres_per_degree(lat)
    wide, high = metres / east, metres / north
    return {"west": lon - wide, "east": lon + wide, "south": lat - high, "north": lat + high}


def descriptions(cases: Iterable[UUID]) -> dict[UUID, str]:
    """The words of the reports."""
    wanted = list(cases)
    return dict(finding.report_texts(cases=wanted)) if wanted else {}


@dataclass(frozen=True, slots=True)
class Repeat:
    """重复发生: a matter of the same item that was closed at this place not long before."""

    case: Case
    metres: float
    after: timedelta


def repeats_of(case: Case, limits: Limits | None = None, *, by: Actor = SYSTEM) -> list[Repeat]:
    """Closed cases of the same item and place, from the district's days before; newest first."""
    item = case.item_code or case.suggested_item
    if case.lon is None or case.lat is None or not item:
        return []
    limits = limits or limits_of(case.district_code)
    before = _before(
        Seeing.of(by),
        itself=case.pk,
        item=item,
        since=case.received_at - limits.repeats_within,
        until=case.received_at,
        **around(case.lon, case.lat, limits.within_m),
        **who_sees(by),
    )
    found = []
    for other in before:
        assert other.lon is not None
        assert other.lat is not None
        assert other.ended_at is not None
        metres = metres_between(case.lon, case.lat, other.lon, other.lat)
        if metres <= limits.within_m:
            found.append(Repeat(other, metres, case.received_at - other.ended_at))
    return found[:MOST]


@frozen_unseen
def _before(
    seeing: Seeing, itself: Any, item: Any, since: Any, until: Any,
    west: Any, east: Any, south: Any, north: Any, **who: Any,
) -> QuerySet[Case]:  # fmt: skip
    """The closed cases of an item in a box and a time, as far as one sees them."""
    box = Q(lon__range=(west, east), lat__range=(south, north))
    closed = Case.objects.seen(seeing, **who).filter(
        box, state=State.CLOSED, item_code=item, ended_at__range=(since, until)
    )
    return closed.exclude(pk=itself).order_by("-ended_at")[:LOOKED_AT]


@frozen
def _case(case_id: Any) -> QuerySet[Case]:
    return Case.objects.filter(pk=case_id)


def look(case_id: UUID, now: datetime) -> int:
    """The job after a report: keeps what was likely, and what came again, for the queue to mark.

    What a case's own page says is looked up anew: by then an item was chosen, or the place was set.
    """
    found = _case(case_id=case_id)
    if not found or not (case := found[0]).is_open:
        return 0
    rows: Sequence[LikelyDuplicate] = [
        *(
            LikelyDuplicate(
                case=case,
                district_code=case.district_code,
                other=other,
                metres=each.metres,
                likeness=each.likeness,
                same_item=each.same_item,
            )
            for other, each in likely_of(case)
            if other.received_at <= case.received_at
        ),
        *(
            LikelyDuplicate(
                case=case,
                district_code=case.district_code,
                other=each.case,
                metres=each.metres,
                likeness=0,
                same_item=True,
                repeat=True,
            )
            for each in repeats_of(case)
        ),
    ]
    LikelyDuplicate.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
