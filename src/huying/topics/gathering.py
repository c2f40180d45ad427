"""Gathers reports of one problem at one place into topics, with reasons. Pure.

Two reports are of one place when they share a name (`naming`), or when their positions are near
each other; two positions far apart are never one place. They are of one problem as far as their
words are alike once the names are taken out of them; the item speaks for or against it. Groups are
joined by how alike they are on the whole (the cosine of their middles), the likest first, and
pairs that are not of one place count as not alike at all: a report joins where it is like most of
the members and of their place. That keeps a theme, which many places share, apart from a problem
of one place, and a chain of half-alike reports from becoming a topic.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from huying.catalogue.wording import apart
from huying.topics.comparing import compare, two_of
from huying.topics.reading import Read, Report, read, words_of

ALIKE: Final = 0.18
"""How alike two groups must be to become one. Tuned on the earlier half of 4,326 residents'
messages, see docs/topics.md."""
LEAST: Final = 0.05
"""How alike their reports must be on average, however large the groups."""
FEWEST: Final = 3
"""Reports that make a topic, by two people at least."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Reports that belong together, and what speaks for it.

    Attributes:
        key: of the earlier topic that it goes on; empty for a new one.
        names: that several members share, the commonest first, with how many members hold each.
        words: of the problem, likewise.
        alike: the mean likeness of its members, 0 to 1.
    """

    members: tuple[Report, ...]
    names: tuple[tuple[str, int], ...]
    words: tuple[tuple[str, int], ...]
    alike: float
    key: str = ""

    @property
    def people(self) -> int:
        """How many reported; who is not known counts as another each time."""
        return people(self.members)

    @property
    def title(self) -> str:
        """The place, and the problem in the words that most members use."""
        place = self.names[0][0] if self.names else ""
        problem = "、".join(word for word, _number in self.words[:3])
        return "：".join(part for part in (place, problem) if part)


def people(members: Collection[Report]) -> int:
    """How many people reported."""
    known = {each.person for each in members if each.person}
    return len(known) + sum(1 for each in members if not each.person)


def gather(
    reports: Sequence[Report],
    *,
    earlier: Mapping[str, Collection[str]] | None = None,
    apart: Collection[tuple[str, str]] = (),
) -> list[Cluster]:
    """The topics among the reports, the largest first.

    ``earlier`` are topics that stand: their members stay together, and others may join. ``apart``
    are pairs of a report and a topic that a person has put apart.
    """
    known = read(reports)
    groups = _Groups.of(reports, earlier or {}, apart)
    groups.join(compare(known))
    words = [words_of(each.text, names) for each, names in zip(reports, known.names, strict=True)]
    held = Counter(word for each in words for word in each)
    found = []
    for first, members in groups.members.items():
        key = groups.keys.get(first, "")
        if len(members) < FEWEST and not key:
            continue
        order = sorted(members, key=lambda n: (reports[n].at, reports[n].id))
        cluster = _describe(known, order, key, words, held)
        if key or cluster.people > 1:
            found.append(cluster)
    return sorted(found, key=lambda each: (-len(each.members), each.members[0].id))


@dataclass(slots=True)
class _Groups:
    """The groups while they are joined, each under the number of one of its reports.

    Attributes:
        keys: of the groups that are earlier topics.
        start: the group that a report is in from the beginning, where it is not its own.
        barred: earlier topics that a group may not join.
    """

    members: dict[int, set[int]]
    keys: dict[int, str] = field(default_factory=dict)
    start: dict[int, int] = field(default_factory=dict)
    barred: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(
        cls,
        reports: Sequence[Report],
        earlier: Mapping[str, Collection[str]],
        apart: Collection[tuple[str, str]],
    ) -> _Groups:
        places = {report.id: n for n, report in enumerate(reports)}
        groups = cls({n: {n} for n in range(len(reports))})
        for key, ids in earlier.items():
            present = sorted(places[each] for each in ids if each in places)
            if not present:
                continue
            first = present[0]
            for each in present:
                groups.members.pop(each, None)
                groups.start[each] = first
            groups.members[first] = set(present)
            groups.keys[first] = key
        for report, key in apart:
            if report in places:
                groups.barred[groups.start.get(places[report], places[report])].add(key)
        return groups

    def join(self, likes: Iterable[tuple[int, int, float]]) -> None:
        """Joins the two groups that are most alike, as long as any are alike enough."""
        across: dict[int, dict[int, float]] = {first: defaultdict(float) for first in self.members}
        within = {first: float(len(members)) for first, members in self.members.items()}
        for one, other, value in likes:
            a, b = self.start.get(one, one), self.start.get(other, other)
            if a == b:
                within[a] += 2 * value
            else:
                across[a][b] += value
                across[b][a] += value
        turns = dict.fromkeys(self.members, 0)
        queue: list[tuple[float, int, int, int, int]] = []

        def offer(a: int, b: int) -> None:
            total = across[a][b]
            alike = total / math.sqrt(within[a] * within[b])
            mean = total / (len(self.members[a]) * len(self.members[b]))
            if alike >= ALIKE and mean >= LEAST and self._may_join(a, b):
                heapq.heappush(queue, (-alike, a, b, turns[a], turns[b]))

        for a, near in across.items():
            for b in near:
                if a < b:
                    offer(a, b)
        while queue:
            _alike, a, b, turn_a, turn_b = heapq.heappop(queue)
            # What was offered before one of the two was joined to another is worth nothing now.
            if turns.get(a) != turn_a or turns.get(b) != turn_b:
                continue
            if b in self.keys:
                a, b = b, a
            within[a] += within.pop(b) + 2 * across[a][b]
            self.members[a] |= self.members.pop(b)
            self.barred[a] |= self.barred[b]
            turns[a] += 1
            del turns[b]
            for other, value in across.pop(b).items():
                del across[other][b]
                if other != a:
                    across[a][other] += value
                    across[other][a] = across[a][other]
            for other in across[a]:
                offer(min(a, other), max(a, other))

    def _may_join(self, a: int, b: int) -> bool:
        if a in self.keys and b in self.keys:
            return False  # Two topics that stand are joined by a person alone.
        return self.keys.get(a) not in self.barred[b] and self.keys.get(b) not in self.barred[a]


def _describe(
    known: Read,
    members: Sequence[int],
    key: str,
    words: Sequence[Collection[str]],
    held: Mapping[str, int],
) -> Cluster:
    """The cluster with its names by number, and its words by number and by how rare they are."""
    names = Counter(name for n in members for name in known.names[n])
    said = Counter(word for n in members for word in words[n])
    rare = {word: math.log(1 + len(words) / held[word]) for word in said}
    first, second = two_of(min(len(members), 60))
    order = np.array(members)
    pairs = known.vectors.likeness(order[first], order[second]).tolist()
    return Cluster(
        members=tuple(known.reports[n] for n in members),
        names=_shared(names, names)[:5],
        words=_shared(said, {word: n * rare[word] for word, n in said.items()})[:8],
        alike=round(sum(pairs) / len(pairs), 3) if pairs else 1.0,
        key=key,
    )


def _shared(counts: Mapping[str, int], by: Mapping[str, float]) -> tuple[tuple[str, int], ...]:
    """Those of several members, in the order of ``by``, without what is a part of another one."""
    order = sorted(counts.items(), key=lambda each: (-by[each[0]], -len(each[0]), each[0]))
    return tuple((word, counts[word]) for word in apart(word for word, n in order if n > 1))
