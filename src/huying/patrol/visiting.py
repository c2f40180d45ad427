"""What somebody on foot does at a place: checks in, by position or by its code; finds a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.cases.answers import answered
from huying.cases.finding import own_report
from huying.errors import BadInput, KeyReused, Missing, NotAllowed, NotFound
from huying.forms.definition import read
from huying.forms.models import FormVersion
from huying.forms.versions import form_of
from huying.patrol.models import PatrolCase, PatrolPlace, PatrolVisit
from huying.patrol.planning import serves
from huying.people.acting import Actor
from huying.people.models import ON_FOOT
from huying.places.measure import metres_between

BEST_GUESS_M: Final = 100
"""A phone that knows less than this of where it is does not show that one is at a place."""

OLDEST: Final = timedelta(days=7)
"""What waited longer on a phone counts for the day on which it arrives."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Whether a position shows that one is at a place.

    Attributes:
        away_m: from the place.
        short_m: how many metres are missing to where it would count; none where it counts.
    """

    away_m: float
    short_m: float

    @property
    def there(self) -> bool:
        return self.short_m <= 0


def reached(away_m: float, radius_m: float, accuracy_m: float | None) -> Reached:
    """Within the radius, and what the phone does not know better."""
    slack = min(accuracy_m or 0.0, BEST_GUESS_M)
    return Reached(away_m, max(0.0, away_m - radius_m - slack))


def moment_of(said: datetime | None, now: datetime) -> datetime:
    """When it was, as the phone says, unless its clock is ahead or it was too long ago."""
    return said if said is not None and now - OLDEST <= said <= now else now


@dataclass(frozen=True, slots=True)
class Shown:
    """What the phone shows for a visit."""

    code: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None


@transaction.atomic
def check_in(
    place: UUID,
    *,
    visit: UUID,
    by: Actor,
    now: datetime,
    shown: Shown,
    at: datetime | None = None,
    answers: Sequence[bool | None] = (),
    form: int | None = None,
    given: Mapping[str, Any] | None = None,
    words: str = "",
) -> PatrolVisit:
    """到位打卡. The same visit said again is found as it is.

    ``form`` is the checklist that the phone had: what waited there answers the questions of then.

    Raises:
        NotFound: the place is not in the actor's area, or is no place any more.
        NotAllowed: the actor walks no grid.
        Missing: neither a position nor a code.
        BadInput: the code is another place's; the position is too far off, and by how much.
        KeyReused: another's visit goes by this name.
        WrongAnswers: an answer to the checklist will not do, or is missing.
    """
    spot = _place(place, by)
    if (before := PatrolVisit.objects.filter(pk=visit).first()) is not None:
        if (before.account_id, before.place_id) != (by.account_id, spot.pk):
            raise KeyReused
        return before
    assert by.account_id is not None
    distance, by_code = _shown(spot, shown)
    when = moment_of(at, now)
    asked, said = _said(form, given)
    return PatrolVisit.objects.create(
        pk=visit,
        place=spot,
        grid_code=spot.grid_code,
        account_id=by.account_id,
        at=when,
        day=timezone.localdate(when),
        received_at=now,
        by_code=by_code,
        lon=shown.lon,
        lat=shown.lat,
        accuracy_m=shown.accuracy_m,
        distance_m=distance,
        points=[] if asked is not None else spot.points,
        answers=[] if asked is not None else _answers(spot.points, answers),
        form=asked,
        said=said,
        words=words.strip()[:500],
    )


def _shown(spot: PatrolPlace, shown: Shown) -> tuple[float | None, bool]:
    distance = None
    if shown.lon is not None and shown.lat is not None:
        distance = metres_between(shown.lon, shown.lat, spot.lon, spot.lat)
    if shown.code:
        if shown.code.upper() != spot.code:
            raise BadInput(_("This code belongs to another place."), field="code")
        return distance, True
    if distance is None:
        raise Missing(_("A position or the place's code is needed."), field="position")
    said = reached(distance, spot.radius_m, shown.accuracy_m)
    if not said.there:
        words = now_("You are %(away)s m from the place, %(short)s m too far off.")
        figures = {"away": round(said.away_m), "short": max(1, round(said.short_m))}
        raise BadInput(words % figures, field="position")
    return distance, False


def _said(
    form: int | None, given: Mapping[str, Any] | None
) -> tuple[FormVersion | None, dict[str, Any]]:
    if form is None or given is None:
        return None, {}
    row = FormVersion.objects.filter(pk=form, version__isnull=False).first()
    if row is None or not serves(read(row.definition)):
        raise BadInput(_("There is no such checklist."), field="form")
    said, _photos = answered(form_of(row), given)
    return row, said


def _answers(points: Sequence[str], said: Sequence[Any]) -> list[bool | None]:
    """One for each point that is looked at."""
    given = [each if isinstance(each, bool) else None for each in said]
    return [*given, *[None] * len(points)][: len(points)]


def _place(pk: UUID, by: Actor) -> PatrolPlace:
    spot = PatrolPlace.objects.visible_to(by).filter(pk=pk, removed_at=None).first()
    if spot is None:
        raise NotFound
    if by.role not in ON_FOOT:
        raise NotAllowed
    return spot


@transaction.atomic
def found(place: UUID, *, by: Actor, number: str, visit: UUID | None = None) -> PatrolCase:
    """发现问题: a case of the actor's own came of being there. Said again it changes nothing.

    The visit may arrive later than this: it is named by its own name.

    Raises:
        NotFound: no such place in the area, or no such case that the actor reported.
        NotAllowed: the actor walks no grid.
    """
    spot = _place(place, by)
    link, _made = PatrolCase.objects.get_or_create(
        case=own_report(number, by), defaults={"place": spot, "visit_id": visit}
    )
    return link
