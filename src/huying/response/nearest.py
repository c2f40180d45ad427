"""Which team to call to an emergency, and why. Pure: candidates come in, a ranked answer goes out.

The nearest comes first; each case that a team has open counts as a kilometre more, and a skill
that the item needs as three kilometres less. Whose place is not known comes after all whose is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from huying.people.models import TeamSort

LOAD_COSTS_M = 1000
SKILL_IS_WORTH_M = 3000


class Reason(StrEnum):
    """Why a team was ranked where it is. Said in words by ``alarming.words``."""

    DISTANCE = "distance"
    AREA_DISTANCE = "area_distance"
    DISTANCE_UNKNOWN = "distance_unknown"
    SKILLED = "skilled"
    FREE = "free"
    BUSY = "busy"
    ON_DUTY = "on_duty"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A team with somebody on duty.

    Attributes:
        metres: to the emergency, on the ground; None where one of the two places is unknown.
        seen: the distance is to where somebody of the team was last, not to its area's middle.
        load: cases and alarms that it has now.
        skilled: somebody on duty can do what the item needs.
        on_duty: how many are.
    """

    team_id: int
    sort: str
    metres: float | None
    seen: bool
    load: int
    skilled: bool
    on_duty: int


@dataclass(frozen=True, slots=True)
class Ranked:
    candidate: Candidate
    score: float
    reasons: tuple[Reason, ...]


def rank(candidates: Sequence[Candidate]) -> list[Ranked]:
    """The teams to call, the best first. Volunteers are called only for what they can do.

    Ties are broken by the team's id, so that the same question has one answer.
    """
    ranked = [
        Ranked(each, _score(each), _reasons(each))
        for each in candidates
        if each.on_duty and (each.sort != TeamSort.VOLUNTEER or each.skilled)
    ]
    return sorted(
        ranked,
        key=lambda each: (each.candidate.metres is None, each.score, each.candidate.team_id),
    )


def _score(candidate: Candidate) -> float:
    """Metres, with what the load and the skill are worth; less is better."""
    score = candidate.metres or 0.0
    score += LOAD_COSTS_M * candidate.load
    return score - SKILL_IS_WORTH_M if candidate.skilled else score


def _reasons(candidate: Candidate) -> tuple[Reason, ...]:
    if candidate.metres is None:
        far = Reason.DISTANCE_UNKNOWN
    else:
        far = Reason.DISTANCE if candidate.seen else Reason.AREA_DISTANCE
    skill = (Reason.SKILLED,) if candidate.skilled else ()
    return (far, *skill, Reason.BUSY if candidate.load else Reason.FREE, Reason.ON_DUTY)
