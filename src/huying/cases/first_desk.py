"""Which desk a new report reaches, and why. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from huying.cases.reports import ReportItem
from huying.places.models import CODE_LENGTH, Level


class Why(StrEnum):
    """What put a new report on its desk, as its event keeps it."""

    RULE = "rule"
    """A routing rule names the level."""
    ITEM = "item"
    """The item's own level."""
    NO_ITEM = "no_item"
    """Nobody has said which item it is: the town's desk finds out."""
    ALARMING = "alarming"
    """Its words may tell of an emergency, which the town sees at once."""
    PLACE = "place"
    """The place is known less exactly than the level asks."""
    MAIN_CASE = "main_case"
    """A sub-case stays with the desk of its main case."""


@dataclass(frozen=True, slots=True)
class FirstDesk:
    """Where a new report goes.

    Attributes:
        level: what the matter is for.
        holder: the area of the desk that it reaches.
        why: what put it there, in the order in which it was looked at.
    """

    level: Level
    holder: str
    why: tuple[Why, ...]

    @property
    def by_rule(self) -> bool:
        return Why.RULE in self.why


def first_desk(
    area_code: str,
    item: ReportItem | None,
    *,
    rule_level: Level | None = None,
    alarming: bool = False,
    main_holder: str = "",
) -> FirstDesk:
    """Which level a new case is for, and whose desk it reaches.

    小问题不出网格, 大问题不出村(社区), 复杂问题不出镇街: a rule says which, or else the item. A
    grid has no desk, so the community's holds its cases; what may be an emergency is seen by the
    town at once, whatever a rule says; what nobody has located lies on the district's desk.
    """
    if rule_level is not None:
        level, why = rule_level, [Why.RULE]
    elif item is not None:
        level, why = Level(item.default_level), [Why.ITEM]
    else:
        level, why = Level.TOWN, [Why.NO_ITEM]
    if alarming and level in (Level.GRID, Level.COMMUNITY):
        level, why = Level.TOWN, [*why, Why.ALARMING]
    if main_holder:
        return FirstDesk(level, main_holder, (Why.MAIN_CASE,))
    wanted = CODE_LENGTH[Level.COMMUNITY if level is Level.GRID else level]
    if len(area_code) < wanted:
        why.append(Why.PLACE)
    return FirstDesk(level, area_code[:wanted], tuple(why))
