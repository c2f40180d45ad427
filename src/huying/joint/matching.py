"""Which resources may meet a need, and why it is thought so. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Thing = TypeVar("Thing")

LONGEST: Final = 8
MOST: Final = 5
SAME_KIND: Final = 3
COMMON: Final = frozenset(
    ("需要", "希望", "想要", "一个", "一次", "我们", "可以", "社区", "小区", "活动", "地方", "使用",
     "时间", "居民", "大家", "安排", "提供", "小龙", "龙村")
)  # fmt: skip
"""Two characters that stand in every other need, and say nothing of it."""


@dataclass(frozen=True, slots=True)
class Offer(Generic[Thing]):
    """A resource as it is looked at."""

    thing: Thing
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Match(Generic[Thing]):
    """A resource that may do.

    Attributes:
        same_kind: it is of the kind that is needed.
        shared: the words that both speak of, the longest first.
    """

    thing: Thing
    same_kind: bool
    shared: tuple[str, ...]

    @property
    def score(self) -> int:
        return SAME_KIND * self.same_kind + sum(len(each) - 1 for each in self.shared)


def shared_words(one: str, other: str) -> tuple[str, ...]:
    """The longest pieces of two and more letters that stand in both, the longest first."""
    found: list[str] = []
    at = 0
    while at < len(one) - 1:
        longest = ""
        for size in range(2, min(LONGEST, len(one) - at) + 1):
            piece = one[at : at + size]
            if not piece.isalnum() or piece not in other:
                break
            longest = piece
        if longest and longest not in COMMON:
            found.append(longest)
        at += max(1, len(longest))
    kept = dict.fromkeys(sorted(found, key=len, reverse=True))
    return tuple(kept)


def matches(kind: str, words: str, offers: Iterable[Offer[Thing]]) -> Sequence[Match[Thing]]:
    """The resources that are of the kind or speak of the same, the likeliest first.

    What is "other" is like nothing by its kind alone.
    """
    found = []
    for offer in offers:
        same = offer.kind == kind and kind != "other"
        match = Match(offer.thing, same, shared_words(words, offer.words)[:MOST])
        if match.score:
            found.append(match)
    return sorted(found, key=lambda each: -each.score)[:MOST]
