"""What of a report is compared: its names and the words of its problem. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

import rjieba

from huying.topics import naming

READS: Final = 400
"""Characters of a report that are read; who writes more has said by then what it is about."""
HEAD: Final = 60
"""Characters of a first line at most that count as the subject."""
HEAD_COUNTS: Final = 3.0
"""How often a subject counts against the text below it."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is compared of a report.

    Attributes:
        text: its first line is the subject.
        person: tells reporters apart and says nothing else; empty where nobody knows.
        item: the item's code, where one is known.
    """

    id: str
    at: datetime
    text: str
    person: str = ""
    item: str = ""
    lon: float | None = None
    lat: float | None = None
    address: str = ""
    likes: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """The reports with what was read in each: its names, and the weights of its letter pairs."""

    reports: Sequence[Report]
    names: Sequence[tuple[str, ...]]
    vectors: Sequence[Mapping[str, float]]

    def likeness(self, one: int, other: int) -> float:
        """The cosine of two reports' words, names left out: 0 (nothing) to 1 (the same)."""
        a, b = self.vectors[one], self.vectors[other]
        if len(a) > len(b):
            a, b = b, a
        return sum(weight * b[term] for term, weight in a.items() if term in b)


_COURTESY: Final = re.compile(
    r"尊敬的|您好|你好|领导|书记|市长|我是|我们|强烈|请求|恳请|希望|反映|投诉|咨询|举报|请问|关于|建议"
    r"|的问题|问题|有关部门|相关部门|部门|政府|谢谢|感谢|居民|业主|小区|何时|什么时候|怎么|为什么|能否"
    r"|是否|可否|解决|处理|严重|影响|存在|附近"
)
_LETTERS: Final = re.compile(r"[㐀-鿿A-Za-z0-9]+")


def head(text: str) -> str:
    """The subject: the first line, or the beginning of one that is long."""
    return text.split("\n", 1)[0][:HEAD]


def read(reports: Sequence[Report]) -> Read:
    """Reads the reports together: what is a name, and what is rare, the others say."""
    known = naming.learn(f"{head(each.text)}\n{each.address}" for each in reports)
    names: list[tuple[str, ...]] = []
    counted: list[dict[str, float]] = []
    held: Counter[str] = Counter()
    for report in reports:
        said = head(report.text)
        named = dict.fromkeys((*known.of(said), *known.of(report.address)))
        # What is named far down in a long letter is where it is only if the subject does not say.
        names.append(tuple(named) or known.of(report.text[len(said) : READS]))
        terms = _terms(report.text, known.of(report.text[:READS]))
        counted.append(terms)
        held.update(terms.keys())
    return Read(reports, names, [_weighed(terms, held, len(reports)) for terms in counted])


def _terms(text: str, names: Iterable[str]) -> dict[str, float]:
    """The letter pairs that tell of the problem, the subject's more often."""
    found: dict[str, float] = defaultdict(float)
    said = head(text)
    for part, counts in ((said, HEAD_COUNTS), (text[len(said) :][:READS], 1.0)):
        for run in _LETTERS.findall(_COURTESY.sub(" ", without(part, names))):
            for a, b in pairwise(run):
                found[a + b] += counts
    return found


def without(text: str, names: Iterable[str]) -> str:
    """A text without divisions and names."""
    text = naming.plain(text)
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return text


def _weighed(terms: Mapping[str, float], held: Mapping[str, int], reports: int) -> dict[str, float]:
    # A pair that no other report holds can be alike to none.
    weights = {
        term: (1 + math.log(number)) * math.log(reports / held[term] + 1)
        for term, number in terms.items()
        if held[term] > 1
    }
    norm = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {term: weight / norm for term, weight in weights.items()}


def words_of(text: str, names: Iterable[str]) -> set[str]:
    """The words of a subject that tell of the problem, as people read them."""
    said = _COURTESY.sub(" ", without(head(text), names))
    return {
        word
        for word, kind in rjieba.tag(said)
        if len(word) >= 2 and kind[:1] in "nvlaij" and not kind.startswith("nr")
    }
