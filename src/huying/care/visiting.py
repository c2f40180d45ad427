"""Writing down a visit: how somebody was met, and what it came to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.audit.crypto import encrypt_text
from huying.care.concerned import tell_raised
from huying.care.due import Outcome, Seen, Way, counted, due_after
from huying.care.models import (
    LOOKING,
    VISITING,
    CareCase,
    CareFile,
    CarePerson,
    CareStep,
    CareVisit,
    Need,
)
from huying.care.steps import settle, step_of, write
from huying.cases.attaching import staged_by
from huying.cases.models import Attachment, Case
from huying.cases.verbs import keepable
from huying.errors import BadInput, KeyReused, Missing, NotAllowed, NotFound, WrongState
from huying.people.acting import Actor
from huying.places.measure import metres_between
from huying.registry import sealing

NEAR_M: Final = 150
"""So near to the dwelling's pin, and what the phone does not know better, one is there."""
BEST_GUESS_M: Final = 100
OLDEST: Final = timedelta(days=14)
"""What waited longer on a phone counts for the day on which it arrives."""
MOST_WORDS: Final = 500


@dataclass(frozen=True, slots=True)
class Told:
    """A visit as who made it tells it.

    Attributes:
        visit: its name, made where it was written down.
        at: when it was; now where that is not told.
        lon, lat, accuracy_m: where the phone was.
    """

    care: UUID
    visit: UUID
    way: str
    outcome: str
    at: datetime | None = None
    words: str = ""
    needs: Sequence[str] = ()
    photos: Sequence[UUID] = ()
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None


def record(told: Told, *, by: Actor, now: datetime) -> CareVisit:
    """走访登记. The same visit said again is found as it is.

    Raises:
        NotFound: the person is not the actor's to see.
        NotAllowed: the actor's post visits nobody.
        WrongState: the person is no longer visited.
        Missing, BadInput: no way or outcome; too far from the dwelling; a photo that is not there.
        KeyReused: another visit goes by this name.
    """
    (made,) = record_many([told], by=by, now=now)
    return made


def record_many(told: Sequence[Told], *, by: Actor, now: datetime) -> list[CareVisit]:
    """The same for many visits of one person at once, in the order told: all of them, or none."""
    if by.role not in VISITING:
        raise NotAllowed
    with transaction.atomic():
        cares = _held([one.care for one in told], by)
        # Once they are held: of the same visit sent twice at a time the second finds the first.
        before = {
            each.pk: each for each in CareVisit.objects.filter(pk__in=[one.visit for one in told])
        }
        seen = seen_of(cares)
        made: dict[UUID, CareVisit] = {}
        steps: list[CareStep] = []
        raised: list[tuple[CarePerson, CareVisit]] = []
        for one in told:
            care = cares.get(one.care)
            if care is None:
                raise NotFound
            if (known := before.get(one.visit) or made.get(one.visit)) is not None:
                if (known.care_id, known.account_id) != (care.pk, by.account_id):
                    raise KeyReused
                continue
            if care.ended_on is not None:
                raise WrongState(_("This person is no longer visited."))
            was = care.misses
            visit = _visit(care, one, seen[care.pk], by, now)
            made[visit.pk] = visit
            steps.append(_step(care, visit, by, now))
            if was < 2 <= care.misses:
                raised.append((care, visit))
        CareVisit.objects.bulk_create(made.values(), batch_size=500)
        CareStep.objects.bulk_create(steps, batch_size=500)
        changed = {visit.care_id for visit in made.values()}
        write([cares[pk] for pk in changed])
        _photos([one for one in told if one.visit in made], by)
        for care, visit in raised:
            tell_raised(care, visit.pk, now)
    return [made.get(one.visit) or before[one.visit] for one in told]


def _held(pks: Iterable[UUID], by: Actor) -> dict[UUID, CarePerson]:
    wanted = sorted(set(pks))
    mine = CarePerson.objects.visible_to(by).filter(pk__in=wanted).order_by("pk")
    rows = mine.select_for_update(of=("self",)).select_related(
        "level", "person__dwelling__address__building"
    )
    return {each.pk: each for each in rows}


def seen_of(cares: Iterable[UUID]) -> dict[UUID, list[Seen]]:
    """What of the visits so far decides, by whom they were to; one query."""
    found: dict[UUID, list[Seen]] = {pk: [] for pk in cares}
    rows = CareVisit.objects.filter(care__in=list(found)).order_by("at")
    for pk, at, day, way, outcome in rows.values_list("care", "at", "day", "way", "outcome"):
        found[pk].append(Seen(at, day, way, outcome))
    return found


def _visit(care: CarePerson, told: Told, seen: list[Seen], by: Actor, now: datetime) -> CareVisit:
    if told.way not in Way.values:
        raise Missing(_("Please say how you met."), field="way")
    if told.outcome not in Outcome.values:
        raise Missing(_("Please say what it came to."), field="outcome")
    if told.way == Way.ELSEWHERE and told.outcome == Outcome.NOT_MET:
        raise BadInput(_("Who was not met was not met elsewhere either."), field="way")
    words = told.words.strip()
    if len(words) > MOST_WORDS or (words and not keepable(words)):
        raise BadInput(
            _("The text is too long or holds characters that cannot be kept."), field="words"
        )
    needs = list(dict.fromkeys(told.needs)) if told.outcome == Outcome.NEEDS else []
    if set(needs) - set(Need.values):
        raise BadInput(_("Please choose one."), field="needs")
    if told.outcome == Outcome.NEEDS and not (needs or words):
        raise Missing(_("Please say what is needed."), field="needs")
    at = moment_of(told.at, now)
    if told.photos and care.is_minor(timezone.localdate(now)):
        raise BadInput(_("No photo is kept of a visit to a minor."), field="photo")
    assert by.account_id is not None
    visit = CareVisit(
        pk=told.visit,
        care=care,
        district_code=care.district_code,
        area_code=care.area_code,
        account_id=by.account_id,
        planned_on=care.due_on,
        at=at,
        day=timezone.localdate(at),
        received_at=now,
        way=told.way,
        outcome=told.outcome,
        needs=needs,
        distance_m=_distance(care, told),
    )
    if words:
        visit.words_enc = encrypt_text(words, context=sealing.context(visit, "words"))
    this = Seen(visit.at, visit.day, visit.way, visit.outcome)
    seen.append(this)
    rows = sorted(seen, key=lambda each: (each.at, each.way, each.outcome))
    visit.counts = counted(rows)[rows.index(this)]
    settle(care, due_after(care.plan, rows))
    return visit


def moment_of(said: datetime | None, now: datetime) -> datetime:
    """When it was, as the phone says, unless its clock is ahead or it was too long ago."""
    return said if said is not None and now - OLDEST <= said <= now else now


def short_of(away_m: float, accuracy_m: float | None) -> float:
    """How many metres are missing to where one is at the dwelling; none where one is there."""
    return max(0.0, away_m - NEAR_M - min(accuracy_m or 0.0, BEST_GUESS_M))


def _distance(care: CarePerson, told: Told) -> int | None:
    """How far from the dwelling it was. An emergency is taken from wherever it comes.

    Raises:
        BadInput: it was to be at the door, and the phone was elsewhere.
    """
    spot = care.spot
    if told.way != Way.DOOR or spot is None or told.lon is None or told.lat is None:
        return None
    away = metres_between(told.lon, told.lat, *spot)
    short = short_of(away, told.accuracy_m)
    if short and told.outcome != Outcome.ALARM:
        words = now_("You are %(away)s m from the dwelling, %(short)s m too far off.")
        figures = {"away": round(away), "short": max(1, round(short))}
        raise BadInput(words % figures, field="position")
    return round(away)


def _step(care: CarePerson, visit: CareVisit, by: Actor, now: datetime) -> CareStep:
    return step_of(
        care,
        "visit",
        by=by,
        now=now,
        visit=str(visit.pk),
        way=visit.way,
        outcome=visit.outcome,
        counts=visit.counts,
        due=care.due_on,
    )


def _photos(told: Sequence[Told], by: Actor) -> None:
    for one in told:
        if not one.photos:
            continue
        photos = staged_by(by, one.photos)
        Attachment.objects.filter(pk__in=[each.pk for each in photos]).update(held=True)
        CareFile.objects.bulk_create(
            CareFile(attachment=photo, visit_id=one.visit) for photo in photos
        )


def link(visit: CareVisit, case: Case) -> CareCase:
    """The case that the emergency on a visit became. Said again it changes nothing."""
    made, _new = CareCase.objects.get_or_create(
        visit=visit, defaults={"case": case, "care_id": visit.care_id}
    )
    return made


def photo_seen(pk: UUID, by: Actor) -> Attachment | None:
    """A photo of a visit, for who may see the person, but for members."""
    if by.role not in LOOKING:
        return None
    seen = CarePerson.objects.visible_to(by)
    file = CareFile.objects.filter(attachment=pk, visit__care__in=seen)
    found = file.select_related("attachment").first()
    return found.attachment if found is not None else None
