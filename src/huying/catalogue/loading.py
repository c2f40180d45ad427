"""The catalogue that every installation starts with: 4 categories, 29 items."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from huying.catalogue import versions
from huying.catalogue.models import Category, Item, ItemVersion
from huying.catalogue.rows import read
from huying.catalogue.validating import InvalidItem, Problem, problems_of

SINCE: Final = datetime(2000, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
"""From when the default versions hold: before anything that may be imported as history."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much was added; all zero when everything was there already."""

    categories: int
    items: int
    versions: int


def load_catalogue(using: str = "default") -> Loaded:
    """Adds what is missing of the default catalogue; what is there stays as it was edited.

    Args:
        using: the database alias to write through.

    Raises:
        InvalidItem: the package's own data is not right.
    """
    rows = [read(row) for row in csv.DictReader(io.StringIO(default_csv()))]
    for row in rows:
        if found := (*row.problems, *problems_of(row.stated)):
            raise InvalidItem(
                Problem(each.field, f"{row.code}：{each.zh}", f"{row.code}: {each.en}")
                for each in found
            )
    with transaction.atomic(using=using):
        categories = Category.objects.using(using)
        items = Item.objects.using(using)
        stated = ItemVersion.objects.using(using)
        before = (categories.count(), items.count(), stated.count())
        categories.bulk_create(
            [Category(code=row.code[:2], name=row.category) for row in rows],
            ignore_conflicts=True,
        )
        items.bulk_create(
            [Item(code=row.code, category_id=row.code[:2]) for row in rows], ignore_conflicts=True
        )
        have = set(stated.values_list("item_id", flat=True))
        stated.bulk_create(
            [
                ItemVersion(item_id=row.code, version=1, valid_from=SINCE, **row.stated)
                for row in rows
                if row.code not in have
            ],
            ignore_conflicts=True,
        )
        after = (categories.count(), items.count(), stated.count())
    versions.forget()
    return Loaded(*(now - then for now, then in zip(after, before, strict=True)))


def default_csv() -> str:
    """The package's catalogue as it is written."""
    return (files("huying") / "data" / "catalogue.csv").read_text(encoding="utf-8-sig")
