"""What a desk does with a joint meeting: called, attended, minuted, confirmed, corrected after."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.branches.models import MemberOrganisation
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.joint.meeting_notices import CALLED, CALLED_OFF, tell_invited
from huying.joint.models import JointInvitation, JointMeeting, JointMinutes
from huying.joint.models.meetings import Attendance, MeetingState
from huying.joint.noting import note
from huying.neighbours.noting import require_version, words_of
from huying.people.acting import Actor
from huying.people.models import Role

MOST_POINTS: Final = 30
LONGEST_POINT: Final = 100
LONGEST_MINUTES: Final = 20_000
AHEAD: Final = timedelta(days=366)


def meets(actor: Actor, area_code: str) -> bool:
    """Whether the post keeps the meetings of this community or town: its own desk."""
    if len(area_code) not in (9, 12):
        return False
    return actor.is_system or (actor.role == Role.DISPATCHER and actor.area_code == area_code)


@dataclass(frozen=True, slots=True)
class Told:
    """When, where, who presides, what about, and who is invited."""

    title: str
    begins_at: datetime | None
    spot: str
    chair: str
    agenda: Sequence[str]
    organisations: Collection[uuid.UUID]


@dataclass(frozen=True, slots=True)
class Came:
    """Of an organisation: whether it came, who by office, and why not."""

    attendance: str
    who: str = ""
    words: str = ""


@transaction.atomic
def call(area_code: str, told: Told, *, by: Actor, now: datetime) -> JointMeeting:
    """召集: the meeting is called; organisations with a secretary of their own are told.

    Raises:
        NotAllowed: not the desk of this community or town.
        BadInput, Missing: what was told is not right.
    """
    if not meets(by, area_code):
        raise NotAllowed
    assert by.account_id is not None
    meeting = JointMeeting(
        district_code=area_code[:6], area_code=area_code, made_at=now, made_by_id=by.account_id
    )
    _set(meeting, told, now)
    meeting.save()
    _invite(meeting, told.organisations)
    note(meeting, "call", by=by, now=now)
    tell_invited(CALLED, meeting, now)
    return meeting


def locked(pk: uuid.UUID, by: Actor, version: int | None = None) -> JointMeeting:
    """The meeting, held until the transaction ends, for the desk that keeps it.

    Raises:
        NotFound, NotAllowed, StalePage: it is not theirs to see or keep, or was changed.
    """
    rows = JointMeeting.objects.visible_to(by).select_for_update(of=("self",))
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not meets(by, found.area_code):
        raise NotAllowed
    require_version(found, version)
    return found


def running(pk: uuid.UUID, by: Actor, version: int | None = None) -> JointMeeting:
    """As `locked`; raises WrongState where the minutes are confirmed or it was called off."""
    found = locked(pk, by, version)
    if found.state == MeetingState.CONFIRMED:
        raise WrongState(_("The minutes are confirmed; only a correction can be added."))
    if found.state == MeetingState.CANCELLED:
        raise WrongState(_("This meeting was called off."))
    return found


def saved(meeting: JointMeeting, verb: str, *, by: Actor, now: datetime) -> JointMeeting:
    meeting.version += 1
    meeting.save()
    note(meeting, verb, by=by, now=now)
    return meeting


@transaction.atomic
def change(
    pk: uuid.UUID, told: Told, *, by: Actor, now: datetime, version: int | None = None
) -> JointMeeting:
    """Says it anew, until its minutes are confirmed; who is invited newly is told.

    Raises: as `running` and `call`.
    """
    meeting = running(pk, by, version)
    before = meeting.begins_at
    _set(meeting, told, now)
    new = _invite(meeting, told.organisations)
    saved(meeting, "change", by=by, now=now)
    if meeting.begins_at != before:
        tell_invited(CALLED, meeting, now)
    else:
        tell_invited(CALLED, meeting, now, only=new)
    return meeting


def _set(meeting: JointMeeting, told: Told, now: datetime) -> None:
    meeting.title = words_of(told.title, field="title", most=60)
    if told.begins_at is None or told.begins_at > now + AHEAD:
        raise BadInput(_("Please give the day and time."), field="begins_at")
    meeting.begins_at = told.begins_at
    meeting.spot = words_of(told.spot, field="spot", most=100)
    meeting.chair = words_of(told.chair, field="chair", most=60)
    points = [each.strip() for each in told.agenda if each.strip()]
    if not points:
        raise Missing(_("Please write at least one point."), field="agenda")
    if len(points) > MOST_POINTS:
        raise BadInput(_("At most %(n)s points.") % {"n": MOST_POINTS}, field="agenda")
    meeting.agenda = [words_of(each, field="agenda", most=LONGEST_POINT) for each in points]


def _invite(meeting: JointMeeting, wanted: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Invites exactly these; of whom attendance is noted already stays. Those invited newly."""
    if not wanted:
        raise Missing(_("Please invite at least one organisation."), field="organisations")
    here = MemberOrganisation.objects.filter(area_code__startswith=meeting.area_code)
    known = set(here.living().filter(pk__in=wanted).values_list("pk", flat=True))
    there = {each.organisation_id: each for each in meeting.invitations.all()}
    if set(wanted) - known - set(there):
        raise BadInput(_("There is no such organisation."), field="organisations")
    gone = [pk for pk in there if pk not in set(wanted)]
    if any(there[pk].attendance == Attendance.CAME for pk in gone):
        raise BadInput(_("Who came cannot be taken off the list."), field="organisations")
    meeting.invitations.filter(organisation__in=gone).delete()
    new = set(wanted) - set(there)
    JointInvitation.objects.bulk_create(
        JointInvitation(
            district_code=meeting.district_code, meeting=meeting, organisation_id=organisation
        )
        for organisation in sorted(new)
    )
    return new


@transaction.atomic
def call_off(
    pk: uuid.UUID, reason: str, *, by: Actor, now: datetime, version: int | None = None
) -> JointMeeting:
    """It does not take place; who is invited is told.

    Raises: as `running`; Missing without a reason; WrongState if somebody came or it resolved.
    """
    meeting = running(pk, by, version)
    came = meeting.invitations.filter(attendance=Attendance.CAME).exists()
    if came or meeting.resolutions.exists():
        raise WrongState(_("It has taken place."))
    meeting.reason = words_of(reason, field="reason", most=200)
    meeting.state = MeetingState.CANCELLED
    tell_invited(CALLED_OFF, meeting, now)
    return saved(meeting, "call_off", by=by, now=now)


@transaction.atomic
def attend(
    pk: uuid.UUID,
    said: Mapping[uuid.UUID, Came],
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> JointMeeting:
    """签到: which organisation came, who by office, and which excused itself.

    Raises: as `running`; BadInput: somebody came to what has not begun, or is not invited.
    """
    meeting = running(pk, by, version)
    rows = {each.pk: each for each in meeting.invitations.select_for_update(of=("self",))}
    for key, told in said.items():
        row = rows.get(key)
        if row is None or told.attendance not in Attendance.values:
            raise BadInput(_("Please choose one."), field="attendance")
        if told.attendance == Attendance.CAME and meeting.begins_at > now:
            raise BadInput(_("It has not begun: nobody can have come yet."), field="attendance")
        row.attendance = told.attendance
        row.who = words_of(told.who, field="attendance", most=60, needed=False)
        row.words = words_of(told.words, field="attendance", most=100, needed=False)
        row.save()
    return saved(meeting, "attend", by=by, now=now)


@transaction.atomic
def write(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, version: int | None = None
) -> JointMeeting:
    """Keeps the minutes as they are so far.

    Raises: as `running`; BadInput, Missing.
    """
    meeting = running(pk, by, version)
    meeting.draft = words_of(words, field="words", most=LONGEST_MINUTES)
    return saved(meeting, "write", by=by, now=now)


@transaction.atomic
def confirm(pk: uuid.UUID, *, by: Actor, now: datetime, version: int | None = None) -> JointMeeting:
    """确认纪要: from now on nothing of the meeting is changed; what is resolved is told.

    Raises:
        NotFound, NotAllowed, StalePage: as `running`.
        WrongState: it has not begun, nobody came, or nothing is written.
    """
    from huying.joint.resolving import tell_answering

    meeting = running(pk, by, version)
    if meeting.begins_at > now:
        raise WrongState(_("It has not begun yet."))
    if not meeting.draft:
        raise WrongState(_("First write the minutes and save them."))
    if not meeting.invitations.filter(attendance=Attendance.CAME).exists():
        raise WrongState(_("First note which organisations came."))
    assert by.account_id is not None
    JointMinutes.objects.create(
        district_code=meeting.district_code,
        meeting=meeting,
        words=meeting.draft,
        at=now,
        account_id=by.account_id,
    )
    meeting.invitations.filter(attendance=Attendance.INVITED).update(attendance=Attendance.ABSENT)
    meeting.state, meeting.confirmed_at, meeting.draft = MeetingState.CONFIRMED, now, ""
    tell_answering(meeting, now)
    return saved(meeting, "confirm", by=by, now=now)


@transaction.atomic
def correct(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, version: int | None = None
) -> JointMinutes:
    """更正: stands after the confirmed minutes, which stay as they are.

    Raises:
        NotFound, NotAllowed, StalePage: as `locked`.
        WrongState: the minutes are not confirmed.
        BadInput, Missing: the words are not right.
    """
    meeting = locked(pk, by, version)
    if meeting.state != MeetingState.CONFIRMED:
        raise WrongState(_("The minutes are not confirmed; change them instead."))
    assert by.account_id is not None
    made = JointMinutes.objects.create(
        district_code=meeting.district_code,
        meeting=meeting,
        correction=True,
        words=words_of(words, field="words"),
        at=now,
        account_id=by.account_id,
    )
    saved(meeting, "correct", by=by, now=now)
    return made
