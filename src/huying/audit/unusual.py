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
    BY_MANY = "by_many", _("one record or person read by many")
    SAME_PERSON = "same_person", _("one person looked up again and again")
    SAME_REASON = "same_reason", _("one reason given again and again")


@dataclass(frozen=True, slots=True)
class Look:
    """One look, as the access log and the looker's post tell it.

    Attributes:
        area: what the looker's post covers; empty where the post is gone.
        place: where the subject belongs; empty where that was not recorded.
        person: the mark of the person, or the subject itself where there is none.
        purpose: what for, of a list; empty for what asks for none.
        words: the digest of the reason in words; empty where there were none.
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
    purpose: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on it is unusual."""

    per_hour: int
    night_from: time
    night_until: time
    per_night: int
    readers: int
    same_person: int
    same_purpose: int
    same_words: int


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
        for reason in _reasons(own, limits, local):
            found += _of(Sign.SAME_REASON, account, reason)
    found += _by_many(ordered, limits.readers)
    return sorted(found, key=lambda each: each.last, reverse=True)


def _by_many(looks: Sequence[Look], readers: int) -> list[Finding]:
    """Records, and people in whatever records, with so many readers; told once where both fit."""
    found: dict[tuple[UUID, ...], Finding] = {}
    for key in ("subject", "person"):
        for same in _by(looks, lambda each, key=key: str(getattr(each, key))).values():  # type: ignore[misc]
            if len({each.account for each in same}) >= readers:
                one = Finding(Sign.BY_MANY, None, same[0].subject, tuple(same))
                found.setdefault(tuple(each.id for each in same), one)
    return list(found.values())


def _reasons(
    looks: Sequence[Look], limits: Thresholds, local: Callable[[datetime], datetime]
) -> list[list[Look]]:
    """Reveals of one account for one reason: the same words for many people, whenever that was; or
    one purpose of the list for very many people in one day. Who has a case or task for each gives
    the same purpose often, and so it is people that count, and the sheet of one of them once."""
    found = []
    reveals = [each for each in looks if each.reveals and each.purpose]
    for (_purpose, words), same in _by(reveals, lambda each: (each.purpose, each.words)).items():
        if words:
            found += [same] if _people(same) >= limits.same_words else []
            continue
        for day in _by(same, lambda each: local(each.at).date()).values():
            found += [day] if _people(day) >= limits.same_purpose else []
    return found


def _people(looks: Sequence[Look]) -> int:
    """How many people, or occasions where one occasion shows several records of a person."""
    return min(
        len({each.person for each in looks}), len({each.occasion or each.person for each in looks})
    )


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
