"""The flow table as a Petri net: what process mining replays a log on.

Nothing is drawn by hand. The rows of the table give the transitions, with their verbs as labels; a
verb that keeps the state is a loop. What runs beside the state (`SIDES`) has a pair of places, one
of which is always marked; which of the two a verb asks for is found by asking the row's own
condition. A step of the desk that may be taken back leads to a place of its own, since only from
there, and while nothing else has been done, does `undo` lead back.

The net says nothing of who may, nor of conditions that rest on what a case is (its item, its
channel, its parts). Each marking has at most one token on a place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from typing import Any, Final

from huying.cases import flow
from huying.cases.row import Row
from huying.cases.states import END_STATES, PartState, State
from huying.cases.verbs import BY_ITSELF

Marking = frozenset[str]

START: Final = "start"
END: Final = "end"


@dataclass(frozen=True, slots=True)
class Side:
    """Something that runs beside the state of a case.

    Attributes:
        begins, ends: verbs after which it holds, and no longer holds.
        drops: verbs that end it where it holds, and are done as well where it does not.
    """

    name: str
    begins: frozenset[str]
    ends: frozenset[str] = frozenset()
    drops: frozenset[str] = frozenset()

    def place(self, holds: bool) -> str:
        return self.name if holds else f"not_{self.name}"

    def after(self, verb: str, before: bool) -> bool:
        """Whether it holds once the verb is done."""
        if verb in self.begins:
            return True
        return False if verb in self.ends | self.drops else before

    def touched(self, verb: str) -> bool:
        return verb in self.begins | self.ends | self.drops


SIDES: Final = (
    Side("suspended", frozenset({"suspend"}), frozenset({"resume"})),
    Side(
        "extension_asked",
        frozenset({"request_extension"}),
        frozenset({"grant_extension", "refuse_extension"}),
        frozenset({"return", "reopen"}),
    ),
    Side("verify_asked", frozenset({"ask_verify"}), frozenset({"verify"}), frozenset({"accept"})),
    Side("supervised", frozenset({"supervise"}), frozenset({"lift_supervision"})),
    Side("reopened", frozenset({"reopen"})),
)


@dataclass(frozen=True, slots=True)
class Transition:
    """A step. Without a label it is silent: no event stands for it."""

    label: str
    takes: Marking
    gives: Marking


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """Places, transitions, the marking before the first event and the one after the last."""

    places: tuple[str, ...]
    transitions: tuple[Transition, ...]
    initial: Marking
    final: Marking

    def fire(self, markings: frozenset[Marking], label: str) -> frozenset[Marking]:
        """Every marking that the label may lead to; empty when the net does not have it there.

        With those that silent steps lead on to.
        """
        found: frozenset[Marking] = frozenset()
        reached = self._step(markings, label)
        while not reached <= found:
            found |= reached
            reached = self._step(reached, "")
        return found

    def _step(self, markings: frozenset[Marking], label: str) -> frozenset[Marking]:
        return frozenset(
            (marking - each.takes) | each.gives
            for each in _labelled(self)[label]
            for marking in markings
            if each.takes <= marking
        )

    def follow(self, labels: Iterable[str]) -> frozenset[Marking]:
        """Every marking after these labels, from the start."""
        markings = frozenset({self.initial})
        for label in labels:
            markings = self.fire(markings, label)
        return markings


@cache
def _labelled(net: Net) -> Mapping[str, list[Transition]]:
    found: defaultdict[str, list[Transition]] = defaultdict(list)
    for each in net.transitions:
        found[each.label].append(each)
    return found


def state_of(marking: Marking) -> State | None:
    """The state of a case that a marking stands for; None amid a silent step, and at the ends."""
    names = (name.partition("_by_")[0] for name in marking)
    return next((State(name) for name in names if name in State.values), None)


def beside(marking: Marking) -> frozenset[str]:
    """The names of what runs beside the state."""
    return frozenset(side.name for side in SIDES if side.name in marking)


@cache
def net() -> Net:
    """The net of the whole table."""
    fresh = list(_fresh())
    transitions = [
        Transition("report", frozenset({START}), frozenset({str(State.REPORTED)})),
        *(each for row in flow.TABLE for each in _of_row(row, fresh)),
        *_choosing(),
        *_ending(fresh),
    ]
    off = frozenset(side.place(False) for side in SIDES)
    places = dict.fromkeys([START, *map(str, State), *(each.place for each in fresh)])
    places |= dict.fromkeys(side.place(holds) for side in SIDES for holds in (True, False))
    places |= dict.fromkeys(name for each in transitions for name in sorted(each.gives))
    return Net(tuple(places), tuple(transitions), off | {START}, frozenset({END}))


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A step just done, which may still be taken back: where it led from and to.

    ``dropped`` has the sides that it ended and that come back with it.
    """

    verb: str
    source: State
    target: State
    dropped: tuple[Side, ...]

    @property
    def place(self) -> str:
        had = "".join(f"_{side.name}" for side in self.dropped)
        return f"{self.target}_by_{self.verb}_from_{self.source}{had}"


def _fresh() -> Iterator[_Fresh]:
    for verb in sorted(flow.UNDOABLE):
        row = flow.ROWS[verb]
        drops = [side for side in SIDES if side.touched(verb)]
        for source in sorted(row.sources):
            for target in row.targets:
                for had in product((False, True), repeat=len(drops)):
                    dropped = tuple(side for side, held in zip(drops, had, strict=True) if held)
                    yield _Fresh(verb, source, target, dropped)


def _of_row(row: Row, fresh: list[_Fresh]) -> Iterator[Transition]:
    if row.verb == "undo":
        for each in fresh:
            takes = {each.place, *(side.place(False) for side in each.dropped)}
            gives = {str(each.source), *(side.place(True) for side in each.dropped)}
            yield Transition("undo", frozenset(takes), frozenset(gives))
        return
    for source in sorted(row.sources):
        for held in _beside(row, source):
            before = {side.place(holds) for side, holds in held.items()}
            after = {side.place(side.after(row.verb, holds)) for side, holds in held.items()}
            places = [str(source), *(each.place for each in fresh if each.target == source)]
            for place in places:
                for target in _targets(row, source, place, held, fresh):
                    yield Transition(
                        row.verb, frozenset(before | {place}), frozenset(after | {target})
                    )


def _targets(
    row: Row, source: State, place: str, held: dict[Side, bool], fresh: list[_Fresh]
) -> list[str]:
    if row.verb in flow.UNDOABLE:
        dropped = {side for side, holds in held.items() if holds and side.touched(row.verb)}
        return [
            each.place
            for each in fresh
            if (each.verb, each.source, set(each.dropped)) == (row.verb, source, dropped)
        ]
    if row.targets:
        return [_leading(row)]
    # What passes by itself leaves a step as fresh as it was.
    return [place if row.verb in BY_ITSELF else str(source)]


def _leading(row: Row) -> str:
    """Where a verb that moves the case leads.

    Which of several states it is, the verb's name does not tell: a silent step decides. So each
    verb has one transition from each state, which replaying tools need to choose the right one.
    """
    return str(row.targets[0]) if len(row.targets) == 1 else f"after_{row.verb}"


def _choosing() -> Iterator[Transition]:
    for row in flow.TABLE:
        if row.verb == "undo" or len(row.targets) < 2:
            continue
        for target in row.targets:
            yield Transition("", frozenset({_leading(row)}), frozenset({str(target)}))


def _beside(row: Row, source: State) -> list[dict[Side, bool]]:
    """What must run, or not run, beside the state for the verb; each way once.

    Only what the row's condition asks for, or the verb changes, is named.
    """
    ways = [
        dict(zip(SIDES, held, strict=True))
        for held in product((False, True), repeat=len(SIDES))
        if _may(row, source, dict(zip(SIDES, held, strict=True)))
    ]
    asked = {side: {way[side] for way in ways} for side in SIDES}
    named = [side for side in SIDES if len(asked[side]) == 1 or side.touched(row.verb)]
    if len(ways) != len(list(product(*(asked[side] for side in SIDES)))):
        raise AssertionError(f"the conditions of {row.verb} do not stand apart from each other")
    return [
        dict(zip(named, held, strict=True))
        for held in product(*(sorted(asked[side]) for side in named))
    ]


@dataclass(slots=True)
class _Facts:
    """A case about which all is known that a condition may ask."""

    state: str
    channel: str = "resident"
    holder_code: str = "000000000"
    area_code: str = "000000000"
    lead_unit_id: int | None = 1
    handler_id: int | None = None
    handled_by_unit_id: int | None = None
    reporter_id: int | None = 1
    questions_asked: bool = False
    item_code: str = "item"
    check_asked: bool = False
    self_handled: bool = False
    emergency: bool = False
    emergency_words: str = ""
    calls: Mapping[str, list[Any]] | None = None
    awaits_arbitration: bool = False
    responsible_unit_id: int | None = 1
    instruction_open: bool = False
    erasure_asked: bool = True
    has_code: bool = True
    parent_id: object = None
    parts: dict[str, str] = field(default_factory=lambda: {"1": str(PartState.DONE)})
    verify_asked: bool = False
    extension_asked: bool = False
    supervised: bool = False
    is_suspended: bool = False
    reopened: int = 0


def _may(row: Row, source: State, held: dict[Side, bool]) -> bool:
    """Whether the condition lets the verb pass in some case with this beside it."""
    if row.condition is None:
        return True
    known: dict[str, Any] = {side.name: holds for side, holds in held.items()}
    known["is_suspended"] = known.pop("suspended")
    facts = _Facts(str(source), **known)
    some = (facts, replace(facts, emergency=True), replace(facts, instruction_open=True))
    return any(row.condition(each) is None for each in some)


def _ending(fresh: list[_Fresh]) -> Iterator[Transition]:
    """Silent steps after the last event: whatever runs beside the end of a case is taken away."""
    steps = ["ending", *(f"ending_{side.name}" for side in SIDES)]
    ends = [*map(str, sorted(END_STATES))]
    for place in [*ends, *(each.place for each in fresh if each.target in END_STATES)]:
        yield Transition("", frozenset({place}), frozenset({steps[0]}))
    for at, then, side in zip(steps, [*steps[1:-1], END], SIDES, strict=False):
        for holds in (True, False):
            yield Transition("", frozenset({at, side.place(holds)}), frozenset({then}))
