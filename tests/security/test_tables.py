"""The tables of duties name every duty, and only tests that are there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from huying.audit.keys import KeyPurpose
from huying.settings import LOGGING

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "security"

ASVS = """
V1: 1.1-2 2.1-9 3.1-11 4.1-3 5.1-2
V2: 1.1-3 2.1-3 3.1-4 4.1
V3: 2.1-2 3.1-4 4.1-6 5.1-5 7.1-2
V4: 1.1-3 2.1 3.1-2 4.1-4
V5: 1.1 2.1-3 3.1-2 4.1-3
V6: 1.1-3 2.1-12 3.1-4 4.1-4 5.1-5 6.1-3 8.1-4
V7: 1.1-3 2.1-4 3.1-2 4.1-5 5.1-2 6.1-2
V8: 1.1-2 2.1-3 3.1 4.1
V9: 1.1-3 2.1-4
V10: 1.1-2 2.1-2 3.1-4 4.1-11 5.1-5 6.1-2 7.1-3
V11: 1.1-2 2.1-3 3.1-3 4.1-4 5.1 6.1
V12: 1.1-3 2.1-2 3.1-4
V13: 1.1 2.1-5 3.1-2 4.1-5
V14: 1.1-2 2.1-4 3.1-3
V15: 1.1-3 2.1-3 3.1-7
V16: 1.1 2.1-5 3.1-4 4.1-3 5.1-3
V17: 1.1 2.1-4 3.1-2
"""
"""OWASP ASVS 5.0.0, the requirements of levels 1 and 2: 253 of 345."""

DENGBAO = {
    "8.1.2": 3, "8.1.3": 5, "8.1.4": 11, "8.1.5": 4, "8.1.6": 2, "8.1.9": 4, "8.1.10": 6,
}  # fmt: skip
"""GB/T 22239-2019, level 3: chapters of what software answers for, and the least rows of each."""

WITHOUT_A_TEST = {"n/a", "review", "operator", "not met"}


class Row(NamedTuple):
    number: str
    asks: str
    met: str
    shown: str


def numbers() -> list[str]:
    found = []
    for line in ASVS.strip().splitlines():
        chapter, _, sections = line.removeprefix("V").partition(": ")
        for section in sections.split():
            group, _, span = section.partition(".")
            first, _, last = span.partition("-")
            found += [f"{chapter}.{group}.{n}" for n in range(int(first), int(last or first) + 1)]
    return found


def rows(page: str) -> list[Row]:
    found = []
    for line in (DOCS / page).read_text("utf-8").splitlines():
        cells = [each.strip() for each in line.strip("|").split(" | ")]
        if line.startswith("| ") and cells[0][:1].isdecimal():
            assert len(cells) == 4, line
            found.append(Row(*cells))
    return found


@cache
def functions_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(
        each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)
    )  # fmt: skip


def test_no_requirement_of_the_two_levels_is_left_out_or_made_up() -> None:
    wanted = numbers()
    assert len(wanted) == 253
    told = [each.number for each in rows("asvs.md")]
    assert told == wanted


def test_no_chapter_of_level_three_is_left_out() -> None:
    told = [each.number for each in rows("dengbao.md")]
    assert len(told) == len(set(told))
    for chapter, least in DENGBAO.items():
        assert sum(each.startswith(f"{chapter}.") for each in told) >= least, chapter


@pytest.mark.parametrize("page", ["asvs.md", "dengbao.md"])
def test_every_line_says_where_and_by_what_it_is_shown(page: str) -> None:
    wrong = []
    for row in rows(page):
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row.shown)
        if not row.asks or not row.met:
            wrong.append(f"{row.number}: an empty cell")
        if not named and (row.shown not in WITHOUT_A_TEST or len(row.met) < 4):
            wrong.append(f"{row.number}: neither a test nor a reason: {row.shown}")
        wrong += [
            f"{row.number}: no such test: {path}::{name}"
            for path, name in named
            if not (ROOT / path).exists() or name not in functions_in(path)
        ]
    assert not wrong, "\n".join(wrong)


def test_what_is_not_met_stands_at_the_head_of_its_page() -> None:
    for page in ("asvs.md", "dengbao.md"):
        head = (DOCS / page).read_text("utf-8").partition("\n| ")[0]
        for row in rows(page):
            if row.shown == "not met":
                assert row.number in head, f"{page}: say at its head that {row.number} is not met"


def test_every_kind_of_key_is_in_the_inventory() -> None:
    page = (DOCS / "keys.md").read_text("utf-8")
    kept = [each.value for each in KeyPurpose]
    for kind in (*kept, "session", "lasting.key", "huying_owner.password", "tls"):
        assert f"`{kind}`" in page, kind


def test_every_log_is_in_the_inventory() -> None:
    page = (DOCS / "keys.md").read_text("utf-8")
    for table in ("access_log", "case_event", "seal", "axes_accesslog", "axes_accessattempt"):
        assert f"`{table}`" in page, table
    # Nothing else is written to: one handler, and what the database server logs for itself.
    assert list(LOGGING["handlers"]) == ["stderr"]
    assert "postgres.log" in page


def test_the_promises_of_security_are_written_down() -> None:
    page = (ROOT / "SECURITY.md").read_text("utf-8")
    for said in ("three working days", "Supported versions", "days", "make sbom"):
        assert said in page, said
