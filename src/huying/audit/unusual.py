"""Reading of sealed data that somebody should ask about: rules with their reasons. Pure.

None of it is proof of anything. A night shift reads at night, and a hard case is looked at by many;
the auditor asks, with the looks themselves in hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, TypeVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

K = TypeVar("K")

HOUR: Final = timedelta(hours=1)


class Sign(models.TextChoices):
    """What is unusual about looks."""

    MANY = "many", _("many looks in one hour")
    NIGHT = "night", _("looks at night")
    OUTSIDE = "outside", _("looks at people outside one's area")
    NO_OCCASION = "no_occasion", _("looks without a case or task")
    BY_MANY = "by_many", _("one record read by many")
    SAME_PERSON = "same_person", _("one person looked up again and again")


@dataclass(frozen=True, slots=True)
class Look:
    """One look, as the access log and the looker's post tell it.

    Attributes:
        area: what the looker's post covers; empty where the post is gone.
        place: where the subject belongs; empty where that was not recorded.
        person: the mark of the person, or the subject itself where there is none.
    """

    id: UUID
    at: datetime
    account: int
    area: str
    subject: str
    place: str
    occasion: str
    person: str
    reveals: bool = True


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on it is unusual."""

    per_hour: int
    night_from: time
    night_until: time
    per_night: int
    readers: int
    same_person: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to ask about: which sign, whose looks, and which.

    ``account`` is None where it is about one record and several readers.
    """

    sign: Sign
    account: int | None
    subject: str
    looks: tuple[Look, ...]

    @property
    def first(self) -> datetime:
        return self.looks[0].at

    @property
    def last(self) -> datetime:
        return self.looks[-1].at

    @property
    def first_id(self) -> UUID:
        """Of the first look, which later ones do not change."""
        return self.looks[0].id

    @property
    def readers(self) -> int:
        return len({each.account for each in self.looks})


def unusual(
    looks: Iterable[Look], limits: Thresholds, local: Callable[[datetime], datetime]
) -> list[Finding]:
    """What is unusual among these looks, the latest first. ``local`` gives the civil time."""
    ordered = sorted(looks, key=lambda each: (each.at, each.id))
    found: list[Finding] = []
    for account, own in _by(ordered, lambda each: each.account).items():
        found += _of(Sign.MANY, account, _busiest(own, limits.per_hour))
        for night in _nights(own, limits, local):
            found += _of(Sign.NIGHT, account, night if len(night) >= limits.per_night else ())
        found += _of(Sign.OUTSIDE, account, [each for each in own if is_outside(each)])
        found += _of(
            Sign.NO_OCCASION, account, [each for each in own if each.reveals and not each.occasion]
        )
        for again in _by(own, lambda each: each.person).values():
            if len(again) >= limits.same_person:
                found += [Finding(Sign.SAME_PERSON, account, again[0].subject, tuple(again))]
    for subject, readers in _by(ordered, lambda each: each.subject).items():
        if len({each.account for each in readers}) >= limits.readers:
            found.append(Finding(Sign.BY_MANY, None, subject, tuple(readers)))
    return sorted(found, key=lambda each: each.last, reverse=True)


def is_outside(look: Look) -> bool:
    """Whether the subject lies neither in the looker's area nor around it."""
    return bool(
        look.area
        and look.place
        and not look.place.startswith(look.area)
        and not look.area.startswith(look.place)
    )


def is_night(moment: datetime, limits: Thresholds) -> bool:
    """Whether the civil time lies in the night, which may run over midnight."""
    clock = moment.time()
    if limits.night_from <= limits.night_until:
        return limits.night_from <= clock < limits.night_until
    return clock >= limits.night_from or clock < limits.night_until


def _of(sign: Sign, account: int, looks: Sequence[Look]) -> list[Finding]:
    return [Finding(sign, account, "", tuple(looks))] if looks else []


def _by(looks: Sequence[Look], key: Callable[[Look], K]) -> dict[K, list[Look]]:
    found: dict[K, list[Look]] = defaultdict(list)
    for each in looks:
        found[key(each)].append(each)
    return found


def _busiest(looks: Sequence[Look], most: int) -> Sequence[Look]:
    """The hour with the most looks, if those are more than usual."""
    best: Sequence[Look] = ()
    begin = 0
    for end, look in enumerate(looks):
        while look.at - looks[begin].at >= HOUR:
            begin += 1
        if end - begin + 1 > max(most, len(best)):
            best = looks[begin : end + 1]
    return best


def _nights(
    looks: Sequence[Look], limits: Thresholds, local: Callable[[datetime], datetime]
) -> list[list[Look]]:
    """Looks at night, night by night: the small hours belong to the evening before."""
    nights: dict[object, list[Look]] = defaultdict(list)
    for each in looks:
        here = local(each.at)
        if is_night(here, limits):
            early = limits.night_from > limits.night_until and here.time() < limits.night_until
            nights[here.date() - timedelta(days=1) if early else here.date()].append(each)
    return list(nights.values())
