"""Escalate words are found where they are told, and only there."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.catalogue.escalating import Reading, hits, mentions, reason

WORDS = (
    "泄漏", "煤气味", "汽油味", "私油", "爆炸", "起火", "冒烟", "被困", "坍塌", "倾斜", "坠落",
    "漏电", "住人", "聚集", "轻生", "持刀", "失联", "溺水", "水浸", "中毒", "井盖缺失",
)  # fmt: skip

TOLD = [
    ("市场后街大排档厨房闻到很重的煤气味，老板说气管接口松了。", ["煤气味"]),
    ("东街有很大的汽油味，怀疑有私油车", ["汽油味", "私油"]),
    # A clause between the negator and the word ends the denial, with or without a comma.
    ("没有人管，煤气泄漏", ["泄漏"]),
    ("没有人管 煤气泄漏", ["泄漏"]),
    ("没有人管煤气泄漏", ["泄漏"]),
    ("没人来处理泄漏的问题", ["泄漏"]),
    ("没有及时处理泄漏", ["泄漏"]),
    ("没有关好阀门导致泄漏", ["泄漏"]),
    ("没有护栏有人坠落", ["坠落"]),
    ("没有电梯老人被困", ["被困"]),
    ("物业不管，楼上冒烟了", ["冒烟"]),
    ("未经批准储存，发生爆炸", ["爆炸"]),
    ("无业人员聚集", ["聚集"]),
    ("无法控制泄漏", ["泄漏"]),
    ("无缘无故起火", ["起火"]),
    ("不停冒烟", ["冒烟"]),
    ("没日没夜地冒烟", ["冒烟"]),
    ("未成年人被困", ["被困"]),
    ("非法聚集", ["聚集"]),
    ("没有煤气味，但是有汽油味", ["汽油味"]),
    ("没有泄漏但有汽油味", ["汽油味"]),
    ("没有装修、汽油味很重", ["汽油味"]),
    ("不是泄漏而是爆炸", ["爆炸"]),
    # Denied twice.
    ("不是没有泄漏", ["泄漏"]),
    ("并非没有泄漏", ["泄漏"]),
    ("不能说没有泄漏", ["泄漏"]),
    ("怎么会没有泄漏", ["泄漏"]),
    ("不能排除泄漏", ["泄漏"]),
    ("没有排除泄漏的可能", ["泄漏"]),
    ("请尽快排除泄漏隐患", ["泄漏"]),
    ("泄漏隐患没有排除", ["泄漏"]),
    ("泄漏隐患排除不了", ["泄漏"]),
    # Asked.
    ("是否泄漏请来看看", ["泄漏"]),
    ("不知道有没有泄漏", ["泄漏"]),
    ("有无人员被困还不清楚", ["被困"]),
    ("是不是漏电了", ["漏电"]),
    ("会不会爆炸", ["爆炸"]),
    ("这样没有泄漏吗？", ["泄漏"]),
    ("泄漏了没有", ["泄漏"]),
    # Not that bad yet, or worse than that.
    ("请在没有爆炸之前处理", ["爆炸"]),
    ("没有爆炸才怪", ["爆炸"]),
    ("这不是冒烟那么简单", ["冒烟"]),
    # Practice that turned earnest, or that is only the name of a place.
    ("宣传时发现煤气泄漏", ["泄漏"]),
    ("培训机构起火", ["起火"]),
    ("宣传栏倾斜", ["倾斜"]),
    ("演练现场有人被困", ["被困"]),
    ("消防起火都没人来", ["起火"]),
    # A device is lacking, or it lasted.
    ("没有漏电保护开关", ["漏电"]),
    ("物业没有发现有人被困电梯一个小时", ["被困"]),
    # Ways of writing.
    ("煤气泄露了", ["泄漏"]),
    ("沒有人管，煤氣洩漏", ["泄漏"]),
    ("厨房“冒烟”，快来", ["冒烟"]),
    ("路边井盖缺失", ["井盖缺失"]),
]

DENIED = [
    "没有泄漏",
    "没泄漏",
    "未发现泄漏",
    "无泄漏",
    "无明显泄漏",
    "不存在泄漏",
    "不存在任何泄漏的情况",
    "并非泄漏",
    "并没有泄漏",
    "排除了泄漏",
    "已排除煤气泄漏的可能",
    "没有发现煤气泄漏",
    "没有任何煤气泄漏的迹象",
    "没有闻到煤气味",
    "没有煤气泄漏",
    "没有再冒烟",
    "没有明显的汽油味",
    "未发现电缆沟泄漏",
    "没有人员被困",
    "无人被困",
    "没人被困",
    "没有发生爆炸",
    "没有泄漏、起火",
    "未见泄漏和冒烟",
    "没有泄漏也没有冒烟",
    "现在已不再冒烟",
    "不漏电",
    "不是起火",
    "起火系误报",
    "泄漏已排除",
    "泄漏隐患已经排除",
    "泄漏的情况不存在",
    "误以为起火",
    "没有“泄漏”",
    "沒有洩漏",
    "未發現煤氣洩漏",
]

PRACTISED = [
    "今天做了煤气泄漏演练",
    "泄漏应急演练照片",
    "检查了防泄漏装置",
    "给商铺宣传防爆炸知识",
    "派发预防溺水宣传单",
    "模拟起火逃生",
    "讲解煤气泄漏怎么办",
    "更新了坍塌事故应急预案",
]


OTHER_WORDS = ["业主个人信息泄露", "泄漏客户信息", "常住人口五千人", "小区已入住人家不多"]


@pytest.mark.parametrize("text", OTHER_WORDS)
def test_the_same_characters_in_another_word_are_nothing(text: str) -> None:
    assert mentions(text, WORDS) == ()


@pytest.mark.parametrize(("text", "words"), TOLD)
def test_a_danger_that_is_told_is_a_hit(text: str, words: list[str]) -> None:
    assert [hit.word for hit in hits(text, WORDS)] == words


@pytest.mark.parametrize("text", DENIED)
def test_a_danger_that_is_denied_is_no_hit(text: str) -> None:
    found = mentions(text, WORDS)
    assert found
    assert {mention.reading for mention in found} == {Reading.DENIED}
    assert hits(text, WORDS) == ()


@pytest.mark.parametrize("text", PRACTISED)
def test_a_danger_that_is_practised_or_taught_is_no_hit(text: str) -> None:
    found = mentions(text, WORDS)
    assert {mention.reading for mention in found} == {Reading.PRACTISED}


def test_a_hit_says_where_it_is_and_why_it_counts() -> None:
    text = "祠堂东街汽油味很大，怕爆炸"
    first, second = hits(text, ["爆炸", "汽油味"])
    assert text[first.start : first.end] == first.word == "汽油味"
    assert first.zh == "命中“汽油味”"
    why = reason([first, second, first])
    assert why is not None
    assert why.zh == "命中“汽油味”“爆炸”"
    assert reason([]) is None


def test_the_longer_of_two_words_counts() -> None:
    found = hits("学校出现聚集性发热", ["聚集", "聚集性发热"])
    assert [hit.word for hit in found] == ["聚集性发热"]


def test_an_item_without_words_never_hits() -> None:
    assert hits("煤气泄漏", []) == ()
    assert hits("煤气泄漏", ["", "  "]) == ()


@given(st.text(alphabet="没有不无未是泄漏冒烟，。、管发现吗？演练防已排除 "))
def test_places_are_in_order_apart_and_hold_the_word(text: str) -> None:
    found = mentions(text, WORDS)
    for mention in found:
        assert text[mention.start : mention.end] == mention.word
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(st.text(alphabet="没有不无未是冒烟、管发现吗？演练防已排除 ", max_size=30))
def test_a_new_sentence_is_read_for_itself(before: str) -> None:
    """Whatever was said before a full stop can't make a plain leak go away."""
    assert [hit.word for hit in hits(before + "。煤气泄漏", ["泄漏"])] == ["泄漏"]


def test_a_long_text_is_read_quickly() -> None:
    text = "没有人管，煤气泄漏。" * 700
    began = time.perf_counter()
    assert len(hits(text, WORDS)) == 700
    assert time.perf_counter() - began < 0.5
