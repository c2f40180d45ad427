"""What docs/catalogue.md says about escalate words is what the code does."""

import re
from pathlib import Path

import pytest

from huying.catalogue.escalating import hits
from huying.catalogue.evidence import parse

PAGE = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text(encoding="utf-8")
WORDS = ("泄漏", "被困", "起火", "坠落", "爆炸", "住人")
ROWS = [
    (sentence.strip(), "no hit" not in reading)
    for texts, reading in re.findall(r"^\| ([^|]*[\u4e00-\u9fff][^|]*) \| ([^|]+) \|$", PAGE, re.M)
    for sentence in re.split(r"[,;]", texts)
]


def test_the_page_has_its_table() -> None:
    assert len(ROWS) >= 15


@pytest.mark.parametrize(("sentence", "told"), ROWS)
def test_every_sentence_of_the_table_is_read_as_the_page_says(sentence: str, told: bool) -> None:
    assert bool(hits(sentence, WORDS)) is told


def test_the_pages_example_of_evidence_is_one() -> None:
    (rule,) = re.findall(r"for example `([^`]+)`", PAGE)
    assert len(parse(rule).demands) == 3
