"""Which published rule decides a case, and what acceptance takes from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huying.cases.models import Case, CaseText, TextKind
from huying.cases.ruled import Ruled, decides
from huying.cases.states import State
from huying.catalogue.models import ItemVersion, Kind
from huying.clock.limits import Limit
from huying.clock.reading import calendar_for
from huying.dispatch.models import Rulebook
from huying.dispatch.rulebook import Published, in_force, version_of
from huying.dispatch.rules import Outcome, Rule, Target, Whose
from huying.dispatch.ruling import Book, Facts, Ruling, decide, deciding_rule
from huying.notices.telling import Whom
from huying.people.models import Unit, UnitKind
from huying.places.models import CODE_LENGTH, Level

DISTRICT_LENGTH = CODE_LENGTH[Level.DISTRICT]


@dataclass(frozen=True, slots=True)
class Decided:
    """What the rules of a version say about a case.

    Attributes:
        version: the rulebook's; None where the district has none.
    """

    ruling: Ruling
    version: int | None

    @property
    def rule(self) -> Rule | None:
        return self.ruling.rule

    @property
    def code(self) -> str:
        return self.ruling.rule.code if self.ruling.rule is not None else ""

    @property
    def outcome(self) -> Outcome:
        """What is to become of it; nothing is said where the catalogue decides."""
        return self.ruling.rule.then if self.ruling.rule is not None else Outcome()

    @property
    def codes(self) -> dict[str, Any]:
        """As an event keeps it."""
        if self.version is None:
            return {}
        return {"rulebook": self.version} | ({"rule": self.code} if self.code else {})


def decided(
    case: Case,
    now: datetime,
    *,
    version: ItemVersion | None = None,
    emergency: bool | None = None,
    text: str | None = None,
) -> Decided:
    """Which rule decides. A case keeps the rules that it was accepted under, as it keeps the
    version of its item; before that, those that hold now are asked.

    ``version`` is the item to assume where the case has none yet; ``emergency`` overrides what the
    report's words propose; ``text`` is the report, read unless it is given.
    """
    published = rules_for(case, now)
    if published is None:
        return Decided(Ruling(None, ()), None)
    return Decided(ruling_of(published.book, case, version, emergency, text), published.version)


def rules_for(case: Case, now: datetime) -> Published | None:
    """The published rules that hold for a case."""
    if case.accepted_at is not None and case.rulebook is not None:
        return version_of(case.district_code, case.rulebook)
    return in_force(case.district_code, now)


def ruling_of(
    book: Book,
    case: Case,
    version: ItemVersion | None = None,
    emergency: bool | None = None,
    text: str | None = None,
) -> Ruling:
    """What a book says about a case."""
    if emergency is None:
        emergency = case.emergency or (case.state == State.REPORTED and bool(case.emergency_words))
    item = case.item_version or version
    kind = item.kind if item is not None else case.kind
    facts = Facts(
        item_code=item.item_id if item is not None else case.item_code,
        area_code=case.area_code,
        channel=case.channel,
        kind=str(Kind.EMERGENCY) if emergency else kind,
        at=case.received_at,
        text=_text(case, text) if book.has_words else "",
    )
    return decide(book, facts, calendar_for(case.district_code))


def _text(case: Case, told: str | None) -> str:
    return _description(case) if told is None else told


def _description(case: Case) -> str:
    texts = CaseText.objects.filter(case=case, kind=TextKind.DESCRIPTION)
    return texts.values_list("body", flat=True).first() or ""


def on_report(
    *,
    area_code: str,
    channel: str,
    text: str,
    item_code: str,
    kind: str,
    alarming: bool,
    now: datetime,
) -> Ruled:
    """What the rules that hold now say of a matter as it comes in: which level it is for.

    Acceptance asks them again, with the item and the word on an emergency that the desk chose.
    """
    district = area_code[:DISTRICT_LENGTH]
    published = in_force(district, now)
    if published is None:
        return Ruled()
    facts = Facts(
        item_code=item_code,
        area_code=area_code,
        channel=channel,
        kind=str(Kind.EMERGENCY) if alarming else kind,
        at=now,
        text=text,
    )
    rule = deciding_rule(published.book, facts, calendar_for(district))
    if rule is None:
        return Ruled(rulebook=published.version)
    return Ruled(rule=rule.code, rulebook=published.version, level=rule.then.level)


@decides
def on_acceptance(
    case: Case, version: ItemVersion, emergency: bool, now: datetime, text: str | None = None
) -> Ruled:
    """What acceptance, or another item, takes from the rules that hold now.

    ``text`` is the report, read unless it is given.
    """
    published = in_force(case.district_code, now)
    if published is None:
        return Ruled()
    ruling = ruling_of(published.book, case, version, emergency, text)
    rule = ruling.rule
    if rule is None:
        return Ruled(rulebook=published.version)
    then = rule.then
    limit = None
    if then.allowed is not None:
        limit = Limit(then.allowed.amount, then.allowed.clock)
    return Ruled(
        rule=rule.code,
        rulebook=published.version,
        level=then.level,
        priority=int(then.priority),
        limit=limit,
        whom=whom_of(then.notify, case, version) if then.notify else None,
    )


def whom_of(targets: tuple[Target, ...], case: Case, version: ItemVersion) -> Whom:
    """Whom a rule wants told: units where the case lies, desks and leaders of its place."""
    desks = [_area(each, case) for each in targets if each.whose is Whose.DESK]
    leaders = [_area(each, case) for each in targets if each.whose is Whose.LEADER]
    units: list[int] = []
    named = [each for each in targets if each.whose not in (Whose.DESK, Whose.LEADER)]
    if named:
        prefixes = [case.area_code[:n] for n in (6, 9, 12) if n <= len(case.area_code)]
        working = Unit.objects.filter(active=True, area_code__in=prefixes).exclude(
            kind=UnitKind.DESK
        )
        units = [unit.pk for unit in working if any(_means(t, unit, version) for t in named)]
    return Whom(
        units=tuple(units),
        desks=tuple(code for code in desks if code),
        leaders=tuple(code for code in leaders if code),
    )


def _area(target: Target, case: Case) -> str:
    length = CODE_LENGTH[Level(target.name)]
    return case.area_code[:length] if len(case.area_code) >= length else ""


def _means(target: Target, unit: Unit, version: ItemVersion) -> bool:
    match target.whose:
        case Whose.CATALOGUE:
            return unit.department == version.lead_department
        case Whose.DEPARTMENT:
            return unit.department == target.name
        case Whose.TEAM:
            return unit.duty == target.name
        case _:
            return unit.code == target.name


def holds_now(row: Rulebook, now: datetime) -> bool:
    """Whether this version is the one in force."""
    published = in_force(row.district_code, now)
    return published is not None and published.version == row.version
