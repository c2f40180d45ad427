"""Whether a rulebook may be published: what ties, what can never decide, what has no unit. Pure.

All matters that can be are cut into cells: item with kind, place, channel, minute of a kind of day,
and the words that a report tells of. A rule holds a box of cells; what narrower rules take from it
is subtracted exactly. So "never" and "nowhere" are proved, not sampled, and each finding comes with
a matter that shows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from huying.cases.models import Channel
from huying.catalogue.models import Kind
from huying.dispatch.rules import DayType, Outcome, Rule, Target, Whose
from huying.dispatch.ruling import ALWAYS, Book, Hours, is_within, moment_at
from huying.places.models import CODE_LENGTH, Level

COMMUNITY = CODE_LENGTH[Level.COMMUNITY]
TOWN = CODE_LENGTH[Level.TOWN]


class Fault(StrEnum):
    """What keeps a rulebook from being published."""

    UNKNOWN = "unknown"
    """A rule names something that is not there."""
    CONTRADICTORY = "contradictory"
    """No matter can meet the rule."""
    SHADOWED = "shadowed"
    """Narrower rules decide whatever the rule meets."""
    TIE = "tie"
    """Two rules meet the same matter, neither is narrower, and they want different things."""
    NO_UNIT = "no_unit"
    """Whoever shall lead an item has no unit in a town."""


class ItemFacts(NamedTuple):
    """An item of the catalogue that cases may be accepted under."""

    code: str
    kind: str
    lead_department: str


class UnitFacts(NamedTuple):
    """A unit that can be given work."""

    code: str
    area_code: str
    department: str
    duty: str
    is_team: bool


@dataclass(frozen=True, slots=True)
class Example:
    """A matter that shows a finding."""

    item: str
    kind: str
    area: str
    channel: str
    day: DayType
    minute: int
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason not to publish.

    Attributes:
        rules: codes of those concerned; none when it is the catalogue's own principle.
        what: the code or name that is not known.
        item, town: where a unit is lacking, and in how many communities of the town.
    """

    fault: Fault
    rules: tuple[str, ...] = ()
    example: Example | None = None
    what: str = ""
    item: str = ""
    town: str = ""
    communities: int = 0


Box = tuple[int, int, int, int]
"""Items with kinds, places, channels, moments: a bit for each."""


class Part(NamedTuple):
    """A box, and the words that its reports tell of."""

    box: Box
    words: frozenset[str]


@dataclass(frozen=True)
class World:
    """What there is: items in force, places, units, working hours.

    Attributes:
        places: codes of the district, its towns and communities, and of live grids.
    """

    items: tuple[ItemFacts, ...]
    places: tuple[str, ...]
    units: tuple[UnitFacts, ...]
    hours: Hours = field(default=())

    @cached_property
    def matters(self) -> tuple[tuple[str, str], ...]:
        """Each item with each kind that a case of it can have; any may turn out an emergency."""
        return tuple(
            (item.code, str(kind))
            for item in self.items
            for kind in dict.fromkeys((item.kind, Kind.EMERGENCY))
        )


class _Cells:
    """The world cut into cells, as fine as the rules' places ask for."""

    def __init__(self, world: World, rules: Iterable[Rule]) -> None:
        named = {code for rule in rules for code in rule.when.areas if len(code) > COMMUNITY}
        self.world = world
        self.places = [c for c in world.places if len(c) <= COMMUNITY or c in named]
        self.channels = list(Channel)

    def box(self, book: Book, at: int) -> Box:
        when = book.rules[at].when
        return (
            _mask(
                (not when.items or is_within(code, when.items))
                and (not when.kinds or kind in when.kinds)
                for code, kind in self.world.matters
            ),
            _mask(not when.areas or is_within(place, when.areas) for place in self.places),
            _mask(not when.channels or each in when.channels for each in self.channels),
            book.masks[at],
        )

    @property
    def whole(self) -> Box:
        ones = (len(self.world.matters), len(self.places), len(self.channels))
        a, b, c = ((1 << each) - 1 for each in ones)
        return (a, b, c, ALWAYS)

    def example(self, part: Part) -> Example:
        matters, places, channels, moments = part.box
        # A place as exact as there is one, and an hour at which people are awake.
        place = self.places[places.bit_length() - 1]
        item, kind = self.world.matters[_lowest(matters)]
        awake = moments & _AWAKE
        day, minute = moment_at((awake or moments) & -(awake or moments))
        return Example(
            item,
            kind,
            place,
            str(self.channels[_lowest(channels)]),
            day,
            minute,
            tuple(sorted(part.words)),
        )


def _awake() -> int:
    day = (1 << 20 * 60) - (1 << 9 * 60)
    return day | day << 1440 | day << 2880


_AWAKE = _awake()


def _mask(bits: Iterable[bool]) -> int:
    return sum(1 << at for at, bit in enumerate(bits) if bit)


def _lowest(mask: int) -> int:
    return (mask & -mask).bit_length() - 1


def _both(one: Box, other: Box) -> Box | None:
    a, b, c, d = one[0] & other[0], one[1] & other[1], one[2] & other[2], one[3] & other[3]
    return (a, b, c, d) if a and b and c and d else None


def _without(box: Box, other: Box) -> Iterator[Box]:
    """What of a box lies outside another, as boxes apart from each other."""
    if _both(box, other) is None:
        yield box
        return
    rest = list(box)
    for at in range(4):
        if left := rest[at] & ~other[at]:
            part = [*rest[:at], left, *rest[at + 1 :]]
            yield part[0], part[1], part[2], part[3]
        rest[at] &= other[at]


def _remains(box: Box, others: Iterable[Box]) -> list[Box]:
    boxes = [box]
    for other in others:
        boxes = [part for each in boxes for part in _without(each, other)]
        if not boxes:
            break
    return boxes


def prove(rules: Sequence[Rule], world: World) -> list[Finding]:
    """Everything that speaks against publishing these rules, the gravest first."""
    found = list(_unknown(rules, world))
    prover = _Prover(tuple(rules), world)
    found += prover.never()
    found += prover.ties()
    found += prover.without_unit()
    return found


def _unknown(rules: Iterable[Rule], world: World) -> Iterator[Finding]:
    items = {item.code for item in world.items}
    items |= {code[:2] for code in items}
    places = set(world.places)
    departments = {unit.department for unit in world.units if unit.department}
    departments |= {item.lead_department for item in world.items}
    known = {
        Whose.DEPARTMENT: departments,
        Whose.TEAM: {unit.duty for unit in world.units if unit.is_team and unit.duty},
        Whose.UNIT: {unit.code for unit in world.units},
    }
    for rule in rules:
        named = [code for code in rule.when.items if code not in items]
        named += [code for code in rule.when.areas if code not in places]
        then = rule.then
        for target in (*then.lead, *then.assist, *then.notify):
            if target.whose in known and target.name not in known[target.whose]:
                named.append(target.name)
        for what in dict.fromkeys(named):
            yield Finding(Fault.UNKNOWN, (rule.code,), what=what)


class _Prover:
    """The rules of a book as boxes of one world's cells."""

    def __init__(self, rules: tuple[Rule, ...], world: World) -> None:
        self.rules, self.world = rules, world
        self.book = Book(rules, world.hours)
        self.cells = _Cells(world, rules)
        self.boxes = [self.cells.box(self.book, at) for at in range(len(rules))]

    def _is_empty(self, at: int) -> bool:
        return not all(self.boxes[at])

    def _meeting(self, words: frozenset[str], among: Iterable[int]) -> list[Box]:
        """The boxes of those rules that a report with just these words can meet."""
        return [
            self.boxes[at]
            for at in among
            if not self.rules[at].when.words or words.intersection(self.rules[at].when.words)
        ]

    def _own(self, at: int) -> Iterator[Part]:
        """What a rule decides: what it meets, without what narrower ones or its double meet.

        One word of several suffices to meet a rule, so it is enough to look at each alone.
        """
        rivals = {*self.book.narrower[at], *self._doubles_before(at)}
        for word in self.rules[at].when.words or ("",):
            words = frozenset({word} - {""})
            for box in _remains(self.boxes[at], self._meeting(words, rivals)):
                yield Part(box, words)

    def _doubles_before(self, at: int) -> Iterator[int]:
        """Earlier rules that meet exactly the same and want the same: this one says nothing."""
        mine = self.rules[at]
        for other in range(at):
            theirs = self.rules[other]
            same = self.boxes[other] == self.boxes[at] and set(theirs.when.words) == set(
                mine.when.words
            )
            if same and theirs.then == mine.then:
                yield other

    def never(self) -> Iterator[Finding]:
        for at, rule in enumerate(self.rules):
            if self._is_empty(at):
                yield Finding(Fault.CONTRADICTORY, (rule.code,))
            elif next(self._own(at), None) is None:
                by = (*sorted(self.book.narrower[at]), *self._doubles_before(at))
                codes = [self.rules[each].code for each in by if _both(*self._pair(at, each))]
                yield Finding(Fault.SHADOWED, (rule.code, *codes))

    def _pair(self, one: int, other: int) -> tuple[Box, Box]:
        return self.boxes[one], self.boxes[other]

    def ties(self) -> Iterator[Finding]:
        for one in range(len(self.rules)):
            for other in range(one + 1, len(self.rules)):
                if (part := self._tied(one, other)) is not None:
                    codes = (self.rules[one].code, self.rules[other].code)
                    yield Finding(Fault.TIE, codes, example=self.cells.example(part))

    def _tied(self, one: int, other: int) -> Part | None:
        """A matter that both meet and no narrower rule than either takes from them."""
        a, b = self.rules[one], self.rules[other]
        if a.then == b.then or other in self.book.narrower[one] or one in self.book.narrower[other]:
            return None
        shared = _both(*self._pair(one, other))
        if shared is None:
            return None
        rivals = self.book.narrower[one] | self.book.narrower[other]
        for first in a.when.words or ("",):
            for second in b.when.words or ("",):
                words = frozenset({first, second} - {""})
                left = _remains(shared, self._meeting(words, rivals))
                if left:
                    return Part(left[0], words)
        return None

    # --- units

    def without_unit(self) -> Iterator[Finding]:
        """Item by item and town by town where nobody whom the deciding rule names works."""
        if not self.world.items:
            return
        rest = [Part(box, frozenset()) for box in self._left_to_catalogue()]
        decided = [(rule, list(self._own(at))) for at, rule in enumerate(self.rules)]
        for rule, parts in [*decided, (None, rest)]:
            lacking: dict[tuple[str, str], set[str]] = defaultdict(set)
            example: dict[tuple[str, str], Example] = {}
            for part in parts:
                self._lacking(rule.then if rule else Outcome(), part, lacking, example)
            for (item, town), communities in sorted(lacking.items()):
                yield Finding(
                    Fault.NO_UNIT,
                    (rule.code,) if rule is not None else (),
                    example=example[item, town],
                    item=item,
                    town=town,
                    communities=len(communities),
                )

    def _left_to_catalogue(self) -> list[Box]:
        return _remains(self.cells.whole, self._meeting(frozenset(), range(len(self.rules))))

    def _lacking(
        self,
        then: Outcome,
        part: Part,
        lacking: dict[tuple[str, str], set[str]],
        example: dict[tuple[str, str], Example],
    ) -> None:
        matters, places, *others = part.box
        for item in self.world.items:
            own = _mask(code == item.code for code, _kind in self.world.matters) & matters
            if not own:
                continue
            missing = places & self._exact & ~self._covered(then.lead, item)
            while missing:
                at = _lowest(missing)
                place = self.cells.places[at]
                missing &= missing - 1
                key = item.code, place[:TOWN]
                lacking[key].add(place[:COMMUNITY])
                if key not in example:
                    box = (own, 1 << at, others[0], others[1])
                    example[key] = self.cells.example(Part(box, part.words))

    @cached_property
    def _exact(self) -> int:
        """Places that are known as exactly as units work in them."""
        divided = {place[:TOWN] for place in self.cells.places if len(place) >= COMMUNITY}
        return _mask(
            len(place) >= COMMUNITY or (len(place) == TOWN and place not in divided)
            for place in self.cells.places
        )

    def _covered(self, lead: Sequence[Target], item: ItemFacts) -> int:
        covered = 0
        for target in lead or (Target(Whose.CATALOGUE),):
            named = target
            if target.whose is Whose.CATALOGUE:
                named = Target(Whose.DEPARTMENT, item.lead_department)
            covered |= self._reach.get(named, 0)
        return covered

    @cached_property
    def _reach(self) -> Mapping[Target, int]:
        """Where somebody of each department, duty or unit works: in the place or above it."""
        areas: dict[Target, set[str]] = defaultdict(set)
        for unit in self.world.units:
            areas[Target(Whose.UNIT, unit.code)].add(unit.area_code)
            if unit.department:
                areas[Target(Whose.DEPARTMENT, unit.department)].add(unit.area_code)
            if unit.is_team and unit.duty:
                areas[Target(Whose.TEAM, unit.duty)].add(unit.area_code)
        return {
            target: _mask(is_within(place, codes) for place in self.cells.places)
            for target, codes in areas.items()
        }
