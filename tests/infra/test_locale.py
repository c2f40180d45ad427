"""Chinese first: every msgid of the program and its templates has its Chinese words."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

import huying

PACKAGE = Path(huying.__file__).parent
PARTS = sorted((PACKAGE / "locale" / "parts").glob("*.po"))
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "now_": None,  # gettext, where _ is the lazy one
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "npgettext": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


Message: TypeAlias = tuple[str | None, str]
"""Its context, if it has one, and its msgid."""


def _in(source: str, where: str) -> Iterator[tuple[Message, str]]:
    for line, message, _comments, context in extract(
        "python", io.BytesIO(source.encode()), keywords=KEYWORDS
    ):
        for msgid in message if isinstance(message, tuple) else (message,):
            if msgid:
                yield (context, msgid), f"{where}:{line}"


def msgids() -> dict[Message, str]:
    """Every msgid of the package, with a place where it stands."""
    found: dict[Message, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in path.parts:
            found |= dict(_in(path.read_text("utf-8"), str(path.relative_to(PACKAGE))))
    for path in sorted(PACKAGE.rglob("templates/**/*.*")):
        if path.suffix in {".html", ".txt"}:
            source = templatize(path.read_text("utf-8"), origin=str(path))
            # What templatize leaves of the page is indented as the page was.
            source = "\n".join(line.strip() for line in source.splitlines())
            found |= dict(_in(source, str(path.relative_to(PACKAGE))))
    return found


def translations() -> dict[Message, str]:
    known: dict[Message, str] = {}
    for path in PARTS:
        for message in read_po(io.BytesIO(path.read_bytes())):
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            for msgid in ids:
                known[message.context, msgid] = strings[0]
    return known


def test_every_msgid_has_chinese_words() -> None:
    known = translations()
    missing = [f"{where}  {msgid!r}" for msgid, where in msgids().items() if not known.get(msgid)]
    assert not missing, f"{len(missing)} without zh-Hans:\n" + "\n".join(missing)


def test_the_same_msgid_is_said_the_same_way_everywhere() -> None:
    said: dict[tuple[str | None, str], tuple[str, str]] = {}
    clashes = []
    for path in PARTS:
        for message in read_po(io.BytesIO(path.read_bytes())):
            if not message.id or not isinstance(message.id, str):
                continue
            before = said.setdefault(
                (message.context, message.id), (str(message.string), path.name)
            )
            if before[0] != message.string:
                clashes.append(f"{message.id!r}: {before} / {(message.string, path.name)}")
    assert not clashes, "\n".join(clashes)


def test_placeholders_survive_translation() -> None:
    holes = re.compile(r"%\(\w+\)|\{\w*\}|%[sd]")
    wrong = [
        f"{msgid!r} → {string!r}"
        for (_context, msgid), string in translations().items()
        if string and msgid and sorted(holes.findall(msgid)) != sorted(holes.findall(string))
    ]
    assert not wrong, "\n".join(wrong)


def test_words_are_chinese() -> None:
    """A msgstr without one Chinese character is a word left in English, but for a few names."""
    same = {"English", "API", "OpenAPI"}
    left = [
        msgid
        for (_context, msgid), string in translations().items()
        if msgid
        and msgid not in same
        and re.search(r"[A-Za-z]{3}", re.sub(r"%\(\w+\)s|\{\w*\}", "", string))
        and not CHINESE.search(string)
    ]
    assert not left, "\n".join(left)
