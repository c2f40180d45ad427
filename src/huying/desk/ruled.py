"""Which rule decided a case and why the others did not, for the case's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huying.cases.models import Case
from huying.dispatch.deciding import Decided, decided
from huying.dispatch.ruling import Condition
from huying.dispatch.saying import Lines, outcome_words, passed_words
from huying.places.models import CODE_LENGTH, Level


@dataclass(frozen=True, slots=True)
class Explained:
    """How the rules decide a case.

    Attributes:
        by: the decision; its rule is None where the catalogue's principle holds.
        outcome: what the rule wants, line by line.
        others: rules for the same item, each with why it did not decide; the nearest first.
        elsewhere: how many rules are for other items.
        foreseen: the case is not accepted yet: this is what would be decided.
        level_above: the level that the rule is for, where a desk below it holds the case.
    """

    by: Decided
    outcome: Lines
    others: list[tuple[str, str, str]]
    elsewhere: int
    foreseen: bool
    level_above: str


def explained(case: Case, now: datetime) -> Explained | None:
    """None where nothing is decided: no item yet, or a district without rules."""
    if case.item_version is None:
        return None
    by = decided(case, now)
    if by.version is None:
        return None
    near = [each for each in by.ruling.others if each.failed is not Condition.ITEMS]
    order = list(Condition)
    near.sort(key=lambda each: -1 if each.failed is None else -order.index(each.failed))
    near.sort(key=lambda each: each.failed is not None)
    level = by.outcome.level
    above = level is not None and CODE_LENGTH[level] < len(case.holder_code) and case.is_open
    return Explained(
        by=by,
        outcome=outcome_words(by.outcome),
        others=[(each.rule.code, each.rule.name, passed_words(each, now)) for each in near],
        elsewhere=len(by.ruling.others) - len(near),
        foreseen=case.accepted_at is None,
        level_above=str(Level(level).label) if above and level is not None else "",
    )
