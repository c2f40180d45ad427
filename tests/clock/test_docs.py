"""The examples of docs/clock.md run."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "clock.md"


def test_the_examples_of_the_clock_page_run() -> None:
    results = doctest.testfile(str(PAGE), module_relative=False)
    assert results.attempted > 0
    assert results.failed == 0
