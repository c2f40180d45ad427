"""What the site of the documentation needs beside its pages.

The pages are written for a code host; here they get the same anchors, the three pages that stand
at the root of the repository, the diagrams' script, and a search that knows Chinese words.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import material.plugins.search.plugin as search
import rjieba
from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]
MARK = ROOT / "src" / "huying" / "static" / "huying" / "mark.svg"
DIAGRAMS = ROOT / "docsite" / "node_modules" / "@mermaid-js" / "tiny" / "dist" / "mermaid.tiny.js"
OUTSIDE = ("SECURITY", "CONTRIBUTING", "CHANGELOG")
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)\s]+)")


class Words:
    """Cuts a text into words; the theme's search asks jieba for it, which has to be compiled.

    `待派遣` is two words: who looks for 派遣 means it, too.
    """

    @staticmethod
    def cut(text: bytes) -> list[str]:
        words: list[str] = []
        for word in rjieba.cut(text.decode()):
            split = len(word) > 2 and word[0] in "待未已不"
            words += [word[0], word[1:]] if split else [word]
        return words


def anchor(title: str, separator: str) -> str:
    """The anchor that code hosts give a heading: its letters and digits, Chinese ones too."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", separator)


def on_config(config: Any) -> Any:
    search.jieba = Words
    config.mdx_configs["toc"]["slugify"] = anchor
    return config


def on_files(files: Any, config: Any) -> Any:
    """Adds the pages of the repository's root as project/…, and what the pages load."""
    for name in OUTSIDE:
        text = (ROOT / f"{name}.md").read_text("utf-8")
        files.append(File.generated(config, f"project/{name.lower()}.md", content=text))
    for source in (MARK, ROOT / "docsite" / "extra.css", DIAGRAMS):
        files.append(File.generated(config, f"site/{source.name}", abs_src_path=str(source)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Leads the links between docs/ and the root of the repository to where they are here."""
    here = Path(page.file.src_uri)

    def moved(link: re.Match[str]) -> str:
        path, hash_, part = link[1].partition("#")
        base = Path() if here.parts[0] == "project" else Path("docs") / here.parent
        parts: list[str] = []
        for each in (base / path).parts:
            parts[-1:] = [] if each == ".." else [*parts[-1:], each]
        target = "/".join(parts)
        if target.startswith("docs/"):
            target = target.removeprefix("docs/")
        elif target.removesuffix(".md") in OUTSIDE:
            target = f"project/{target.lower()}"
        else:
            return link[1]
        return "../" * (len(here.parts) - 1) + target + hash_ + part

    # ```rules tie: the second word is for the tests; the theme would take it for no block.
    return LINK.sub(moved, re.sub(r"^(```\w+) .*$", r"\1", markdown, flags=re.MULTILINE))


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Opens a picture in its own size by a click; gives pages with a diagram its script."""
    html = re.sub(r'(?<!">)(<img [^>]*src="([^"]+)"[^>]*>)', r'<a href="\2">\1</a>', html)
    if 'class="mermaid"' not in html:
        return html
    up = "../" * (len(Path(page.file.src_uri).parts) - 1)
    return html + f'<script src="{up}site/{DIAGRAMS.name}"></script>'


def on_post_build(config: Any) -> None:
    """Takes the addresses out of the theme's script from which it would fetch more."""
    for script in Path(config.site_dir).glob("assets/javascripts/*.js"):
        text = script.read_text("utf-8")
        script.write_text(re.sub(r'https://unpkg\.com/[^"`]*', "data:,", text), "utf-8")
