"""Questions of Django's that are put together once, and asked often as prepared statements.

Each time a question is asked, Django clones it, resolves its names, and writes its SQL anew; the
server then reads that and plans it anew. For a small question that is nearly all of its cost, and
a page asks a dozen. Here a question has gaps for what differs, is put together when it is asked for
the first time, and from then on only its values travel.

    @frozen
    def _texts(case: Any) -> QuerySet[CaseText]:
        return CaseText.objects.filter(case=case)

    _texts(case=found.pk)  # a list

What is given by name fills a gap; what is given by position is the question's shape: it is put
together once for each, as for a post that sees a community's cases and one that sees a district's.
A gap stands where an expression may: it is compared with a column (`=`, `<`, ``range``), or
begins it (``startswith``), or is a list of which the column is one (``any_of``), or like one
(``like_any``). It is never None.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Expression, Field, ForeignKey, Lookup, QuerySet, UUIDField, query
from django.db.models.query import FlatValuesListIterable, ModelIterable

from huying.postgres.objects import joined, made_of
from huying.postgres.prepared import numbered_rows_of

Row = TypeVar("Row", covariant=True)


class Given(Expression):
    """A gap in a question, to be filled with the value of this name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]

    def __repr__(self) -> str:
        return f"Given({self.name!r})"


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """The column is one of a list that is one value, so that lists of all lengths are one question.

    ``in`` writes a place for each. A gap for ids is asked with as ``(SELECT $1)``, so that nobody
    sees how many they are before the question runs. The server counts with ten members then: for
    fewer it would think of a new plan each time, since that looks cheaper than the one it keeps.
    """

    lookup_name = "any_of"
    compared = "="

    def get_prep_lookup(self) -> Any:
        return self.rhs

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [value]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        if isinstance(self.rhs, Given) and isinstance(self._field, UUIDField):
            # Without the outer word for its type it would be a question for rows.
            right = f"(SELECT {right}::uuid[])::uuid[]"
        return f"{left} {self.compared} ANY({right})", [*left_values, *right_values]

    @property
    def _field(self) -> Any:
        """The column's own field; of a foreign key that which it points to."""
        return getattr(self.lhs.output_field, "target_field", self.lhs.output_field)


@Field.register_lookup
class LikeAny(AnyOf):
    """The column is like one of a list of patterns that is one value."""

    lookup_name = "like_any"
    compared = "LIKE"


@dataclass(frozen=True, slots=True)
class _Kept:
    """A question put together: its text, what fills its places, and what becomes of its rows."""

    sql: str
    places: tuple[Any, ...]
    made_of: Callable[[Sequence[tuple[Any, ...]]], list[Any]]
    keep: bool

    def ask(self, values: dict[str, Any]) -> list[Any]:
        return self.made_of(numbered_rows_of(self.sql, filled(self.places, values), keep=self.keep))


class _Nothing:
    """The same of a question that Django does not even ask."""

    def ask(self, values: dict[str, Any]) -> list[Any]:
        return []


class Frozen(Generic[Row]):
    """A question to be asked with other values: see the module."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], *, plan_kept: bool) -> None:
        update_wrapper(cast("Callable[..., Any]", self), build)
        self._build, self._plan_kept = build, plan_kept
        self._kept: dict[tuple[Hashable, ...], _Kept | _Nothing] = {}

    def __call__(self, *shape: Hashable, **values: Any) -> list[Row]:
        """Asks.

        Raises:
            ValueError: a value that is compared is None, which is equal to nothing.
            django.db.DatabaseError: as Django's own questions.
        """
        kept = self._kept.get(shape)
        if kept is None:
            asked = self._build(*shape, **{name: Given(name) for name in values})
            kept = self._kept[shape] = _put_together(asked, keep=self._plan_kept)
        return kept.ask(values)


def frozen(build: Callable[..., QuerySet[Any, Row]]) -> Frozen[Row]:
    """Makes a question of a function that builds a query set of gaps."""
    return Frozen(build, plan_kept=True)


def frozen_but_planned(build: Callable[..., QuerySet[Any, Row]]) -> Frozen[Row]:
    """The same for a question whose best plan depends on its values: planned for them each time.

    Such as one of ranges on several columns, of which now one is narrow and now another.
    """
    return Frozen(build, plan_kept=False)


def _put_together(asked: QuerySet[Any, Any], *, keep: bool) -> _Kept | _Nothing:
    compiler = asked.query.get_compiler(DEFAULT_DB_ALIAS)
    try:
        text, places = compiler.as_sql()
    except EmptyResultSet:  # whatever is given, nothing can be found
        return _Nothing()
    return _Kept(numbered(text, len(places)), tuple(places), _makes(asked, compiler), keep)


def filled(places: Sequence[Any], values: Mapping[str, Any]) -> list[Any]:
    """What goes into the places of a text, its gaps filled.

    Raises:
        ValueError: a value is None.
    """
    found = []
    for place in places:
        value = values[place.name] if isinstance(place, Given) else place
        if value is None:
            raise ValueError(f"{place} is None, which no column equals")
        found.append(value)
    return found


def numbered(text: str, places: int) -> str:
    """The text as the server takes it: ``$1`` for the first ``%s``, and ``%`` for ``%%``."""
    return text % tuple(f"${number}" for number in range(1, places + 1))


def _makes(
    asked: QuerySet[Any, Any], compiler: Any
) -> Callable[[Sequence[tuple[Any, ...]]], list[Any]]:
    """What makes of rows what the query set would have made of them."""
    columns = [column for column, *_rest in compiler.select[: compiler.col_count]]
    converters = compiler.get_converters(columns)

    def converted(rows: Sequence[tuple[Any, ...]]) -> Any:
        return compiler.apply_converters(rows, converters) if converters else rows

    kind = cast("Any", asked)._iterable_class
    if kind is FlatValuesListIterable:
        return lambda rows: [row[0] for row in converted(rows)]
    if not issubclass(kind, ModelIterable):
        return lambda rows: list(map(tuple, converted(rows)))
    made = compiler.klass_info
    first, last = made["select_fields"][0], made["select_fields"][-1] + 1
    names = tuple(column.target.attname for column in columns[first:last])
    populators = cast("Any", query).get_related_populators(made, compiler.select, DEFAULT_DB_ALIAS)
    beside = [joined(each) for each in populators]
    annotations = compiler.annotation_col_map or {}
    make = made_of(made["model"], names)

    def objects(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        found = []
        for row in converted(rows):
            one = make(row[first:last])
            for each in beside:
                each(row, one)
            for name, position in annotations.items():
                setattr(one, name, row[position])
            found.append(one)
        return found

    return objects
