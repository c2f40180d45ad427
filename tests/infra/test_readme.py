"""The README leads to every page of the documentation, and to none that is not there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_page_of_the_documentation_is_linked_once_read_on() -> None:
    read_on = (ROOT / "README.md").read_text("utf-8").split("## Read on")[1]
    linked = re.findall(r"\(docs/([\w-]+\.md)\)", read_on)
    assert sorted(linked) == sorted(page.name for page in (ROOT / "docs").glob("*.md"))
