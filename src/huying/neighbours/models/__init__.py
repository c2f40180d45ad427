"""What the database keeps of neighbours who help."""

from huying.neighbours.models.circles import (
    Circle,
    CircleActivity,
    CircleAttendance,
    HoursCertificate,
    Joining,
)
from huying.neighbours.models.suggestions import Suggestion, SuggestionTopic
from huying.neighbours.models.wishes import (
    ClaimRating,
    NeighbourPhoto,
    NeighbourStep,
    Wish,
    WishClaim,
)

__all__ = [
    "Circle",
    "CircleActivity",
    "CircleAttendance",
    "ClaimRating",
    "HoursCertificate",
    "Joining",
    "NeighbourPhoto",
    "NeighbourStep",
    "Suggestion",
    "SuggestionTopic",
    "Wish",
    "WishClaim",
]
