"""Which unit should handle a case, and why. Pure: candidates come in, a ranked answer goes out.

Where a rule decides, whom it names comes first; else the catalogue's principle holds: the item's
lead department in the case's own place. Then the level that the matter is for; among equals, the
one with less to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from huying.dispatch.rules import Target, Whose
from huying.places.models import CODE_LENGTH, Level


class Reason(StrEnum):
    """Why a unit was ranked where it is. Said in words by ``dispatch.suggesting``."""

    RULE_NAMES = "rule_names"
    RULE_ASSISTS = "rule_assists"
    LEAD_DEPARTMENT = "lead_department"
    ASSISTING_DEPARTMENT = "assisting_department"
    RETURN_NAMED_IT = "return_named_it"
    RETURNED_IT = "returned_it"
    LEVEL_FITS = "level_fits"
    NEARER_LEVEL = "nearer_level"
    PLACE_UNKNOWN = "place_unknown"
    LEAST_LOAD = "least_load"


@dataclass(frozen=True, slots=True)
class Matter:
    """What of a case decides its way.

    Attributes:
        level: the level that the item, a rule or the desk says the matter is for.
        lead, assist: whom the rule that decides names; empty without one.
        returned_by: units that gave it back; they come last.
        named_by_return: the unit that the last return said it should go to.
    """

    item_code: str
    level: Level
    area_code: str
    lead_department: str
    assisting_departments: tuple[str, ...]
    lead: tuple[Target, ...] = ()
    assist: tuple[Target, ...] = ()
    returned_by: frozenset[int] = frozenset()
    named_by_return: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that the desk may send the case to.

    Attributes:
        department: the catalogue's name of its department; empty for a team.
        duty: what a team is for.
        load: cases that it has open now.
        area_code: where it works.
    """

    unit_id: int
    name: str
    department: str
    level: Level
    load: int
    duty: str = ""
    code: str = ""
    area_code: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    candidate: Candidate
    score: int
    reasons: tuple[Reason, ...]

    @property
    def certain(self) -> bool:
        """Whether the place, as far as it is known, is one where the unit works."""
        return Reason.PLACE_UNKNOWN not in self.reasons


_LEVELS = (Level.GRID, Level.COMMUNITY, Level.TOWN, Level.DISTRICT)


def _level_reason(matter: Level, unit: Level) -> tuple[int, Reason | None]:
    wanted = Level.COMMUNITY if matter is Level.GRID else matter
    distance = abs(_LEVELS.index(unit) - _LEVELS.index(wanted))
    if distance == 0:
        return 20, Reason.LEVEL_FITS
    return (10, Reason.NEARER_LEVEL) if distance == 1 else (0, None)


def names(target: Target, candidate: Candidate, lead_department: str) -> bool:
    """Whether a rule's word for somebody means this unit."""
    match target.whose:
        case Whose.CATALOGUE:
            return bool(lead_department) and candidate.department == lead_department
        case Whose.DEPARTMENT:
            return candidate.department == target.name
        case Whose.TEAM:
            return candidate.duty == target.name
        case Whose.UNIT:
            return candidate.code == target.name
        case _:
            return False


def _whose(matter: Matter, candidate: Candidate) -> tuple[int, list[Reason]]:
    """How much a unit has to do with the matter. Nobody comes before whom a rule names."""
    department = matter.lead_department

    def named(targets: Iterable[Target]) -> bool:
        return any(names(target, candidate, department) for target in targets)

    if named(matter.lead):
        return 100, [Reason.RULE_NAMES]
    assists = [Reason.RULE_ASSISTS] if named(matter.assist) else []
    if candidate.department and candidate.department == department:
        return 60 if matter.lead else 100, [*assists, Reason.LEAD_DEPARTMENT]
    if assists:
        return 40, assists
    if candidate.department and candidate.department in matter.assisting_departments:
        return 30, [Reason.ASSISTING_DEPARTMENT]
    return 0, []


LEADS = frozenset({Reason.RULE_NAMES, Reason.LEAD_DEPARTMENT})
HELPS = frozenset({Reason.RULE_ASSISTS, Reason.ASSISTING_DEPARTMENT})


def rank(matter: Matter, candidates: Sequence[Candidate]) -> list[Ranked]:
    """The candidates that have something to do with the matter, the best first.

    Units of which nobody can say yet whether the place is theirs, since it is known less exactly
    than they are, come after all others. Ties are broken by load, then by the unit's id, so that
    the same question has one answer.
    """
    ranked: list[Ranked] = []
    for candidate in candidates:
        score, reasons = 0, list[Reason]()
        if candidate.unit_id == matter.named_by_return:
            score, reasons = 200, [Reason.RETURN_NAMED_IT]
        points, why = _whose(matter, candidate)
        score += points
        reasons += why
        if not reasons:
            continue
        points, reason = _level_reason(matter.level, candidate.level)
        score += points
        if reason is not None:
            reasons.append(reason)
        if candidate.unit_id in matter.returned_by:
            score -= 150
            reasons.append(Reason.RETURNED_IT)
        if not matter.area_code.startswith(candidate.area_code):
            reasons.append(Reason.PLACE_UNKNOWN)
        ranked.append(Ranked(candidate, score, tuple(reasons)))
    ranked.sort(
        key=lambda each: (
            not each.certain,
            -each.score,
            each.candidate.load,
            each.candidate.unit_id,
        )
    )
    return _with_least_load(ranked)


def best(ranked: Sequence[Ranked]) -> Ranked | None:
    """The one to propose; None while it takes the place to tell who has to lead.

    A department that would only assist is not put before the lead departments of several places
    just because nobody knows yet which of them it is.
    """
    if not ranked or not ranked[0].certain:
        return None
    first = ranked[0]
    leads_elsewhere = any(LEADS & {*each.reasons} for each in ranked if not each.certain)
    if leads_elsewhere and not LEADS & {*first.reasons} and HELPS & {*first.reasons}:
        return None
    return first


def _with_least_load(ranked: list[Ranked]) -> list[Ranked]:
    """Says so where the load, and nothing else, put the first before the second."""
    if len(ranked) > 1 and ranked[0].score == ranked[1].score and ranked[0].certain:
        first = ranked[0]
        if first.candidate.load < ranked[1].candidate.load:
            ranked[0] = Ranked(first.candidate, first.score, (*first.reasons, Reason.LEAST_LOAD))
    return ranked


def holder_of(level: Level, area_code: str) -> str:
    """The desk that a matter of this level in this place is for, as far as the place is known."""
    wanted = CODE_LENGTH[Level.COMMUNITY if level is Level.GRID else level]
    return area_code[:wanted]
