"""The site of the documentation: whole, for everybody, and all of it our own."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import html

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = {"project/security.md", "project/contributing.md", "project/changelog.md"}
LOADS = " | ".join((
    "//script/@src", "//link[not(@rel='canonical')]/@href", "//img/@src", "//img/@srcset",
    "//source/@src", "//iframe/@src", "//object/@data", "//video/@src", "//audio/@src",
    "//use/@href", "//form/@action",
))  # fmt: skip


def pages(entry: Any) -> Iterator[str]:
    """The pages of a part of the navigation."""
    if isinstance(entry, str):
        yield entry
    else:
        for each in entry.values() if isinstance(entry, dict) else entry:
            yield from pages(each)


def test_every_page_stands_once_in_the_navigation() -> None:
    told = list(pages(yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]))
    docs = ROOT / "docs"
    ours = {str(page.relative_to(docs)) for page in docs.rglob("*.md")}
    assert sorted(told) == sorted(ours | OUTSIDE)


def made(site: Path) -> None:
    """Builds the site as `make docs` does; a broken link or anchor ends it with words."""
    subprocess.run(["make", "--no-print-directory", "docs-ready"], cwd=ROOT, check=True)
    done = subprocess.run(
        [ROOT / ".venv/docs/bin/mkdocs", "build", "--strict", "--site-dir", site],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_site_is_built_without_a_broken_link_and_loads_nothing_from_outside(
    tmp_path: Path,
) -> None:
    made(tmp_path)
    for page in tmp_path.rglob("*.html"):
        loaded = html.parse(str(page)).getroot().xpath(LOADS)
        outside = [each for each in loaded if re.match(r"(?:\w+:)?//", each)]
        assert not outside, f"{page.name} loads {outside}"
    for sheet in tmp_path.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", sheet.read_text("utf-8"))
    for script in tmp_path.glob("assets/javascripts/*.js"):
        assert "unpkg.com" not in script.read_text("utf-8"), f"{script.name} would fetch more"

    index = json.loads((tmp_path / "search/search_index.json").read_text("utf-8"))
    words = {word for each in index["docs"] for word in re.split(r"[\s\u200b]+", each["text"])}
    assert {"派遣", "立案", "网格", "核查"} <= words, "Chinese is not cut into words"
    assert (tmp_path / "flow.html").read_text("utf-8").count("mermaid.tiny.js") == 1
