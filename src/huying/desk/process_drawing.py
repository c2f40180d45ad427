"""Where the parts of the process picture stand: states down a spine, in the order of the flow.

Steps forward run down the spine; those that leave steps out run along its left; whatever went back
or to another level runs up on the right, where its words stand in a column beside it. Other ends
than closing stand on the far left. Pure: numbers in, numbers out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from huying.assessment.flowing import Edge, Flow, Waiting, Way
from huying.cases.states import State

WIDTH: Final = 940
TOP: Final = 66
PITCH: Final = 122
BOX_W, BOX_H = 190, 62
SPINE: Final = 345
END_X, END_W, END_H = 76, 122, 48
LANES: Final = 606
WORDS: Final = 712
GAP: Final = 54

LINE: Final = (
    State.REPORTED,
    State.ACCEPTED,
    State.DISPATCHED,
    State.HANDLING,
    State.HANDLED,
    State.CHECKED,
    State.CLOSED,
)
ENDS: Final = (State.DECLINED, State.MERGED, State.WITHDRAWN)
HEIGHT: Final = TOP + PITCH * (len(LINE) - 1) + BOX_H + 16

_ROW: Final = {str(state): n for n, state in enumerate(LINE)}
_END: Final = {str(state): n for n, state in enumerate(ENDS)}


@dataclass(frozen=True, slots=True)
class Box:
    """A state."""

    state: State
    x: float
    y: float
    width: float
    height: float
    waiting: Waiting | None
    is_end: bool

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Line:
    """A way as it is drawn.

    Attributes:
        kind: "on", "skip", "end" or "back".
        path: the line, as an SVG writes it.
        head: the three corners of its arrow.
        x, y, anchor: where its words stand.
        leader: from the line to its words, where they stand apart; else "".
    """

    edge: Edge
    kind: str
    path: str
    head: str
    width: float
    x: float
    y: float
    anchor: str
    leader: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of it."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: int = WIDTH
    height: int = HEIGHT


def drawn(flow: Flow) -> Drawing:
    """The picture of a flow."""
    most = max((edge.count for edge in flow.edges.values()), default=1)
    groups: dict[str, list[Edge]] = {"on": [], "skip": [], "end": [], "back": []}
    for way, edge in flow.edges.items():
        groups[_kind(way)].append(edge)
    ports = _Ports(flow.edges)
    lines = [_on(edge, most) for edge in groups["on"]]
    lines += _skips(groups["skip"], most, ports)
    lines += [_end(edge, most, ports) for edge in groups["end"]]
    lines += _backs(groups["back"], most, ports)
    boxes = [
        Box(state, SPINE - BOX_W / 2, _y(str(state)), BOX_W, BOX_H, flow.waiting.get(state), False)
        for state in LINE
    ] + [
        Box(state, END_X - END_W / 2, _end_y(state), END_W, END_H, flow.waiting[state], True)
        for state in ENDS
        if state in flow.waiting
    ]
    return Drawing(tuple(boxes), tuple(lines))


def _kind(way: Way) -> str:
    if way.target in _END:
        return "end"
    if not way.source:
        return "on"
    steps = _ROW.get(way.target, 0) - _ROW.get(way.source, len(LINE))
    if way.is_bounce or steps <= 0:
        return "back"
    return "on" if steps == 1 and way.verb != "settle" else "skip"


def _y(state: str) -> float:
    return TOP + PITCH * _ROW[state]


def _middle(state: str) -> float:
    return _y(state) + BOX_H / 2


def _end_y(state: str) -> float:
    return TOP + PITCH * _END[state] + (BOX_H - END_H) / 2


def _weight(count: int, most: int) -> float:
    """A line's width: twice as wide for four times as many."""
    return round(2 + 9 * sqrt(count / most), 1)


class _Ports:
    """Where lines leave and enter the sides of a box: apart from each other, in a fixed order."""

    def __init__(self, ways: Iterable[Way]) -> None:
        sides: dict[tuple[str, str], list[tuple[float, Way, str]]] = {}
        for way in ways:
            kind = _kind(way)
            if kind == "on":
                continue
            side = "right" if kind == "back" else "left"
            out, into = _turns(way, kind)
            sides.setdefault((way.source, side), []).append((out, way, "out"))
            if kind != "end":
                sides.setdefault((way.target, side), []).append((into, way, "in"))
        self._at: dict[tuple[Way, str], float] = {}
        for (state, _side), ports in sides.items():
            ports.sort()
            step = min(13.0, (BOX_H - 14) / max(len(ports) - 1, 1))
            for n, (_far_off, way, end) in enumerate(ports):
                y = _middle(state) + (n - (len(ports) - 1) / 2) * step
                self._at[way, end] = round(y, 1)

    def out(self, way: Way) -> float:
        return self._at[way, "out"]

    def into(self, way: Way) -> float:
        return self._at[way, "in"]


def _turns(way: Way, kind: str) -> tuple[float, float]:
    """Whose turn it is at the side of a box, from above, where a way leaves it and enters it.

    So that lines of one side do not cross each other: to the ends first, then what skips most.
    """
    if kind == "end":
        return _END[way.target] - 50, 0
    source, target = _ROW[way.source], _ROW[way.target]
    if kind == "skip":
        return -target, -source
    if source == target:
        return source + 0.4, source
    return target, source


def _on(edge: Edge, most: int) -> Line:
    bottom = _y(edge.way.target)
    top = bottom - (PITCH - BOX_H) if edge.way.source else 8
    width = _weight(edge.count, most)
    tip = 6 + width
    return Line(
        edge,
        "on",
        f"M{SPINE} {top}V{bottom - tip}",
        _head(SPINE, bottom, 0, -1, tip),
        width,
        SPINE + 18,
        (top + bottom) / 2,
        "start",
    )


def _skips(edges: Sequence[Edge], most: int, ports: _Ports) -> list[Line]:
    left = SPINE - BOX_W / 2
    found = []
    told: dict[str, int] = {}
    words = left - 26 - max(len(edges) - 1, 0) * 22 - 14
    # The shorter ones nearer to the spine.
    ordered = sorted(edges, key=lambda edge: _ROW[edge.way.target] - _ROW[edge.way.source])
    for lane, edge in enumerate(ordered):
        way, width = edge.way, _weight(edge.count, most)
        x = left - 26 - lane * 22
        y, into, tip = ports.out(way), ports.into(way), 6 + width
        n = told[way.target] = told.get(way.target, 0) + 1
        at = _y(way.target) - (PITCH - BOX_H) / 2 - (n - 1) * GAP
        out = f"M{left} {y}H{x + 12}Q{x} {y} {x} {y + 12}"
        path = f"{out}V{into - 12}Q{x} {into} {x + 12} {into}H{left - tip}"
        head = _head(left, into, -1, 0, tip)
        found.append(Line(edge, "skip", path, head, width, words, at, "end"))
    return found


def _end(edge: Edge, most: int, ports: _Ports) -> Line:
    left, right = SPINE - BOX_W / 2, END_X + END_W / 2
    way, width = edge.way, _weight(edge.count, most)
    y, into, tip = ports.out(way), _end_y(way.target) + END_H / 2, 6 + width
    # Those from further down the flow enter lower, so that two do not lie upon each other.
    into = round(into + 9 * (_ROW[way.source] - _END[way.target]), 1)
    into = min(max(into, _end_y(way.target) + 8), _end_y(way.target) + END_H - 8)
    bend = (left + right) / 2
    path = f"M{left} {y}C{bend} {y} {bend} {into} {right + tip} {into}"
    head = _head(right, into, 1, 0, tip)
    return Line(edge, "end", path, head, width, bend, (y + into) / 2, "middle")


def _backs(edges: Sequence[Edge], most: int, ports: _Ports) -> list[Line]:
    right = SPINE + BOX_W / 2
    spans = []
    for edge in edges:
        y, into = ports.out(edge.way), ports.into(edge.way)
        spans.append((min(y, into), max(y, into), y, into, edge))
    lanes: list[list[tuple[float, float]]] = []
    placed = []
    for low, high, y, into, edge in sorted(spans, key=lambda each: each[1] - each[0]):
        free = (
            n for n, taken in enumerate(lanes) if all(high + 8 < a or low - 8 > b for a, b in taken)
        )
        lane = next(free, len(lanes))
        if lane == len(lanes):
            lanes.append([])
        lanes[lane].append((low, high))
        placed.append(((low + high) / 2, lane, y, into, edge))
    found, below = [], 24.0
    for middle, lane, y, into, edge in sorted(placed, key=lambda each: each[0]):
        width = _weight(edge.count, most)
        x, tip = LANES + lane * 19, 6 + width
        turn = min(10, abs(y - into) / 2)
        way_on = 1 if into > y else -1
        path = (
            f"M{right} {y}H{x - turn}Q{x} {y} {x} {y + way_on * turn}"
            f"V{into - way_on * turn}Q{x} {into} {x - turn} {into}H{right + tip}"
        )
        at = max(middle, below)
        below = at + GAP
        leader = f"M{x + width / 2 + 1} {middle}L{WORDS - 8} {at}"
        head = _head(right, into, 1, 0, tip)
        found.append(Line(edge, "back", path, head, width, WORDS, at, "start", leader))
    over = below - GAP + 30 - HEIGHT
    return found if over <= 0 else [_moved(line, over) for line in found]


def _moved(line: Line, up: float) -> Line:
    """The same line with its words higher, where the column of words was too long."""
    y = round(line.y - up, 1)
    start = line.leader.split("L")[0]
    return Line(
        line.edge, line.kind, line.path, line.head, line.width,
        line.x, y, line.anchor, f"{start}L{WORDS - 8} {y}",
    )  # fmt: skip


def _head(x: float, y: float, dx: int, dy: int, size: float) -> str:
    """An arrow that ends at a point, coming from the side that (dx, dy) says."""
    half = round(size * 0.62, 1)
    back_x, back_y = x + dx * size, y + dy * size
    one = f"{back_x + dy * half},{back_y + dx * half}"
    other = f"{back_x - dy * half},{back_y - dx * half}"
    return f"{x},{y} {one} {other}"
