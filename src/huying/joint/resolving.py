"""决议事项: written down at the meeting, told of, settled or dropped, heard again at the next."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.branches.models import MemberOrganisation
from huying.errors import BadInput, NotAllowed, NotFound, WrongState
from huying.joint import meetings
from huying.joint.meeting_notices import DUE, OVERDUE, RESOLVED, SAID, tell_of
from huying.joint.models import JointFollowUp, JointMeeting, JointResolution
from huying.joint.models.meetings import MeetingState, ResolutionState
from huying.joint.noting import note
from huying.neighbours.noting import require_version, words_of
from huying.people.acting import SYSTEM, Actor
from huying.people.models import Unit

log = logging.getLogger(__name__)

BEFORE: Final = timedelta(days=3)
AGAIN: Final = 7
"""What is overdue is told of again after so many days."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be done, who answers for it, and by when."""

    words: str
    due_on: date | None
    unit: int | None = None
    organisation: uuid.UUID | None = None


def units_for(area_code: str) -> Any:
    """The units that may answer for something: those of the area, and of the town around it."""
    rows = Unit.objects.filter(active=True)
    return rows.filter(area_code__startswith=area_code) | rows.filter(area_code=area_code[:9])


def organisations_for(area_code: str) -> Any:
    return MemberOrganisation.objects.living().filter(area_code__startswith=area_code)


@transaction.atomic
def resolve(
    pk: uuid.UUID, told: Told, *, by: Actor, now: datetime, version: int | None = None
) -> JointResolution:
    """Adds a resolution, until the minutes are confirmed.

    Raises: as `meetings.running`; BadInput, Missing: what was told is not right.
    """
    meeting = meetings.running(pk, by, version)
    if meeting.begins_at > now:
        raise WrongState(_("It has not begun yet."))
    words = words_of(told.words, field="words", most=300)
    day = timezone.localdate(meeting.begins_at)
    if told.due_on is None or not day <= told.due_on <= day + timedelta(days=1100):
        raise BadInput(_("Please give a day after the meeting."), field="due_on")
    unit = units_for(meeting.area_code).filter(pk=told.unit or 0).first()
    lent = organisations_for(meeting.area_code).filter(pk=told.organisation).first()
    if (unit is None) == (lent is None):
        raise BadInput(_("Please say who answers for it."), field="answering")
    last = meeting.resolutions.aggregate(last=Max("number"))["last"] or 0
    made = JointResolution.objects.create(
        district_code=meeting.district_code,
        area_code=meeting.area_code,
        meeting=meeting,
        number=last + 1,
        words=words,
        unit=unit,
        organisation=lent,
        due_on=told.due_on,
    )
    meetings.saved(meeting, "resolve", by=by, now=now)
    return made


@transaction.atomic
def take_out(
    pk: uuid.UUID, resolution: uuid.UUID, *, by: Actor, now: datetime, version: int | None = None
) -> None:
    """It was written down by mistake; only before the minutes are confirmed.

    Raises: as `meetings.running`; NotFound: the meeting has no such resolution.
    """
    meeting = meetings.running(pk, by, version)
    if not meeting.resolutions.filter(pk=resolution).delete()[0]:
        raise NotFound
    meetings.saved(meeting, "take_out", by=by, now=now)


def earlier(meeting: JointMeeting) -> Any:
    """What earlier meetings of the area resolved that is open, or was heard at this one."""
    rows = JointResolution.objects.filter(
        area_code=meeting.area_code,
        meeting__begins_at__lt=meeting.begins_at,
        meeting__state=MeetingState.CONFIRMED,
    )
    heard = rows.filter(follow_ups__meeting=meeting)
    if meeting.state != MeetingState.PLANNED:
        return heard.distinct()
    return (rows.open() | heard).distinct()


@transaction.atomic
def follow(
    pk: uuid.UUID,
    resolution: uuid.UUID,
    words: str,
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> JointFollowUp:
    """What this meeting hears of an earlier resolution; said anew, it replaces what was said.

    Raises: as `meetings.running`; NotFound: no earlier meeting resolved it; Missing, BadInput.
    """
    meeting = meetings.running(pk, by, version)
    found = earlier(meeting).filter(pk=resolution).first()
    if found is None:
        raise NotFound
    said = words_of(words, field="words", most=300)
    made, _new = JointFollowUp.objects.update_or_create(
        resolution=found,
        meeting=meeting,
        defaults={"district_code": meeting.district_code, "words": said, "at": now},
    )
    meetings.saved(meeting, "follow", by=by, now=now)
    return made


def may_tell(actor: Actor, resolution: JointResolution) -> bool:
    """Whether the post is of the unit or organisation that answers for it."""
    return JointResolution.objects.of(actor).filter(pk=resolution.pk).exists()


def _locked(pk: uuid.UUID, by: Actor, version: int | None) -> JointResolution:
    rows = JointResolution.objects.visible_to(by).select_for_update(of=("self",))
    rows = rows.select_related("meeting", "unit", "organisation__branch")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    require_version(found, version)
    if found.state != ResolutionState.OPEN:
        raise WrongState(_("This resolution is settled."))
    if found.meeting.state != MeetingState.CONFIRMED:
        raise WrongState(_("The minutes of its meeting are not confirmed yet."))
    return found


def _save(found: JointResolution, verb: str, by: Actor, now: datetime) -> JointResolution:
    found.version += 1
    found.save()
    note(found, verb, by=by, now=now)
    return found


@transaction.atomic
def tell(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, version: int | None = None
) -> JointResolution:
    """Who answers for it says how it goes; the desk is told.

    Raises:
        NotFound, NotAllowed, StalePage: it is not theirs to see or answer for, or was changed.
        WrongState: it is settled, or the minutes are not confirmed.
        BadInput, Missing: the words are not right.
    """
    found = _locked(pk, by, version)
    if not may_tell(by, found):
        raise NotAllowed
    found.told, found.told_at = words_of(words, field="words", most=400), now
    tell_of(SAID, found, now, now.isoformat(), desks=(found.area_code,))
    return _save(found, "tell", by, now)


@transaction.atomic
def settle(
    pk: uuid.UUID,
    done: bool,
    words: str,
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> JointResolution:
    """The desk that keeps the meeting says what came of it, or why it is dropped.

    Raises: as `tell`.
    """
    found = _locked(pk, by, version)
    if not meetings.meets(by, found.area_code):
        raise NotAllowed
    found.outcome = words_of(words, field="words", most=400)
    found.state = ResolutionState.DONE if done else ResolutionState.DROPPED
    found.ended_at = now
    return _save(found, "done" if done else "drop", by, now)


def tell_answering(meeting: JointMeeting, now: datetime) -> None:
    """Tells those who answer for what the meeting resolved. Inside the transaction."""
    rows = meeting.resolutions.select_related("unit", "organisation__branch")
    for each in rows:
        tell_of(RESOLVED, each, now, "")


def remind(*, now: datetime) -> int:
    """Tells of what is due within three days, and of what is overdue at once and every week; how
    many resolutions."""
    today = timezone.localdate(now)
    due = JointResolution.objects.open().filter(
        due_on__lte=today + BEFORE, meeting__state=MeetingState.CONFIRMED
    )
    reminded = 0
    for found in due.select_related("unit", "organisation__branch"):
        try:
            with transaction.atomic():
                reminded += _remind(found, today, now)
        except Exception:
            # One that cannot be told of keeps the others from nothing.
            log.exception("resolution %s could not be told of", found.pk)
    return reminded


def _remind(found: JointResolution, today: date, now: datetime) -> int:
    late = (today - found.due_on).days
    if late > 0:
        told = tell_of(OVERDUE, found, now, f"{found.due_on}:{(late - 1) // AGAIN}")
    else:
        told = tell_of(DUE, found, now, f"{found.due_on}")
    if told:
        note(found, "remind", by=SYSTEM, now=now, late=max(0, late))
    return int(told > 0)
