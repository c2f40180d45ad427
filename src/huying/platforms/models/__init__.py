"""What the database keeps of the three service platforms."""

from huying.platforms.models.booking import Appointment, AppointmentState
from huying.platforms.models.points import (
    Booking,
    ClosedDay,
    GuideKind,
    OnlineGuide,
    PointKind,
    ServiceMatter,
    ServicePoint,
)

__all__ = [
    "Appointment",
    "AppointmentState",
    "Booking",
    "ClosedDay",
    "GuideKind",
    "OnlineGuide",
    "PointKind",
    "ServiceMatter",
    "ServicePoint",
]
