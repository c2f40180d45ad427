"""The rules of docs/rules.md are read, decide as it says, and tie where it says so."""

from __future__ import annotations

import re
from pathlib import Path

from huying.dispatch import grammar
from huying.dispatch.proving import Fault
from tests.dispatch.test_rules import decider, findings

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
BLOCKS = re.findall(r"```rules( tie)?\n(.*?)```", PAGE, re.DOTALL)


def test_the_examples_of_the_page_are_rules_in_their_written_form() -> None:
    assert len(BLOCKS) == 3
    for _tie, text in BLOCKS:
        assert grammar.text_of(grammar.read(text)) == text


def test_they_decide_as_the_page_says() -> None:
    text = BLOCKS[1][1]
    item = {"item_code": "0204", "kind": "complex"}
    assert decider(text, text="车间冒烟", **item) == "smoke"
    assert decider(text, text="没有冒烟", **item) == "factories"


def test_those_tie_that_the_page_says_tie() -> None:
    for tie, text in BLOCKS[1:]:
        found = {each.fault for each in findings(text.replace("公安派出所", "消防"))}
        assert (Fault.TIE in found) is bool(tie)


def test_all_words_of_the_grammar_stand_on_the_page() -> None:
    words = [
        *grammar.CONDITIONS, *grammar.OUTCOMES, *grammar.CHANNELS, *grammar.KINDS, *grammar.DAYS,
        *grammar.HOURS, *grammar.LEVELS, *grammar.CLOCKS, *grammar.PRIORITIES, *grammar.WHOSE,
    ]  # fmt: skip
    assert not [word for word in words if word not in PAGE]
