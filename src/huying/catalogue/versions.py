"""Versions: what the catalogue says at a moment, and how it comes to say something else.

A version is never edited. A change makes a new one that holds from a date; a case keeps the one
it was accepted under.
"""

from __future__ import annotations

import hashlib
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.catalogue.models import Category, Item, ItemVersion
from huying.catalogue.snapshots import CatalogueSnapshot, ItemSnapshot
from huying.catalogue.validating import (
    FIELDS,
    InvalidItem,
    Problem,
    RetiredItem,
    UnknownItem,
    code_problems,
    problems_of,
)
from huying.errors import NotAllowed
from huying.people.acting import Actor
from huying.people.models import Role
from huying.postgres.frozen import frozen as asked_often
from huying.shelf import Shelf

FRESH: Final = 1.0
"""Seconds for which a process trusts what it has read before it looks for others' changes."""

_LISTS: Final = ("assisting_departments", "escalate_words")


def current(item_code: str, at: datetime, *, even_retired: bool = False) -> ItemVersion:
    """The version of an item that holds at a moment.

    Raises:
        UnknownItem: no such item, or none of its versions had begun.
        RetiredItem: the item is not in use any more (unless `even_retired`).
    """
    found = _holding(item=item_code, at=at)
    if not found:
        raise UnknownItem(field="item", item=item_code)
    (version,) = found
    if not version.item.active and not even_retired:
        raise RetiredItem(field="item", item=item_code)
    return version


@asked_often
def _holding(item: Any, at: Any) -> QuerySet[ItemVersion]:
    return (
        ItemVersion.objects.filter(item_id=item, valid_from__lte=at)
        .select_related("item__category")
        .order_by("-valid_from", "-version")[:1]
    )


def version_of(pk: int) -> ItemVersion:
    """A version by its key, kept in this process: what it says never changes.

    Of its item what `snapshot` knows: another process's change is seen after ``FRESH`` seconds.
    """
    return _shelf.of(None).rows.get(pk) or ItemVersion.objects.get(pk=pk)


def snapshot(at: datetime) -> CatalogueSnapshot:
    """The whole catalogue at a moment, kept in this process.

    A change made by another process is seen after at most ``FRESH`` seconds, one made by this
    process at once. While nothing changes it costs no query but one look a second.
    """
    return _shelf.of(None).at(at)


def forget() -> None:
    """Reads the catalogue anew at the next look."""
    _shelf.clear()


@transaction.atomic
def change(
    item_code: str,
    *,
    by: Actor,
    valid_from: datetime,
    now: datetime | None = None,
    **fields: Any,
) -> ItemVersion:
    """Makes a new version of an item that holds from `valid_from`; fields not given stay.

    Raises:
        NotAllowed: `by` is no administrator.
        UnknownItem: no such item.
        InvalidItem: with every fault; also when nothing would change, when the date would
            rewrite the past, or when another version begins at the same moment.
    """
    _only_administrators(by)
    item = Item.objects.select_for_update().filter(pk=item_code).first()
    if item is None:
        raise UnknownItem(field="item", item=item_code)
    known = list(item.versions.order_by("valid_from", "version"))
    begun = [version for version in known if version.valid_from <= valid_from]
    before = begun[-1] if begun else None
    stated = _stated(before) if before else {}
    proposed = stated | _tidy(fields)
    found = [*problems_of(proposed), *_date_problems(known, valid_from, now or timezone.now())]
    if before and proposed == stated:
        found.append(Problem("", "内容没有任何改动", "nothing would change"))
    if found:
        raise InvalidItem(found)
    return _write(item, known, by, valid_from, proposed)


@transaction.atomic
def add(
    item_code: str,
    *,
    by: Actor,
    valid_from: datetime,
    category: str = "",
    trial_towns: Sequence[str] = (),
    **fields: Any,
) -> ItemVersion:
    """Adds an item with its first version.

    Args:
        category: the category's name, needed when the code's first two digits name a new one.
        trial_towns: it is on trial, and in use in these towns alone.

    Raises:
        NotAllowed: `by` is no administrator.
        InvalidItem: with every fault; also when the code is taken.
    """
    _only_administrators(by)
    proposed = _tidy(fields)
    found = [*code_problems(item_code), *problems_of(proposed)]
    known = Category.objects.filter(pk=item_code[:2]).first()
    if known is None and not category.strip():
        found.append(Problem("category", "缺少大类名称", "the category's name is missing"))
    if known is not None and category and known.name != category:
        found.append(
            Problem(
                "category",
                f"代码 {known.code} 是“{known.name}”，不是“{category}”",
                f"{known.code} is {known.name}, not {category}",
            )
        )
    if Item.objects.filter(pk=item_code).exists():
        found.append(Problem("code", f"事项 {item_code} 已存在", f"{item_code} exists already"))
    if found:
        raise InvalidItem(found)
    if known is None:
        known = Category.objects.create(code=item_code[:2], name=category.strip())
    item = Item.objects.create(code=item_code, category=known, trial_towns=sorted(set(trial_towns)))
    return _write(item, [], by, valid_from, proposed)


@transaction.atomic
def end_trial(item_code: str, *, by: Actor) -> Item:
    """Lets an item that was on trial be in use everywhere.

    Raises:
        NotAllowed: `by` is no administrator.
        UnknownItem: no such item.
    """
    _only_administrators(by)
    item = Item.objects.select_for_update().filter(pk=item_code).first()
    if item is None:
        raise UnknownItem(field="item", item=item_code)
    item.trial_towns = []
    item.save(update_fields=["trial_towns"])
    _announce()
    return item


def deactivate(item_code: str, *, by: Actor) -> Item:
    """Takes an item out of use: no new case may be accepted under it; open ones go on."""
    return _set_active(item_code, by, active=False)


def activate(item_code: str, *, by: Actor) -> Item:
    """Takes an item into use again."""
    return _set_active(item_code, by, active=True)


def may_change(by: Actor) -> bool:
    """Whether someone may change the catalogue: administrators, and the system itself."""
    return by.is_system or by.role == Role.ADMINISTRATOR


@transaction.atomic
def _set_active(item_code: str, by: Actor, *, active: bool) -> Item:
    _only_administrators(by)
    item = Item.objects.select_for_update().filter(pk=item_code).first()
    if item is None:
        raise UnknownItem(field="item", item=item_code)
    if item.active != active:
        item.active = active
        item.save(update_fields=["active"])
        _announce()
    return item


def _only_administrators(by: Actor) -> None:
    if not may_change(by):
        raise NotAllowed(_("Only an administrator may change the catalogue."))


def _write(
    item: Item, known: list[ItemVersion], by: Actor, valid_from: datetime, stated: dict[str, Any]
) -> ItemVersion:
    number = 1 + max((version.version for version in known), default=0)
    version = ItemVersion.objects.create(
        item=item, version=number, valid_from=valid_from, author=by.account_id, **stated
    )
    _announce()
    return version


def _announce() -> None:
    forget()
    transaction.on_commit(forget)


def _tidy(fields: dict[str, Any]) -> dict[str, Any]:
    tidy = dict(fields)
    for name in _LISTS:
        if name in tidy:
            tidy[name] = [str(each).strip() for each in tidy[name]]
    return tidy


def _stated(version: ItemVersion) -> dict[str, Any]:
    stated = {name: getattr(version, name) for name in FIELDS}
    return stated | {name: list(stated[name]) for name in _LISTS}


def _date_problems(known: list[ItemVersion], valid_from: datetime, now: datetime) -> list[Problem]:
    if timezone.is_naive(valid_from):
        return [Problem("valid_from", "生效时间缺少时区", "the date has no time zone")]
    if any(version.valid_from == valid_from for version in known):
        zh = "另一个版本在同一时间生效"
        return [Problem("valid_from", zh, "another version begins at the same moment")]
    holding = max((v.valid_from for v in known if v.valid_from <= now), default=None)
    if holding is not None and valid_from < holding:
        zh = f"生效时间早于现行版本（{timezone.localtime(holding):%Y-%m-%d %H:%M}）"
        en = f"earlier than the version that holds ({holding:%Y-%m-%d %H:%M %Z})"
        return [Problem("valid_from", zh, en)]
    return []


@dataclass(slots=True)
class _Versions:
    """All that was read. Snapshots that say the same are the same object."""

    versions: Sequence[ItemSnapshot]
    rows: Mapping[int, ItemVersion] = field(default_factory=dict)
    begins: Sequence[datetime] = ()
    made: dict[int, CatalogueSnapshot] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.begins = sorted({version.valid_from for version in self.versions})

    def at(self, moment: datetime) -> CatalogueSnapshot:
        # Between two dates on which versions begin, the catalogue says the same.
        span = bisect_right(self.begins, moment)
        found = self.made.get(span)
        if found is None:
            # Of two threads that make one the first's stays.
            found = self.made.setdefault(span, _compose(self.versions, moment))
        return found


def _stamp(_only: None) -> tuple[Any, ...]:
    newest = ItemVersion.objects.aggregate(newest=Max("id"), number=Count("id"))
    items = Item.objects.order_by("code").values_list(
        "code", "active", "category__name", "trial_towns"
    )
    told = tuple((*each[:3], tuple(each[3])) for each in items)
    return newest["newest"], newest["number"], told


def _read(_only: None, _stamp: object) -> _Versions:
    rows = ItemVersion.objects.select_related("item__category").order_by(
        "item_id", "valid_from", "version"
    )
    return _Versions([frozen(version) for version in rows], {row.pk: row for row in rows})


def frozen(version: ItemVersion) -> ItemSnapshot:
    """A version as a snapshot. Reads its item and category."""
    stated = _stated(version)
    return ItemSnapshot(
        code=version.item_id,
        category_code=version.item.category_id,
        category=version.item.category.name,
        version_id=version.pk,
        version=version.version,
        valid_from=version.valid_from,
        active=version.item.active,
        trial_towns=tuple(version.item.trial_towns),
        **(stated | {name: tuple(stated[name]) for name in _LISTS}),
    )


def _compose(versions: Sequence[ItemSnapshot], moment: datetime) -> CatalogueSnapshot:
    holding = {each.code: each for each in versions if each.valid_from <= moment}
    items = tuple(holding[code] for code in sorted(holding))
    digest = hashlib.blake2b(repr(items).encode(), digest_size=12).hexdigest()
    return CatalogueSnapshot(key=digest, items=items)


def _shelved(look: Callable[[], float] = time.monotonic) -> Shelf[None, object, _Versions]:
    return Shelf(_stamp, _read, fresh=FRESH, look=look)


_shelf = _shelved()
