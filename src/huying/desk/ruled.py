"""Which rule decided a case and why the others did not, for the case's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from huying.cases.models import Case
from huying.cases.timeline import Entry
from huying.dispatch.deciding import decided
from huying.dispatch.routing import Candidate, names
from huying.dispatch.rulebook import rule_of
from huying.dispatch.rules import Outcome, Rule
from huying.dispatch.ruling import nearest
from huying.dispatch.saying import Lines, outcome_words, passed_words
from huying.places.models import CODE_LENGTH, Level


@dataclass(frozen=True, slots=True)
class Explained:
    """How the rules decide a case.

    Attributes:
        rule: None where the catalogue's principle holds.
        outcome: what the rule wants, line by line.
        others: rules for the same item, each with why it did not decide; the nearest first.
        elsewhere: how many rules are for other items.
        foreseen: no rules have decided yet: this is what would be.
        level_above: the level that the rule is for, where a desk below it holds the case.
        changed: what would decide by what is known now, where that is not what decided.
        overridden: where people chose otherwise than the rule says.
    """

    version: int
    rule: Rule | None
    outcome: Lines
    others: list[tuple[str, str, str]]
    elsewhere: int
    foreseen: bool
    level_above: str
    changed: str
    overridden: list[str]


def explained(case: Case, entries: Sequence[Entry], now: datetime) -> Explained | None:
    """None where nothing is decided: no item yet, or a district without rules."""
    if case.item_version is None:
        return None
    by = decided(case, now)
    if by.version is None:
        return None
    foreseen = case.accepted_at is None or case.rulebook is None
    rule, changed = by.rule, ""
    if not foreseen and case.rule != by.code:
        # The place was mended, or the words were erased: what decided stays what decided.
        rule = rule_of(case.district_code, case.rulebook, case.rule)
        changed = str(by.rule) if by.rule is not None else _("no rule, but the catalogue")
    near, elsewhere = nearest(by.ruling)
    then = rule.then if rule is not None else Outcome()
    above = then.level is not None and CODE_LENGTH[then.level] < len(case.holder_code)
    return Explained(
        version=by.version,
        rule=rule,
        outcome=outcome_words(then),
        others=[
            (each.rule.code, each.rule.name, passed_words(each, now))
            for each in near
            if each.rule != rule
        ],
        elsewhere=elsewhere,
        foreseen=foreseen,
        level_above=str(then.level.label) if above and then.level and case.is_open else "",
        changed=changed,
        overridden=[] if foreseen else _overridden(case, then, entries),
    )


def _overridden(case: Case, then: Outcome, entries: Sequence[Entry]) -> list[str]:
    """What the desk, or arbitration, chose otherwise."""
    found = []
    accepted = [entry for entry in entries if entry.verb == "accept" and not entry.undone]
    level = accepted[-1].data.get("level") if accepted else None
    if then.level is not None and level not in (None, then.level):
        found.append(
            _("The desk accepted it at the level “%(level)s”.") % {"level": Level(level).label}
        )
    unit, version = case.lead_unit, case.item_version
    if unit is None or version is None:
        return found
    known = Candidate(
        unit.pk, unit.name, unit.department, Level(unit.level), 0, unit.duty, unit.code
    )
    if then.lead:
        fits = any(names(each, known, version.lead_department) for each in then.lead)
    else:
        fits = unit.department == version.lead_department
    if fits:
        return found
    if case.responsible_unit_id == unit.pk:
        words = _("Arbitration named %(unit)s, whom it does not name.")
    else:
        words = _("The desk sent it to %(unit)s, whom it does not name.")
    return [*found, words % {"unit": unit.name}]
