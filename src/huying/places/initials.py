"""Pinyin initials: 小龙村 → xlc, as people type the name of a place they are in a hurry for."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

OTHER_READINGS = str.maketrans("长重番厦朝乐盛曾单调行弹传藏仇查尉", "ccpxcyczsdhdzcqzw")
"""Characters of names whose second reading begins with another letter: 长堤, 番禺, 厦滘."""


def initials(words: str) -> str:
    """The first letters of the Chinese characters in ``words``; Latin letters and digits stay.

    Where a character of names has a second reading, the whole is said a second time with it:
    长堤路 → "zdl cdl".
    """
    first = _kept(words.translate(_readings()))
    second = _kept(words.translate(OTHER_READINGS).translate(_readings()))
    return first if first == second else f"{first} {second}".strip()


def begins(words: str, typed: str) -> bool:
    """Whether ``typed`` may stand for a part of ``words`` by its initials."""
    return any(typed in spelt for spelt in initials(words).split())


def _kept(letters: str) -> str:
    return "".join(each for each in letters.lower() if each.isascii() and each.isalnum())


@cache
def _readings() -> dict[int, str]:
    """Each character's letter, by its most frequent reading.

    Read from pypinyin's data file: importing the package itself would load its phrases too, which
    takes a third of a second and sixty megabytes.
    """
    spec = find_spec("pypinyin")
    assert spec is not None
    assert spec.origin is not None
    file = Path(spec.origin).with_name("pinyin_dict.json")
    known = json.loads(file.read_text("utf-8"))
    # Without its tone mark: ā is an a.
    return {int(code): unicodedata.normalize("NFD", said[:1])[:1] for code, said in known.items()}
