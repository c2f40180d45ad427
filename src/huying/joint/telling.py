"""Whom a booking concerns, and the words they are told in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.joint.models import SharedBooking
from huying.neighbours.telling import put
from huying.notices.kinds import Group, Kind, kind
from huying.notices.telling import Whom
from huying.places import naming

ASKED = kind(
    "joint_asked",
    _("Booking to confirm"),
    _("{unit} wants to use {resource} of {organisation} on {day}. Please confirm it or not."),
    group=Group.DESK,
)
CONFIRMED = kind(
    "joint_confirmed",
    _("Booking confirmed"),
    _("{resource} of {organisation} on {day} is yours."),
    group=Group.TASKS,
)
REFUSED = kind(
    "joint_refused",
    _("Booking refused"),
    _("{resource} of {organisation} on {day} cannot be had. The reason stands with it."),
    group=Group.TASKS,
)
CANCELLED = kind(
    "joint_cancelled",
    _("Booking cancelled"),
    _("The booking of {resource} of {organisation} on {day} was cancelled."),
    group=Group.TASKS,
)
LAPSED = kind(
    "joint_lapsed",
    _("Booking not confirmed in time"),
    _("Nobody confirmed {resource} of {organisation} on {day}. It is free again."),
    group=Group.TASKS,
)


def user_of(booking: SharedBooking) -> str:
    """Who uses it, by the name of the unit, or of the community itself."""
    return booking.unit.name if booking.unit is not None else naming.own_name(booking.area_code)


def tell(what: Kind, booking: SharedBooking, whom: Whom, now: datetime, **data: Any) -> int:
    resource = booking.resource
    return put(
        what,
        whom,
        booking,
        now,
        f"/desk/joint/bookings/{booking.pk}",
        "",
        resource=resource.name,
        organisation=resource.organisation.name,
        day=f"{timezone.localtime(booking.begins_at):%m-%d %H:%M}",
        **data,
    )
