"""The pictures of the documentation are what `make screenshots` makes, and say what they show."""

import re
from pathlib import Path

from huying.scenarios import screenshots

ROOT = Path(__file__).resolve().parents[2]
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")


def test_every_picture_is_one_that_is_made_and_every_one_that_is_made_is_there() -> None:
    there = {each.name for each in (ROOT / "docs" / "images").iterdir()}
    assert there == screenshots.files(), "run: make screenshots"


def test_every_picture_on_a_page_is_there_and_says_in_chinese_what_it_shows() -> None:
    shown = 0
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for said, source in PICTURE.findall(page.read_text("utf-8")):
            assert (page.parent / source).is_file(), f"{page.name}: {source}"
            assert re.search(r"[\u4e00-\u9fff]{2}", said), f"{page.name}: {source} says {said!r}"
            shown += 1
    assert shown > 10
