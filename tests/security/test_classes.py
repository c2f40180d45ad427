"""No stored field without a class, and no sealed one that a new key would forget."""

from __future__ import annotations

import re
from pathlib import Path

from django.db.models import BinaryField

import huying
from huying import personal
from huying.audit.classes import FieldClass

COLUMNS = {
    model._meta.db_table: {each.column: each for each in model._meta.concrete_fields}
    for model in personal.models()
}


def test_every_stored_field_has_a_class() -> None:
    unsaid = [f"{table}.{column}" for table, column, each in personal.fields() if each is None]
    assert not unsaid, f"say in huying/personal.py of whom these tell: {unsaid}"


def test_the_list_names_no_field_that_is_not_there() -> None:
    gone = [
        f"{table}.{column}"
        for table, row in personal.held().items()
        for column in [*row.classes(), *filter(None, row.sealed.values())]
        if column not in COLUMNS.get(table, {})
    ]
    assert not gone
    assert len(personal.held()) == len(personal.tables())


def test_what_is_sealed_is_declared_so() -> None:
    columns = {
        (table, column)
        for table, fields in COLUMNS.items()
        for column, each in fields.items()
        if isinstance(each, BinaryField) and (column.endswith("_enc") or column == "sealed")
    }
    declared = {(row.table, column) for row in personal.tables() for column in row.sealed}
    assert columns == declared
    # Each is sealed in the one context that a new key opens it by.
    source = "".join(path.read_text("utf-8") for path in Path(huying.__file__).parent.rglob("*.py"))
    for table, column in declared:
        table_named = rf"(?:{table}|\{{record\._meta\.db_table\}})"
        named = rf'f"{table_named}\.(?:{column}|\{{\w+\}}(?:_enc)?)\.\{{'
        assert re.search(named, source), f"{table}.{column}"
        assert COLUMNS[table][column] is not None


def test_names_and_numbers_of_residents_are_sensitive() -> None:
    known = {(table, column): each for table, column, each in personal.fields()}
    for column in ("name_enc", "phone_enc"):
        assert known["case_contact", column] is FieldClass.SENSITIVE
    assert known["case_text", "body"] is FieldClass.PERSONAL
    assert known["case", "address"] is FieldClass.PERSONAL
    assert known["grid", "outline"] is FieldClass.OPEN
