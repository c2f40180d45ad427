"""What of a report is compared: its names and the words of its problem. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

import rjieba

from huying.topics import naming
from huying.topics.vectors import Vectors

READS: Final = 400
"""Characters of a report that are read; who writes more has said by then what it is about."""
HEAD: Final = 60
"""Characters of a first line at most that count as the subject."""
HEAD_COUNTS: Final = 3
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
    vectors: Vectors


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
    heads = [naming.endings(head(each.text)) for each in reports]
    addresses = [naming.endings(each.address) for each in reports]
    known = naming.learnt([*one, *other] for one, other in zip(heads, addresses, strict=True))
    names: list[tuple[str, ...]] = []
    counted: list[dict[str, int]] = []
    for report, said, lies in zip(reports, heads, addresses, strict=True):
        subject = head(report.text)
        named = dict.fromkeys((*known.among(said), *known.among(lies)))
        # What is named far down in a long letter is where it is only if the subject does not say.
        names.append(tuple(named) or known.of(report.text[len(subject) : READS]))
        short = report.text == subject
        counted.append(
            _terms(report.text, known.among(said) if short else known.of(report.text[:READS]))
        )
    return Read(reports, names, Vectors.of(counted))


def _terms(text: str, names: Iterable[str]) -> dict[str, int]:
    """The letter pairs that tell of the problem, the subject's more often."""
    found: dict[str, int] = defaultdict(int)
    said = head(text)
    for part, counts in ((said, HEAD_COUNTS), (text[len(said) :][:READS], 1)):
        for run in _LETTERS.findall(_COURTESY.sub(" ", without(part, names))) if part else ():
            for a, b in pairwise(run):
                found[a + b] += counts
    return found


def without(text: str, names: Iterable[str]) -> str:
    """A text without divisions and names."""
    text = naming.plain(text)
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return text


def words_of(text: str, names: Iterable[str]) -> set[str]:
    """The words of a subject that tell of the problem, as people read them."""
    said = _COURTESY.sub(" ", without(head(text), names))
    return {
        word
        for word, kind in rjieba.tag(said)
        if len(word) >= 2 and kind[:1] in "nvlaij" and not kind.startswith("nr")
    }
