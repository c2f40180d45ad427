"""What is sealed can be read in its own row and column alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

import huying
from huying import personal
from huying.audit import crypto
from huying.audit.classes import Held
from huying.audit.crypto import CryptoError
from huying.care import visiting
from huying.cases.models import Case
from huying.people.models import Account
from huying.registry import recording
from tests.care.listed import listed, told_of
from tests.cases.town import Town
from tests.registry.living import village

PACKAGE = Path(huying.__file__).parent
SHARED = "people/sealed_factors.py"
"""It opens what stood in one context for all, to seal it for its row; all else names its row."""

OF_THE_ROW = {"pk", "id", "entry", "change", "record", "account_id", "row"}
"""By what a context names its row."""


def calls() -> Iterator[tuple[str, ast.Call, ast.Module]]:
    """Every place of the program that seals or opens a value."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
                if name in ("encrypt_text", "decrypt_text") and node.keywords:
                    yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node, tree


def names_its_row(context: ast.expr, tree: ast.Module) -> bool:
    """Whether a context ends with what tells rows apart, here or in the function that makes it."""
    if isinstance(context, ast.JoinedStr):
        last = context.values[-1]
        if not isinstance(last, ast.FormattedValue):
            return False
        return any(
            getattr(each, "id", getattr(each, "attr", "")) in OF_THE_ROW
            or (isinstance(each, ast.Constant) and each.value == "id")
            for each in ast.walk(last.value)
        )
    if isinstance(context, ast.Call):
        # Another function makes it: `sealing.context`, or one of the module's own.
        called = getattr(context.func, "id", None) or getattr(context.func, "attr", "")
        made = [
            each.value
            for module in (tree, ast.parse((PACKAGE / "registry/sealing.py").read_text("utf-8")))
            for function in ast.walk(module)
            if isinstance(function, ast.FunctionDef) and function.name == called
            for each in ast.walk(function)
            if isinstance(each, ast.Return) and each.value is not None
        ]
        return bool(made) and all(names_its_row(each, tree) for each in made)
    if isinstance(context, ast.Name):
        # A name: what it was set to in this module.
        set_to = [
            each.value
            for each in ast.walk(tree)
            if isinstance(each, ast.Assign)
            and any(getattr(target, "id", "") == context.id for target in each.targets)
        ]
        return bool(set_to) and all(names_its_row(each, tree) for each in set_to)
    return False


def test_every_context_names_the_row() -> None:
    found = list(calls())
    assert len(found) > 15
    wrong = []
    for where, call, tree in found:
        contexts = [each.value for each in call.keywords if each.arg == "context"]
        if where.startswith(SHARED) and "decrypt_text" in ast.dump(call.func):
            continue
        if not contexts or not names_its_row(contexts[0], tree):
            wrong.append(where)
    assert not wrong, f"sealed for any row: {wrong}"


@pytest.mark.parametrize(
    ("source", "good"),
    [
        ('encrypt_text(x, context=f"t.c.{row.pk}")', True),
        ('encrypt_text(x, context=f"t.{row.pk}.c")', False),
        ('encrypt_text(x, context="t.c")', False),
        ('encrypt_text(x, context=f"t.c.{name}")', False),
        ('def _c():\n return "t.c"\nencrypt_text(x, context=_c())', False),
        ('def _c(pk):\n return f"t.c.{pk}"\nencrypt_text(x, context=_c(1))', True),
    ],
)
def test_the_test_would_see_it(source: str, good: bool) -> None:
    tree = ast.parse(source)
    (call,) = [
        each for each in ast.walk(tree)
        if isinstance(each, ast.Call) and getattr(each.func, "id", "") == "encrypt_text"
    ]  # fmt: skip
    assert names_its_row(call.keywords[0].value, tree) is good


@pytest.fixture
def filled(db: None) -> Town:
    """Two rows at least of many tables that have something sealed."""
    town = Town()
    there = village(town)
    second = recording.add(
        recording.EnterpriseTold("东街面馆", "shop", there.house, "", [], "赵六", "13900139001"),
        by=town.village_dispatcher, now=town.now,
    )  # fmt: skip
    assert second.pk != there.shop.pk
    for phone in ("13926187754", "13926187755"):
        case: Case = town.report(
            f"请回电{phone}", contact_name="欧阳询", contact_phone=phone, address="东街"
        )
        assert case.contacts.exists()
    for phone in ("13711112222", "13711113333"):
        recording.correct(
            there.grown.pk,
            recording.PersonTold(phone=phone, dwelling=there.flat, household=1, relation="head"),
            by=town.village_dispatcher, now=town.now,
        )  # fmt: skip
    care = listed(town, there=there)
    for words in ("精神不错", "腿脚有点疼"):
        visiting.record(told_of(care, words=words), by=town.worker, now=town.later(minutes=5))
    return town


def rows(held: Held, column: str) -> list[tuple[Any, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{held.key}", "{column}" FROM "{held.table}"'
            f' WHERE length("{column}") > 0 ORDER BY "{held.key}"'
        )
        return [(pk, bytes(sealed)) for pk, sealed in cursor.fetchall()]


def test_a_value_that_is_copied_elsewhere_cannot_be_read(filled: Town) -> None:
    checked = set()
    for held in personal.tables():
        for column in held.sealed:
            found = rows(held, column)
            for pk, sealed in found:
                own = f"{held.table}.{column}.{pk}"
                crypto.decrypt_text(sealed, context=own)
                others = [other for other, _sealed in found if other != pk]
                for strange in [f"{held.table}.{column}.{other}" for other in others]:
                    with pytest.raises(CryptoError):
                        crypto.decrypt_text(sealed, context=strange)
                    checked.add((held.table, column))
                with pytest.raises(CryptoError):
                    crypto.decrypt_text(sealed, context=f"{held.table}.another.{pk}")
    # Enough was there to be copied.
    assert checked >= {
        ("case_contact", "name_enc"),
        ("case_contact", "phone_enc"),
        ("case_text", "hidden_enc"),
        ("register_person", "name_enc"),
        ("register_change_words", "old_enc"),
        ("register_enterprise", "phone_enc"),
        ("care_visit", "words_enc"),
    }
    assert Account.objects.exists()
