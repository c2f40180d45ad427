"""What the database keeps of the three service platforms."""

from huying.platforms.models.activities import ActivitySignUp, PlatformActivity, SignUpState
from huying.platforms.models.booking import Appointment, AppointmentState
from huying.platforms.models.canteen import CanteenDay, MealOrder, MealState, Way
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
    "ActivitySignUp",
    "Appointment",
    "AppointmentState",
    "Booking",
    "CanteenDay",
    "ClosedDay",
    "GuideKind",
    "MealOrder",
    "MealState",
    "OnlineGuide",
    "PlatformActivity",
    "PointKind",
    "ServiceMatter",
    "ServicePoint",
    "SignUpState",
    "Way",
]
