"""Suggests the item that a text is about, from the catalogue's own words. Pure.

Every item is known by words: its name, description, example, departments and escalate words, and
the everyday words that ``data/item_words.csv`` lists for it. A word that few items know weighs
more (inverse document frequency), one that is repeated weighs a little more each time, and what
stands at the beginning of a text counts more than what comes up far down in it. A text that
shares too little with every item gets no suggestion.

The suggestion is for a person who decides; it says which words it went by.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import Final

import rjieba

from huying.catalogue.snapshots import CatalogueSnapshot, ItemSnapshot
from huying.catalogue.wording import apart

READS: Final = 1_000
"""Characters of a text that are read; who writes more has said by then what it is about."""

HEAD: Final = 50
"""Characters at the beginning, the subject as a rule, that count ``HEAD_COUNTS`` times."""

HEAD_COUNTS: Final = 2.0
ENOUGH: Final = 3.2
"""The weight that the best item must reach; below it, nothing fits. About one telling word in the
subject, or two in the text. Tuned on 4,326 residents' messages, see docs/catalogue.md."""

HALF: Final = 6.0
"""The weight at which the score is one half."""

MOST_REASONS: Final = 5
_EVERYDAY: Final = 1.0
_ESCALATE: Final = 1.0
_NAMED: Final = 0.7
_TOLD: Final = 0.35
_DEPARTMENT: Final = 0.4
_PAIR: Final = 0.12


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An item that fits: its score between 0 and 1, and the words of the text it goes by.

    Where it was ``learned`` from decisions, the score is the confidence that it is this item.
    """

    item_code: str
    score: float
    reasons: tuple[str, ...]
    learned: bool = False

    @property
    def zh(self) -> str:
        said = "文中提到" + "".join(f"“{word}”" for word in self.reasons) if self.reasons else ""
        if not self.learned:
            return said
        return f"把握 {self.score:.0%}" + (f"，{said}" if said else "")

    @property
    def en(self) -> str:
        words = ", ".join(f"“{word}”" for word in self.reasons)
        said = f"the text mentions {words}" if words else ""
        if not self.learned:
            return said
        return f"{self.score:.0%} sure" + (f": {said}" if said else "")


@dataclass(frozen=True, slots=True)
class ItemWords:
    """Everyday words for an item, with what each counts."""

    item_code: str
    weight: float
    words: tuple[str, ...]


def suggest_item(text: str, catalogue: CatalogueSnapshot, top: int = 3) -> tuple[Suggestion, ...]:
    """The items in use that fit the text best, best first; empty when nothing fits."""
    return fit(text, catalogue).best(top)


def fit(text: str, catalogue: CatalogueSnapshot) -> Fit:
    """How well the text fits each item in use."""
    return _index(catalogue).fit(text)


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a text fits the items that it fits at all. Why is worked out where it is asked.

    Attributes:
        scores: by item, between 0 and 1, the best first.
        counts: how much each known word of the text counts.
    """

    index: Index
    scores: Mapping[str, float]
    counts: Mapping[str, float]

    def best(self, top: int, *, explained: bool = True) -> tuple[Suggestion, ...]:
        """The best items, with their reasons if somebody reads them."""
        return tuple(
            Suggestion(code, score, self.reasons(code) if explained else ())
            for code, score in islice(self.scores.items(), top)
        )

    def reasons(self, code: str) -> tuple[str, ...]:
        """The words that counted most for an item; none is part of another."""
        shares = {
            word: count * weight
            for word, count in self.counts.items()
            for known, weight in self.index.weights[word]
            if known == code
        }
        # The longer word tells more, whichever of the two counted more.
        longest = apart(sorted(shares, key=len, reverse=True))
        return tuple(sorted(longest, key=lambda word: (-shares[word], word))[:MOST_REASONS])


def read_words(text: str) -> tuple[ItemWords, ...]:
    """Reads everyday words from CSV (code, weight, words joined by ``;``).

    Raises:
        ValueError: with the line at fault.
    """
    rows = []
    for number, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        try:
            weight = float(row["weight"])
            words = tuple(word.strip() for word in row["words"].split(";") if word.strip())
            code = row["code"].strip()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"line {number}: {error}") from error
        if not 0 < weight <= 2 or any(len(word) < 2 for word in words):
            raise ValueError(f"line {number}: a weight is above 0, a word has two characters")
        rows.append(ItemWords(code, weight, words))
    return tuple(rows)


@lru_cache(maxsize=1)
def everyday_words() -> tuple[ItemWords, ...]:
    """The package's own list."""
    path = files("huying") / "data" / "item_words.csv"
    return read_words(path.read_text(encoding="utf-8-sig"))


_indexes: dict[str, Index] = {}


def _index(catalogue: CatalogueSnapshot) -> Index:
    index = _indexes.get(catalogue.key)
    if index is None:
        index = Index(catalogue.active, everyday_words())
        if len(_indexes) >= 8:
            _indexes.clear()
        _indexes[catalogue.key] = index
    return index


_HAN: Final = re.compile(r"[\u3400-\u9fffA-Za-z]+")
# Kinds of word (as the tagger names them) that say what a sentence is about.
_TELLING: Final = re.compile(r"^(?:n(?!r|s)|v|a|l|i|j)")
# Words of the catalogue's sentences that say nothing of what a matter is about.
_FILLING: Final = (
    "没有 可以 需要 应该 不能 不会 就是 还是 还有 已经 现在 今天 明天 昨天 晚上 早上 附近 "
    "旁边 里面 外面 上面 下面 问题 情况 东西 地方 时候 大家 自己 我们 他们 你们 什么 怎么 "
    "这个 那个 有人 没人 村口 小区 居民 群众 老板 房东 邻居 登记 核实 采集 信息 变更 工作 "
    "进行 开展 配合 到场 检查 巡查 发现 跟进 回复 处理 解决 帮忙 位置 一家 两家 三户 七户 "
    "门口 路口 知道 看到 所有 可能 相关 部门 领导 街道 社区 公司 其他 用途 问了 没人管 "
    "有关 时间 以及 影响 安全 隐患 安全隐患 服务 建设 有限 入户 企业 生产 管理 专项 任务 "
    "单位 设施 机构 变化 一个 两个 国家 活动 场所 使用 环境 公共 社会 道路 房屋 建筑 "
    "建筑物 上级 周边 消防 公安 城管 社情 民意 意见 大厦 工业区 市场 大楼 和兴 兴路 东沙 "
    "东兴 沙村 人说 通道 无证 经营 法律 法规 政策 宣传 防范 指引 协助 响应 公安派出所 "
    "状态 新增 新装 缺失 损坏 危险 违法 违规 共享 人员 物业 十几 了一 一天 手机 清理 整治"
)
_EMPTY: Final = frozenset(_FILLING.split())


class Index:
    """The words of a catalogue's items, made once a version of it."""

    def __init__(self, items: Iterable[ItemSnapshot], everyday: Iterable[ItemWords]) -> None:
        known: dict[str, dict[str, float]] = defaultdict(dict)
        codes = []
        for item in items:
            codes.append(item.code)
            for word, weight in _words_of(item):
                known[word][item.code] = max(weight, known[word].get(item.code, 0.0))
        for row in everyday:
            if row.item_code in codes:
                for word in row.words:
                    before = known[word].get(row.item_code, 0.0)
                    known[word][row.item_code] = max(row.weight * _EVERYDAY, before)
        self.weights: dict[str, tuple[tuple[str, float], ...]] = {}
        starts: dict[str, list[str]] = defaultdict(list)
        for word, by_item in known.items():
            rarity = math.log((len(codes) + 1) / (len(by_item) + 0.5))
            self.weights[word] = tuple((code, weight * rarity) for code, weight in by_item.items())
            starts[word[:2]].append(word)
        # Of words that begin alike the longest is looked for first.
        self._starts = {
            pair: sorted(words, key=len, reverse=True) for pair, words in starts.items()
        }

    def fit(self, text: str) -> Fit:
        """How well a text fits each item."""
        text = text[:READS]
        head, rest = self._found(text)
        # Ten words in passing in a long letter say less than ten in two sentences.
        passing = min(1.0, math.sqrt(200 / max(1, len(text))))
        counts = {
            word: HEAD_COUNTS * (word in head) + passing * math.log2(1 + rest[word])
            for word in head.keys() | rest.keys()
        }
        totals: dict[str, float] = defaultdict(float)
        for word, count in counts.items():
            for code, weight in self.weights[word]:
                totals[code] += count * weight
        fitting = [each for each in totals.items() if each[1] >= ENOUGH]
        fitting.sort(key=lambda each: (-each[1], each[0]))
        scores = {code: round(total / (total + HALF), 3) for code, total in fitting}
        return Fit(self, scores, counts)

    def _found(self, text: str) -> tuple[Counter[str], Counter[str]]:
        """The known words in a text's head and in its rest, how often each."""
        head: Counter[str] = Counter()
        rest: Counter[str] = Counter()
        starts = self._starts
        position, end = 0, len(text) - 1
        while position < end:
            for word in starts.get(text[position : position + 2], ()):
                if text.startswith(word, position):
                    (head if position < HEAD else rest)[word] += 1
                    # The word's own parts were not meant; what overlaps its end may be.
                    position += max(0, len(word) - 2)
                    break
            position += 1
        return head, rest


def _words_of(item: ItemSnapshot) -> Iterator[tuple[str, float]]:
    """An item's own words, with what each counts."""
    for word in item.escalate_words:
        if len(word) >= 2:
            yield word, _ESCALATE
    for part in re.split(r"[、，,。；;（）()和]|等", f"{item.name}，{item.description}"):
        part = part.strip("“”\"' ")
        if 2 <= len(part) <= 6 and part not in _EMPTY:
            yield part, _NAMED * 1.2
    for word in _telling(f"{item.name}，{item.description}"):
        yield word, _NAMED
    for word in _telling(item.example):
        yield word, _TOLD
    for department in (item.lead_department, *item.assisting_departments):
        name = re.sub(r"[（(].*", "", department)
        yield name, _DEPARTMENT if department == item.lead_department else _DEPARTMENT / 2
    for run in _HAN.findall(f"{item.name}，{item.description}"):
        for start in range(len(run) - 1):
            if run[start : start + 2] not in _EMPTY:
                yield run[start : start + 2], _PAIR


def _telling(text: str) -> Iterator[str]:
    for word, kind in rjieba.tag(text):
        if len(word) >= 2 and word not in _EMPTY and _TELLING.match(kind) and _HAN.fullmatch(word):
            yield word
