"""What the server sends, made into Django's objects and moments without a call for each of them.

A case has seventy-five columns. Django sets each by itself, and reads each moment with a regular
expression: together half of what a list of cases takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from inspect import getattr_static
from typing import Any, Protocol, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from django.db.models import Model
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

Made = TypeVar("Made", bound=Model)
MadeOf = Callable[[Sequence[Any]], Made]

_PLAIN = (DeferredAttribute, ForeignKeyDeferredAttribute)
"""What holds a column's value as it is, under the column's own name."""


class _Populator(Protocol):
    """Django's own, of an object that comes along in another's row."""

    model_cls: type[Model]
    init_list: list[str]
    reorder_for_init: Callable[[Sequence[Any]], Sequence[Any]] | None
    cols_start: int
    cols_end: int
    pk_idx: int
    related_populators: list[_Populator]
    local_setter: Callable[[Model, Model | None], None]
    remote_setter: Callable[[Model, Model], None]


@lru_cache(maxsize=1000)
def made_of(model: type[Made], names: tuple[str, ...]) -> MadeOf[Made]:
    """What makes objects of rows with the columns of these fields, as ``from_db`` would.

    A class that has its own say in how it is made, or that somebody listens to, is made by Django.
    """
    if not _is_plain(model, names):
        return lambda row: model.from_db(DEFAULT_DB_ALIAS, names, row)
    new = model.__new__

    def made(row: Sequence[Any]) -> Made:
        one = new(model)
        state = ModelState()
        state.adding = False
        state.db = DEFAULT_DB_ALIAS
        held = one.__dict__
        held["_state"] = state
        held.update(zip(names, row, strict=True))
        return one

    return made


def _is_plain(model: type[Model], names: Sequence[str]) -> bool:
    own = cast("Any", model)
    return (
        own.__init__ is Model.__init__
        and own.from_db.__func__ is cast("Any", Model.from_db).__func__
        and not pre_init.has_listeners(model)
        and not post_init.has_listeners(model)
        and all(type(getattr_static(model, name, None)) in _PLAIN for name in names)
    )


def joined(populator: Any) -> Callable[[Sequence[Any], Any], None]:
    """The same of what is joined to a row: it is made, and put where Django puts it."""
    its: _Populator = populator
    if its.reorder_for_init is not None:
        return cast("Any", populator).populate
    make = made_of(its.model_cls, tuple(its.init_list))
    first, last, key = its.cols_start, its.cols_end, its.pk_idx
    beyond = [joined(each) for each in its.related_populators]
    put, put_back = its.local_setter, its.remote_setter

    def populate(row: Sequence[Any], beside: Any) -> None:
        values = row[first:last]
        if values[key] is None:
            put(beside, None)
            return
        one = make(values)
        for each in beyond:
            each(row, one)
        put(beside, one)
        put_back(one, beside)

    return populate


class Moments(BaseTzLoader):
    """Reads moments in UTC, as the server writes them for us; others as Django does."""

    timezone = UTC

    def load(self, data: Any) -> datetime:
        try:
            found = datetime.fromisoformat(str(data, "ascii"))
        except ValueError:  # beyond the years that there are here: who says so does it in words
            return cast("datetime", super().load(data))
        return found if found.tzinfo is UTC else cast("datetime", super().load(data))
