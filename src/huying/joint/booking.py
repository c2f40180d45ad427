"""预约: asked for, confirmed or refused by who lends it, cancelled, handed back."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, NotAllowed, NotFound, Words, WrongState
from huying.joint.models import SharedBooking, SharedResource
from huying.joint.models.resources import HOLDING, BookingState
from huying.joint.noting import note
from huying.joint.resources import locked as locked_resource
from huying.joint.sight import keeps, seat_of
from huying.joint.telling import ASKED, CANCELLED, CONFIRMED, LAPSED, REFUSED, tell, user_of
from huying.joint.times import Span, Use, fits, instead, peak, windows
from huying.neighbours.noting import require_version, words_of
from huying.notices.telling import Whom
from huying.people.acting import SYSTEM, Actor, in_force
from huying.people.models import Post, Role

log = logging.getLogger(__name__)

LONGEST: Final = timedelta(days=7)
AHEAD: Final = timedelta(days=90)
"""How far ahead one may book."""
LOOKED_AHEAD: Final = 15
"""Days among which another time is looked for."""


@dataclass(frozen=True, slots=True)
class Told:
    """From when to when, how many, and what for."""

    begins_at: datetime | None
    ends_at: datetime | None
    purpose: str
    quantity: int = 1


class Taken(WrongState):
    """The time is not free. ``free`` holds what may be had instead."""

    def __init__(self, detail: Words, free: list[Span]) -> None:
        super().__init__(detail, field="begins_at")
        self.free = free


def owner_of(resource: SharedResource, now: datetime) -> int | None:
    """The unit that decides for its organisation; None where the community's desk does.

    That is the organisation's own branch, if anybody holds its secretary's post now.
    """
    branch = resource.organisation.branch
    if branch is None or branch.ended_on is not None:
        return None
    held = Post.objects.filter(
        in_force(timezone.localdate(now)),
        unit=branch.unit_id,
        role=Role.HANDLER,
        account__is_active=True,
    )
    return branch.unit_id if held.exists() else None


def decides(actor: Actor, resource: SharedResource, now: datetime) -> bool:
    """Whether the post confirms and refuses bookings of this."""
    owner = owner_of(resource, now)
    if owner is None:
        return keeps(actor, resource.area_code)
    return actor.role == Role.HANDLER and actor.unit_id == owner


def may_book(actor: Actor, resource: SharedResource) -> bool:
    """The community's own desk, and who books for a branch or a team of neighbours around."""
    return keeps(actor, resource.area_code) or seat_of(actor) is not None


def is_ones_own(actor: Actor, booking: SharedBooking) -> bool:
    """Whether the post uses what is booked: it is their unit's, or their own desk's."""
    if booking.unit_id is None:
        return keeps(actor, booking.area_code)
    seat = seat_of(actor)
    return seat is not None and seat == booking.unit_id


def open_spans(resource: SharedResource, first: date, days: int) -> list[Span]:
    """When it is open on these days."""
    return windows(resource.openings, first, days, timezone.get_current_timezone())


def uses_of(resource: SharedResource, begins: datetime, ends: datetime) -> list[Use]:
    rows = resource.bookings.holding().meeting(begins, ends)
    return [Use(row.span, row.quantity) for row in rows]


def free_near(resource: SharedResource, asked: Span, quantity: int, now: datetime) -> list[Span]:
    """Other times at which so many are free for as long as asked."""
    first = timezone.localdate(asked.begins)
    open_ = open_spans(resource, first, LOOKED_AHEAD + asked.length.days)
    uses = uses_of(resource, asked.begins, asked.begins + timedelta(days=LOOKED_AHEAD + 8))
    return instead(open_, uses, resource.quantity, quantity, asked, now)


def _span(told: Told, now: datetime) -> Span:
    if told.begins_at is None or told.begins_at <= now:
        raise BadInput(_("Please give a time to come."), field="begins_at")
    if told.begins_at > now + AHEAD:
        raise BadInput(_("At most %(n)s days ahead.") % {"n": AHEAD.days}, field="begins_at")
    if told.ends_at is None or told.ends_at <= told.begins_at:
        raise BadInput(_("It ends after it begins."), field="ends_at")
    if told.ends_at > told.begins_at + LONGEST:
        raise BadInput(_("At most %(n)s days at a time.") % {"n": LONGEST.days}, field="ends_at")
    return Span(told.begins_at, told.ends_at)


@transaction.atomic
def book(pk: uuid.UUID, told: Told, *, by: Actor, now: datetime) -> SharedBooking:
    """Takes the time. Who decides for it themselves has it confirmed at once.

    Raises:
        NotFound, NotAllowed: it is not theirs to see, or to book.
        WrongState: it is shared no longer.
        Taken: it is not open then, or not so many are free.
        BadInput, Missing: the time, the number or the purpose is not right.
    """
    resource = locked_resource(pk, by)
    if not may_book(by, resource):
        raise NotAllowed
    if resource.ended_at is not None:
        raise WrongState(_("This is shared no longer."))
    purpose = words_of(told.purpose, field="purpose", most=200)
    asked = _span(told, now)
    if not 1 <= told.quantity <= resource.quantity:
        raise BadInput(_("Between 1 and %(n)s.") % {"n": resource.quantity}, field="quantity")
    first = timezone.localdate(asked.begins)
    uses = uses_of(resource, asked.begins, asked.ends)
    open_ = open_spans(resource, first, asked.length.days + 2)
    if not fits(asked, open_, uses, resource.quantity, told.quantity):
        raise _taken(resource, asked, told.quantity, uses, now)
    at_once = decides(by, resource, now)
    assert by.account_id is not None
    booking = SharedBooking(
        district_code=resource.district_code,
        area_code=resource.area_code,
        resource=resource,
        unit_id=None if keeps(by, resource.area_code) else seat_of(by),
        account_id=by.account_id,
        begins_at=asked.begins,
        ends_at=asked.ends,
        quantity=told.quantity,
        exclusive=resource.quantity == 1,
        purpose=purpose,
        asked_at=now,
    )
    if at_once:
        booking.state = BookingState.CONFIRMED
        booking.decided_at, booking.decided_by_id = now, by.account_id
    try:
        with transaction.atomic():
            booking.save(force_insert=True)
    except IntegrityError as error:
        if "shared_booking_one_at_a_time" not in str(error):
            raise
        raise _taken(resource, asked, told.quantity, uses, now) from error
    note(booking, "book", by=by, now=now, confirmed=at_once)
    if not at_once:
        tell(ASKED, booking, _lenders(resource, now, by), now, unit=user_of(booking))
    return booking


def _taken(
    resource: SharedResource, asked: Span, quantity: int, uses: list[Use], now: datetime
) -> Taken:
    left = resource.quantity - peak(uses, asked)
    if left >= quantity:
        words: Words = _("It cannot be used at this time; look at its hours.")
    elif resource.quantity == 1:
        words = _("This time is taken.")
    else:
        words = _("Only %(n)s are free at this time.") % {"n": max(0, left)}
    return Taken(words, free_near(resource, asked, quantity, now))


def _lenders(resource: SharedResource, now: datetime, by: Actor) -> Whom:
    """Who decides for it."""
    but = (by.account_id,) if by.account_id is not None else ()
    owner = owner_of(resource, now)
    if owner is None:
        return Whom(desks=(resource.area_code,), but=but)
    return Whom(units=(owner,), but=but)


def _locked(pk: uuid.UUID, by: Actor, version: int | None) -> SharedBooking:
    """The booking and its resource, held in the order in which `book` holds them."""
    seen = SharedBooking.objects.visible_to(by).filter(pk=pk).values_list("resource", flat=True)
    resource = seen.first()
    if resource is None:
        raise NotFound
    SharedResource.objects.select_for_update(of=("self",)).get(pk=resource)
    found = (
        SharedBooking.objects.select_for_update(of=("self",))
        .select_related("resource__organisation__branch", "unit")
        .get(pk=pk)
    )
    require_version(found, version)
    return found


def _save(booking: SharedBooking, verb: str, by: Actor, now: datetime) -> SharedBooking:
    booking.version += 1
    booking.save()
    note(booking, verb, by=by, now=now)
    return booking


@transaction.atomic
def decide(
    pk: uuid.UUID,
    yes: bool,
    reason: str = "",
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> SharedBooking:
    """Who lends it confirms the booking, or refuses it with a reason.

    Raises:
        NotFound, NotAllowed, StalePage: it is not theirs to see or decide, or was changed.
        WrongState: it waits no longer, or its time has begun.
        Missing: it is refused without a reason.
    """
    booking = _locked(pk, by, version)
    if not decides(by, booking.resource, now):
        raise NotAllowed
    if booking.state != BookingState.ASKED or (yes and booking.begins_at <= now):
        raise WrongState(_("This booking waits no longer to be confirmed."))
    booking.state = BookingState.CONFIRMED if yes else BookingState.REFUSED
    booking.reason = "" if yes else words_of(reason, field="reason", most=200)
    booking.decided_at, booking.decided_by_id = now, by.account_id
    if not yes:
        booking.ended_at = now
    tell(CONFIRMED if yes else REFUSED, booking, Whom(accounts=(booking.account_id,)), now)
    return _save(booking, "confirm" if yes else "refuse", by, now)


@transaction.atomic
def cancel(
    pk: uuid.UUID, reason: str = "", *, by: Actor, now: datetime, version: int | None = None
) -> SharedBooking:
    """Who booked it needs it no longer; or who lends it, or the desk, takes it back and says why.

    Raises:
        NotFound, NotAllowed, StalePage: as `decide`.
        WrongState: it has ended, or its time is over.
        Missing: somebody else's is cancelled without a reason.
    """
    booking = _locked(pk, by, version)
    own = is_ones_own(by, booking)
    lends = decides(by, booking.resource, now) or keeps(by, booking.area_code)
    if not own and not lends:
        raise NotAllowed
    if booking.state not in HOLDING or booking.ends_at <= now:
        raise WrongState(_("This booking has ended."))
    booking.state, booking.ended_at = BookingState.CANCELLED, now
    booking.reason = words_of(reason, field="reason", most=200, needed=not own)
    but = (by.account_id,) if by.account_id is not None else ()
    whom = _lenders(booking.resource, now, by)
    if not own:
        whom = Whom(accounts=(booking.account_id,), but=but)
    tell(CANCELLED, booking, whom, now)
    return _save(booking, "cancel", by, now)


@transaction.atomic
def hand_back(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, version: int | None = None
) -> SharedBooking:
    """归还: how it was left. What remains of the time is free again.

    Raises:
        NotFound, NotAllowed, StalePage: as `decide`.
        WrongState: it was not confirmed, or has not begun.
        Missing: nothing is said.
    """
    booking = _locked(pk, by, version)
    lends = decides(by, booking.resource, now) or keeps(by, booking.area_code)
    if not is_ones_own(by, booking) and not lends:
        raise NotAllowed
    if booking.state != BookingState.CONFIRMED:
        raise WrongState(_("Only what is confirmed and used is handed back."))
    if booking.begins_at > now:
        raise WrongState(_("Its time has not begun; cancel it instead."))
    booking.return_words = words_of(words, field="words", most=400)
    booking.state, booking.ended_at = BookingState.RETURNED, now
    return _save(booking, "hand_back", by, now)


def lapse(*, now: datetime) -> int:
    """What nobody confirmed before its time begins is free again; how many."""
    due = SharedBooking.objects.filter(state=BookingState.ASKED, begins_at__lte=now)
    lapsed = 0
    for pk in list(due.values_list("pk", flat=True)):
        try:
            lapsed += _lapse(pk, now)
        except Exception:
            # One that cannot be seen to keeps the others from nothing.
            log.exception("booking %s could not be seen to", pk)
    return lapsed


@transaction.atomic
def _lapse(pk: uuid.UUID, now: datetime) -> int:
    rows = SharedBooking.objects.select_for_update(skip_locked=True, of=("self",))
    found = rows.select_related("resource__organisation", "unit").filter(pk=pk).first()
    if found is None or found.state != BookingState.ASKED:
        return 0
    found.state, found.ended_at = BookingState.LAPSED, now
    tell(LAPSED, found, Whom(accounts=(found.account_id,)), now)
    _save(found, "lapse", SYSTEM, now)
    return 1
